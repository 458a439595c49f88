"""Taking awards back: many in one call, each one's own result read.

Only awards that an effect of the run names are ever named to the platform. Revoking twice is
revoking once, so whatever was under way when a process died is simply asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import anyio
import attrs

from aiobadges.awards.course import Course
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.reconcile import Oracle
from aiobadges.awards.states import ENDS, Event, RevocationRefused, Revoked, State
from aiobadges.errors import (
    BadgesError,
    BadRequestError,
    ConflictError,
    NotFoundError,
    RefusedError,
    UnexpectedStatusError,
)
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import Revocation, RevocationResult, RevokeRequest
from aiobadges.parchment.resources import assertions
from aiobadges.transport.limits import Permit
from aiobadges.transport.session import Options
from aiobadges.wire.operation import Call, Operation

__all__ = ["Revoking"]

# What is revoked stays revoked, however often it is asked: it may be sent again.
_REVOKE_MANY: Final[Operation[list[RevocationResult]]] = attrs.evolve(
    assertions.REVOKE_MANY, idempotent=True
)
_ABOUT_THIS_ONE = (BadRequestError, ConflictError, NotFoundError, RefusedError)
_CHUNK = 50


class Revoking:
    """Takes back what the effects of a run ask for.

    Args:
        course: the run.
        client: what revokes, with the timeouts of the run.
        oracle: asks the platform.
        planned: is called when a revocation has made something planned.
        reissues: whether the old badge of a reissue is taken back, too; not when no new one is to
            follow.
    """

    def __init__(
        self,
        course: Course,
        client: ParchmentClient,
        oracle: Oracle,
        *,
        planned: Callable[[], None],
        reissues: bool = True,
    ) -> None:
        self._course = course
        self._client = client
        self._oracle = oracle
        self._planned = planned
        self._reissues = reissues
        self.is_idle = False
        """Whether nothing is left for it to do."""

    async def work_on(self) -> None:
        """Revoke what is asked for, until the run ends."""
        course = self._course
        while not course.has_ended():
            rung = course.bell.next_ring()
            effects = await self._next()
            if not effects:
                await self._rest(rung)
                continue
            await course.wait_out_trouble()
            if await course.signed_in(self._client) and not course.has_ended():
                await self._take_back(effects)

    async def _rest(self, rung: anyio.Event) -> None:
        if not self.is_idle:
            self.is_idle = True
            self._course.bell.ring()  # also for this task: it looks once more
        await rung.wait()

    def nudge(self) -> None:
        """Look for effects to be revoked again."""
        self.is_idle = False
        self._course.bell.ring()

    async def _next(self) -> list[Effect]:
        course = self._course
        found: list[Effect] = []
        async for effect in course.ledger.effects(course.run.id, [State.REVOKING]):
            if self._reissues or effect.standing.revokes_its_own:
                found.append(effect)
            if len(found) >= _CHUNK:
                break
        return found

    async def _take_back(self, effects: Sequence[Effect]) -> None:
        course = self._course
        # A pause that the platform asks for may be long: it is waited for here, not in the call.
        with course.unless_stopped() as waiting:
            permit = await self._client.session.acquire()
        if waiting.cancelled_caught:
            return
        with course.to_its_end():
            course.reach("after_intent")
            try:
                answered = await self._revoke(effects, permit)
            except BadgesError as error:
                course.failed(error)
                return
            finally:
                permit.release()
            course.heed(None)
            course.reach("after_response")
            changed = await asyncio.gather(*(course.change(*answer) for answer in answered))
            course.reach("after_commit")
        for new in changed:
            if new is not None and new.state is State.PLANNED:
                self._planned()
            elif new is not None and new.state in ENDS:
                await course.tell(new)

    async def _revoke(
        self, effects: Sequence[Effect], permit: Permit
    ) -> list[tuple[Effect, Event]]:
        body = [
            Revocation(entity_id=effect.to_be_revoked, revocation_reason=effect.reason)
            for effect in effects
        ]
        try:
            reply = await self._client.send(
                Call(operation=_REVOKE_MANY, body=body), Options(attempts=1, permit=permit)
            )
        except (NotFoundError, UnexpectedStatusError):  # an installation without it
            events = await asyncio.gather(*(self._revoke_one(effect) for effect in effects))
            return list(zip(effects, events, strict=True))
        results = {item.entity_id: item for item in reply.result}
        events = await asyncio.gather(
            *(
                self._read(effect, results.get(effect.to_be_revoked), reply.request_id)
                for effect in effects
            )
        )
        return list(zip(effects, events, strict=True))

    async def _read(self, effect: Effect, item: RevocationResult | None, request_id: str) -> Event:
        if item is not None and item.revoked:
            return Revoked(request_id=request_id)
        # The call as a whole succeeds even when this one was not revoked.
        said = (item.reason or item.code) if item is not None else None
        return await self._looked_up(effect, said or "the platform said nothing of it", request_id)

    async def _revoke_one(self, effect: Effect) -> Event:
        call = Call(
            operation=assertions.REVOKE,
            path=(effect.to_be_revoked,),
            body=RevokeRequest(revocation_reason=effect.reason),
        )
        try:
            reply = await self._client.send(call)
        except _ABOUT_THIS_ONE as error:
            return await self._looked_up(effect, error.message, error.request_id)
        return Revoked(request_id=reply.request_id)

    async def _looked_up(self, effect: Effect, said: str, request_id: str) -> Event:
        """See for ourselves: "refused" may mean that it was revoked before."""
        refused = RevocationRefused(
            error_code="NotRevoked", error_message=said, request_id=request_id
        )
        # By the listing, which shows what is revoked; not every server gives it by its id.
        listed = await self._oracle.look(effect.badge, effect.recipient)
        shown = next((one for one in listed if one.assertion_id == effect.to_be_revoked), None)
        is_revoked = shown is not None and shown.is_revoked
        return Revoked(request_id=request_id) if is_revoked else refused
