"""The transition table: what it allows, what it refuses, and what a row remembers."""

from __future__ import annotations

import itertools

import pytest

from aiobadges.awards.states import (
    ENDS,
    OPEN,
    TABLE,
    Abandoned,
    AnswerLost,
    Awarded,
    Claimed,
    FoundStale,
    ImpossibleEventError,
    Kind,
    LastAnswer,
    ListedNone,
    ListedOther,
    ListedOurs,
    ListedOursRevoked,
    NotDone,
    PatienceEnded,
    Reconsidered,
    Refused,
    RevocationRefused,
    Revoked,
    Standing,
    State,
    UndoAsked,
    after,
    may_be_sent_again,
)

EVENTS = [
    Claimed(),
    Awarded(assertion_id="a"),
    NotDone(),
    Refused(),
    Refused(is_held=True),
    AnswerLost(),
    FoundStale(),
    ListedOurs(assertion_id="a"),
    ListedOursRevoked(assertion_id="a"),
    ListedOther(assertion_id="a"),
    ListedNone(),
    PatienceEnded(),
    Reconsidered(),
    Abandoned(),
    UndoAsked(),
    Revoked(),
    RevocationRefused(),
]


def reachable():
    """Every standing that any sequence of events leads to from the plan."""
    frontier = {Standing(kind=kind) for kind in (Kind.AWARD, Kind.REISSUE)}
    frontier |= {Standing(kind=kind, state=State.REVOKING) for kind in (Kind.REVOKE, Kind.REISSUE)}
    found = set()
    while frontier:
        standing = frontier.pop()
        found.add(standing)
        for event in EVENTS:
            try:
                new = after(standing, event)
            except ImpossibleEventError:
                continue
            if new not in found and new.attempt <= 4:
                frontier.add(new)
    return found


def walk(*events, kind=Kind.AWARD, state=State.PLANNED):
    standing = Standing(kind=kind, state=state)
    for event in events:
        standing = after(standing, event)
    return standing


def test_planned_means_that_no_attempt_is_in_doubt():
    assert not [one for one in reachable() if one.state is State.PLANNED and one.in_doubt]


def test_an_attempt_is_counted_by_a_claim_and_by_nothing_else():
    for standing, event in itertools.product(reachable(), EVENTS):
        try:
            new = after(standing, event)
        except ImpossibleEventError:
            continue
        assert new.attempt == standing.attempt + isinstance(event, Claimed)
        assert (new.state is State.SENDING) == isinstance(event, Claimed)


def test_a_doubt_is_sent_again_only_after_two_listings_that_show_nothing():
    for standing in reachable():
        if standing.state is not State.UNKNOWN:
            continue
        if standing.nones >= 2 and standing.answer is LastAnswer.NONE:
            assert may_be_sent_again(standing)
            assert after(standing, Claimed()).state is State.SENDING
        else:
            assert not may_be_sent_again(standing)
            with pytest.raises(ImpossibleEventError):
                after(standing, Claimed())


def test_a_doubt_is_given_up_only_when_it_might_be_sent_again():
    for standing in reachable():
        if standing.state is State.UNKNOWN and not may_be_sent_again(standing):
            with pytest.raises(ImpossibleEventError):
                after(standing, Abandoned())


def test_every_state_is_an_end_or_leads_somewhere():
    assert frozenset(TABLE) >= OPEN
    assert not OPEN & ENDS
    for state in OPEN:
        assert TABLE[state]


@pytest.mark.parametrize("state", sorted(State))
def test_what_is_not_in_the_table_cannot_happen(state):
    for event in EVENTS:
        if type(event) not in TABLE.get(state, {}):
            with pytest.raises(ImpossibleEventError):
                after(Standing(state=state), event)


SENT = (Claimed(),)
LOST = (*SENT, AnswerLost())
TWICE_NONE = (ListedNone(), ListedNone())


