"""Ctrl-C and SIGTERM, sent to the real command while awards are under way."""

import signal
from collections import Counter

import pytest

RUN = ["award", "run", "graduates.csv", "--badge", "Math Expert", "--concurrency", "4"]
SIGNALS = pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"]
)


def awards_are_under_way(sandbox):
    return sandbox.awards >= 2


@SIGNALS
def test_awards_under_way_are_finished_and_the_rest_planned_when_it_is_interrupted(
    begin, sandboxed, roster, results, number
):
    sandbox = sandboxed(latency=0.3)
    roster(40)
    process = begin(*RUN, env=sandbox.env)
    sandbox.until(awards_are_under_way)

    process.send_signal(number)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    [rows] = results()
    statuses = Counter(row["status"] for row in rows)
    assert [row["email"] for row in rows] == [f"person{n}@example.edu" for n in range(2, 42)]
    assert set(statuses) == {"awarded", "planned"}
    assert f"interrupted: {statuses['planned']} rows were not begun" in out.splitlines()
    assert out.splitlines()[-1] == f"mails: {statuses['awarded']} sent, nobody written to twice"
    assert sandbox.mails == sandbox.awards == statuses["awarded"]
    assert err.startswith("stopping: awards under way are finished; Ctrl-C again leaves at once")
    assert "Traceback" not in err


def test_the_rest_is_awarded_and_nobody_twice_when_an_interrupted_roster_is_run_again(
    begin, run, sandboxed, roster, results
):
    sandbox = sandboxed(latency=0.1)
    roster(20)
    process = begin(*RUN, env=sandbox.env)
    sandbox.until(awards_are_under_way)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)

    finished = run(*RUN, env=sandbox.env)

    assert finished.returncode == 0
    first, second = (Counter(row["status"] for row in rows) for rows in results())
    assert second == {"already_held": first["awarded"], "awarded": 20 - first["awarded"]}
    assert sandbox.mails == 20


@pytest.fixture
def interrupt_twice(begin, sandboxed, roster):
    """Interrupt a run twice while its first four awards hang; give code, output and sandbox."""

    def interrupt_twice(number):
        sandbox = sandboxed()
        sandbox.thread.faults.next("badgeclasses.award", "hang", times=4)
        roster(10)
        process = begin(*RUN, env=sandbox.env)
        sandbox.until(lambda it: it.mails == 4)
        process.send_signal(number)
        assert process.stderr.readline().startswith("stopping: ")
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        return process.returncode, out + err, sandbox

    return interrupt_twice


@SIGNALS
def test_awards_under_way_are_unknown_when_it_is_interrupted_twice(
    interrupt_twice, results, number
):
    code, said, sandbox = interrupt_twice(number)

    assert code == 130
    assert "Traceback" not in said
    [rows] = results()
    assert [row["status"] for row in rows] == ["unknown"] * 4 + ["planned"] * 6
    assert {row["error_code"] for row in rows[:4]} == {"Interrupted"}
    assert sandbox.awards == sandbox.mails == 4


def test_results_are_told_of_when_it_is_interrupted_twice(interrupt_twice, tmp_path):
    _, said, _ = interrupt_twice(signal.SIGINT)

    [file] = tmp_path.glob("*.results-*.csv")
    assert file.name in said


def test_nothing_is_sent_or_written_when_it_is_interrupted_before_the_first_award(
    begin, sandboxed, roster, results
):
    sandbox = sandboxed()
    sandbox.thread.faults.next("badgeclasses.list", "hang")
    roster()
    process = begin(*RUN, env=sandbox.env)
    sandbox.until(lambda it: it.requests("badgeclasses.list") == 1)

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert (results(), sandbox.awards) == ([], 0)
    assert "Traceback" not in err


@SIGNALS
def test_sandbox_ends_well_and_speaks_of_no_awards_when_it_is_interrupted(serve, number):
    process = serve("--memory").process

    process.send_signal(number)
    _, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "award" not in err
    assert "Traceback" not in err
