"""What makes an award recognizable as this row's: its key, and the moment it says it was issued.

The server lets the client choose ``issuedOn``. A moment whose milliseconds come from the key, the
same on every attempt, tells our award from somebody else's in a listing.
"""

from __future__ import annotations

import enum
import hashlib
from datetime import UTC, datetime, time, timedelta

__all__ = [
    "Precision",
    "award_key",
    "fingerprint",
    "is_same_moment",
    "latest_moment",
    "precision_of",
]


class Precision(enum.StrEnum):
    """How exactly a server gives back the moment it was sent."""

    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    DAYS = "days"


_MARGIN = timedelta(minutes=5)
"""The server refuses the future, and its clock is not ours."""


def award_key(
    origin: str, badge: str, recipient_type: str, recipient: str, *, follows: str = ""
) -> str:
    """Name an award, however the recipient is spelled.

    Args:
        origin: where: the region's name, else the base URL.
        badge: the entity id of the badge class.
        recipient_type: email, telephone, url.
        recipient: the identity; its case does not matter.
        follows: the assertion that this award is to replace, when it renews one.
    """
    parts = (origin, badge, recipient_type, recipient.casefold(), follows)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def latest_moment(server_now: datetime) -> datetime:
    """Give the latest ``issuedOn`` that the server surely takes for the past."""
    return server_now - _MARGIN


def fingerprint(key: str, wanted: datetime | None, *, server_now: datetime) -> datetime:
    """Give the ``issuedOn`` of a row.

    Args:
        key: the award's key.
        wanted: the date the roster gives, None for now.
        server_now: the server's clock, from its ``Date`` header.
    """
    latest = latest_moment(server_now)
    moment = latest if wanted is None else min(wanted, latest)
    # Never a whole second, which is what everybody else's awards are issued on.
    marked = moment.replace(microsecond=(1 + int(key[:8], 16) % 999) * 1000)
    return marked if marked <= latest else marked - timedelta(seconds=1)


def precision_of(sent: datetime, seen: datetime) -> Precision | None:
    """Say how exactly a server gives a moment back; None when it gives another one."""
    for precision in Precision:
        if is_same_moment(sent, seen, precision):
            return precision
    return None


def is_same_moment(sent: datetime, seen: datetime, precision: Precision) -> bool:
    """Say whether a listed ``issuedOn`` is the one that was sent.

    Args:
        sent: the fingerprint.
        seen: what the platform lists.
        precision: how exactly it gives moments back, learned from an award it answered.
    """
    sent, seen = sent.astimezone(UTC), seen.astimezone(UTC)
    match precision:
        case Precision.MILLISECONDS:
            return abs(seen - sent) < timedelta(milliseconds=1)
        case Precision.SECONDS:
            return not seen.microsecond and abs(seen - sent) < timedelta(seconds=1)
        case Precision.DAYS:
            is_midnight = seen.time() == time.min
            return is_midnight and seen.date() == sent.date()
