"""Where an effect stands, and everything that can happen to it. Nothing else changes a state.

An effect is one thing that is to be done to one person once: an award, a revocation, or a reissue
(a revocation, then an award, in one row). The server has no idempotency key and writes to people,
so the question is never "did the request fail" but "can it have been done". The theory:

* ``planned`` means that no attempt is in doubt. Only from there is anything sent without a look.
* ``sending`` is written down, and safe on the disk, before the request leaves. Whoever finds it
  later, and is not the one who wrote it, knows only that the request may have left.
* The answer ends it when it is a yes with a readable id. A no (400, 409, 422) is not believed by
  itself: an earlier attempt may have been done, so the platform is listed first. Everything else
  is ``unknown``: it may have been done now, or may still be done within the settling time.
* ``unknown`` is left by what the platform lists, and by nothing else. A listing that shows nothing
  counts only when it was seen twice, some time apart. After a no it then means ``rejected``; else
  the effect may be sent again, by whoever still finds the attempt that the listing was made for.
* Once an attempt was in doubt, not even "the next one was not sent" leads back to ``planned``.
* When the platform says "already held" and lists nothing, twice or twenty times, it contradicts
  itself. Neither is believed: it is asked until the patience of the run ends, then a person is.
* Revoking twice is revoking once, so a revocation in doubt is simply done again, and ``revoking``
  is both its intent and its doubt.
* A reissue whose old badge is gone and whose new one is rejected has neither: a person must know.
* Who takes a run back also wants nothing more of it to be sent. What is planned is ``abandoned``,
  and so is a doubt, once it may be sent again: it then certainly was not done.

Who writes compares and sets: a change is made to the attempt and the state it was worked out for,
or not at all. ``attempt`` counts what was begun and never goes down; with the state it names one
moment in the life of an effect, which is what makes late writers harmless.

Weak points, known: the promise of one award holds when the server does, or drops, a request within
the settling time; when the listing shows what was done before that; and when others who award the
same badge to the same person set the server's flag. Otherwise the audit finds what happened.

Pure: no clock (who waits for what is in `lease` and `reconcile`), no I/O, no server.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import attrs

__all__ = [
    "CAN_GO_ON",
    "ENDS",
    "OPEN",
    "TABLE",
    "UNIQUE",
    "Abandoned",
    "AnswerLost",
    "Awarded",
    "Claimed",
    "Event",
    "FoundStale",
    "ImpossibleEventError",
    "Kind",
    "LastAnswer",
    "ListedEarlier",
    "ListedNone",
    "ListedOther",
    "ListedOurs",
    "ListedOursRevoked",
    "NotDone",
    "PatienceEnded",
    "Reconsidered",
    "Refused",
    "RevocationRefused",
    "Revoked",
    "Standing",
    "State",
    "UndoAsked",
    "after",
    "may_be_sent_again",
]

ENOUGH_NONES = 2


class Kind(enum.StrEnum):
    """What an effect does."""

    AWARD = "award"
    REVOKE = "revoke"
    REISSUE = "reissue"


class State(enum.StrEnum):
    """Where an effect stands. The first five are given by the plan, and nothing was sent."""

    INVALID = "invalid"
    DUPLICATE = "duplicate"
    ALREADY_HELD = "already_held"
    REVOKED_BEFORE = "revoked_before"
    EXPIRED = "expired"
    PLANNED = "planned"
    SENDING = "sending"
    UNKNOWN = "unknown"
    AWARDED = "awarded"
    REJECTED = "rejected"
    NEEDS_PERSON = "needs_person"
    REVOKING = "revoking"
    REVOKED = "revoked"
    ABANDONED = "abandoned"


OPEN = frozenset({State.PLANNED, State.SENDING, State.UNKNOWN, State.REVOKING})
"""A run with an effect in one of these has not ended."""
CAN_GO_ON = OPEN | {State.NEEDS_PERSON}
"""Where going on with a run changes something: the platform is asked once more."""
ENDS = frozenset(State) - OPEN
"""Nothing more happens to an effect here unless somebody asks for it."""
UNIQUE = frozenset({*OPEN, State.AWARDED, State.NEEDS_PERSON})
"""At most one effect of a key stands in one of these: it has, may have, or may yet make the award."""


class LastAnswer(enum.StrEnum):
    """What the platform last said of the attempt: nothing, a no, or that the badge is held."""

    NONE = ""
    REFUSED = "refused"
    HELD = "held"


@attrs.frozen(kw_only=True)
class Standing:
    """Where one effect stands.

    Attributes:
        kind: what it does.
        state: where it stands.
        attempt: how many sends were begun.
        in_doubt: whether one of them may have been done, and nobody has looked well enough.
        answer: the platform's last word on the last attempt.
        nones: how often in a row the listing showed nothing; two are enough.
    """

    kind: Kind = Kind.AWARD
    state: State = State.PLANNED
    attempt: int = 0
    in_doubt: bool = False
    answer: LastAnswer = LastAnswer.NONE
    nones: int = 0

    @property
    def revokes_its_own(self) -> bool:
        """Whether what it revokes is its own award: a reissue first revokes an older one."""
        return self.kind is Kind.AWARD or self.attempt > 0


@attrs.frozen(kw_only=True)
class _Told:
    """What an event can tell beside itself; texts that do not apply are empty."""

    error_code: str = ""
    error_message: str = ""
    request_id: str = ""


@attrs.frozen(kw_only=True)
class Claimed(_Told):
    """Somebody is about to send it."""


@attrs.frozen(kw_only=True)
class Awarded(_Told):
    """The platform answered with the award, in the answer to the attempt itself."""

    assertion_id: str
    assertion_url: str = ""


@attrs.frozen(kw_only=True)
class NotDone(_Told):
    """This attempt was certainly not done: it did not leave, or was turned away unread."""


@attrs.frozen(kw_only=True)
class Refused(_Told):
    """The platform said no to this attempt; ``is_held``: because the recipient holds the badge."""

    is_held: bool = False


@attrs.frozen(kw_only=True)
class AnswerLost(_Told):
    """The attempt may have been done."""


@attrs.frozen(kw_only=True)
class FoundStale(_Told):
    """Whoever was sending it has not been heard of for longer than a send can take."""


@attrs.frozen(kw_only=True)
class ListedOurs(_Told):
    """The platform lists the award, and it is this effect's."""

    assertion_id: str
    assertion_url: str = ""


