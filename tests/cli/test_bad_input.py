"""Bad input: one clear line each, the right exit code, nothing sent, no traceback."""

import contextlib
import errno
import json
import os
import re
import socket
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from aiobadges.awards.results import ResultsFile
from aiobadges.sandbox import PASSWORD

RUN = ["award", "run", "graduates.csv"]
AWARD = [*RUN, "--badge", "Math Expert"]


ROSTERS = {
    "missing": (None, ["graduates.csv", "cannot be read", "No such file"]),
    "empty": ("", ["graduates.csv", "the file is empty"]),
    "no identifier column": (
        "name,grade\nAna,1\n",
        ["row 1", "no identifier column", "name one 'identifier' or 'email'", "'name', 'grade'"],
    ),
    "malformed address": (
        "email\nana@example.edu\nbo@\n",
        ["graduates.csv", "row 3", "column 'email'", "'bo@' is no e-mail address"],
    ),
    "notify": ("email,notify\nana@example.edu,yes\n", ["column 'notify'", "remove this column"]),
    "ambiguous date": (
        "email,issued_on\nana@example.edu,03/04/2026\n",
        ["row 2", "column 'issued_on'", "'03/04/2026'", "--date-format"],
    ),
}


@pytest.mark.parametrize("name", ROSTERS)
def test_one_line_says_where_what_and_what_to_do_when_the_roster_is(
    run, tmp_path, the_line, results, name
):
    content, words = ROSTERS[name]
    if content is not None:
        (tmp_path / "graduates.csv").write_text(content)

    line = the_line(run(*AWARD, "--sandbox"), 2)

    assert [word for word in words if word not in line] == []
    assert results() == []


def test_one_line_says_why_when_the_roster_is_a_folder(run, tmp_path, the_line):
    (tmp_path / "graduates.csv").mkdir()

    assert "cannot be read: Is a directory" in the_line(run(*AWARD, "--sandbox"), 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_one_line_says_why_when_the_roster_is_not_ours_to_read(run, roster, the_line):
    roster().chmod(0)

    assert "cannot be read: Permission denied" in the_line(run(*AWARD, "--sandbox"), 2)


def test_all_problems_are_listed_below_the_line_when_there_are_several(run, tmp_path):
    (tmp_path / "graduates.csv").write_text("email,issued_on\nana,\nbo@example.edu,soon\n")

    finished = run(*AWARD, "--sandbox")

    assert finished.returncode == 2
    assert finished.stderr.splitlines() == [
        "aiobadges: graduates.csv: 2 problems",
        "  row 2, column 'email': 'ana' is no e-mail address",
        (
            "  row 3, column 'issued_on': 'soon' is no ISO date such as 2026-06-30;"
            " say how to read it with --date-format"
        ),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--sandbox", "--badge", "Math Exprt"],
            ["no badge class 'Math Exprt'", "Did you mean 'Math Expert'?"],
        ),
        (["--sandbox"], ["graduates.csv", "no badge is named", "use --badge"]),
        (
            ["--sandbox", "--badge", "Math Expert", "--issuer", "Example Univ"],
            ["no issuer 'Example Univ'", "Did you mean 'Example University'?"],
        ),
        (["--badge", "Math Expert"], ["no region is chosen", "--region"]),
        (["--badge", "Math Expert", "--region", "mars"], ["mars", "sandbox"]),
        (
            ["--badge", "Math Expert", "--base-url", "http://badges.example.edu"],
            ["'http://badges.example.edu' is plain http", "Use https"],
        ),
        (
            ["--badge", "Math Expert", "--base-url", "badges.example.edu"],
            ["'badges.example.edu' is no http(s) address", "https://"],
        ),
        (
            ["--badge", "Math Expert", "--profile", "work"],
            ["no profile 'work'"],
        ),
        (
            ["--badge", "Math Expert", "--sandbox", "--region", "us"],
            ["--sandbox and another place are given", "Leave one of them out"],
        ),
        (
            ["--badge", "Math Expert", "--sandbox", "--base-url", "http://127.0.0.1:1"],
            ["--sandbox and another place are given", "Leave one of them out"],
        ),
        (
            ["--badge", "Math Expert", "--sandbox", "--timezone", "Mars/Base"],
            ["no time zone 'Mars/Base'", "Europe/Berlin"],
        ),
        (
            ["--badge", "Math Expert", "--sandbox", "--encoding", "latin-77"],
            ["graduates.csv", "no encoding 'latin-77'"],
        ),
    ],
    ids=[
        "no such badge",
        "no badge",
        "no such issuer",
        "no region",
        "unknown region",
        "public http",
        "no address",
        "no such profile",
        "sandbox and region",
        "sandbox and base URL",
        "no such time zone",
        "no such encoding",
    ],
)
def test_one_line_says_what_is_wrong_and_what_to_do_when_there_is(
    run, roster, the_line, results, arguments, words
):
    roster()

    line = the_line(run(*RUN, *arguments), 2)

    assert [word for word in words if word not in line] == []
    assert results() == []


