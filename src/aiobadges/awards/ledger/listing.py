"""What the platform listed for a run: at its plan, the baseline; at its audit, the present.

Kept in the ledger and not in memory: a badge class may have a million awards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias

import sqlalchemy as sa

from aiobadges.awards.fingerprint import award_key
from aiobadges.awards.ledger.engine import insert_or_leave
from aiobadges.awards.ledger.schema import effect, listing
from aiobadges.awards.sightings import Sighting
from aiobadges.awards.states import State

__all__ = ["Phase", "add_sightings", "clear_listing", "earlier_awards", "known_award", "person_key"]

Phase: TypeAlias = Literal["plan", "audit"]


def person_key(origin: str, badge: str, recipient: str) -> str:
    """Name who holds awards of a badge class, however they are spelled."""
    return award_key(origin, badge, "", recipient)


def clear_listing(connection: sa.Connection, run: str, phase: Phase) -> None:
    """Forget an earlier listing of the same phase."""
    connection.execute(listing.delete().where(listing.c.run == run, listing.c.phase == phase))


def add_sightings(
    connection: sa.Connection,
    run: str,
    phase: Phase,
    *,
    origin: str,
    badge: str,
    sightings: Sequence[Sighting],
    now: datetime,
) -> None:
    """Keep awards that were listed."""
    if sightings:
        connection.execute(
            insert_or_leave(connection, listing),
            [
                {
                    "run": run,
                    "phase": phase,
                    "assertion_id": one.assertion_id,
                    "badge": badge,
                    "person": person_key(origin, badge, one.identity) if one.identity else "",
                    "recipient": one.identity,
                    "is_revoked": one.is_revoked,
                    "is_live": one.is_live(now),
                }
                for one in sightings
            ],
        )


def earlier_awards(
    connection: sa.Connection, run: str, people: Sequence[str]
) -> dict[str, list[sa.Row[Any]]]:
    """Give the awards in the baseline of some people, by person."""
    rows = connection.execute(
        sa.select(listing).where(
            listing.c.run == run, listing.c.phase == "plan", listing.c.person.in_(people)
        )
    )
    found: dict[str, list[sa.Row[Any]]] = {}
    for row in rows:
        found.setdefault(row.person, []).append(row)
    return found


def known_award(connection: sa.Connection, run: str, badge: str) -> tuple[str, str] | None:
    """Give an award that is known to exist, with its recipient; None when none is known."""
    by_us = connection.execute(
        sa.select(effect.c.assertion_id, effect.c.recipient)
        .where(
            effect.c.run == run,
            effect.c.badge == badge,
            effect.c.state == State.AWARDED.value,
            effect.c.assertion_id != "",
        )
        .limit(1)
    ).one_or_none()
    if by_us is not None:
        return by_us.assertion_id, by_us.recipient
    before = connection.execute(
        sa.select(listing.c.assertion_id, listing.c.recipient)
        .where(
            listing.c.run == run,
            listing.c.phase == "plan",
            listing.c.badge == badge,
            listing.c.recipient != "",
        )
        .limit(1)
    ).one_or_none()
    return (before.assertion_id, before.recipient) if before is not None else None
