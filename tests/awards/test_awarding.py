"""Awarding rows on a sandbox: rows go in, outcomes come out, nobody is written to twice."""

import asyncio
from datetime import datetime, timedelta, timezone

import pytest

from aiobadges.awards.badges import find_badges
from aiobadges.awards.lease import Pacing
from aiobadges.awards.roster.reading import Reading, check_table
from aiobadges.awards.states import State
from aiobadges.errors import ConnectError, NotFoundError, UnauthorizedError
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT
from aiobadges.transport.events import AttemptEnded

AWARD = "badgeclasses.award"
PATIENT = Pacing(lease=5.0, settle=5.0, timeout=30.0, patience=60.0)


async def test_every_row_is_awarded_with_id_and_address_when_all_goes_well(
    sandbox, prepare, people
):
    awarding = await (await prepare(sandbox, workers=3)).award(people(7))

    assert awarding.obstacle is None
    assert awarding.statuses == [State.AWARDED] * 7
    for outcome in awarding.outcomes:
        [seen] = sandbox.awards(outcome.recipient)
        assert outcome.assertion_id == seen.assertion
        assert outcome.assertion_url.endswith(seen.assertion)
        assert (outcome.error_code, outcome.error_message) == ("", "")


async def test_nothing_happens_when_there_are_no_rows(sandbox, prepare):
    awarding = await (await prepare(sandbox)).award([])

    assert (awarding.obstacle, awarding.outcomes) == (None, [])


async def test_rows_are_already_held_without_an_error_when_they_are_awarded_again(
    sandbox, prepare, people
):
    await (await prepare(sandbox, workers=3)).award(people(5))

    again = await (await prepare(sandbox, workers=3)).award(people(5))

    assert again.statuses == [State.ALREADY_HELD] * 5
    for outcome in again.outcomes:
        [seen] = sandbox.awards(outcome.recipient)
        assert (outcome.assertion_id, outcome.error_code) == (seen.assertion, "")
    assert sandbox.outbox.sent == 5
    assert sandbox.outbox.doubled() == []


async def test_each_row_gets_its_own_badge_when_a_column_names_them(
    sandbox, connect, awarding, now
):
    client = await connect(sandbox.url)
    roster = check_table(
        "roster",
        [
            (1, ["email", "badge"]),
            (2, ["ana@example.edu", "Math Expert"]),
            (3, ["ana@example.edu", "chemistry basics"]),
        ],
        Reading(now=now, badge_given=False),
    )
    badges = await find_badges(client, roster.badges)

    await awarding(client, badges).award(roster)

    assert sorted(award.badge_name for award in sandbox.awards("ana@example.edu")) == [
        "Chemistry Basics",
        "Math Expert",
    ]


async def test_nobody_is_written_to_twice_when_rows_name_one_badge_in_two_ways(
    start, connect, awarding, now
):
    sandbox = await start(work_seconds=0.05)
    client = await connect(sandbox.url)
    roster = check_table(
        "roster",
        [
            (1, ["email", "badge"]),
            (2, ["ana@example.edu", "Math Expert"]),
            (3, ["ana@example.edu", MATH_EXPERT]),
        ],
        Reading(now=now, badge_given=False),
    )
    badges = await find_badges(client, roster.badges)
    ended = await awarding(client, badges).award(roster)

    assert sandbox.outbox.doubled() == []
    assert ended.statuses == [State.AWARDED, State.DUPLICATE]
    assert ended.outcomes[1].error_message == "row 2 names the same recipient and badge"


async def test_no_more_is_in_flight_than_the_client_allows_when_there_are_more_workers(
    start, prepare, people
):
    sandbox = await start(latency=0.005)

    await (await prepare(sandbox, workers=20, concurrency=4)).award(people(40))

    assert sandbox.counters.max_in_flight == 4


@pytest.mark.parametrize("workers", [1, 3])
async def test_no_more_rows_are_worked_on_than_there_are_workers(start, prepare, people, workers):
    sandbox = await start(latency=0.005)

    await (await prepare(sandbox, workers=workers)).award(people(12))

    assert sandbox.counters.max_in_flight == workers


