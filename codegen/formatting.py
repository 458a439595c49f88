"""Ruff over generated code, with the rules of the whole project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from codegen.document import DocumentError

__all__ = ["RULES", "format_python"]

RULES = Path(__file__).parent.parent / "pyproject.toml"

# Wherever the code stands while it is formatted, its own package comes last among the imports.
_OURS = 'lint.isort.known-first-party=["aiobadges"]'


def _ruff(*arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, "--no-cache", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DocumentError(f"ruff refuses generated code:\n{done.stdout}{done.stderr}")


def format_python(folder: Path) -> None:
    """Remove unused imports, sort and format every module below a folder.

    Raises:
        DocumentError: ruff cannot read a module.
    """
    settings = ("--config", str(RULES), "--config", _OURS)
    _ruff("check", "--fix-only", "--select", "F401,I,RUF022,RUF023,UP", *settings, str(folder))
    _ruff("format", *settings, str(folder))
