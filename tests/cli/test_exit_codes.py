"""Exit codes, each provoked for real."""

import sys

import pytest

from aiobadges import errors
from aiobadges.awards.badges import BadgeChoiceError
from aiobadges.awards.roster.row import Problem, RosterError
from aiobadges.cli.exit_codes import CommandRefusedError, ExitCode, exit_code_of
from aiobadges.settings import REGIONS

AWARD = ["award", "run", "graduates.csv", "--badge", "Math Expert"]
TELL = """
import sys
def hook(event, _):
    if event in {'socket.connect', 'socket.getaddrinfo', 'socket.sendto'}:
        sys.stderr.write(f'network: {event}\\n')
sys.addaudithook(hook)
from aiobadges.cli.script import main
sys.exit(main())
"""
# The command, telling of every connection and every look-up of a name.
WATCHED = [sys.executable, "-c", TELL]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.BadgesError("x"), ExitCode.ERROR),
        (errors.ConnectError("x"), ExitCode.ERROR),
        (errors.ServerError("x"), ExitCode.ERROR),
        (errors.ForbiddenError("x"), ExitCode.ERROR),
        (errors.NotFoundError("x"), ExitCode.ERROR),
        (errors.RefusedError("x"), ExitCode.ERROR),
        (errors.InvalidCallError("x"), ExitCode.USAGE),
        (errors.InsecureUrlError("x"), ExitCode.USAGE),
        (BadgeChoiceError("x"), ExitCode.USAGE),
        (RosterError("x", [Problem(message="x")]), ExitCode.USAGE),
        (errors.SignInError("x"), ExitCode.SIGN_IN),
        (errors.UnauthorizedError("x"), ExitCode.SIGN_IN),
        (CommandRefusedError("x"), ExitCode.REFUSED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.name,
)
def test_exit_code_says_who_is_to_act_when_a_command_ends_with(error, code):
    assert exit_code_of(error) is code


def test_exit_code_is_0_when_every_row_is_awarded(run, sandboxed, roster):
    roster()

    assert run(*AWARD, env=sandboxed().env).returncode == 0


def test_exit_code_is_1_when_the_server_fails(run, sandboxed, roster, results):
    sandbox = sandboxed()
    sandbox.thread.faults.next("badgeclasses.list", "html")
    roster()

    finished = run(*AWARD, env=sandbox.env)

    assert (finished.returncode, finished.stdout, results()) == (1, "", [])


@pytest.mark.parametrize(
    "arguments",
    [
        ["award", "run"],
        ["award", "run", "graduates.csv", "--sandbox", "--badge", "x", "--concurrency", "0"],
        ["award", "run", "graduates.csv", "--sandbox", "--badge", "x", "--notify"],
        ["reward"],
        ["sandbox", "--port", "70000"],
    ],
    ids=["no roster", "no concurrency", "no such option", "no such command", "no such port"],
)
def test_exit_code_is_2_and_one_line_says_why_when_the_usage_is_wrong(run, the_line, arguments):
    assert the_line(run(*arguments), 2)


def test_a_process_ends_with_2_when_the_usage_is_wrong(run_process):
    finished = run_process("award", "run")

    assert (finished.returncode, finished.stdout) == (2, "")
    assert "ROSTER" in finished.stderr


def test_exit_code_is_2_when_the_file_is_bad(run, tmp_path, results):
    (tmp_path / "graduates.csv").write_text("email\nana\n")

    assert run(*AWARD, "--sandbox").returncode == 2
    assert results() == []


def test_exit_code_is_3_when_a_person_must_look_at_a_row(run, sandboxed, roster, results):
    sandbox = sandboxed()
    sandbox.thread.faults.next("badgeclasses.award", "refused")
    roster(2)

    finished = run(*AWARD, "--concurrency", "1", env=sandbox.env)

    assert finished.returncode == 3
    assert "nobody written to twice" in finished.stdout
    [rows] = results()
    assert [row["status"] for row in rows] == ["rejected", "awarded"]
    assert rows[0]["error_code"]
    assert rows[0]["error_message"]


