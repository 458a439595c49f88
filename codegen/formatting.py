"""Ruff over generated code, with the rules of the whole project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from codegen.document import DocumentError

__all__ = ["format_python", "format_text"]

_RULES = Path(__file__).parent.parent / "pyproject.toml"

# Wherever the code stands while it is formatted, its own package comes last among the imports.
_OURS = 'lint.isort.known-first-party=["aiobadges"]'


def _ruff(*arguments: str, text: str = "") -> str:
    settings = ("--config", str(_RULES), "--config", _OURS, "--no-cache", "--quiet")
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *arguments, *settings],
        input=text,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise DocumentError(f"ruff refuses generated code:\n{done.stdout}{done.stderr}")
    return done.stdout


def format_python(folder: Path) -> None:
    """Remove unused imports, sort and format every module below a folder.

    Raises:
        DocumentError: ruff cannot read a module.
    """
    _ruff("check", "--fix-only", "--select", "F401,I,RUF022,RUF023,UP", str(folder))
    _ruff("format", str(folder))


def format_text(text: str) -> str:
    """Format a piece of Python.

    Raises:
        DocumentError: it is none.
    """
    return _ruff("format", "-", text=text)
