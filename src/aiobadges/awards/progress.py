"""How far a run is, for whoever watches it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from aiobadges.awards.states import ENDS, State

__all__ = ["Progress"]


class Progress:
    """The rows of a run by where they stand, kept up to date while it is worked on.

    Attributes:
        next_look_in: seconds until the platform is asked about the next doubt, None for no doubt.
    """

    def __init__(self) -> None:
        self._counts: Counter[State] = Counter()
        self.next_look_in: float | None = None

    def load(self, counts: Mapping[State, int]) -> None:
        """Begin with what the ledger says."""
        self._counts = Counter(counts)

    def moved(self, before: State, now: State) -> None:
        """Note that a row stands elsewhere."""
        self._counts[before] -= 1
        self._counts[now] += 1

    def __getitem__(self, state: State) -> int:
        return self._counts[state]

    @property
    def counts(self) -> dict[State, int]:
        """How many rows stand where."""
        return {state: count for state, count in self._counts.items() if count}

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self._counts.total()

    @property
    def ended(self) -> int:
        """How many have come to their end."""
        return sum(self._counts[state] for state in ENDS)

    @property
    def in_flight(self) -> int:
        """How many are being sent."""
        return self._counts[State.SENDING]

    @property
    def unclear(self) -> int:
        """About how many the platform has still to be asked."""
        return self._counts[State.UNKNOWN]
