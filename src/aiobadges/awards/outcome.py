"""What became of a row, and the counts of a run."""

from __future__ import annotations

import enum
from collections import Counter

import attrs

from aiobadges.awards.roster.row import Row
from aiobadges.errors import AlreadyHeldError, BadgesError
from aiobadges.wire.outcome import WriteOutcome, outcome_of

__all__ = ["Outcome", "RowStatus", "Tally", "duplicate_of", "status_of"]


class RowStatus(enum.StrEnum):
    """Where a row stands.

    ``planned``: nothing was sent, or it is certain that it was not done. ``unknown``: the award may
    or may not exist. ``duplicate``: an earlier row of the file names the same person and badge.
    """

    AWARDED = "awarded"
    ALREADY_HELD = "already_held"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    PLANNED = "planned"


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of a row. Texts that do not apply are empty.

    Attributes:
        row: the row.
        status: where it stands.
        assertion_id: the entityId of the award.
        assertion_url: its public address.
        error_code: the name of the error.
        error_message: what it said.
    """

    row: Row
    status: RowStatus
    assertion_id: str = ""
    assertion_url: str = ""
    error_code: str = ""
    error_message: str = ""


def duplicate_of(row: Row, earlier: int) -> Outcome:
    """Give the outcome of a row that names the same recipient and badge as row `earlier`."""
    return Outcome(
        row=row,
        status=RowStatus.DUPLICATE,
        error_code="Duplicate",
        error_message=f"row {earlier} names the same recipient and badge",
    )


class Tally:
    """How many rows stand where."""

    def __init__(self) -> None:
        self._counts: Counter[RowStatus] = Counter()

    def add(self, status: RowStatus) -> None:
        """Count one more."""
        self._counts[status] += 1

    def __getitem__(self, status: RowStatus) -> int:
        return self._counts[status]

    @property
    def total(self) -> int:
        """How many were counted."""
        return self._counts.total()

    @property
    def needs_a_look(self) -> bool:
        """Whether a person must look at some row: it was rejected, or it is not known."""
        return bool(self._counts[RowStatus.REJECTED] or self._counts[RowStatus.UNKNOWN])


def status_of(error: BadgesError) -> RowStatus:
    """Say where an award stands that ended with this error."""
    if isinstance(error, AlreadyHeldError):
        return RowStatus.ALREADY_HELD
    match outcome_of(error):
        case WriteOutcome.NOT_SENT:
            return RowStatus.PLANNED
        case WriteOutcome.REJECTED:
            return RowStatus.REJECTED
        case _:
            return RowStatus.UNKNOWN