@attrs.frozen(kw_only=True)
class ListedOursRevoked(_Told):
    """The platform lists this effect's award, and somebody has revoked it already."""

    assertion_id: str
    assertion_url: str = ""


@attrs.frozen(kw_only=True)
class ListedOther(_Told):
    """The platform lists a live award to the same person that is somebody else's."""

    assertion_id: str
    assertion_url: str = ""


@attrs.frozen(kw_only=True)
class ListedEarlier(_Told):
    """The platform lists that the person held it once: ``is_revoked``, or else it has expired."""

    is_revoked: bool


@attrs.frozen(kw_only=True)
class ListedNone(_Told):
    """The platform lists no award that matters, in a listing that was worth believing."""


@attrs.frozen(kw_only=True)
class PatienceEnded(_Told):
    """The platform could not be asked, or contradicted itself, for as long as the run waits."""


@attrs.frozen(kw_only=True)
class Reconsidered(_Told):
    """A person wants it looked at again: the cause of the refusals was elsewhere, and is mended."""


@attrs.frozen(kw_only=True)
class Abandoned(_Told):
    """Nobody wants it any more, and nothing of it was done."""


@attrs.frozen(kw_only=True)
class UndoAsked(_Told):
    """The award is to be taken back."""


@attrs.frozen(kw_only=True)
class Revoked(_Told):
    """The platform has taken the award back, now or before."""


@attrs.frozen(kw_only=True)
class RevocationRefused(_Told):
    """The platform does not take the award back; it stands."""


Event: TypeAlias = (
    Claimed
    | Awarded
    | NotDone
    | Refused
    | AnswerLost
    | FoundStale
    | ListedOurs
    | ListedOursRevoked
    | ListedOther
    | ListedEarlier
    | ListedNone
    | PatienceEnded
    | Reconsidered
    | Abandoned
    | UndoAsked
    | Revoked
    | RevocationRefused
)


class ImpossibleEventError(AssertionError):
    """An event that cannot happen to an effect that stands so: a mistake in the program."""


def may_be_sent_again(standing: Standing) -> bool:
    """Say whether a doubt is over: nothing listed, twice, and no word of the platform against it."""
    return (
        standing.state is State.UNKNOWN
        and standing.nones >= ENOUGH_NONES
        and standing.answer is LastAnswer.NONE
    )


def _back_unless_in_doubt(standing: Standing) -> State:
    return State.UNKNOWN if standing.in_doubt else State.PLANNED


