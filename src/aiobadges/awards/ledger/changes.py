"""Changes of effects: what is claimed to be sent, and what became of it.

Every change of a state goes through `change_effects` or `claim_effects`, and both take the new
standing from the table in `states`. The functions take a connection inside a transaction; who
groups them into transactions is in `writer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from aiobadges.awards.ledger.effects import COLUMNS, Effect, as_effect
from aiobadges.awards.ledger.schema import effect, happening
from aiobadges.awards.ledger.schema import run as run_table
from aiobadges.awards.ledger.statements import InsertRows, PackedRows, Prepared, UpdateRows
from aiobadges.awards.states import UNIQUE, Claimed, Event, Kind, Standing, State, after

__all__ = ["Change", "CollidingChangesError", "change_effects", "claim_effects"]


@attrs.frozen(kw_only=True)
class Change:
    """Something happened to an effect as it was seen; ``at`` is the wall clock, for people.

    What comes of it is worked out where it is asked for, and not where it is written. With a
    ``holder`` it comes too late when somebody else has got hold of the run.

    Raises:
        ImpossibleEventError: that cannot happen to an effect that stands so.
    """

    effect: Effect
    event: Event
    at: str = ""
    reason: str = ""
    holder: str = ""
    new: Effect = attrs.field(
        init=False, default=attrs.Factory(lambda change: change.worked_out(), takes_self=True)
    )

    def worked_out(self) -> Effect:
        """Give the effect as it is after the change."""
        before, event = self.effect, self.event
        return attrs.evolve(
            before,
            standing=after(before.standing, event),
            assertion_id=getattr(event, "assertion_id", before.assertion_id),
            assertion_url=getattr(event, "assertion_url", before.assertion_url),
            error_code=event.error_code,
            error_message=event.error_message,
            request_id=event.request_id or before.request_id,
            reason=self.reason or before.reason,
            sent_at=self.at if isinstance(event, Claimed) else before.sent_at,
        )


class CollidingChangesError(Exception):
    """One of several changes came too late; which one shows when each is made by itself."""


_FIRST_CLAIM = after(Standing(), Claimed())


_is_held = sa.exists().where(
    run_table.c.id == sa.bindparam("of_run"),
    run_table.c.holder == sa.bindparam("holder", type_=sa.Text),
)


def _first_planned(*columns: sa.Column[Any]) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .where(
            effect.c.run == sa.bindparam("of_run"),
            effect.c.state == State.PLANNED.value,
            effect.c.kind != Kind.REVOKE.value,
            # A process that slept learns here that its run is another's, and not a beat later.
            sa.or_(sa.bindparam("holder", type_=sa.Text) == "", _is_held),
        )
        .order_by(effect.c.id)
        .limit(sa.bindparam("most"))
    )


_PLANNED = PackedRows(_first_planned(*COLUMNS))
_CLAIM = (
    effect.update()
    .where(
        effect.c.id.in_(
            _first_planned(effect.c.id)
            .with_for_update(skip_locked=True)  # SQLite leaves it out: a write locks everything
            .scalar_subquery()
        )
    )
    .values(
        state=_FIRST_CLAIM.state.value,
        attempt=effect.c.attempt + _FIRST_CLAIM.attempt,
        answer=_FIRST_CLAIM.answer.value,
        nones=_FIRST_CLAIM.nones,
        sent_at=sa.bindparam("now"),
    )
)


_TAKE = Prepared(_CLAIM)


def claim_effects(
    connection: sa.Connection, run: str, most: int, *, at: str, holder: str = ""
) -> list[Effect]:
    """Take planned effects to send them; each is given to one caller only. The intent is in it.

    Args:
        connection: inside a transaction.
        run: whose.
        most: so many at most.
        at: the wall clock, for people.
        holder: none are given when somebody else holds the run; empty for whoever holds it.
    """
    values = {"of_run": run, "most": most, "holder": holder}
    if connection.dialect.name == "sqlite":
        # Nobody else writes until this is committed: what is read is what is then taken.
        planned = _PLANNED.read(connection, values)
        if planned:
            _TAKE.execute(connection, values | {"now": at})
        return [Change(effect=as_effect(row), event=Claimed(), at=at).new for row in planned]
    rows = connection.execute(_CLAIM.returning(*COLUMNS), values | {"now": at})
    return sorted((as_effect(row) for row in rows), key=lambda one: one.id)


_CHANGE = UpdateRows(
    seen=[effect.c.id, effect.c.attempt, effect.c.state],
    new=[
        effect.c.state, effect.c.attempt, effect.c.in_doubt, effect.c.answer, effect.c.nones,
        effect.c.assertion_id, effect.c.assertion_url, effect.c.error_code,
        effect.c.error_message, effect.c.request_id, effect.c.reason, effect.c.sent_at,
    ],
)  # fmt: skip
_LET_GO = UpdateRows(seen=[effect.c.id], new=[effect.c.holds_key])
_NOTE = InsertRows(
    [
        happening.c.effect, happening.c.attempt, happening.c.at, happening.c.event,
        happening.c.state, happening.c.error_code, happening.c.error_message,
        happening.c.request_id,
    ]
)  # fmt: skip


def change_effects(connection: sa.Connection, changes: Sequence[Change]) -> list[Effect | None]:
    """Make changes, each only when the effect still stands as it was seen.

    Returns:
        Each effect as it is now, None for a change that came too late and was not made.

    Raises:
        CollidingChangesError: there are several, and not all could be made.
    """
    holders = {(one.effect.run, one.holder) for one in changes if one.holder}
    holds = all(_holds(connection, run, holder) for run, holder in holders)
    if not holds or _CHANGE.execute(connection, list(map(_change_values, changes))) != len(changes):
        if len(changes) > 1:
            raise CollidingChangesError
        return [None]
    _NOTE.execute(connection, [_entry(one) for one in changes])
    _LET_GO.execute(
        connection, [(one.new.id, False) for one in changes if one.new.state not in UNIQUE]
    )
    return [one.new for one in changes]


def _holds(connection: sa.Connection, run: str, holder: str) -> bool:
    values = {"of_run": run, "holder": holder}
    return bool(connection.execute(sa.select(_is_held), values).scalar_one())


def _change_values(change: Change) -> tuple[Any, ...]:
    """Give the values of `_CHANGE`, in its order."""
    new, standing = change.new, change.new.standing
    identity, attempt, state = change.effect.moment
    return (
        identity, attempt, state.value,
        standing.state.value, standing.attempt, standing.in_doubt, standing.answer.value,
        standing.nones, new.assertion_id, new.assertion_url, new.error_code,
        new.error_message, new.request_id, new.reason, new.sent_at,
    )  # fmt: skip


def _entry(change: Change) -> tuple[Any, ...]:
    """Give the values of `_NOTE`, in its order."""
    new, event = change.new, change.event
    return (
        new.id, new.standing.attempt, change.at, type(event).__name__,
        new.state.value, event.error_code, event.error_message, event.request_id,
    )  # fmt: skip
