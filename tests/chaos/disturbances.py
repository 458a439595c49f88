"""What is done to a program on its way, and when: drawn once, the same for every program."""

from __future__ import annotations

import enum
import random

import attrs

from aiobadges.awards.lease import Pacing

__all__ = ["PACING", "Disturbance", "Kind", "drawn", "spread"]

PACING = Pacing.sandbox()


class Kind(enum.Enum):
    """What is done."""

    KILL = "kill"
    PAUSE = "pause"
    SUCCESSION = "succession"
    """A pause in which somebody else wants to go on with the run."""


@attrs.frozen(kw_only=True)
class Disturbance:
    """One thing that is done to a program.

    Attributes:
        kind: what.
        at: when: the share of all mails that is out by then.
        delay: so many seconds later, for a moment that nothing else has chosen.
        seconds: how long a pause lasts at least.
    """

    kind: Kind
    at: float
    delay: float
    seconds: float = 0.0


def drawn(dice: random.Random, *, kills: int, pauses: int) -> list[Disturbance]:
    """Draw kills and pauses over the whole way, earliest first.

    Every pause is longer than the lease. The first outlasts everything anybody waits for, and
    somebody else wants to go on then, as in every second one after it.
    """
    found = [
        Disturbance(kind=Kind.KILL, at=_place(dice), delay=dice.uniform(0, 0.3))
        for _ in range(kills)
    ]
    for number in range(pauses):
        longest = PACING.lease + PACING.timeout + PACING.settle
        seconds = longest + dice.uniform(0.5, 2) if not number else dice.uniform(1.5, 4)
        found.append(
            Disturbance(
                kind=Kind.PAUSE if number % 2 else Kind.SUCCESSION,
                at=_place(dice),
                delay=dice.uniform(0, 0.3),
                seconds=PACING.lease + seconds,
            )
        )
    return sorted(found, key=lambda one: one.at)


def spread(left: list[Disturbance], was: float, now: float) -> list[Disturbance]:
    """Spread what is left over the rest of the way, which went on during the last one.

    Args:
        left: what is still to be done.
        was: where the last one began.
        now: where the program is after it.
    """
    if now <= was:
        return left
    scale = max(0.0, 1 - now) / (1 - was)
    return [attrs.evolve(one, at=now + (one.at - was) * scale) for one in left]


def _place(dice: random.Random) -> float:
    return dice.uniform(0.03, 0.97)
