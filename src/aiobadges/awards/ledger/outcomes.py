"""What became of the rows of a run, read from the ledger a page at a time, as the roster has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import msgspec
import sqlalchemy as sa

from aiobadges.awards.ledger.schema import effect
from aiobadges.awards.outcome import Outcome
from aiobadges.awards.states import State

__all__ = ["BEFORE_ALL", "Place", "outcomes_after"]

Place: TypeAlias = tuple[int, int]
"""Where a row stands in the order: its number in the roster, then its id in the ledger."""

BEFORE_ALL: Final[Place] = (-1, 0)

# No call and no standing: decoding those is half of what a whole effect costs.
_COLUMNS: Final[list[sa.Column[Any]]] = [
    effect.c.id,
    effect.c.number,
    effect.c.recipient,
    effect.c.badge,
    effect.c.state,
    effect.c.assertion_id,
    effect.c.assertion_url,
    effect.c.error_code,
    effect.c.error_message,
    effect.c.cells,
]


def outcomes_after(
    connection: sa.Connection,
    run: str,
    place: Place,
    *,
    states: Iterable[State] | None = None,
    most: int = 500,
) -> list[tuple[Place, Outcome]]:
    """Give outcomes of a run in the order of the roster, each with its place to go on from.

    Args:
        connection: inside a transaction.
        run: whose.
        place: only those behind it.
        states: only those that stand so, None for all.
        most: so many at most.
    """
    number, identity = place
    # The ids are no order of the roster: a row that was taken over keeps the one it had.
    query = (
        sa.select(*_COLUMNS)
        .where(
            effect.c.run == run,
            effect.c.number >= number,
            sa.or_(effect.c.number > number, effect.c.id > identity),
        )
        .order_by(effect.c.number, effect.c.id)
        .limit(most)
    )
    if states is not None:
        query = query.where(effect.c.state.in_([state.value for state in states]))
    return [((row.number, row.id), _as_outcome(row)) for row in connection.execute(query)]


def _as_outcome(row: sa.Row[Any]) -> Outcome:
    return Outcome(
        number=row.number,
        recipient=row.recipient,
        badge=row.badge,
        status=State(row.state),
        assertion_id=row.assertion_id,
        assertion_url=row.assertion_url,
        error_code=row.error_code,
        error_message=row.error_message,
        cells=msgspec.json.decode(row.cells),
    )
