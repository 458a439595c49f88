"""Forgetting a plan of which nothing was sent: it would stand in the way of the next one."""

from __future__ import annotations

import sqlalchemy as sa

from aiobadges.awards.ledger_runs import RunState
from aiobadges.awards.ledger_schema import effect, happening, listing, run

__all__ = ["discard_plan"]


def discard_plan(connection: sa.Connection, identity: str) -> bool:
    """Forget a run that was planned and never begun; False, and nothing is done, for another."""
    is_its_own = effect.c.run == identity
    of_it = sa.select(effect.c.id).where(is_its_own)
    begun = sa.or_(
        sa.exists().where(is_its_own, effect.c.attempt > 0),
        sa.exists().where(happening.c.effect.in_(of_it)),
        sa.exists().where(
            run.c.id == identity,
            sa.or_(run.c.state != RunState.PLANNED.value, run.c.holder != "", run.c.is_service),
        ),
    )
    if connection.execute(sa.select(begun)).scalar_one():
        return False
    connection.execute(listing.delete().where(listing.c.run == identity))
    connection.execute(effect.delete().where(is_its_own))
    connection.execute(run.delete().where(run.c.id == identity))
    return True
