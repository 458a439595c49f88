"""No token and no password in what the command says, however it ends."""

import pytest

AWARD = ["award", "run", "graduates.csv", "--badge", "Math Expert", "--debug"]
CANARY = "CANARY-TOKEN-7f3a9c"


TOKEN = {"AIOBADGES_TOKEN": CANARY}
PASSWORD = {"AIOBADGES_USERNAME": "registrar@example.edu", "AIOBADGES_PASSWORD": CANARY}


@pytest.mark.parametrize(
    ("secrets", "operation", "fault"),
    [
        (TOKEN, "badgeclasses.list", "unauthorized"),
        (TOKEN, "badgeclasses.list", "html"),
        (PASSWORD, "token", "unauthorized"),
        (PASSWORD, "token", "drop_before_work"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_secret_is_nowhere_in_what_is_said_when_it_is_debugged(
    run, sandboxed, roster, secrets, operation, fault
):
    sandbox = sandboxed()
    sandbox.thread.faults.next(operation, fault, times=3)
    roster()

    finished = run(*AWARD, env=sandbox.env | secrets)

    assert finished.returncode != 0
    assert "Traceback" in finished.stderr
    assert CANARY not in finished.stdout + finished.stderr


@pytest.mark.parametrize(
    "place",
    [["--region", "us"], ["--base-url", "http://badges.example.edu"], ["--region", "test"]],
    ids=["refused", "plain http", "contradiction"],
)
def test_secret_is_nowhere_in_what_is_said_when_the_place_is_wrong(run, roster, place):
    roster()
    secrets = {
        "AIOBADGES_TOKEN": CANARY,
        "AIOBADGES_USERNAME": "registrar@example.edu",
        "AIOBADGES_PASSWORD": CANARY,
    }

    finished = run(*AWARD, *place, env=secrets)

    assert finished.returncode != 0
    assert CANARY not in finished.stdout + finished.stderr