def test_nearest_region_is_named_when_the_environment_names_none_of_ours(run, roster, the_line):
    roster()

    line = the_line(run(*AWARD, env={"AIOBADGES_REGION": "sandbx"}), 2)

    assert line.startswith("there is no region 'sandbx'. Did you mean 'sandbox'? Known: us, eu")


def test_issuer_is_asked_for_when_two_badge_classes_have_that_name(
    run, sandboxed, roster, the_line
):
    sandbox = sandboxed()
    roster()
    badge = {
        "issuer": "ExampleUniversity0000A",
        "name": "Math Expert",
        "description": "The same.",
        "image": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==",
        "criteriaNarrative": "Pass.",
    }
    request = urllib.request.Request(  # noqa: S310 - http on loopback
        f"{sandbox.url}/v2/badgeclasses",
        data=json.dumps(badge).encode(),
        headers={"Authorization": "Bearer sandbox-token", "Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310 - the same

    line = the_line(run(*AWARD, env=sandbox.env), 2)

    assert line.startswith("there are 2 badge classes 'Math Expert': ")
    assert "of issuer ExampleUniversity0000A" in line
    assert line.endswith("Say which with --issuer, or give its id")


def test_one_line_says_to_check_the_account_when_the_password_is_wrong(
    run, sandboxed, roster, the_line
):
    sandbox = sandboxed()
    roster()
    account = {"AIOBADGES_USERNAME": "registrar@example.edu", "AIOBADGES_PASSWORD": "CANARY-TOKEN"}

    line = the_line(run(*AWARD, env=sandbox.env | account), 4)

    assert "the server refused the sign-in" in line
    assert "Check user name and password, and the region" in line


def test_roster_is_awarded_when_the_password_is_right(run, sandboxed, roster):
    sandbox = sandboxed()
    roster()
    account = {"AIOBADGES_USERNAME": "registrar@example.edu", "AIOBADGES_PASSWORD": PASSWORD}

    assert run(*AWARD, env=sandbox.env | account).returncode == 0


def test_one_line_says_to_sign_in_when_the_token_has_expired(run, sandboxed, roster, the_line):
    sandbox = sandboxed()
    roster()
    form = urllib.parse.urlencode({"username": "registrar@example.edu", "password": PASSWORD})
    with urllib.request.urlopen(f"{sandbox.url}/o/token", form.encode(), timeout=10) as answer:  # noqa: S310 - http on loopback
        token = json.load(answer)["access_token"]
    sandbox.thread.expire_tokens()

    line = the_line(run(*AWARD, env=sandbox.env | {"AIOBADGES_TOKEN": token}), 4)

    assert "GET /v2/badgeclasses answered 401" in line
    assert "Sign in again" in line


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("refused", ["answered 200", "error"]),
        ("cut_body", ["answered 200", "the answer broke off"]),
        ("html", ["answered 200", "is HTML"]),
        ("before_work", ["answered 500", "internal server error"]),
    ],
    ids=["success: false", "truncated", "HTML", "500"],
)
def test_one_line_says_what_to_do_when_the_server_answers_with(
    run, sandboxed, roster, the_line, results, fault, words
):
    sandbox = sandboxed()
    sandbox.thread.faults.next("badgeclasses.list", fault, times=3)
    roster()

    line = the_line(run(*AWARD, env=sandbox.env), 1)

    assert line.startswith("GET /v2/badgeclasses ")
    assert [word for word in words if word not in line] == []
    assert "Try later" in line
    assert results() == []


def test_one_line_says_what_to_check_when_nobody_listens(run, roster, the_line):
    roster()

    line = the_line(
        run(
            *AWARD,
            "--yes",
            "--base-url",
            "http://127.0.0.1:9",
            env={"AIOBADGES_TOKEN": "CANARY-TOKEN"},
        ),
        1,
    )

    assert "GET /v2/badgeclasses: no connection" in line
    assert "Check the region, the network and the proxy" in line


def test_nothing_is_sent_when_the_results_cannot_be_written(
    run_process, sandboxed, roster, the_line
):
    sandbox = sandboxed()
    with roster().open(encoding="utf-8") as stdin:  # whose folder takes no files, not even root's
        finished = run_process(
            "award", "run", "/dev/fd/0", "--badge", "Math Expert", env=sandbox.env, stdin=stdin
        )

    line = the_line(finished, 2)

    assert line.startswith("the results file /dev/fd/0.results-")
    assert line.endswith("Nothing was sent. Copy the roster to a folder you can write to")
    assert sandbox.awards == 0


