"""Forgetting a plan of which nothing was sent: it would stand in the way of the next one."""

from __future__ import annotations

import sqlalchemy as sa

from aiobadges.awards.ledger.hold import is_held
from aiobadges.awards.ledger.runs import RunState, find_run, list_runs
from aiobadges.awards.ledger.schema import effect, happening, listing, run

__all__ = ["discard_broken_plans", "discard_plan"]

_NOT_BEGUN = (RunState.PLANNING, RunState.PLANNED)


def discard_broken_plans(connection: sa.Connection) -> None:
    """Forget what processes had planned that died before they came to the end of it."""
    for record in list_runs(connection, unfinished=False):
        if record.state is RunState.PLANNING:
            discard_plan(connection, record.id)


def discard_plan(connection: sa.Connection, identity: str) -> bool:
    """Forget a run that was planned and never begun; False, and nothing is done, for another.

    Rows that it took over from an earlier run are not forgotten, for they may have been sent. They
    stay, in a run that was stopped: the next one takes them over in its turn.
    """
    record = find_run(connection, identity)
    if record.state not in _NOT_BEGUN or record.is_service or is_held(record):
        return False
    is_its_own = effect.c.run == identity
    was_taken_over = sa.or_(
        effect.c.attempt > 0, sa.exists().where(happening.c.effect == effect.c.id)
    )
    connection.execute(effect.delete().where(is_its_own, sa.not_(was_taken_over)))
    if connection.execute(sa.select(sa.exists().where(is_its_own))).scalar_one():
        stopped = {"state": RunState.STOPPED.value}
        connection.execute(run.update().where(run.c.id == identity).values(**stopped))
        return True
    connection.execute(listing.delete().where(listing.c.run == identity))
    connection.execute(run.delete().where(run.c.id == identity))
    return True