def _sent_again(standing: Standing) -> State | None:
    return State.SENDING if may_be_sent_again(standing) else None


def _abandoned(standing: Standing) -> State | None:
    if standing.state is State.UNKNOWN and not may_be_sent_again(standing):
        return None
    # The old badge of a reissue is gone by now.
    return State.NEEDS_PERSON if standing.kind is Kind.REISSUE else State.ABANDONED


def _nothing_listed(standing: Standing) -> State:
    if standing.answer is LastAnswer.REFUSED and standing.nones + 1 >= ENOUGH_NONES:
        return _no_award(standing)
    return State.UNKNOWN


def _no_award(standing: Standing) -> State:
    # The old badge of a reissue is gone by now.
    return State.NEEDS_PERSON if standing.kind is Kind.REISSUE else State.REJECTED


def _taken_back(standing: Standing) -> State:
    is_half_of_it = standing.kind is Kind.REISSUE and not standing.revokes_its_own
    return State.PLANNED if is_half_of_it else State.REVOKED


def _stands(standing: Standing) -> State:
    return State.AWARDED if standing.revokes_its_own else State.REJECTED


_Target: TypeAlias = State | Callable[[Standing], State | None]

TABLE: Mapping[State, Mapping[type[Event], _Target]] = {
    State.PLANNED: {
        Claimed: State.SENDING,
        # A look before the first attempt: nothing was sent, so whatever is there is another's.
        ListedOther: State.ALREADY_HELD,
        ListedEarlier: State.REVOKED_BEFORE,
        Abandoned: _abandoned,
    },
    State.SENDING: {
        Awarded: State.AWARDED,
        NotDone: _back_unless_in_doubt,
        Refused: State.UNKNOWN,
        AnswerLost: State.UNKNOWN,
        FoundStale: State.UNKNOWN,
    },
    State.UNKNOWN: {
        ListedOurs: State.AWARDED,
        ListedOther: State.ALREADY_HELD,
        ListedOursRevoked: State.NEEDS_PERSON,
        ListedNone: _nothing_listed,
        PatienceEnded: State.NEEDS_PERSON,
        Reconsidered: State.UNKNOWN,
        Claimed: _sent_again,
        Abandoned: _abandoned,
        # The answer of an attempt that was given up as stale: late, but it is the truth.
        Awarded: State.AWARDED,
    },
    State.NEEDS_PERSON: {
        Reconsidered: State.UNKNOWN,
        Awarded: State.AWARDED,
    },
    State.AWARDED: {
        UndoAsked: State.REVOKING,
    },
    State.REVOKING: {
        Revoked: _taken_back,
        RevocationRefused: _stands,
    },
}
"""What can happen where, and where it leads. What is not in it cannot happen."""


def after(standing: Standing, event: Event) -> Standing:
    """Give the standing after an event.

    Raises:
        ImpossibleEventError: that cannot happen to an effect that stands so.
    """
    target = TABLE.get(standing.state, {}).get(type(event))
    state = target(standing) if callable(target) else target
    if isinstance(event, ListedEarlier) and state is not None and not event.is_revoked:
        state = State.EXPIRED
    if state is None:
        raise ImpossibleEventError(f"{type(event).__name__} in {standing}")
    return attrs.evolve(standing, state=state, **_memory(standing, event))


def _memory(standing: Standing, event: Event) -> dict[str, Any]:
    """Give what an effect remembers of an event beside its state."""
    memory: dict[str, Any] = {}
    match event:
        case Claimed():
            memory = {"attempt": standing.attempt + 1, "nones": 0, "answer": LastAnswer.NONE}
        case AnswerLost() | FoundStale():
            memory = {"in_doubt": True, "nones": 0, "answer": LastAnswer.NONE}
        case Refused():
            answer = LastAnswer.HELD if event.is_held else LastAnswer.REFUSED
            memory = {"nones": 0, "answer": answer}
        case NotDone() | Reconsidered():
            memory = {"nones": 0, "answer": LastAnswer.NONE}
        case ListedNone():
            is_over = _nothing_listed(standing) is not State.UNKNOWN
            memory = {
                "nones": min(standing.nones + 1, ENOUGH_NONES),
                "in_doubt": standing.in_doubt and not is_over,
            }
        case Awarded() | ListedOurs() | ListedOther():
            memory = {"in_doubt": False, "nones": 0}
        case _:
            pass
    return memory
