"""What the README and the documentation show is run, or at least read by Python."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def python_blocks(page: Path) -> list[str]:
    return re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


BLOCKS = [
    pytest.param(block, id=f"{page.name}-{number}")
    for page in PAGES
    for number, block in enumerate(python_blocks(page))
]


@pytest.mark.parametrize("block", BLOCKS)
def test_documented_code_is_python(block):
    compile(block, "documentation", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_the_example_of_the_readme_awards_once_and_says_so_the_second_time(badge_sandbox):
    (block,) = python_blocks(ROOT / "README.md")
    environment = os.environ | {
        "AIOBADGES_REGION": "sandbox",
        "AIOBADGES_BASE_URL": badge_sandbox.url,
    }
    runs = [
        subprocess.run(
            [sys.executable, "-c", block],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for _ in range(2)
    ]
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
