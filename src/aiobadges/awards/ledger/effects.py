"""Effects as records, and the statements that plan, claim, change and count them.

Every change of a state goes through `change_effects` or `claim_effects`, and both take the new
standing from the table in `states`. The functions take a connection inside a transaction; who
groups them into transactions is in `ledger.writer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs
import msgspec
import sqlalchemy as sa

from aiobadges.awards.ledger.engine import insert_or_leave
from aiobadges.awards.ledger.schema import effect, happening
from aiobadges.awards.ledger.schema import run as run_table
from aiobadges.awards.ledger.statements import InsertRows, PackedRows, Prepared, UpdateRows
from aiobadges.awards.states import (
    UNIQUE,
    Claimed,
    Event,
    Kind,
    LastAnswer,
    Standing,
    State,
    after,
)

__all__ = [
    "Change",
    "CollidingChangesError",
    "Effect",
    "Selection",
    "add_effects",
    "change_effects",
    "claim_effects",
    "count_states",
    "effects_in",
    "find_by_id",
    "find_by_key",
]


@attrs.frozen(kw_only=True)
class Effect:
    """One row of a run. Texts that do not apply are empty.

    Attributes:
        id: its number in the ledger, 0 before it is in there.
        run: the run it belongs to.
        number: the row in the roster as a spreadsheet counts it.
        standing: where it stands.
        key: names the award; see `fingerprint.award_key`.
        badge: the entity id of the badge class.
        recipient: the identity as it is sent.
        recipient_type: email, telephone, url.
        issued_on: the fingerprint.
        call: the body of the request as JSON: the same bytes on every attempt.
        cells: the row as it stands in the roster.
        earlier: the ids of the person's awards that were there before the run.
        replaces: the assertion that a revocation or a reissue takes back.
        assertion_id: the award.
        assertion_url: its public address.
        error_code: the name of the last error.
        error_message: what it said.
        request_id: the server's name of the last request.
        reason: why the award is taken back.
        sent_at: when the last attempt was begun, by the wall clock of whoever began it.
    """

    id: int = 0
    run: str
    number: int
    standing: Standing = attrs.field(factory=Standing)
    key: str
    badge: str
    recipient: str = attrs.field(repr=False)
    recipient_type: str = "email"
    issued_on: datetime | None = None
    call: bytes = attrs.field(default=b"{}", repr=False)
    cells: dict[str, str] = attrs.field(factory=dict, repr=False)
    earlier: tuple[str, ...] = ()
    replaces: str = ""
    assertion_id: str = ""
    assertion_url: str = ""
    error_code: str = ""
    error_message: str = ""
    request_id: str = ""
    reason: str = ""
    sent_at: str = ""

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.standing.state

    @property
    def moment(self) -> tuple[int, int, State]:
        """Name this moment of its life: what a change compares before it sets."""
        return (self.id, self.standing.attempt, self.standing.state)

    @property
    def to_be_revoked(self) -> str:
        """The assertion that a revocation of it takes back: its own award, else an older one."""
        return self.assertion_id or self.replaces


Selection: TypeAlias = Callable[[Effect], bool]
"""Which effects are meant."""


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


_COLUMNS: Final = [column for column in effect.c if column is not effect.c.holds_key]


def _as_values(one: Effect) -> dict[str, Any]:
    standing = one.standing
    return {
        "run": one.run,
        "number": one.number,
        "kind": standing.kind.value,
        "state": standing.state.value,
        "attempt": standing.attempt,
        "in_doubt": standing.in_doubt,
        "answer": standing.answer.value,
        "nones": standing.nones,
        "key": one.key,
        "holds_key": one.state in UNIQUE,
        "badge": one.badge,
        "recipient": one.recipient,
        "recipient_type": one.recipient_type,
        "issued_on": one.issued_on.isoformat() if one.issued_on else "",
        "call": one.call.decode(),
        "cells": msgspec.json.encode(one.cells).decode(),
        "earlier": msgspec.json.encode(one.earlier).decode(),
        "replaces": one.replaces,
        "assertion_id": one.assertion_id,
        "assertion_url": one.assertion_url,
        "error_code": one.error_code,
        "error_message": one.error_message,
        "request_id": one.request_id,
        "reason": one.reason,
        "sent_at": one.sent_at,
    }


def _as_effect(row: Iterable[Any]) -> Effect:
    (
        identity, run, number, kind, state, attempt, in_doubt, answer, nones, key, badge,
        recipient, recipient_type, issued_on, call, cells, earlier, replaces,
        assertion_id, assertion_url, error_code, error_message, request_id, reason, sent_at,
    ) = tuple(row)  # fmt: skip
    standing = Standing(
        kind=Kind(kind),
        state=State(state),
        attempt=attempt,
        in_doubt=bool(in_doubt),
        answer=LastAnswer(answer),
        nones=nones,
    )
    return Effect(
        id=identity,
        run=run,
        number=number,
        standing=standing,
        key=key,
        badge=badge,
        recipient=recipient,
        recipient_type=recipient_type,
        issued_on=datetime.fromisoformat(issued_on) if issued_on else None,
        call=call.encode(),
        cells=msgspec.json.decode(cells),
        earlier=tuple(msgspec.json.decode(earlier)),
        replaces=replaces,
        assertion_id=assertion_id,
        assertion_url=assertion_url,
        error_code=error_code,
        error_message=error_message,
        request_id=request_id,
        reason=reason,
        sent_at=sent_at,
    )


def add_effects(connection: sa.Connection, effects: Sequence[Effect]) -> list[Effect]:
    """Write new effects; give those left out because another one of their key is in the way."""
    if not effects:
        return []
    result = connection.execute(
        insert_or_leave(connection, effect).returning(effect.c.run, effect.c.number, effect.c.key),
        [_as_values(one) for one in effects],
    )
    written = {tuple(row) for row in result}
    return [one for one in effects if (one.run, one.number, one.key) not in written]


_IN_THE_WAY = sa.select(*_COLUMNS).where(
    effect.c.key == sa.bindparam("wanted"),
    effect.c.holds_key.is_(True),
)


def find_by_key(connection: sa.Connection, key: str) -> Effect | None:
    """Find the one effect of a key that makes, made or may yet make its award."""
    row = connection.execute(_IN_THE_WAY, {"wanted": key}).one_or_none()
    return _as_effect(row) if row is not None else None


def find_by_id(connection: sa.Connection, identity: int) -> Effect:
    """Read an effect as it stands now."""
    return _as_effect(connection.execute(sa.select(*_COLUMNS).where(effect.c.id == identity)).one())


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


_PLANNED = PackedRows(_first_planned(*_COLUMNS))
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
        return [Change(effect=_as_effect(row), event=Claimed(), at=at).new for row in planned]
    rows = connection.execute(_CLAIM.returning(*_COLUMNS), values | {"now": at})
    return sorted((_as_effect(row) for row in rows), key=lambda one: one.id)


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
    holds = all(_holds(connection, one) for one in changes if one.holder)
    if not holds or _CHANGE.execute(connection, list(map(_change_values, changes))) != len(changes):
        if len(changes) > 1:
            raise CollidingChangesError
        return [None]
    _NOTE.execute(connection, [_entry(one) for one in changes])
    _LET_GO.execute(
        connection, [(one.new.id, False) for one in changes if one.new.state not in UNIQUE]
    )
    return [one.new for one in changes]


def _holds(connection: sa.Connection, change: Change) -> bool:
    values = {"of_run": change.effect.run, "holder": change.holder}
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


def effects_in(
    connection: sa.Connection,
    run: str,
    states: Iterable[State] | None = None,
    *,
    after_id: int = 0,
    most: int = 500,
) -> list[Effect]:
    """Give effects of a run in the order of their ids.

    Args:
        connection: inside a transaction.
        run: whose.
        states: only those that stand so, None for all.
        after_id: only those after this one, to go on.
        most: so many at most.
    """
    query = sa.select(*_COLUMNS).where(effect.c.run == run, effect.c.id > after_id)
    if states is not None:
        query = query.where(effect.c.state.in_([state.value for state in states]))
    rows = connection.execute(query.order_by(effect.c.id).limit(most))
    return [_as_effect(row) for row in rows]


def count_states(connection: sa.Connection, run: str) -> dict[State, int]:
    """Count the effects of a run by where they stand."""
    rows = connection.execute(
        sa.select(effect.c.state, sa.func.count())
        .where(effect.c.run == run)
        .group_by(effect.c.state)
    )
    return {State(state): count for state, count in rows}
