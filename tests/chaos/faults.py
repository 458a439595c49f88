"""What goes wrong, and how often: every kind of fault the sandbox has, as shares of requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiobadges.sandbox.faults import FAULT_KINDS, FaultKind

__all__ = ["AWARD", "LISTING", "TOKEN", "odds"]

AWARD: Final = "badgeclasses.award"
LISTING: Final = "badgeclasses.assertions"
TOKEN: Final = "token"

_PARTS: Final[Mapping[FaultKind, int]] = {
    # Of 150. Each hang costs a slot two seconds, and each pause that the server asks for costs all
    # of them one, so these are rarer than what only breaks.
    "drop_after_work": 25,
    "after_work": 20,
    "drop_before_work": 20,
    "before_work": 16,
    "cut_body": 15,
    "html": 12,
    "hang": 8,
    "late_work": 8,
    "refused": 8,
    "hang_before_work": 6,
    "unauthorized": 6,
    "unavailable": 3,
    "rate_limited": 3,
}
_TAKES_LONG: Final = frozenset({"hang", "late_work", "hang_before_work"})


def odds(share: float, operation: str) -> dict[FaultKind, float]:
    """Give the share of requests that meets each kind.

    Args:
        share: of all kinds together.
        operation: what goes wrong. Signing in waits for an answer as long as anything does outside
            a run, so it never hangs: half a minute each time would show nothing more.
    """
    if set(_PARTS) != set(FAULT_KINDS):
        raise ValueError("a kind of fault is missing here")
    parts: dict[FaultKind, int] = {
        kind: part
        for kind, part in _PARTS.items()
        if not (operation == TOKEN and kind in _TAKES_LONG)
    }
    return {kind: share * part / sum(parts.values()) for kind, part in parts.items()}
