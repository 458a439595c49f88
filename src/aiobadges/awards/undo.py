"""Taking a run's awards back: many at once, each one's result read, and resumable.

Only awards that a row of this run made are ever named to the platform. What is asked is written
down first; revoking twice is revoking once, so whatever was under way when a process died is asked
again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

import attrs

from aiobadges.awards.ledger import Ledger
from aiobadges.awards.ledger_effects import Effect
from aiobadges.awards.ledger_runs import RunRecord
from aiobadges.awards.states import Event, RevocationRefused, Revoked, State, UndoAsked
from aiobadges.errors import (
    BadgesError,
    InvalidCallError,
    NotFoundError,
    RejectedError,
    UnexpectedStatusError,
)
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import Revocation, RevocationResult, RevokeRequest
from aiobadges.parchment.resources import assertions
from aiobadges.wire.operation import Call, Operation

__all__ = ["Selection", "ask_undo", "revoke_asked", "undo_run"]

# What is revoked stays revoked, however often it is asked: it may be sent again.
_REVOKE_MANY: Final[Operation[list[RevocationResult]]] = attrs.evolve(
    assertions.REVOKE_MANY, idempotent=True
)

Selection = Callable[[Effect], bool]
"""Which rows are meant."""

_CHUNK = 50


async def undo_run(
    ledger: Ledger,
    client: ParchmentClient,
    run: RunRecord,
    *,
    reason: str,
    only: Selection | None = None,
) -> AsyncIterator[Effect]:
    """Take a run's awards back, and give each row as it stands then. The caller holds the run.

    Args:
        ledger: where the run is.
        client: what revokes.
        run: the run.
        reason: why; the recipients can read it.
        only: which rows; None for all that were awarded.

    Raises:
        InvalidCallError: there is no reason.
        BadgesError: the platform cannot be asked; what is left is still written down.
    """
    await ask_undo(ledger, run, reason=reason, only=only)
    async for effect in revoke_asked(ledger, client, run):
        yield effect


async def ask_undo(
    ledger: Ledger, run: RunRecord, *, reason: str, only: Selection | None = None
) -> int:
    """Write down which awards are to be taken back, and give their number. Nothing is sent."""
    if not reason.strip():
        raise InvalidCallError("a revocation needs a reason", remedy="The recipients can read it")
    asked = 0
    async for effect in ledger.effects(run.id, [State.AWARDED]):
        if effect.assertion_id and (only is None or only(effect)):
            new = await ledger.change(effect, UndoAsked(), reason=reason.strip())
            asked += new is not None
    return asked


async def revoke_asked(
    ledger: Ledger, client: ParchmentClient, run: RunRecord
) -> AsyncIterator[Effect]:
    """Revoke what was asked for, now or before, and give each row as it stands then."""
    while effects := await ledger.page(run.id, [State.REVOKING], most=_CHUNK):
        for effect, event in await _revoke(client, effects):
            new = await ledger.change(effect, event)
            if new is not None:
                yield new


def _assertion_of(effect: Effect) -> str:
    return effect.assertion_id or effect.replaces


async def _revoke(client: ParchmentClient, effects: Sequence[Effect]) -> list[tuple[Effect, Event]]:
    body = [
        Revocation(entity_id=_assertion_of(effect), revocation_reason=effect.reason)
        for effect in effects
    ]
    try:
        reply = await client.send(Call(operation=_REVOKE_MANY, body=body))
    except (NotFoundError, UnexpectedStatusError):  # an installation without it
        return [(effect, await _revoke_one(client, effect)) for effect in effects]
    results = {item.entity_id: item for item in reply.result}
    answered: list[tuple[Effect, Event]] = []
    for effect in effects:
        item = results.get(_assertion_of(effect)) or RevocationResult()
        if item.revoked:
            answered.append((effect, Revoked(request_id=reply.request_id)))
        else:  # the call as a whole succeeds even when this one was not revoked
            reason = item.reason or item.code or "the platform said nothing of it"
            answered.append((effect, await _looked_up(client, effect, reason)))
    return answered


async def _revoke_one(client: ParchmentClient, effect: Effect) -> Event:
    try:
        await client.assertions.revoke(
            _assertion_of(effect), RevokeRequest(revocation_reason=effect.reason)
        )
    except RejectedError as error:
        return await _looked_up(client, effect, error.message)
    return Revoked()


async def _looked_up(client: ParchmentClient, effect: Effect, said: str) -> Event:
    """See for ourselves: "refused" may mean that it was revoked before."""
    refused = RevocationRefused(error_code="NotRevoked", error_message=said)
    try:
        assertion = await client.assertions.get(_assertion_of(effect))
    except NotFoundError:
        return refused
    except BadgesError:
        raise
    return Revoked() if assertion.revoked else refused
