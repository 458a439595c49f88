"""The lock: what the generated files were made of, and with what."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from codegen.document import Document

__all__ = ["write_lock"]

_PROGRAM = Path(__file__).parent
_TOOLS = ("datamodel-code-generator", "jinja2", "ruff")
"""What decides over the bytes of the output."""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _program() -> dict[str, str]:
    files = [*_PROGRAM.rglob("*.py"), *_PROGRAM.rglob("*.jinja*")]
    # What compares documents takes no part in what is made of them.
    files = [file for file in files if "changes" not in file.relative_to(_PROGRAM).parts[0]]
    return {
        # Line ends may differ between check-outs; they decide over nothing.
        file.relative_to(_PROGRAM).as_posix(): _digest(file.read_bytes().replace(b"\r\n", b"\n"))
        for file in sorted(files)
    }


def write_lock(document: Document, files: Mapping[str, bytes]) -> bytes:
    """Write the lock of some generated files."""
    lock = {
        "document": {document.name: _digest(document.source)},
        "tools": {tool: metadata.version(tool) for tool in _TOOLS},
        "codegen": _program(),
        "files": {path: _digest(content) for path, content in sorted(files.items())},
    }
    return json.dumps(lock, indent=2).encode() + b"\n"
