"""Rows of a run that nobody works on any more, taken over by a later run of the same people.

The row moves as it stands, with its doubts: what may have been sent is looked into by the later
run before anything is sent again. Like every change it is made to the moment it was worked out for,
or not at all, so a process that comes back to life finds the row gone and sends nothing.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.ledger.hold import is_held
from aiobadges.awards.ledger.runs import RunRecord, RunState, find_run
from aiobadges.awards.ledger.schema import effect, happening
from aiobadges.awards.states import Kind, State

__all__ = ["take_over"]

_LEFT = frozenset({State.PLANNED, State.SENDING, State.UNKNOWN, State.NEEDS_PERSON})


def take_over(
    connection: sa.Connection, old: Effect, new: Effect, record: RunRecord, *, at: str
) -> bool:
    """Move a row that an earlier run left open into a later one; False when it is not left.

    Args:
        connection: inside a transaction.
        old: the row as it stands.
        new: what the later run would write down; nothing of it counts once something was sent.
        record: the later run.
        at: the wall clock, for people.
    """
    if old.run == record.id or old.state not in _LEFT or old.standing.kind is not Kind.AWARD:
        return False
    left_by = find_run(connection, old.run)
    if (
        left_by.is_service
        or left_by.account != record.account
        or left_by.state is RunState.PLANNED  # nobody has begun it yet, and somebody may
        or is_held(left_by)
    ):
        return False
    identity, attempt, state = old.moment
    moved = connection.execute(
        effect.update()
        .where(
            effect.c.id == identity,
            effect.c.attempt == attempt,
            effect.c.state == state.value,
            effect.c.run == old.run,
        )
        .values(**_values(old, new))
    )
    if moved.rowcount != 1:
        return False
    connection.execute(
        happening.insert().values(
            effect=identity, attempt=attempt, at=at, event="TakenOver", state=state.value,
            error_message=f"run {record.id} took it over from run {old.run}",
        )
    )  # fmt: skip
    return True


def _values(old: Effect, new: Effect) -> dict[str, Any]:
    values: dict[str, Any] = {
        "run": new.run,
        "number": new.number,
        "cells": msgspec.json.encode(new.cells).decode(),
    }
    if old.state is State.PLANNED and not old.standing.attempt:
        # Nothing was sent: what the later roster says is what counts.
        values |= {
            "recipient": new.recipient,
            "issued_on": new.issued_on.isoformat() if new.issued_on else "",
            "call": new.call.decode(),
            "earlier": msgspec.json.encode(new.earlier).decode(),
            "error_code": "",
            "error_message": "",
        }
    return values
