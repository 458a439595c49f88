"""Changes as text for the person who decides on a release."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from codegen.changes.change import KINDS, Change, Direction, semver_step

__all__ = ["report"]

_WAYS: Final[dict[Direction, str]] = {
    "none": "",
    "both": " (sent and read)",
    "request": " (sent)",
    "response": " (read)",
}


def report(changes: Sequence[Change]) -> str:
    """Give the changes by kind, the worst first, and the step they ask for.

    What is said of several places in the same words is said once, below them. Without changes the
    text is empty.
    """
    if not changes:
        return ""
    counts = {kind: sum(change.kind == kind for change in changes) for kind in KINDS}
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    lines = [f"{said}: a {semver_step(changes)} step"]
    for kind in KINDS:
        places: dict[str, list[str]] = {}
        for change in changes:
            if change.kind == kind:
                words = f"{change.what}{_WAYS[change.direction]}"
                places.setdefault(words, []).append(change.where)
        if places:
            lines += ["", kind.capitalize()]
        for words, wheres in places.items():
            if len(wheres) == 1:
                lines.append(f"  {wheres[0]} {words}")
            else:
                lines += [f"  each {words}:", *(f"    {where}" for where in wheres)]
    return "\n".join(lines) + "\n"
