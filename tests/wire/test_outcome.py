"""What became of a write."""

import asyncio

import pytest

from aiobadges import errors
from aiobadges.errors import BadgesError, FailedError, InvalidCallError, NotSentError, RejectedError
from aiobadges.parchment.resources.assertions import GET, REVOKE
from aiobadges.parchment.resources.badgeclasses import AWARD
from aiobadges.wire.operation import Call, Operation, Reply
from aiobadges.wire.outcome import WriteOutcome, outcome_of, settle

ERRORS = [getattr(errors, name) for name in errors.__all__ if name != "CallSite"]
AWARD_CALL = Call(operation=AWARD, path=("b",))


def test_a_write_is_done_when_there_is_no_error():
    assert outcome_of(None) is WriteOutcome.DONE


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_says_what_became_of_the_write(kind):
    if issubclass(kind, (NotSentError, InvalidCallError)):
        expected = WriteOutcome.NOT_SENT
    elif issubclass(kind, RejectedError):
        expected = WriteOutcome.REJECTED
    else:
        expected = WriteOutcome.UNKNOWN
    assert outcome_of(kind("x")) is expected


@pytest.mark.parametrize(
    "error",
    [asyncio.CancelledError(), KeyboardInterrupt(), TimeoutError(), OSError(), RuntimeError()],
    ids=lambda error: type(error).__name__,
)
def test_a_write_is_unknown_when_it_ended_with_something_foreign(error):
    assert outcome_of(error) is WriteOutcome.UNKNOWN


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_a_failed_award_has_an_unknown_outcome_with_the_failure_as_its_cause(kind):
    error = kind("no answer in time", site=AWARD_CALL.site(status=502))
    settled = settle(AWARD_CALL, error)
    if not issubclass(kind, FailedError):
        assert settled is error
        return
    assert type(settled) is errors.OutcomeUnknownError
    assert settled.__cause__ is error
    assert settled.site == error.site
    assert "no answer in time" in str(settled)
    assert "Look" in settled.remedy


@pytest.mark.parametrize("operation", [GET, REVOKE], ids=["read", "idempotent-write"])
@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_an_error_stays_as_it_is_when_the_call_is_idempotent(operation, kind):
    error = kind("x")
    assert settle(Call(operation=operation, path=("a",)), error) is error


def test_a_site_names_the_call_without_its_arguments():
    call = Call(
        operation=AWARD, path=("secret-id",), query=(("recipient", "ana@example.edu"),), body="x"
    )
    site = call.site(status=201, request_id="r", attempts=3)
    assert (site.operation, site.method, site.template) == (AWARD.id, "POST", AWARD.template)
    assert (site.status, site.request_id, site.attempts) == (201, "r", 3)


def test_bodies_pages_and_headers_are_not_shown_when_a_call_or_reply_is():
    call = Call(operation=AWARD, body={"identity": "ana@example.edu"}, url="https://h/?a=ana")
    reply = Reply(result=None, status=200, headers={"x": "ana"}, next_url="https://h/?a=ana")
    assert "ana" not in repr((call, reply))


def test_an_operation_costs_one_and_sends_json_when_nothing_is_said():
    operation = Operation(id="a.b", method="GET", template="/", idempotent=True)
    assert (operation.cost, operation.body, operation.unwrap) == (1, "application/json", "bare")
    assert not operation.may_be_empty


def test_only_our_errors_are_in_the_table():
    assert all(issubclass(kind, BadgesError) for kind in ERRORS)