@pytest.mark.parametrize("fault", ["drop_after_work", "drop_before_work", "html"])
def test_exit_code_is_0_when_an_unclear_award_is_found_or_made(
    run, sandboxed, roster, results, fault
):
    sandbox = sandboxed()
    sandbox.thread.faults.next("badgeclasses.award", fault)
    roster(2)

    finished = run(*AWARD, "--concurrency", "1", env=sandbox.env)

    assert finished.returncode == 0
    assert sandbox.mails == 2
    [rows] = results()
    assert [row["status"] for row in rows] == ["awarded", "awarded"]
    assert all(row["assertion_id"] for row in rows)


def test_exit_code_is_4_when_the_token_is_refused_before_the_first_award(run, sandboxed, roster):
    roster()

    assert (
        run(*AWARD, env=sandboxed().env | {"AIOBADGES_TOKEN": "CANARY-TOKEN-worn-out"}).returncode
        == 4
    )


def test_exit_code_is_4_and_nothing_is_lost_when_the_token_is_refused_midway(
    run, sandboxed, roster, results
):
    sandbox = sandboxed()
    sandbox.thread.faults.next("badgeclasses.award", "drop_after_work")
    sandbox.thread.faults.next("badgeclasses.award", "unauthorized")
    roster(4)

    finished = run(*AWARD, "--concurrency", "1", env=sandbox.env)

    assert finished.returncode == 4
    assert "aiobadges: POST /v2/badgeclasses/{badgeclass_id}/assertions answered 401" in (
        finished.stderr
    )
    assert "planned  3" in finished.stdout
    [rows] = results()
    assert [row["status"] for row in rows] == ["unknown", "planned", "planned", "planned"]


def test_nothing_is_left_behind_when_nothing_could_be_sent(run, sandboxed, roster, results):
    sandbox = sandboxed()
    sandbox.thread.faults.next("badgeclasses.award", "unauthorized")
    roster()

    finished = run(*AWARD, "--concurrency", "1", env=sandbox.env)

    assert finished.returncode == 4
    assert "planned  3" in finished.stdout
    assert results() == []


@pytest.mark.parametrize(
    "place",
    [
        ["--region", "us"],
        ["--base-url", "https://badges.example.edu"],
    ],
    ids=["region", "another server"],
)
def test_exit_code_is_5_without_a_word_to_the_network_when_nobody_can_be_asked(
    run_process, roster, results, place
):
    roster()

    finished = run_process(
        *AWARD, *place, env={"AIOBADGES_TOKEN": "CANARY-TOKEN"}, program=WATCHED, input=""
    )

    assert finished.returncode == 5
    [line] = finished.stderr.splitlines()
    assert line.startswith("aiobadges: this must be confirmed, and there is no terminal")
    assert (finished.stdout, results()) == ("", [])


@pytest.mark.parametrize(
    "region",
    [name for name, region in REGIONS.items() if region.kind == "production"],
)
def test_exit_code_is_5_when_the_region_is(run, roster, the_line, region):
    roster()

    assert "no terminal to ask on" in the_line(run(*AWARD, "--region", region), 5)


def test_the_network_is_seen_when_a_command_uses_it(run_process, roster):
    token = {"AIOBADGES_TOKEN": "CANARY-TOKEN"}
    roster()

    finished = run_process(
        *AWARD, "--yes", "--base-url", "http://127.0.0.1:9", program=WATCHED, env=token
    )

    assert "network: socket.connect" in finished.stderr


def test_run_is_not_refused_when_the_region_is_for_tests(run_process, roster):
    roster()

    finished = run_process(*AWARD, "--yes", "--region", "test", program=WATCHED)

    assert finished.returncode == 4  # it would sign in next, and has nothing to do so with
    assert "network" not in finished.stderr.replace("the network", "")
