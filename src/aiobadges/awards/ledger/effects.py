"""Effects as records, and the statements that add, find and count them.

What changes an effect is in `changes`. The functions take a connection inside a transaction; who
groups them into transactions is in `writer`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

import attrs
import msgspec
import sqlalchemy as sa

from aiobadges.awards.ledger.engine import insert_or_leave
from aiobadges.awards.ledger.schema import effect
from aiobadges.awards.states import (
    UNIQUE,
    Kind,
    LastAnswer,
    Standing,
    State,
)

__all__ = [
    "COLUMNS",
    "Effect",
    "Selection",
    "add_effects",
    "as_effect",
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


COLUMNS: Final = [column for column in effect.c if column is not effect.c.holds_key]
"""What is kept of an effect, in the order in which `as_effect` takes it."""


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


def as_effect(row: Iterable[Any]) -> Effect:
    """Read an effect from the values of `COLUMNS`."""
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


_IN_THE_WAY = sa.select(*COLUMNS).where(
    effect.c.key == sa.bindparam("wanted"),
    effect.c.holds_key.is_(True),
)


def find_by_key(connection: sa.Connection, key: str) -> Effect | None:
    """Find the one effect of a key that makes, made or may yet make its award."""
    row = connection.execute(_IN_THE_WAY, {"wanted": key}).one_or_none()
    return as_effect(row) if row is not None else None


def find_by_id(connection: sa.Connection, identity: int) -> Effect:
    """Read an effect as it stands now."""
    return as_effect(connection.execute(sa.select(*COLUMNS).where(effect.c.id == identity)).one())


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
    query = sa.select(*COLUMNS).where(effect.c.run == run, effect.c.id > after_id)
    if states is not None:
        query = query.where(effect.c.state.in_([state.value for state in states]))
    rows = connection.execute(query.order_by(effect.c.id).limit(most))
    return [as_effect(row) for row in rows]


def count_states(connection: sa.Connection, run: str) -> dict[State, int]:
    """Count the effects of a run by where they stand."""
    rows = connection.execute(
        sa.select(effect.c.state, sa.func.count())
        .where(effect.c.run == run)
        .group_by(effect.c.state)
    )
    return {State(state): count for state, count in rows}
