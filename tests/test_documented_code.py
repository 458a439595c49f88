"""What the README and the documentation show is run, or at least read by Python."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from aiobadges import ParchmentClient, Recipient
from aiobadges.awards import AwardRun, Ledger, Row, State, award_once
from aiobadges.sandbox import MATH_EXPERT

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def python_blocks(page: Path) -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def said(*words: str) -> str:
    """Run Python to its end, and give what it printed."""
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(python_blocks(page))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_documented_code_is_python(block):
    compile(block, "documentation", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_the_example_of_the_readme_awards_once_and_says_so_the_second_time(
    badge_sandbox, monkeypatch
):
    (block,) = python_blocks(ROOT / "README.md")
    monkeypatch.setenv("AIOBADGES_REGION", "sandbox")
    monkeypatch.setenv("AIOBADGES_BASE_URL", badge_sandbox.url)
    runs = [said("-c", block) for _ in range(2)]
    assert runs[0].count("/public/assertions/") == 2
    assert runs[1].count("she holds it already") == 2
    assert badge_sandbox.outbox.sent == 2


def test_the_example_test_of_the_documentation_passes(tmp_path):
    (block,) = python_blocks(ROOT / "docs" / "testing.md")
    (tmp_path / "test_example.py").write_text(block, encoding="utf-8")
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            "asyncio_mode=auto",
            "-o",
            "asyncio_default_fixture_loop_scope=function",
            str(tmp_path),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "1 passed" in result.stdout, result.stdout + result.stderr


@pytest.fixture
def environment(badge_sandbox, tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AIOBADGES_")]:
        monkeypatch.delenv(name)
    for place in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):  # nothing is this user's
        monkeypatch.setenv(place, str(tmp_path / "home"))
    monkeypatch.setenv("AIOBADGES_REGION", "sandbox")
    monkeypatch.setenv("AIOBADGES_BASE_URL", badge_sandbox.url)
    monkeypatch.setenv("AIOBADGES_LEDGER", str(tmp_path / "ledger.sqlite3"))


@pytest.mark.usefixtures("environment")
def test_the_roster_that_is_awarded_from_code_is_awarded_once(badge_sandbox, tmp_path):
    roster, _, _ = python_blocks(ROOT / "docs" / "award-from-code.md")
    file = tmp_path / "graduates.csv"
    file.write_text("email\nana@example.edu\nben@example.edu\n", encoding="utf-8")
    runs = [said("-c", roster, str(file), "Math Expert") for _ in range(2)]
    assert ": 2 of 2 to award" in runs[0]
    assert runs[0].count("/public/assertions/") == 2
    assert ": 0 of 2 to award" in runs[1]
    assert all(run.endswith("as it should be\n") for run in runs)
    first = runs[0].split(":")[0].removeprefix("run ")
    exported = said("-m", "aiobadges.cli.script", "award", "export", first)
    assert exported.startswith("email,status,assertion_id")
    assert "ana@example.edu,awarded," in exported
    assert badge_sandbox.outbox.sent == 2


@pytest.mark.usefixtures("environment")
async def test_the_service_of_the_documentation_awards_once_however_often_it_is_asked(
    badge_sandbox, tmp_path
):
    _, _, service = python_blocks(ROOT / "docs" / "award-from-code.md")
    file = tmp_path / "service.py"
    file.write_text(service, encoding="utf-8")
    names = runpy.run_path(str(file))
    form = {"badge": MATH_EXPERT, "email": "ana@example.edu"}
    async with TestClient(TestServer(names["app"])) as asker:

        async def ask(fields):
            async with asker.post("/finish-course", data=aiohttp.FormData(fields)) as answer:
                return answer.status, await answer.json()

        answers = await asyncio.gather(*(ask(form) for _ in range(5)))
        async with asyncio.timeout(30):
            while (nobody := await ask(form | {"email": "nobody"}))[0] == 202:
                pass  # it is looked for before it is called rejected
    assert [status for status, _ in answers] == [200] * 5
    assert len({body["assertion"] for _, body in answers}) == 1
    assert nobody[0] == 422
    assert badge_sandbox.outbox.sent == 1


@pytest.mark.usefixtures("environment")
async def test_going_on_as_documented_finishes_what_was_planned(badge_sandbox):
    _, going_on, _ = python_blocks(ROOT / "docs" / "award-from-code.md")
    async with ParchmentClient.from_env() as client, Ledger.open() as ledger:
        badge = await client.badgeclasses.get(MATH_EXPERT)
        rows = [Row(number=2, identifier="ana@example.edu")]
        begun = await AwardRun.plan(ledger, client, rows, badges={"": badge})
        await ledger.update_run(begun.id, {"state": "stopped"})
        others = [Row(number=2, identifier="ben@example.edu")]
        never_begun = await AwardRun.plan(ledger, client, others, badges={"": badge})
        await award_once(
            client, ledger, badge=MATH_EXPERT, recipient=Recipient.email("cy@example.edu")
        )
    program = (
        "import asyncio\n"
        "from contextlib import aclosing\n"
        "from aiobadges import ParchmentClient\n"
        "from aiobadges.awards import AwardRun, ForeignRunError, Ledger, RunInUseError, RunState\n"
        "async def main():\n" + textwrap.indent(going_on, "    ") + "asyncio.run(main())\n"
    )
    await asyncio.to_thread(said, "-c", program)
    async with Ledger.open() as ledger:
        assert await ledger.counts(begun.id) == {State.AWARDED: 1}
        assert await ledger.counts(never_begun.id) == {State.PLANNED: 1}
    assert badge_sandbox.outbox.sent == 2
