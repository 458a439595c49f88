"""Comparing the document at hand with the one of another revision: git, files and the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

from codegen.changes.comparison import compare
from codegen.changes.reading import Tree, mapping
from codegen.changes.report import report
from codegen.document import DocumentError

__all__ = ["RevisionError", "main_diff", "old_document"]

_DOCUMENT = Path("openapi/parchment.yaml")


class RevisionError(Exception):
    """The document of a revision could not be had; the text is one line."""


def old_document(ref: str, path: str | Path) -> str:
    """Give the text a document had in another revision.

    Args:
        ref: a commit, tag or branch.
        path: of the document as it is called now; the revision must have it under the same path.

    Raises:
        RevisionError: git does not know the revision, or the revision has no such file.
    """
    path = Path(path)
    if not ref:
        # To git that is what has been staged, which nobody means who forgot to say a revision.
        raise RevisionError("no revision was given")
    # Asked beside the file, so that it may lie in any repository; behind the mark no ref is an option.
    command = ["git", "show", "--end-of-options", f"{ref}:./{path.name}"]
    try:
        done = subprocess.run(command, cwd=path.parent, capture_output=True, check=False)
    except OSError as error:
        raise RevisionError(f"git could not be started: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise RevisionError(f"no {path} in {ref!r}: git says {said.removeprefix('fatal: ')}")
    return done.stdout.decode()


def _parse(text: str, origin: str) -> Tree:
    try:
        document = mapping(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise RevisionError(f"{origin} is not YAML: {' '.join(str(error).split())}") from error
    if "openapi" not in document:
        raise RevisionError(f"{origin} is not an OpenAPI document")
    return document


def main_diff(ref: str, path: str | Path = _DOCUMENT) -> int:
    """Print what changed since a revision, for who uses the generated client.

    Args:
        ref: a commit, tag or branch.
        path: the document at hand.

    Returns:
        the exit code: 0 when nothing breaks, 1 when something does, 2 when it cannot be told.
    """
    try:
        old = _parse(old_document(ref, path), f"{path} of {ref}")
        new = _parse(Path(path).read_text(encoding="utf-8"), str(path))
        changes = compare(old, new)
    except (RevisionError, DocumentError, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"cannot compare: {error}\n")
        return 2
    sys.stdout.write(report(changes))
    return int(any(change.kind == "breaking" for change in changes))