def test_nothing_is_sent_when_the_disk_is_full_before_the_first_award(
    run_process, sandboxed, roster
):
    sandbox = sandboxed()
    roster(60)
    small = ["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", sys.executable, "-m"]

    finished = run_process(
        "aiobadges.cli.script",
        *AWARD,
        env=sandbox.env | {"PYTHONDONTWRITEBYTECODE": "1", "COVERAGE_PROCESS_CONFIG": ""},
        program=small,
    )

    assert finished.returncode == 1
    [line] = finished.stderr.splitlines()
    assert line.startswith("aiobadges: the ledger")
    assert sandbox.awards == 0


def test_the_counts_are_told_and_no_traceback_when_the_results_find_no_room(
    run, sandboxed, roster, monkeypatch
):
    async def full(results, _):
        results._out.close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sandbox = sandboxed()
    roster(60)
    monkeypatch.setattr(ResultsFile, "write", full)

    finished = run(*AWARD, env=sandbox.env)

    assert finished.returncode == 1
    assert "awarded  60" in finished.stdout
    assert re.search(
        r"^aiobadges: the results.*cannot be written: No space left on device", finished.stderr
    )
    assert len(finished.stderr.splitlines()) == 1


def test_command_says_so_when_the_sandbox_has_no_place_for_its_state(
    run, roster, tmp_path, the_line
):
    roster()
    (tmp_path / "file").touch()

    line = the_line(run(*AWARD, "--sandbox", env={"XDG_DATA_HOME": str(tmp_path / "file")}), 2)

    assert "the sandbox cannot start" in line
    assert str(tmp_path / "file") in line


def test_reset_says_so_when_the_sandbox_has_no_place_for_its_state(run, tmp_path, the_line):
    (tmp_path / "file").touch()

    line = the_line(run("sandbox", "reset", env={"XDG_DATA_HOME": str(tmp_path / "file")}), 2)

    assert str(tmp_path / "file") in line


def test_command_says_how_to_go_on_when_the_state_of_the_sandbox_cannot_be_read(
    run, roster, environment, the_line
):
    roster()
    state = Path(environment["XDG_DATA_HOME"]) / "aiobadges" / "sandbox.jsonl"
    state.parent.mkdir(parents=True)
    state.write_text("no JSON\nnor this\n")

    line = the_line(run(*AWARD, "--sandbox"), 2)

    assert line.endswith("Empty it: aiobadges sandbox reset")
    assert run("sandbox", "reset").returncode == 0
    assert run(*AWARD, "--sandbox").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--memory", "--state", "x.jsonl"], ["--memory and --state contradict each other"]),
        (["--fault", "explode=0.1"], ["no fault 'explode'", "the faults are before_work"]),
        (["--fault", "hang=7"], ["probabilities lie between 0 and 1"]),
        (["--fault", "hang"], ["--fault", "'hang'"]),
        (["--rate-limit", "many"], ["--rate-limit", "'many'"]),
    ],
    ids=["two places", "no such fault", "no share", "fault without share", "no limit"],
)
def test_one_line_says_what_is_wrong_when_the_sandbox_is_told(run, the_line, arguments, words):
    line = the_line(run("sandbox", "--port", "0", *arguments), 2)

    assert [word for word in words if word not in line] == []


def test_sandbox_says_so_when_the_port_is_taken(run, the_line):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])

        line = the_line(run("sandbox", "--memory", "--port", port), 2)

    assert "the sandbox cannot start" in line
    assert "address already in use" in line
    assert "--port 0 --memory always works" in line


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ([*AWARD, "--sandbox"], 2, "RosterError"),
        ([*AWARD, "--region", "us"], 5, "CommandRefusedError"),
    ],
    ids=["bad file", "refused"],
)
def test_traceback_is_shown_and_the_exit_code_kept_when_debugging(
    run, tmp_path, arguments, code, error
):
    (tmp_path / "graduates.csv").write_text(
        "email\nana@example.edu\n" if "us" in arguments else "email\nana\n"
    )

    finished = run(*arguments, "--debug")

    assert "Traceback (most recent call last)" in finished.stderr
    assert error in finished.stderr.splitlines()[-1]
    assert finished.returncode == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["award", "run"], "'award run' needs ROSTER; see: aiobadges award run --help"),
        (
            ["award", "undo", "7KQ2"],
            "'award undo' needs --reason; see: aiobadges award undo --help",
        ),
        (
            ["award", "undo", "7KQ2", "--reason"],
            "--reason needs a value; see: aiobadges award undo",
        ),
    ],
    ids=["argument", "option", "value"],
)
def test_one_line_says_what_is_missing_when_a_command_is_not_whole(run, the_line, arguments, said):
    assert said in the_line(run(*arguments), 2)


def test_help_shows_no_default_of_a_switch(run):
    told = run("award", "run", "--help").stdout
    assert "[default: False]" not in told
    assert "[default: 20]" in told
