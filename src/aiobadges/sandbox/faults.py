"""Which requests go wrong, and how: by script (the next one does this) or by probability.

Only the decision is here; `pipeline` acts it out on the connection. A script is asked first, then
the probabilities; a rule for one operation before a rule for ``*``. Safe to use from any thread.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["ANY_OPERATION", "FAULT_KINDS", "WORKLESS", "Fault", "FaultKind", "Faults", "fault_kind"]

FaultKind = Literal[
    "before_work",  # 500, nothing done
    "after_work",  # done, then 500 with an HTML page
    "unavailable",  # 503 with Retry-After, nothing done
    "rate_limited",  # 429 with Retry-After, nothing done
    "drop_before_work",  # the connection breaks, nothing done
    "drop_after_work",  # done, then the connection breaks
    "hang",  # done, and no answer until the client leaves
    "hang_before_work",  # nothing done, and no answer until the client leaves
    "late_work",  # done 3 seconds after it came, when its client may have left; then no answer
    "cut_body",  # done, then half of the body and the connection closes
    "html",  # done, and the success is an HTML page
    "refused",  # 200 that says success: false, nothing done
    "unauthorized",  # 401, nothing done
]
FAULT_KINDS: Final[tuple[FaultKind, ...]] = get_args(FaultKind)
WORKLESS: Final[frozenset[FaultKind]] = frozenset(
    {
        "before_work",
        "unavailable",
        "rate_limited",
        "drop_before_work",
        "hang_before_work",
        "refused",
        "unauthorized",
    }
)
ANY_OPERATION: Final = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: what.
        retry_after: the text of the Retry-After header, for the kinds that send one. Not checked,
            so that a client can be shown dates, negative numbers and nonsense.
    """

    kind: FaultKind
    retry_after: str = "1"


@dataclass(frozen=True, slots=True)
class _Odds:
    """Faults with the upper ends of their shares of [0, 1)."""

    shares: tuple[tuple[float, Fault], ...]
    dice: random.Random

    def roll(self) -> Fault | None:
        rolled = self.dice.random()
        return next((fault for end, fault in self.shares if rolled < end), None)


def fault_kind(text: str) -> FaultKind:
    """Read the name of a kind.

    Raises:
        ValueError: there is no such kind; the text names those there are.
    """
    for kind in FAULT_KINDS:
        if kind == text:
            return kind
    raise ValueError(f"no fault {text!r}; the faults are {', '.join(FAULT_KINDS)}")


class Faults:
    """The faults of one sandbox.

    Args:
        operations: the ids of its operations; no other may be named.
    """

    def __init__(self, operations: Iterable[str]) -> None:
        self._operations = frozenset(operations) | {ANY_OPERATION}
        self._lock = threading.Lock()
        self._script: dict[str, deque[Fault]] = {}
        self._odds: dict[str, _Odds] = {}

    def next(
        self,
        operation: str,
        kind: FaultKind,
        times: int = 1,
        *,
        retry_after: float | str = 1,
    ) -> None:
        """Let the next requests of an operation go wrong; they queue up behind earlier ones.

        Args:
            operation: an operation id, or ``*`` for whichever comes next (but for signing in,
                which has to be named: ``token``).
            kind: what goes wrong.
            times: with how many requests.
            retry_after: the Retry-After header of ``unavailable`` and ``rate_limited``.

        Raises:
            ValueError: no such operation or kind.
        """
        self._check(operation, kind)
        if times < 1:
            raise ValueError("times must be 1 or more")
        fault = Fault(kind, str(retry_after))
        with self._lock:
            self._script.setdefault(operation, deque()).extend([fault] * times)

    def probability(
        self,
        kinds: Mapping[FaultKind, float],
        *,
        operation: str = ANY_OPERATION,
        seed: int | None = None,
        retry_after: float | str = 1,
    ) -> None:
        """Let requests go wrong at random; replaces the operation's earlier odds.

        Args:
            kinds: the share of requests, 0 to 1, that meets each kind; empty for none.
            operation: an operation id, or ``*`` for all without odds of their own (but for signing
                in, which has to be named: ``token``).
            seed: for the same sequence every time.
            retry_after: the Retry-After header of ``unavailable`` and ``rate_limited``.

        Raises:
            ValueError: no such operation or kind, or shares that are no shares.
        """
        self._check(operation, *kinds)
        if any(not 0 <= share <= 1 for share in kinds.values()) or sum(kinds.values()) > 1 + 1e-9:
            raise ValueError("probabilities lie between 0 and 1, and so does their sum")
        shares, end = [], 0.0
        for kind, share in kinds.items():
            end += share
            shares.append((end, Fault(kind, str(retry_after))))
        odds = _Odds(tuple(shares), random.Random(seed))  # noqa: S311 - dice, not secrets
        with self._lock:
            if shares:
                self._odds[operation] = odds
            else:
                self._odds.pop(operation, None)

    def clear(self) -> None:
        """Let everything go well again."""
        with self._lock:
            self._script.clear()
            self._odds.clear()

    def pending(self) -> dict[str, int]:
        """How many scripted faults still wait, by operation."""
        with self._lock:
            return {operation: len(queue) for operation, queue in self._script.items()}

    def draw(self, operation: str, *, signs_in: bool = False) -> Fault | None:
        """Take the fault that this request meets, if any."""
        if not self._script and not self._odds:  # the common case, without the lock
            return None
        # Signing in is left out of "*": a lost rotation or a failed login is a test of its own,
        # and would end most tests that are about something else.
        names = (operation,) if signs_in else (operation, ANY_OPERATION)
        with self._lock:
            for name in names:
                if queue := self._script.get(name):
                    fault = queue.popleft()
                    if not queue:
                        del self._script[name]
                    return fault
            for name in names:
                if (odds := self._odds.get(name)) is not None:
                    return odds.roll()
        return None

    def _check(self, operation: str, *kinds: str) -> None:
        if operation not in self._operations:
            valid = ", ".join(sorted(self._operations))
            raise ValueError(f"no operation {operation!r}; the operations are {valid}")
        for kind in kinds:
            fault_kind(kind)
