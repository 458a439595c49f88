"""``aiobadges sandbox``: a server of one's own, its memory, and how others come to it."""

import json
import re
import time
import urllib.request
from pathlib import Path

import pytest

FIRST = ["award", "run", "graduates.csv", "--badge", "Math Expert", "--sandbox"]
RUN = FIRST[:-1]


@pytest.fixture
def state(environment):
    return Path(environment["XDG_DATA_HOME"]) / "aiobadges" / "sandbox.jsonl"


def test_sandbox_says_how_to_point_a_client_at_it_when_it_starts(serve, run, roster):
    sandbox = serve("--memory")
    lines = iter(sandbox.process.stdout.readline, "Ctrl-C stops it.\n")
    text = "".join(lines)
    roster(2)

    named = dict(re.findall(r"(AIOBADGES_\w+)=(\S+)", text))
    finished = run(*RUN, env=named)

    assert finished.stdout.splitlines()[-1] == "mails: 2 sent, nobody written to twice"
    assert f'ParchmentClient(region="sandbox", base_url="{sandbox.url}")' in text
    assert f"curl {sandbox.url}/_sandbox/outbox" in text
    assert sandbox.look("outbox")["sent"] == 2


def test_what_was_awarded_is_remembered_when_commands_end(run, roster, state):
    roster(2, "first.csv")
    roster(3, "graduates.csv")
    run("award", "run", "first.csv", *FIRST[3:])

    finished = run(*FIRST)

    assert "mails: 1 sent, nobody written to twice" in finished.stdout
    assert "already held  2" in finished.stdout
    assert state.exists()


def test_everything_is_forgotten_when_the_sandbox_is_reset(run, roster):
    roster(2)
    run(*FIRST)

    reset = run("sandbox", "reset")

    assert (reset.returncode, reset.stdout) == (0, "the sandbox is empty\n")
    assert "mails: 2 sent" in run(*FIRST).stdout


def test_everything_is_forgotten_when_the_sandbox_that_runs_is_reset(run, serve, roster):
    sandbox = serve()
    roster(2)
    run(*FIRST)
    assert sandbox.look("outbox")["sent"] == 2

    reset = run("sandbox", "reset")

    assert (reset.returncode, reset.stdout) == (0, "the sandbox is empty\n")
    assert sandbox.look("outbox")["sent"] == 0
    assert "mails: 2 sent" in run(*FIRST).stdout


def test_reset_works_when_nothing_was_ever_awarded(run):
    assert run("sandbox", "reset").returncode == 0


def test_run_uses_the_sandbox_that_runs_already_when_there_is_one(run, serve, roster):
    sandbox = serve()
    roster(2)

    finished = run(*FIRST)

    assert finished.returncode == 0
    assert sandbox.awards == 2
    assert sandbox.look("outbox")["sent"] == 2


def test_second_sandbox_is_told_of_the_first_when_both_want_one_memory(run, serve):
    sandbox = serve()

    finished = run("sandbox", "--port", "0")

    assert finished.returncode == 2
    [line] = finished.stderr.splitlines()
    assert f"in use by the sandbox at {sandbox.url}" in line


@pytest.mark.parametrize("command", [FIRST, ["sandbox", "reset"]], ids=["award run", "reset"])
def test_command_says_so_when_the_sandbox_that_runs_has_no_address_yet(
    run, serve, roster, state, command
):
    serve()
    state.with_name(state.name + ".holder").write_bytes(b"")  # as it is while one starts
    roster()

    finished = run(*command)

    assert finished.returncode == 2
    [line] = finished.stderr.splitlines()
    assert line.startswith(f"aiobadges: {state} is in use by a sandbox: ")


def test_nothing_is_kept_when_the_sandbox_has_a_memory_only(serve, run, roster, state):
    sandbox = serve("--memory")
    roster(2)

    run(*RUN, env=sandbox.env)

    assert sandbox.look("outbox")["sent"] == 2
    assert not state.exists()


def test_memory_lies_where_it_is_told_when_a_file_is_named(serve, run, roster, tmp_path, state):
    file = tmp_path / "state.jsonl"
    sandbox = serve("--state", str(file))
    roster(2)

    run(*RUN, env=sandbox.env)

    assert b"person2@example.edu" in file.read_bytes()
    assert not state.exists()


def test_options_reach_the_sandbox_when_given(serve, run, roster, results):
    sandbox = serve(
        "--memory",
        "--latency", "0.05",
        "--rate-limit", "3/1",
        "--public-url", "https://badges.example.edu",
        "--token-lifetime", "60",
        "--fault", "drop_after_work=0.0",
        "--fault", "hang=0",
    )  # fmt: skip
    roster(4)
    started = time.monotonic()

    finished = run(*RUN, env=sandbox.env)

    assert time.monotonic() - started > 1  # the fourth request waited for a second window
    assert finished.returncode == 0
    assert {row["status"] for rows in results() for row in rows} == {"awarded"}
    assert sandbox.awards > 4
    assert sandbox.look("outbox") == {"sent": 4, "recipients": 4, "doubled": []}


def test_mails_are_not_spoken_of_when_the_server_is_no_sandbox(run, sandboxed, roster):
    sandbox = sandboxed()
    roster(2)

    finished = run(
        *RUN, "--yes", "--base-url", sandbox.url, env={"AIOBADGES_TOKEN": "sandbox-token"}
    )

    assert finished.returncode == 0
    assert "mails" not in finished.stdout


def test_people_written_to_twice_are_counted_when_there_are_any(run, sandboxed, roster):
    sandbox = sandboxed()
    award = urllib.request.Request(  # noqa: S310 - http on loopback
        f"{sandbox.url}/v2/badgeclasses/MathExpertBadge000000A/assertions",
        data=json.dumps({"recipient": {"identity": "person2@example.edu"}}).encode(),
        headers={"Authorization": "Bearer sandbox-token", "Content-Type": "application/json"},
    )
    for _ in range(2):
        urllib.request.urlopen(award, timeout=10).close()  # noqa: S310 - the same
    roster(2)

    finished = run(*RUN, env=sandbox.env)

    assert re.fullmatch(
        r"mails: 1 sent, 1 (people|person) written to twice", finished.stdout.splitlines()[-1]
    )