# What each fault of the first row's award leaves it as, and how often it was sent.
FAULTS = {
    "before_work": (State.AWARDED, 2),
    "after_work": (State.AWARDED, 1),
    "unavailable": (State.AWARDED, 2),
    "rate_limited": (State.AWARDED, 2),
    "drop_before_work": (State.AWARDED, 2),
    "drop_after_work": (State.AWARDED, 1),
    "hang": (State.AWARDED, 1),
    "hang_before_work": (State.AWARDED, 2),
    "cut_body": (State.AWARDED, 1),
    "html": (State.AWARDED, 1),
    "refused": (State.REJECTED, 1),
}


@pytest.mark.parametrize(("fault", "expected"), FAULTS.items(), ids=FAULTS)
async def test_row_is_looked_for_and_ends_once_when_its_award_meets(
    sandbox, prepare, people, fault, expected
):
    status, requests = expected
    awarding = await prepare(sandbox)
    sandbox.faults.next(AWARD, fault)

    await awarding.award(people(3))

    assert awarding.statuses == [status, State.AWARDED, State.AWARDED]
    assert sandbox.counters.of(AWARD) == requests + 2
    assert sandbox.outbox.by_recipient().get("person2@example.edu", 0) == (status is State.AWARDED)
    assert sandbox.outbox.doubled() == []
    assert awarding.obstacle is None


async def test_row_says_what_went_wrong_when_its_award_is_refused(sandbox, prepare, people):
    awarding = await prepare(sandbox)
    sandbox.faults.next(AWARD, "refused")

    await awarding.award(people(1))

    [outcome] = awarding.outcomes
    assert outcome.error_code == "Refused"
    assert outcome.error_message
    assert outcome.assertion_id == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"issued_on": datetime(2026, 6, 30)},  # noqa: DTZ001 - the zone that is missing
        {"narrative": "\ud800"},
        {"expires": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5)))},
    ],
    ids=["a date without a zone", "half a character", "a date past the end of time"],
)
async def test_row_is_invalid_alone_when_it_cannot_be_written_for(sandbox, prepare, people, fields):
    rows = [*people(1, **fields), *people(3)[1:]]

    awarding = await prepare(sandbox)
    await awarding.award(rows)

    assert awarding.statuses == [State.INVALID, State.AWARDED, State.AWARDED]
    assert awarding.outcomes[0].error_code == "InvalidCall"


async def test_rate_limited_rows_are_awarded_after_the_pause_when_the_server_asks_for_one(
    sandbox, prepare, people
):
    awarding = await prepare(sandbox, workers=4)
    clock = awarding.client.session._clock
    sandbox.faults.next(AWARD, "rate_limited", times=3, retry_after=30)

    await awarding.award(people(10))

    assert awarding.statuses == [State.AWARDED] * 10
    assert sandbox.counters.of(AWARD) == 13
    assert sandbox.outbox.doubled() == []
    assert clock.slept >= 25  # what the real waits left of 30


async def test_rest_is_planned_and_the_error_comes_out_when_the_token_is_refused(
    sandbox, prepare, people
):
    awarding = await prepare(sandbox)
    sandbox.faults.next(AWARD, "drop_after_work")
    sandbox.faults.next(AWARD, "unauthorized")

    await awarding.award(people(5))

    assert isinstance(awarding.obstacle, UnauthorizedError)
    assert awarding.statuses[0] in {State.UNKNOWN, State.AWARDED}  # looked into, or not yet
    assert awarding.statuses[1:] == [State.PLANNED] * 4
    assert sandbox.counters.of(AWARD) == 2


async def test_rows_under_way_are_finished_when_another_meets_a_stopping_error(
    start, prepare, people
):
    sandbox = await start(work_seconds=0.1)
    awarding = await prepare(sandbox, workers=4)
    sandbox.faults.next(AWARD, "unauthorized")

    await awarding.award(people(9))

    assert isinstance(awarding.obstacle, UnauthorizedError)
    assert sorted(awarding.statuses) == [State.AWARDED] * 3 + [State.PLANNED] * 6
    assert sandbox.outbox.sent == 3


async def test_nothing_is_planned_when_the_badge_class_is_not_there(
    sandbox, connect, awarding, people
):
    client = await connect(sandbox.url)

    with pytest.raises(NotFoundError):
        await awarding(client, {"": BadgeClass(entity_id="NoSuchBadge", issuer="x")}).award(
            people(4)
        )

    assert sandbox.counters.of(AWARD) == 0


