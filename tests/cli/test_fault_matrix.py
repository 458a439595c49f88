"""Cell 19 of the fault matrix: the real command, told to end while its requests get no answer."""

import contextlib
import signal
import sqlite3
from collections import Counter

import pytest

PEOPLE = 12
RUN = ["award", "run", "graduates.csv", "--badge", "Math Expert", "--concurrency", "4"]
WAYS = pytest.mark.parametrize(
    ("number", "hang"),
    [(signal.SIGINT, "hang"), (signal.SIGTERM, "hang_before_work")],
    ids=["SIGINT while awards are made", "SIGTERM while awards are not made"],
)


@pytest.fixture
def interrupted(begin, sandboxed, roster, tmp_path):
    """Interrupt a run, once or twice, while its first four requests get no answer.

    Gives its exit code, what it printed, the sandbox, the environment, and how many rows of the
    ledger stand how.
    """

    def interrupted(number, hang, times):
        sandbox = sandboxed()
        sandbox.thread.faults.next("badgeclasses.award", hang, times=4)
        roster(PEOPLE)
        file = tmp_path / "ledger.sqlite3"
        env = sandbox.env | {"AIOBADGES_LEDGER": str(file)}
        process = begin(*RUN, env=env)
        sandbox.until(lambda it: it.awards == 4)
        process.send_signal(number)
        assert process.stderr.readline().startswith("stopping: ")
        if times == 2:
            process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert "Traceback" not in out + err
        with contextlib.closing(sqlite3.connect(file)) as ledger:
            states = Counter(state for (state,) in ledger.execute("SELECT state FROM effect"))
        return process.returncode, out, sandbox, env, states

    return interrupted


def goes_on(run, out, env):
    """Do what the last run said: enter the line that goes on with it."""
    [line] = [one for one in out.splitlines() if one.startswith("to go on: ")]
    program, *words = line.removeprefix("to go on: ").split()
    assert program == "aiobadges"
    return run(*words, env=env)


@WAYS
def test_cell_19_what_is_under_way_is_waited_for_and_resuming_awards_each_once_when_interrupted(
    interrupted, run, number, hang
):
    code, out, sandbox, env, states = interrupted(number, hang, 1)

    assert code == 130
    # Each of the four was given the time an answer may take, and nothing else was begun.
    assert states == {"unknown": 4, "planned": PEOPLE - 4}
    assert sandbox.awards == 4
    finished = goes_on(run, out, env)
    assert finished.returncode == 0, finished.stderr
    assert sandbox.mails == PEOPLE  # and nobody twice


@WAYS
def test_cell_19_it_leaves_at_once_and_resuming_awards_each_once_when_interrupted_twice(
    interrupted, run, number, hang
):
    code, out, sandbox, env, states = interrupted(number, hang, 2)

    assert code == 130
    # Cut off as they were: the ledger has what was begun, and whoever resumes looks into it.
    assert states == {"sending": 4, "planned": PEOPLE - 4}
    assert sandbox.awards == 4
    finished = goes_on(run, out, env)
    assert finished.returncode == 0, finished.stderr
    assert sandbox.mails == PEOPLE


@WAYS
def test_cell_19_resuming_awards_each_once_when_resuming_is_interrupted_too(
    interrupted, begin, run, number, hang
):
    _, out, sandbox, env, _ = interrupted(number, hang, 2)
    [line] = [one for one in out.splitlines() if one.startswith("to go on: ")]
    sandbox.thread.faults.next("badgeclasses.award", hang, times=4)
    process = begin(*line.removeprefix("to go on: aiobadges ").split(), env=env)
    sandbox.until(lambda it: it.awards >= 8)

    process.send_signal(number)
    again, err = process.communicate(timeout=20)

    assert process.returncode == 130, err
    finished = goes_on(run, again, env)
    assert finished.returncode == 0, finished.stderr
    assert sandbox.mails == PEOPLE
