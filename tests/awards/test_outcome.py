"""What became of a row, and the counts of a run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges import errors
from aiobadges.awards.outcome import RowStatus, Tally, status_of


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.AlreadyHeldError, RowStatus.ALREADY_HELD),
        (errors.BadRequestError, RowStatus.REJECTED),
        (errors.RefusedError, RowStatus.REJECTED),
        (errors.ConnectError, RowStatus.PLANNED),
        (errors.SignInError, RowStatus.PLANNED),
        (errors.DeadlineError, RowStatus.PLANNED),
        (errors.OutcomeUnknownError, RowStatus.UNKNOWN),
        (errors.ServerError, RowStatus.UNKNOWN),
        (errors.BadgesError, RowStatus.UNKNOWN),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_row_stands_where_its_error_puts_it_when_an_award_ends_with(error, status):
    assert status_of(error("it went wrong")) is status


@given(st.lists(st.sampled_from(RowStatus)))
def test_tally_counts_each_once_when_statuses_are_added(statuses):
    tally = Tally()
    for status in statuses:
        tally.add(status)

    assert {status: tally[status] for status in RowStatus} == {
        status: statuses.count(status) for status in RowStatus
    }
    assert tally.total == len(statuses)


@pytest.mark.parametrize("status", list(RowStatus))
def test_a_person_must_look_when_a_row_is_rejected_or_unknown(status):
    tally = Tally()
    tally.add(status)

    assert tally.needs_a_look is (status in {RowStatus.REJECTED, RowStatus.UNKNOWN})