@pytest.mark.parametrize(
    ("events", "state"),
    [
        pytest.param((*SENT, Awarded(assertion_id="a")), State.AWARDED, id="answered"),
        pytest.param((*SENT, NotDone()), State.PLANNED, id="not sent"),
        pytest.param((*SENT, Refused()), State.UNKNOWN, id="refused, not yet looked at"),
        pytest.param((*SENT, Refused(), ListedNone()), State.UNKNOWN, id="refused, none once"),
        pytest.param((*SENT, Refused(), *TWICE_NONE), State.REJECTED, id="refused, none twice"),
        pytest.param((*SENT, Refused(), ListedOther(assertion_id="b")), State.ALREADY_HELD, id="refused, another's"),
        pytest.param((*SENT, Refused(is_held=True), *TWICE_NONE), State.UNKNOWN, id="held, but nothing listed"),
        pytest.param((*SENT, Refused(is_held=True), *TWICE_NONE, PatienceEnded()), State.NEEDS_PERSON, id="contradiction that stays"),
        pytest.param((*LOST, ListedOurs(assertion_id="a")), State.AWARDED, id="lost, listed"),
        pytest.param((*LOST, *TWICE_NONE), State.UNKNOWN, id="lost, not listed"),
        pytest.param((*LOST, *TWICE_NONE, Claimed()), State.SENDING, id="lost, not listed, sent again"),
        pytest.param((*LOST, *TWICE_NONE, Claimed(), NotDone()), State.UNKNOWN, id="the second was not sent"),
        pytest.param((*LOST, *TWICE_NONE, Claimed(), Refused(), *TWICE_NONE), State.REJECTED, id="the second was refused"),
        pytest.param((*LOST, ListedOursRevoked(assertion_id="a")), State.NEEDS_PERSON, id="lost, and revoked since"),
        pytest.param((Abandoned(),), State.ABANDONED, id="given up before it was begun"),
        pytest.param((*LOST, *TWICE_NONE, Abandoned()), State.ABANDONED, id="lost, not listed, given up"),
        pytest.param((*LOST, PatienceEnded()), State.NEEDS_PERSON, id="the platform cannot be asked"),
        pytest.param((*LOST, PatienceEnded(), Reconsidered()), State.UNKNOWN, id="looked at again"),
        pytest.param((*SENT, FoundStale(), Awarded(assertion_id="a")), State.AWARDED, id="a late answer"),
        pytest.param((*SENT, Awarded(assertion_id="a"), UndoAsked(), Revoked()), State.REVOKED, id="undone"),
        pytest.param((*SENT, Awarded(assertion_id="a"), UndoAsked(), RevocationRefused()), State.AWARDED, id="undo refused"),
    ],
)  # fmt: skip
def test_an_award_ends_as_its_story_says(events, state):
    assert walk(*events).state is state


def test_refusals_that_were_somebody_elses_fault_are_sent_again_once_looked_at():
    standing = walk(*SENT, Refused(), Reconsidered(), *TWICE_NONE)
    assert may_be_sent_again(standing)


@pytest.mark.parametrize(
    ("kind", "events", "state"),
    [
        pytest.param(Kind.REVOKE, (Revoked(),), State.REVOKED, id="revoked"),
        pytest.param(Kind.REVOKE, (RevocationRefused(),), State.REJECTED, id="not revoked"),
        pytest.param(Kind.REISSUE, (Revoked(),), State.PLANNED, id="old one gone, new one to come"),
        pytest.param(Kind.REISSUE, (Revoked(), *SENT, Awarded(assertion_id="a"), UndoAsked(), Revoked()), State.REVOKED, id="a reissue undone"),
        pytest.param(Kind.REISSUE, (Revoked(), Abandoned()), State.NEEDS_PERSON, id="given up half-way"),
        pytest.param(Kind.REISSUE, (RevocationRefused(),), State.REJECTED, id="old one stands"),
        pytest.param(Kind.REISSUE, (Revoked(), *SENT, Refused(), *TWICE_NONE), State.NEEDS_PERSON, id="neither is live"),
    ],
)  # fmt: skip
def test_a_revocation_ends_as_its_story_says(kind, events, state):
    assert walk(*events, kind=kind, state=State.REVOKING).state is state
