"""Where people are written to, somebody must agree first: typed, or by --yes."""

from __future__ import annotations

import io
import os
import signal
import sys
import time

import pytest
from rich.console import Console

from aiobadges import ParchmentClient
from aiobadges.cli.asking import banner

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")

AWARD = ["award", "run", "graduates.csv", "--badge", "Math Expert"]


@pytest.fixture
def elsewhere(sandboxed, roster):
    """A server that is not called the sandbox."""

    def elsewhere(count=3):
        sandbox = sandboxed()
        sandbox.env = {"AIOBADGES_BASE_URL": sandbox.url, "AIOBADGES_TOKEN": "sandbox-token"}
        roster(count)
        return sandbox

    return elsewhere


@pytest.fixture
def typed(run_process):
    """Run a command at a terminal on which some lines are typed."""

    def typed(text, *arguments, **options):
        ours, theirs = os.openpty()
        try:
            os.write(ours, text.encode())
            return run_process(*arguments, stdin=theirs, **options)
        finally:
            os.close(ours)
            os.close(theirs)

    return typed


def test_people_are_awarded_when_their_number_is_typed(elsewhere, typed):
    server = elsewhere()
    finished = typed("3\n", *AWARD, env=server.env)
    assert finished.returncode == 0, finished.stderr
    assert "3 people are awarded 'Math Expert'" in finished.stderr
    assert server.mails == 3


@pytest.mark.parametrize("text", ["4\n", "yes\n", "\n"])
def test_nothing_is_sent_when_anything_else_is_typed(elsewhere, typed, text):
    server = elsewhere()
    finished = typed(text, *AWARD, env=server.env)
    assert finished.returncode == 5
    assert "not confirmed" in finished.stderr
    assert server.awards == 0


def test_a_refused_plan_does_not_stand_in_the_way_of_the_next(elsewhere, typed, run):
    server = elsewhere()
    assert typed("no\n", *AWARD, env=server.env).returncode == 5
    assert run("award", "list").stdout == ""
    assert typed("3\n", *AWARD, env=server.env).returncode == 0
    assert server.mails == 3


def test_without_a_terminal_it_is_refused_in_one_line(elsewhere, run):
    server = elsewhere()
    finished = run(*AWARD, env=server.env)
    assert finished.returncode == 5
    assert "there is no terminal to ask on. Give --yes" in finished.stderr.splitlines()[-1]
    assert server.awards == 0


def test_without_a_terminal_yes_goes_on(elsewhere, run):
    server = elsewhere()
    assert run(*AWARD, "--yes", env=server.env).returncode == 0
    assert server.mails == 3


def test_the_sandbox_asks_nothing(sandboxed, roster, run):
    roster(3)
    sandbox = sandboxed()
    finished = run(*AWARD, env=sandbox.env)
    assert finished.returncode == 0
    assert "Type" not in finished.stderr


def test_yes_awards_500_people_at_most_unless_told(elsewhere, run):
    server = elsewhere(501)
    finished = run(*AWARD, "--yes", env=server.env)
    assert finished.returncode == 5
    assert "501 people would be awarded, and 500 are allowed" in finished.stderr
    assert server.awards == 0
    assert run(*AWARD, "--yes", "--max-awards", "501", env=server.env).returncode == 0
    assert server.mails == 501


def test_max_awards_holds_at_a_terminal(elsewhere, typed):
    server = elsewhere()
    finished = typed("3\n", *AWARD, "--max-awards", "2", env=server.env)
    assert finished.returncode == 5
    assert server.awards == 0


def test_ctrl_c_at_the_question_leaves_nothing_behind(elsewhere, begin, run):
    server = elsewhere()
    ours, theirs = os.openpty()
    process = begin(*AWARD, env=server.env, stdin=theirs)
    server.until(lambda one: one.requests("badgeclasses.assertions") >= 1)
    time.sleep(0.5)  # it has listed, and asks
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert run("award", "list").stdout == ""


def test_the_others_wait_for_a_yes_after_the_canary(elsewhere, typed):
    server = elsewhere(5)
    finished = typed("5\nyes\n", *AWARD, "--canary", "2", env=server.env)
    assert finished.returncode == 0, finished.stderr
    assert "Award the other 3?" in finished.stderr
    assert server.mails == 5


def test_only_the_canary_is_awarded_when_somebody_says_no(elsewhere, typed, run):
    server = elsewhere(5)
    finished = typed("5\nno\n", *AWARD, "--canary", "2", env=server.env)
    assert finished.returncode == 5
    assert "to go on: aiobadges award resume" in finished.stdout
    assert server.mails == 2
    assert run("award", "resume", env=server.env).returncode == 0
    assert server.mails == 5


def test_a_canary_that_is_refused_stops_the_run(elsewhere, run):
    server = elsewhere(5)
    server.thread.faults.next("badgeclasses.award", "refused")
    finished = run(*AWARD, "--yes", "--canary", "1", env=server.env)
    assert finished.returncode == 5
    assert "1 of the first 1 awards are rejected" in finished.stderr
    assert server.mails == 0


def test_the_first_award_can_go_to_oneself(elsewhere, typed):
    server = elsewhere(3)
    finished = typed("4\nno\n", *AWARD, "--first-to", "me@example.edu", env=server.env)
    assert finished.returncode == 5
    assert [mail.to for mail in server.thread.outbox.mails] == ["me@example.edu"]


def test_who_is_first_may_be_in_the_roster(elsewhere, typed):
    server = elsewhere(3)
    finished = typed("3\nyes\n", *AWARD, "--first-to", "PERSON4@example.edu", env=server.env)
    assert finished.returncode == 0, finished.stderr
    assert server.thread.outbox.mails[0].to == "person4@example.edu"
    assert server.mails == 3


def test_undo_asks_for_the_number(elsewhere, typed, run):
    server = elsewhere()
    assert run(*AWARD, "--yes", env=server.env).returncode == 0
    name = run("award", "list").stdout.splitlines()[1].split()[0]
    undo = ["award", "undo", name, "--reason", "wrong"]
    assert run(*undo, env=server.env).returncode == 5
    assert typed("2\n", *undo, env=server.env).returncode == 5
    assert typed("3\n", *undo, env=server.env).stdout == "3 revoked\n"


def test_a_run_of_another_place_is_refused(elsewhere, run, sandboxed):
    server = elsewhere()
    assert run(*AWARD, "--yes", env=server.env).returncode == 0
    name = run("award", "list").stdout.splitlines()[1].split()[0]
    finished = run("award", "audit", name, env=sandboxed().env)
    assert finished.returncode == 2
    assert f"run {name} was planned on {server.url}" in finished.stderr


@pytest.mark.parametrize(("region", "is_shown"), [("us", True), ("demo", True), ("test", False)])
def test_production_is_shown_in_a_banner(region, is_shown):
    console = Console(file=io.StringIO())
    banner(console, ParchmentClient(region=region, token="CANARY-TOKEN"))
    text = console.file.getvalue()
    assert (f"PRODUCTION  {region}: real people are written to" in text) is is_shown
