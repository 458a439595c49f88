"""One POST of one award, and what its answer says. Nothing is decided here for other awards."""

from __future__ import annotations

import msgspec

from aiobadges.awards.fingerprint import Precision, precision_of
from aiobadges.awards.lease import Lease
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.sightings import AWARD, Sighting, UnreadableAwardError, read_sighting
from aiobadges.awards.states import AnswerLost, Awarded, Event
from aiobadges.awards.verdict import verdict_of
from aiobadges.errors import BadgesError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.transport.limits import Permit
from aiobadges.transport.session import Options
from aiobadges.wire.operation import Call

__all__ = ["Sender"]


class Sender:
    """Sends awards, and learns from the first answer how the platform gives moments back.

    Args:
        client: with the timeouts of the run.
        precision: what is known of that.
    """

    def __init__(self, client: ParchmentClient, precision: Precision) -> None:
        self._client = client
        self.precision = precision
        self._has_learned_precision = False

    async def send(
        self, effect: Effect, lease: Lease, permit: Permit
    ) -> tuple[Event, BadgesError | None]:
        """Send it once, if its lease still holds when the connection is in hand.

        Returns:
            What happened to the effect, and the error that says so, None after a good answer.
        """
        options = Options(attempts=1, permit=permit, before_send=lease.check)
        call = Call(operation=AWARD, path=(effect.badge,), body=msgspec.Raw(effect.call))
        try:
            reply = await self._client.send(call, options)
        except BadgesError as error:
            return verdict_of(error).event, error
        return self._read(effect, reply.result, reply.request_id), None

    def _read(self, effect: Effect, result: object, request_id: str) -> Event:
        try:
            made = read_sighting(result)
        except UnreadableAwardError as error:
            return AnswerLost(
                error_code="BadResponse", error_message=str(error), request_id=request_id
            )
        if made.names_somebody and not made.is_of(effect.recipient):
            return AnswerLost(
                error_code="BadResponse",
                error_message="the answer names another recipient",
                request_id=request_id,
            )
        self._learn_precision(effect, made)
        return Awarded(
            assertion_id=made.assertion_id, assertion_url=made.url, request_id=request_id
        )

    def _learn_precision(self, effect: Effect, made: Sighting) -> None:
        if self._has_learned_precision or made.issued_on is None or effect.issued_on is None:
            return
        self._has_learned_precision = True
        found = precision_of(effect.issued_on, made.issued_on)
        if found is not None:
            self.precision = found
