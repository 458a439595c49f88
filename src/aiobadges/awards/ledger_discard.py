"""Forgetting a plan of which nothing was sent: it would stand in the way of the next one."""

from __future__ import annotations

import sqlalchemy as sa

from aiobadges.awards.ledger_runs import RunState
from aiobadges.awards.ledger_schema import effect, happening, listing, run

__all__ = ["discard_plan"]


def discard_plan(connection: sa.Connection, identity: str) -> bool:
    """Forget a run that was planned and never begun; False, and nothing is done, for another.

    Rows that it took over from an earlier run are not forgotten, for they may have been sent. They
    stay, in a run that was stopped: the next one takes them over in its turn.
    """
    is_unbegun = sa.exists().where(
        run.c.id == identity,
        run.c.state == RunState.PLANNED.value,
        run.c.holder == "",
        run.c.is_service.is_(False),
    )
    if not connection.execute(sa.select(is_unbegun)).scalar_one():
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
