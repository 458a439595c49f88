"""How long an intent holds, and how long others wait before they look into it.

Waits are counted on the clock of who waits, from when it first saw the effect stand so: no clock of
another machine, and no date in the ledger, can make anybody send too early.
"""

from __future__ import annotations

from collections.abc import Container
from typing import TypeAlias

import attrs

from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.states import LastAnswer, State
from aiobadges.errors import NotSentError
from aiobadges.transport.clock import Clock

__all__ = ["FirstSeen", "Lease", "LeaseEndedError", "Pacing", "due_in", "is_overdue"]


@attrs.frozen(kw_only=True)
class Pacing:
    """How long things take where a run runs, in seconds; stored with the run.

    Attributes:
        lease: how long after its intent was written an effect may still be sent.
        settle: how long after a lost answer the platform may still do the work.
        timeout: how long one exchange may take.
        patience: how long the platform is asked about one effect before a person is.
    """

    lease: float = 10.0
    settle: float = 120.0
    timeout: float = 60.0
    patience: float = 3600.0

    @classmethod
    def sandbox(cls) -> Pacing:
        """Give what fits a server on this machine."""
        return cls(lease=1.0, settle=3.0, timeout=2.0, patience=60.0)

    def between_nones(self, answer: LastAnswer) -> float:
        """Give the seconds between two listings that show nothing, for both to count."""
        return min(1.0 if answer is LastAnswer.REFUSED else 10.0, self.settle)


class LeaseEndedError(NotSentError):
    """Too much time passed between the intent and the request. Nothing was sent."""


class Lease:
    """The right to send one effect, from the moment before its intent was written.

    It ends by whichever clock runs fastest: the monotonic one stands still while a laptop sleeps,
    the wall clock can be set.
    """

    __slots__ = ("_clock", "_seconds", "_since")

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._since = self._read()

    def _read(self) -> tuple[float, float, float]:
        return self._clock.monotonic(), self._clock.boot(), self._clock.now().timestamp()

    @property
    def is_over(self) -> bool:
        """Whether its time is over by the clock that waits are measured with: a first look."""
        return self._clock.monotonic() - self._since[0] > self._seconds

    @property
    def holds(self) -> bool:
        """Whether the effect may still be sent."""
        return all(
            now - then <= self._seconds for now, then in zip(self._read(), self._since, strict=True)
        )

    def check(self) -> None:
        """Refuse to send when it has ended: called with the connection in hand.

        Raises:
            LeaseEndedError: it has.
        """
        if not self.holds:
            raise LeaseEndedError("the intent is too old to be sent; it is planned anew")


_Moment: TypeAlias = tuple[int, int, State, int]


class FirstSeen:
    """When this process first saw each effect stand as it does, on its own monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._moments: dict[int, tuple[_Moment, float, float]] = {}

    def seconds(self, effect: Effect) -> float:
        """Give for how long it has stood as it does, including the listings that showed nothing."""
        return self._clock.monotonic() - self._note(effect)[1]

    def doubt_seconds(self, effect: Effect) -> float:
        """Give for how long it has stood as it does, whatever the listings showed."""
        return self._clock.monotonic() - self._note(effect)[2]

    def _note(self, effect: Effect) -> tuple[_Moment, float, float]:
        moment = (*effect.moment, effect.standing.nones)
        known = self._moments.get(effect.id)
        if known is None or known[0] != moment:
            now = self._clock.monotonic()
            is_the_same_doubt = known is not None and known[0][:3] == moment[:3]
            known = (moment, now, known[2] if known is not None and is_the_same_doubt else now)
            self._moments[effect.id] = known
        return known

    def begin(self, effect: Effect) -> None:
        """Let the wait for the next look begin now: a listing may change nothing that is kept."""
        moment, _, since = self._note(effect)
        self._moments[effect.id] = (moment, self._clock.monotonic(), since)

    def keep_only(self, effects: Container[int]) -> None:
        """Drop what is known of all others: they have ended, whoever ended them."""
        for identity in [one for one in self._moments if one not in effects]:
            del self._moments[identity]

    def forget(self, effect: Effect) -> None:
        """Drop what is known of an effect that has come to its end."""
        self._moments.pop(effect.id, None)


def due_in(effect: Effect, seen: FirstSeen, pacing: Pacing) -> float:
    """Give the seconds until an effect may be looked into; 0 or less: now.

    ``sending``: until its sender must be gone. ``unknown``: until a listing is worth believing.
    """
    standing = effect.standing
    if standing.state is State.SENDING:
        return pacing.lease + pacing.timeout - seen.seconds(effect)
    # A contradiction is asked about again and again: not more often than what may yet be decided.
    if standing.nones == 1 or (standing.nones and standing.answer is LastAnswer.HELD):
        return pacing.between_nones(standing.answer) - seen.seconds(effect)
    if standing.answer is LastAnswer.NONE:
        return pacing.settle - seen.doubt_seconds(effect)
    return 0.0


def is_overdue(effect: Effect, seen: FirstSeen, pacing: Pacing) -> bool:
    """Say whether the platform was asked about an effect for as long as the run waits."""
    return seen.doubt_seconds(effect) >= pacing.settle + pacing.patience
