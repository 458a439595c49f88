"""The pytest plugin, as another project meets it: in a pytest of its own."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import aiobadges.testing

TESTS = """
import pytest
from aiobadges.parchment.models import AwardRequest, Recipient
from aiobadges.errors import OutcomeUnknownError
from aiobadges.sandbox import MATH_EXPERT

ANA = "ana@example.edu"


async def award(client):
    return await client.badgeclasses.award(
        MATH_EXPERT, AwardRequest(recipient=Recipient.email(ANA))
    )


{mark}
async def test_an_award_is_seen(badge_client, badge_sandbox):
    assertion = await award(badge_client)

    [seen] = badge_sandbox.awards(ANA)
    assert seen.assertion == assertion.entity_id
    assert seen.badge_name == "Math Expert"
    assert badge_sandbox.outbox.sent == 1
    assert badge_sandbox.outbox.doubled() == []


{mark}
async def test_each_test_has_a_sandbox_of_its_own(badge_client, badge_sandbox):
    assert badge_sandbox.awards(ANA) == []
    assert badge_sandbox.outbox.sent == 0
    badge_sandbox.faults.next("badgeclasses.award", "drop_after_work")

    with pytest.raises(OutcomeUnknownError):
        await award(badge_client)

    assert len(badge_sandbox.awards(ANA)) == 1
    assert badge_sandbox.counters.of("badgeclasses.award") == 1


def test_a_synchronous_test_may_use_the_sandbox(badge_sandbox):
    assert badge_sandbox.url.startswith("http://127.0.0.1:")
"""

ASYNCIO = "asyncio_default_fixture_loop_scope = function\n"
COUNT = """
import sys


def pytest_sessionfinish(session):
    loaded = sorted({"aiohttp", "aiobadges.sandbox", "cattrs"} & set(sys.modules))
    print("loaded:", *loaded)
"""


@pytest.fixture
def project(tmp_path):
    """Run pytest on a small project; give what it said."""

    def project(tests, *arguments, settings=ASYNCIO, options=(), env=None, conftest=""):
        (tmp_path / "test_theirs.py").write_text(tests)
        (tmp_path / "conftest.py").write_text(conftest)
        (tmp_path / "pytest.ini").write_text(f"[pytest]\nfilterwarnings = error\n{settings}")
        kept = {n: t for n, t in os.environ.items() if not n.startswith(("AIOBADGES_", "PYTEST"))}
        finished = subprocess.run(
            [sys.executable, *options, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
            cwd=tmp_path,
            env=kept | (env or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return finished.returncode, finished.stdout + finished.stderr

    return project


@pytest.mark.parametrize(
    ("mode", "mark"),
    [("auto", ""), ("strict", "@pytest.mark.asyncio")],
)
def test_fixtures_are_there_when_pytest_asyncio_runs_in_mode(project, mode, mark):
    code, said = project(TESTS.format(mark=mark), settings=f"{ASYNCIO}asyncio_mode = {mode}\n")

    assert "3 passed" in said
    assert code == 0


def test_fixtures_are_there_when_anyio_runs_the_tests_instead(project, tmp_path_factory):
    packages = tmp_path_factory.mktemp("installed")  # everything but pytest-asyncio
    for installed in Path(pytest.__file__).parents[1].iterdir():
        if not installed.name.startswith("pytest_asyncio"):
            (packages / installed.name).symlink_to(installed)
    source = Path(aiobadges.testing.__file__).parents[2]
    backend = "import pytest\n\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"

    code, said = project(
        TESTS.format(mark="@pytest.mark.anyio"),
        settings="",
        options=["-S"],
        env={"PYTHONPATH": os.pathsep.join([str(packages), str(source)])},
        conftest=backend,
    )

    assert "3 passed" in said
    assert code == 0


def test_nothing_is_loaded_when_no_test_asks_for_a_sandbox(project):
    _, said = project("def test_nothing():\n    pass\n", "-s", conftest=COUNT)

    assert "1 passed" in said
    assert "loaded:\n" in said


def test_plugin_is_known_to_pytest_when_the_package_is_installed():
    [plugin] = entry_points(group="pytest11", name="aiobadges")

    assert plugin.value == "aiobadges.testing.plugin"


def test_importing_costs_nothing_when_no_name_is_used():
    code = (
        "import sys, aiobadges.testing, aiobadges.testing.plugin;"
        "print(*{'aiohttp', 'aiobadges.sandbox', 'cattrs', 'msgspec'} & set(sys.modules))"
    )

    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )

    assert finished.stdout.strip() == ""


@pytest.mark.parametrize("name", ["AwardSeen", "Sandbox", "SandboxThread"])
def test_name_is_the_sandboxs_own_when_it_is_used(name):
    import aiobadges.sandbox

    assert getattr(aiobadges.testing, name) is getattr(aiobadges.sandbox, name)
    assert name in dir(aiobadges.testing)


def test_attribute_is_missed_when_there_is_none():
    with pytest.raises(AttributeError, match=r"'aiobadges\.testing' has no attribute 'Sandbx'"):
        _ = aiobadges.testing.Sandbx


async def test_client_is_closed_when_the_test_is_over(badge_client, badge_sandbox):
    issuers = [issuer.name async for issuer in badge_client.issuers.list()]

    assert issuers == ["Example University"]
    assert badge_client.settings.base_url == badge_sandbox.url
