"""The commands about runs, against a sandbox."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
from urllib.request import Request, urlopen

import pytest

from aiobadges.sandbox import MATH_EXPERT

AWARD = ["award", "run", "graduates.csv", "--badge", "Math Expert"]
BOB = "person2@example.edu"


@pytest.fixture
def awarded(run, sandboxed, roster):
    """Award some people; give the sandbox and the name of the run."""

    def awarded(count=3, **options):
        sandbox = sandboxed(**options)
        roster(count)
        finished = run(*AWARD, env=sandbox.env)
        assert finished.returncode == 0, finished.stderr
        return sandbox, name_of(finished.stdout)

    return awarded


@pytest.fixture
def broken_off(begin, sandboxed, roster):
    """Begin a run and end it by a signal on the way; give sandbox, finished process, texts."""

    def broken_off(number, count=60):
        sandbox = sandboxed(latency=0.1)
        roster(count)
        process = begin(*AWARD, "--concurrency", "5", env=sandbox.env)
        sandbox.until(lambda one: one.mails >= 10)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        return sandbox, process.returncode, out, err

    return broken_off


def name_of(text):
    return re.search(r"results-([0-9A-Z]{4})", text)[1]


def award_by_hand(sandbox, address):
    return Request(  # noqa: S310 - http on loopback
        f"{sandbox.url}/v2/badgeclasses/{MATH_EXPERT}/assertions",
        json.dumps({"recipient": {"identity": address}}).encode(),
        {"Authorization": "Bearer sandbox-token", "Content-Type": "application/json"},
    )


def revoke(sandbox, address):
    [award] = sandbox.thread.awards(address)
    request = Request(  # noqa: S310 - http on loopback
        f"{sandbox.url}/v2/assertions/{award.assertion}",
        json.dumps({"revocation_reason": "x"}).encode(),
        {"Authorization": "Bearer sandbox-token", "Content-Type": "application/json"},
        method="DELETE",
    )
    with urlopen(request, timeout=5):  # noqa: S310 - the same
        pass


def live(sandbox, address):
    return sum(award.is_live for award in sandbox.thread.awards(address))


def test_a_run_ends_with_an_audit(awarded, run):
    sandbox, name = awarded()
    finished = run("award", "audit", name, env=sandbox.env)
    assert finished.returncode == 0
    assert finished.stdout == "audit: 3 awarded, each listed once; nothing is off\n"


def test_audit_exits_with_6_and_names_what_is_missing(awarded, run):
    sandbox, name = awarded()
    revoke(sandbox, BOB)
    finished = run("award", "audit", name, env=sandbox.env)
    assert finished.returncode == 6
    assert "1 missing, 0 extra, 0 people" in finished.stdout
    assert f"row 2: {BOB}" in finished.stdout


def test_list_shows_runs_with_their_counts(awarded, run):
    _, name = awarded()
    [_, line] = run("award", "list").stdout.splitlines()
    assert line.split()[0] == name
    assert "graduates.csv" in line
    assert line.split()[-3:] == ["finished", "3", "3"]


def test_list_says_so_when_there_are_no_runs(run):
    finished = run("award", "list", "--unfinished")
    assert (finished.returncode, finished.stdout) == (0, "")
    assert finished.stderr.startswith("no unfinished runs in /")


def test_show_tells_rows_that_need_a_look(run, sandboxed, roster):
    sandbox = sandboxed()
    roster(2)
    sandbox.thread.faults.next("badgeclasses.award", "refused")
    name = name_of(run(*AWARD, "--concurrency", "1", env=sandbox.env).stdout)
    text = run("award", "show", name.lower()).stdout
    assert f"run {name}: finished" in text
    assert re.search(r"row [23]  person[23]@example.edu  rejected", text)


def test_an_unknown_run_is_one_line(run, the_line):
    assert "no run 'XXXX'" in the_line(run("award", "show", "XXXX"), 2)


def test_a_ledger_can_lie_elsewhere(run, sandboxed, roster, tmp_path):
    sandbox = sandboxed()
    roster(1)
    assert run(*AWARD, "--ledger", "my.sqlite3", env=sandbox.env).returncode == 0
    assert (tmp_path / "my.sqlite3").exists()
    assert run("award", "list").stdout == ""
    assert "graduates" in run("award", "list", "--ledger", "my.sqlite3").stdout


def test_an_interrupted_run_prints_the_line_to_go_on_and_that_line_goes_on(broken_off, run):
    sandbox, code, out, _ = broken_off(signal.SIGINT)
    assert code == 130
    line = re.search(r"to go on: aiobadges (.+)", out)[1]
    finished = run(*line.split(), env=sandbox.env)
    assert finished.returncode == 0, finished.stderr
    assert sandbox.mails == 60


def test_a_killed_run_is_completed_by_resume_without_a_name(broken_off, run, results):
    sandbox, code, _, _ = broken_off(signal.SIGKILL)
    assert code == -signal.SIGKILL
    finished = run("award", "resume", env=sandbox.env)
    assert finished.returncode == 0, finished.stderr
    assert "audit: 60 awarded, each listed once" in finished.stdout
    assert sandbox.mails == 60
    assert len(results()[-1]) == 60


def test_resume_says_so_when_nothing_is_left(awarded, run):
    sandbox, name = awarded()
    assert run("award", "resume", env=sandbox.env).stderr == "no run is unfinished\n"
    assert f"run {name} has ended" in run("award", "resume", name, env=sandbox.env).stderr


def test_resume_asks_which_when_several_are_unfinished(broken_off, run, begin, roster, the_line):
    sandbox, *_ = broken_off(signal.SIGKILL)
    file = roster(400, "others.csv")
    file.write_text(file.read_text().replace("person", "other"))
    process = begin(
        "award", "run", "others.csv", "--badge", "Math Expert", "--concurrency", "2",
        env=sandbox.env,
    )  # fmt: skip
    before = sandbox.mails + 5  # what was under way when the first one was killed is done, too
    sandbox.until(lambda one: one.mails >= before + 5)
    process.kill()
    process.communicate()
    line = the_line(run("award", "resume", env=sandbox.env), 2)
    assert line.startswith("2 runs are unfinished: ")
    assert "others.csv" in line


def test_resuming_a_run_that_is_alive_is_refused_with_who_and_where(begin, sandboxed, roster, run):
    sandbox = sandboxed(latency=0.2)
    roster(400)  # 20 seconds: it is alive still, however slowly the other begins
    process = begin(*AWARD, "--concurrency", "4", env=sandbox.env)
    sandbox.until(lambda one: one.mails >= 5)
    finished = run("award", "resume", env=sandbox.env)
    assert finished.returncode == 2
    assert f"process {process.pid} on {os.uname().nodename}" in finished.stderr
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert sandbox.mails < 400


def test_undo_takes_back_the_whole_run(awarded, run):
    sandbox, name = awarded()
    finished = run("award", "undo", name, "--reason", "wrong cohort", env=sandbox.env)
    assert (finished.returncode, finished.stdout) == (0, "3 revoked\n")
    assert not any(live(sandbox, f"person{n}@example.edu") for n in (2, 3, 4))


def test_awarding_again_what_was_undone_says_how(awarded, run):
    sandbox, name = awarded()
    run("award", "undo", name, "--reason", "wrong cohort", env=sandbox.env)
    finished = run(*AWARD, env=sandbox.env)
    assert "revoked before  3" in finished.stdout
    assert "award run --award-revoked" in finished.stdout
    assert live(sandbox, "person2@example.edu") == 0


def test_undo_leaves_alone_what_the_run_did_not_make(awarded, run, roster):
    sandbox, _ = awarded(2)
    roster(3)
    name = name_of(run(*AWARD, env=sandbox.env).stdout)
    assert run("award", "undo", name, "--reason", "x", env=sandbox.env).stdout == "1 revoked\n"
    assert [live(sandbox, f"person{n}@example.edu") for n in (2, 3, 4)] == [1, 1, 0]


@pytest.mark.parametrize(
    ("selection", "left"),
    [
        (["--rows", "2,4-5"], ["person3@example.edu"]),
        (["--where", "email=person3@example.edu"], [f"person{n}@example.edu" for n in (2, 4, 5)]),
        (["--only", "wrong.csv"], ["person4@example.edu", "person5@example.edu"]),
    ],
    ids=["rows", "where", "only"],
)
def test_undo_takes_back_a_part(awarded, run, tmp_path, selection, left):
    sandbox, name = awarded(4)
    (tmp_path / "wrong.csv").write_text("email\nPERSON2@example.edu\nperson3@example.edu\n")
    finished = run("award", "undo", name, "--reason", "x", *selection, env=sandbox.env)
    assert finished.returncode == 0, finished.stderr
    people = [f"person{n}@example.edu" for n in range(2, 6)]
    assert [person for person in people if live(sandbox, person)] == left


@pytest.mark.parametrize(
    ("selection", "text"),
    [
        (["--rows", "12-4"], "names no rows"),
        (["--where", "email"], "has no '='"),
        (["--where", "mail=x"], "Did you mean 'email'?"),
        (["--rows", "2", "--where", "email=x"], "give one of"),
        (["--only", "none.csv"], "none.csv"),
    ],
)
def test_undo_refuses_what_it_does_not_understand(awarded, run, the_line, selection, text):
    sandbox, name = awarded()
    finished = run("award", "undo", name, "--reason", "x", *selection, env=sandbox.env)
    assert text in the_line(finished, 2)
    assert live(sandbox, BOB) == 1


def test_undo_of_a_plan_that_was_never_begun_forgets_it(begin, sandboxed, roster, run):
    sandbox = sandboxed(latency=0.3)
    roster(3)
    process = begin(*AWARD, env=sandbox.env)
    sandbox.until(lambda one: one.requests("badgeclasses.assertions") >= 1)
    process.kill()
    process.communicate()
    name = run("award", "list").stdout.splitlines()[1].split()[0]
    finished = run("award", "undo", name, "--reason", "x", env=sandbox.env)
    assert finished.stderr == f"run {name} was never begun; its plan is forgotten\n"
    assert run("award", "list").stdout == ""


def test_undo_can_be_fed_an_export(awarded, run):
    sandbox, name = awarded()
    assert run("award", "export", name, "-o", "all.csv").returncode == 0
    finished = run("award", "undo", name, "--reason", "x", "--only", "all.csv", env=sandbox.env)
    assert finished.stdout == "3 revoked\n"


def test_export_of_failures_can_be_mended_and_fed_back(run, sandboxed, roster, tmp_path):
    sandbox = sandboxed()
    roster(3)
    sandbox.thread.faults.next("badgeclasses.award", "refused")
    name = name_of(run(*AWARD, env=sandbox.env).stdout)
    exported = run("award", "export", name, "--failed").stdout
    [row] = csv.DictReader(io.StringIO(exported))
    assert row["status"] == "rejected"
    (tmp_path / "mended.csv").write_text(exported)
    again = run("award", "run", "mended.csv", "--badge", "Math Expert", env=sandbox.env)
    assert again.returncode == 0, again.stderr
    assert sandbox.mails == 3


def test_trace_tells_attempts_awards_and_a_verdict(run, sandboxed, roster):
    sandbox = sandboxed()
    roster(1)
    sandbox.thread.faults.next("badgeclasses.award", "drop_after_work")
    name = name_of(run(*AWARD, env=sandbox.env).stdout)
    text = run("award", "trace", BOB.upper(), env=sandbox.env).stdout
    assert f"run {name} on sandbox, row 2, Math Expert: awarded" in text
    assert "attempt 1  sent, and no clear answer  -> unknown" in text
    assert "attempt 1  the platform lists it  -> awarded" in text
    assert text.splitlines()[-1] == f"Math Expert: held once, awarded by run {name}, row 2."


def test_trace_finds_the_person_of_an_award_by_its_id_and_link(awarded, run):
    sandbox, _ = awarded()
    [award] = sandbox.thread.awards(BOB)
    for who in (award.assertion, f"{sandbox.url}/public/assertions/{award.assertion}"):
        assert run("award", "trace", who, env=sandbox.env).stdout.splitlines()[0] == BOB


def test_trace_tells_each_attempt_in_the_order_of_time(run, sandboxed, roster):
    sandbox = sandboxed()
    roster(1)
    sandbox.thread.faults.next("badgeclasses.award", "before_work")
    run(*AWARD, env=sandbox.env)
    lines = run("award", "trace", BOB, env=sandbox.env).stdout.splitlines()
    told = [line for line in lines if line.startswith("    ")]
    assert all(re.match(r"    \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  attempt \d  ", line) for line in told)
    assert [line[:23] for line in told] == sorted(line[:23] for line in told)
    assert [line for line in told if line.endswith("attempt 2  begun")]


def test_trace_takes_a_number_as_people_write_it(run, sandboxed):
    shown = run("award", "trace", "+49 (30) 12-34", env=sandboxed().env).stdout
    assert shown.splitlines()[0] == "+49301234"


def test_export_does_not_overwrite_a_file_and_says_so(awarded, run, tmp_path):
    _, name = awarded()
    (tmp_path / "there.csv").write_text("mine")
    finished = run("award", "export", name, "-o", "there.csv")
    assert "there.csv is there already, and is not overwritten. Name another" in finished.stderr
    assert finished.returncode == 2


def test_trace_sees_that_somebody_else_revoked(awarded, run):
    sandbox, name = awarded()
    revoke(sandbox, BOB)
    text = run("award", "trace", BOB, env=sandbox.env).stdout
    assert "revoked" in text
    assert text.splitlines()[-1].endswith(f"run {name} awarded it, and it is revoked.")


def test_trace_knows_what_was_undone_and_where_all_runs_are(run, roster):
    roster(1)
    name = name_of(run(*AWARD, "--sandbox").stdout)
    assert run("award", "undo", name, "--reason", "wrong cohort").returncode == 0
    finished = run("award", "trace", BOB)
    assert finished.stdout.splitlines()[-1].endswith(
        f"not held: run {name} awarded it, and took it back (wrong cohort)."
    )


def test_trace_sees_an_award_in_another_spelling_that_others_made(awarded, run):
    sandbox, _ = awarded(1)
    urlopen(award_by_hand(sandbox, "Person2@Example.edu"), timeout=5).close()  # noqa: S310 - loopback
    finished = run("award", "trace", BOB, env=sandbox.env)
    assert "to Person2@Example.edu" in finished.stdout
    assert "held 2 times, 1 of them by this ledger" in finished.stdout


def test_trace_of_a_stranger_says_so(awarded, run):
    sandbox, _ = awarded()
    text = run("award", "trace", "nobody@example.edu", env=sandbox.env).stdout
    assert "Nothing was ever tried" in text


def test_badge_of_the_tests_is_the_seeded_one(awarded):
    sandbox, _ = awarded(1)
    [award] = sandbox.thread.awards(BOB)
    assert award.badge == MATH_EXPERT


def test_a_run_of_the_own_sandbox_is_found_again_without_saying_where(run, roster):
    roster(2)
    name = name_of(run(*AWARD, "--sandbox").stdout)
    finished = run("award", "audit", name)
    assert finished.returncode == 0, finished.stderr
    assert run("award", "undo", name, "--reason", "x").stdout == "2 revoked\n"


def test_undo_of_a_stopped_run_gives_up_what_was_not_begun(begin, sandboxed, roster, run):
    sandbox = sandboxed(latency=0.1)
    roster(60)
    process = begin(*AWARD, "--concurrency", "4", env=sandbox.env)
    sandbox.until(lambda one: one.mails >= 5)
    process.kill()
    process.communicate()
    name = run("award", "list").stdout.splitlines()[1].split()[0]

    finished = run("award", "undo", name, "--reason", "wrong cohort", env=sandbox.env)

    assert finished.returncode == 0, finished.stderr
    assert not any(live(sandbox, f"person{n}@example.edu") for n in range(2, 62))
    sent = sandbox.mails
    assert f"{60 - sent} given up before they were begun" in finished.stdout
    assert run("award", "resume", env=sandbox.env).stderr == "no run is unfinished\n"
    assert sandbox.mails == sent < 60
