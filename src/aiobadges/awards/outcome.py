"""What became of a row, as it is told to whoever runs a roster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import attrs

from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.states import State

__all__ = ["NEEDS_A_LOOK", "Outcome", "counted_in_doubt", "left_in_doubt", "outcome_of_effect"]

NEEDS_A_LOOK = frozenset({State.REJECTED, State.UNKNOWN, State.NEEDS_PERSON, State.INVALID})
"""Where a row stands that a person must look at."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of a row. Texts that do not apply are empty.

    Attributes:
        number: the row in the file as a spreadsheet counts it; the header is row 1.
        recipient: the identity, as it was sent.
        badge: the entity id of the badge class.
        status: where the row stands.
        assertion_id: the entityId of the award.
        assertion_url: its public address.
        error_code: the name of the error.
        error_message: what it said.
        cells: the row as it stands in the file, by header.
    """

    number: int
    recipient: str = attrs.field(default="", repr=False)
    badge: str = ""
    status: State
    assertion_id: str = ""
    assertion_url: str = ""
    error_code: str = ""
    error_message: str = ""
    cells: dict[str, str] = attrs.field(factory=dict, repr=False)


def outcome_of_effect(effect: Effect) -> Outcome:
    """Tell of a row of the ledger."""
    return Outcome(
        number=effect.number,
        recipient=effect.recipient,
        badge=effect.badge,
        status=effect.state,
        assertion_id=effect.assertion_id,
        assertion_url=effect.assertion_url,
        error_code=effect.error_code,
        error_message=effect.error_message,
        cells=effect.cells,
    )


def left_in_doubt(outcome: Outcome) -> Outcome:
    """Tell of a row whose run has ended: what was under way then may or may not have been done."""
    if outcome.status is not State.SENDING:
        return outcome
    return attrs.evolve(
        outcome,
        status=State.UNKNOWN,
        error_code=outcome.error_code or "Interrupted",
        error_message=outcome.error_message or "the run was ended while the award was under way",
    )


def counted_in_doubt(counts: Mapping[State, int]) -> Counter[State]:
    """Count rows as `left_in_doubt` tells of them."""
    told = Counter(counts)
    told[State.UNKNOWN] += told.pop(State.SENDING, 0)
    return told