async def test_nothing_is_planned_when_nobody_listens(start, prepare, people):
    sandbox = await start()
    awarding = await prepare(sandbox, workers=2)
    await sandbox.aclose()

    with pytest.raises(ConnectError):
        await awarding.award(people(4))


async def test_rows_under_way_are_finished_when_the_run_is_stopped(start, prepare, people):
    sandbox = await start(latency=0.05)

    def stop_at_third(awarding):
        if len(awarding.told) == 3:
            awarding.run.request_stop()

    awarding = await prepare(sandbox, workers=3, then=stop_at_third)
    await awarding.award(people(12))

    done = [number for number, status in awarding.by_row.items() if status == State.AWARDED]
    assert 3 <= len(done) <= 6  # at most three had begun when the third was told of
    assert awarding.statuses.count(State.PLANNED) == 12 - len(done)
    assert sandbox.outbox.sent == sandbox.counters.of(AWARD) == len(done)
    assert awarding.obstacle is None


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_rows_under_way_are_unknown_and_the_rest_planned_when_the_run_is_cancelled(
    sandbox, prepare, people
):
    awarding = await prepare(sandbox, workers=1)
    sandbox.faults.next(AWARD, "hang")

    task = asyncio.create_task(awarding.award(people(6)))
    await until(lambda: sandbox.outbox.sent == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert awarding.statuses == [State.UNKNOWN, *[State.PLANNED] * 5]
    assert sandbox.counters.of(AWARD) == 1


async def test_every_row_has_an_outcome_when_who_is_told_of_it_fails(sandbox, prepare, people):
    def fail_at_second(awarding):
        if len(awarding.told) == 2:
            raise ZeroDivisionError

    awarding = await prepare(sandbox, workers=2, then=fail_at_second)

    with pytest.raises(ZeroDivisionError):
        await awarding.award(people(6))

    assert sorted(awarding.by_row) == [2, 3, 4, 5, 6, 7]


async def test_row_is_unknown_and_the_rest_planned_when_a_hook_of_the_client_fails(
    sandbox, prepare, people
):
    def fail_after_second_award(event):
        if isinstance(event, AttemptEnded) and sandbox.counters.of(AWARD) == 2:
            raise ZeroDivisionError

    awarding = await prepare(sandbox, hooks=[fail_after_second_award])

    with pytest.raises(ExceptionGroup):
        await awarding.award(people(4))

    assert awarding.statuses == [
        State.AWARDED,
        State.UNKNOWN,
        State.PLANNED,
        State.PLANNED,
    ]
    assert awarding.outcomes[1].error_code == "Interrupted"
    assert awarding.outcomes[1].error_message == "the run was ended while the award was under way"
    assert sandbox.outbox.sent == 2


async def test_an_award_under_way_is_cut_off_and_found_later_when_the_run_is_left_at_once(
    sandbox, prepare, people
):
    awarding = await prepare(sandbox, pacing=PATIENT)
    sandbox.faults.next(AWARD, "hang")

    task = asyncio.create_task(awarding.award(people(3)))
    await until(lambda: sandbox.outbox.sent == 1)
    async with asyncio.timeout(2):
        await awarding.run.stop(grace=0)
        await asyncio.wait([task])

    assert awarding.statuses == [State.UNKNOWN, State.PLANNED, State.PLANNED]
    assert awarding.outcomes[0].error_code == "Interrupted"

    again = await (await prepare(sandbox)).award(people(3))
    assert again.statuses == [State.ALREADY_HELD, State.AWARDED, State.AWARDED]
    assert sandbox.outbox.doubled() == []


@pytest.mark.parametrize("fault", ["drop_before_work", "drop_after_work"])
async def test_rows_that_a_stopped_run_left_are_awarded_by_the_next_one(
    sandbox, prepare, people, fault
):
    sandbox.faults.next(AWARD, fault)
    sandbox.faults.next(AWARD, "unauthorized")
    stopped = await (await prepare(sandbox)).award(people(4))
    assert isinstance(stopped.obstacle, UnauthorizedError)

    again = await (await prepare(sandbox)).award(people(4))

    assert set(again.statuses) <= {State.AWARDED, State.ALREADY_HELD}
    assert sandbox.outbox.sent == 4
    assert sandbox.outbox.doubled() == []
