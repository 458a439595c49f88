"""What happened to an effect, as it was written down with each change."""

from __future__ import annotations

import attrs
import sqlalchemy as sa

from aiobadges.awards.ledger.schema import happening

__all__ = ["Happening", "happenings_of"]


@attrs.frozen(kw_only=True)
class Happening:
    """One thing that happened to an effect."""

    attempt: int
    at: str
    event: str
    state: str
    error_code: str
    error_message: str
    request_id: str


def happenings_of(connection: sa.Connection, identity: int) -> list[Happening]:
    """Give everything that happened to an effect, oldest first."""
    columns = [happening.c[field.name] for field in attrs.fields(Happening)]
    rows = connection.execute(
        sa.select(*columns).where(happening.c.effect == identity).order_by(happening.c.id)
    )
    return [Happening(**row._mapping) for row in rows]  # noqa: SLF001 - public in spite of it
