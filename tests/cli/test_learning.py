"""``aiobadges learning``: the tree of a path, and one learner's progress in it."""

import os
import pty
import subprocess
import sys

import pytest

from aiobadges.sandbox.thought_industries.seed import ANA_TOKEN, API_KEY

CANARY = "CANARY-TOKEN-7f3a9c"
PROMPT = "the learner's token: "
SHOWN = """\
Lab Safety (lab-safety), published
├── Before the first day: required
│   ├── release: at once
│   ├── criteria: Complete both courses.
│   ├── criterion: requiredCourses 2
│   ├── course: Fire Safety (required)
│   └── course: Handling Chemicals (required)
└── In the laboratory: required
    ├── release: 7 days after the start
    ├── criteria: Complete one elective.
    ├── criterion: electives 1
    └── course: Lasers (elective)
"""
BEGUN = """\
Lab Safety: 0 of 2 milestones completed
├── Before the first day (required): not completed
│   ├── Fire Safety: not begun
│   └── Handling Chemicals: not begun
└── In the laboratory (required): not completed
    └── Lasers: not begun
"""


@pytest.fixture
def tenant(sandboxed):
    """Give a sandbox, and the environment that points the command at its tenant."""
    local = sandboxed()
    local.env = {"AIOBADGES_TI_HOST": local.url, "AIOBADGES_TI_API_KEY": API_KEY}
    return local


def record(local, *pages):
    """Let Ana complete pages."""
    import asyncio

    from aiobadges import ThoughtIndustriesClient

    async def complete():
        async with ThoughtIndustriesClient(
            host=local.url, api_key=API_KEY, auth_token=ANA_TOKEN
        ) as ana:
            for page in pages:
                await ana.topics.update_progress(f"page-{page}", 100)

    asyncio.run(complete())


def test_path_is_shown_as_a_tree(run, tenant):
    finished = run("learning", "show", "lab-safety", env=tenant.env)

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, SHOWN, "")
    assert tenant.requests("learning_paths.by_slug") == 1


@pytest.mark.parametrize(("command", "printed"), [("show", SHOWN), ("progress", BEGUN)])
def test_sandbox_answers_without_key_and_token_of_ones_own(run, command, printed):
    secrets = {"AIOBADGES_TI_API_KEY": CANARY, "AIOBADGES_TI_AUTH_TOKEN": CANARY}

    finished = run("learning", command, "lab-safety", "--sandbox", env=secrets)

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, printed, "")


def test_progress_of_a_learner_is_shown(run, tenant):
    pages = ("fire-safety-why", "fire-safety-film", "fire-safety-quiz")
    record(tenant, *pages, "chemicals-rules", "chemicals-quiz")

    finished = run(
        "learning",
        "progress",
        "lab-safety",
        env=tenant.env | {"AIOBADGES_TI_AUTH_TOKEN": ANA_TOKEN},
    )

    assert finished.returncode == 0
    title, first, *lines = finished.stdout.splitlines()
    assert title == "Lab Safety: 1 of 2 milestones completed"
    assert first.startswith("├── Before the first day (required): completed on 20")
    assert lines == [
        "│   ├── Fire Safety: 100 %",
        "│   └── Handling Chemicals: 100 %",
        "└── In the laboratory (required): not completed",
        "    └── Lasers: not begun",
    ]


def test_token_is_asked_for_when_somebody_sits_there(environment, tenant):
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "aiobadges.cli.script", "learning", "progress", "lab-safety"],
        env=environment | tenant.env,
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        prompt = process.stderr.read(len(PROMPT))
        os.write(leader, f"{ANA_TOKEN}\n".encode())
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
        os.close(leader)
        os.close(follower)

    assert (prompt, process.returncode, out) == (PROMPT, 0, BEGUN)
    assert ANA_TOKEN not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "lab-safety"], "no host is given"),
        (["progress", "lab-safety"], "no host is given"),
        (["show", "lab-safety", "--host", "acme.example.com"], "no API key is given"),
        (["show", "lab-safety", "--sandbox", "--host", "a.example"], "another place"),
    ],
)
def test_place_must_be_clear(run, the_line, arguments, said):
    assert said in the_line(run("learning", *arguments), 2)


@pytest.mark.parametrize(
    ("arguments", "env", "code", "said"),
    [
        (["show", "none"], {}, 1, "there is no learning path 'none'"),
        (["show", "lab-safety"], {"AIOBADGES_TI_API_KEY": CANARY}, 4, "API key"),
        (["progress", "lab-safety"], {"AIOBADGES_TI_AUTH_TOKEN": CANARY}, 4, "authToken"),
    ],
)
def test_error_is_one_line_without_secrets(run, the_line, tenant, arguments, env, code, said):
    line = the_line(run("learning", *arguments, env=tenant.env | env), code)

    assert said in line
    assert CANARY not in line


def test_learner_must_be_named_when_nobody_can_be_asked(run, the_line, tenant):
    finished = run("learning", "progress", "lab-safety", env=tenant.env)

    assert "Set AIOBADGES_TI_AUTH_TOKEN" in the_line(finished, 2)


@pytest.mark.parametrize("secret", ["AIOBADGES_TI_API_KEY", "AIOBADGES_TI_AUTH_TOKEN"])
@pytest.mark.parametrize("fault", ["html", "drop_before_work", "unauthorized", "before_work"])
def test_secret_is_nowhere_in_a_traceback(run, tenant, secret, fault):
    tenant.thread.faults.next("learning_paths.by_slug", fault, times=3)
    env = tenant.env | {"AIOBADGES_TI_AUTH_TOKEN": ANA_TOKEN} | {secret: CANARY}

    finished = run("learning", "progress", "lab-safety", "--debug", env=env)

    assert finished.returncode != 0
    assert "Traceback" in finished.stderr
    assert CANARY not in finished.stdout + finished.stderr
