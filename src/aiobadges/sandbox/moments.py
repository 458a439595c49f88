"""Timestamps as the services write them: UTC, milliseconds, ``Z``.

All are of one length, so they compare as text the way the moments compare.
"""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["now", "parse", "stamp"]


def now() -> str:
    """Give the present moment."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """Write a moment that has a zone; what is finer than a millisecond is cut off.

    Raises:
        OverflowError: the moment has no UTC equivalent between the years 1 and 9999.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse(text: str) -> datetime | None:
    """Read an ISO 8601 timestamp with a zone; None when it is not one."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
