"""Awarding rows on a sandbox: rows go in, outcomes come out, nobody is written to twice."""

import asyncio
import contextlib
from datetime import datetime, timedelta, timezone

import pytest
from aiohttp import web

from aiobadges.awards.badges import find_badges
from aiobadges.awards.roster.reading import Reading, check_table
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import ConnectError, NotFoundError, UnauthorizedError
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT
from aiobadges.transport.events import AttemptEnded
from aiobadges.transport.exchange import Timeouts

AWARD = "badgeclasses.award"


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
    assert {(o.assertion_id, o.error_code, o.error_message) for o in again.outcomes} == {
        ("", "", "")
    }
    assert sandbox.outbox.sent == 5
    assert sandbox.outbox.doubled() == []


async def test_each_row_gets_its_own_badge_when_a_column_names_them(sandbox, connect, now):
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
    badges = await find_badges(client, {row.badge for row in roster.rows})

    await AwardRun(client, badges, lambda _: None, workers=2).award(roster.rows)

    assert sorted(award.badge_name for award in sandbox.awards("ana@example.edu")) == [
        "Chemistry Basics",
        "Math Expert",
    ]


async def test_nobody_is_written_to_twice_when_rows_name_one_badge_in_two_ways(start, connect, now):
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
    badges = await find_badges(client, {row.badge for row in roster.rows})
    outcomes = []

    await AwardRun(client, badges, outcomes.append, workers=2).award(roster.rows)

    assert sandbox.outbox.doubled() == []
    assert sorted(outcome.number for outcome in outcomes) == [2, 3]


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


# What each fault of the first row's award leaves it as, how often it was sent, and what was done.
FAULTS = {
    "before_work": (State.UNKNOWN, 1, 0),
    "after_work": (State.UNKNOWN, 1, 1),
    "unavailable": (State.UNKNOWN, 1, 0),
    "rate_limited": (State.AWARDED, 2, 1),
    "drop_before_work": (State.UNKNOWN, 1, 0),
    "drop_after_work": (State.UNKNOWN, 1, 1),
    "hang": (State.UNKNOWN, 1, 1),
    "hang_before_work": (State.UNKNOWN, 1, 0),
    "cut_body": (State.UNKNOWN, 1, 1),
    "html": (State.UNKNOWN, 1, 1),
    "refused": (State.REJECTED, 1, 0),
}


@pytest.mark.parametrize(("fault", "expected"), FAULTS.items(), ids=FAULTS)
async def test_row_ends_once_and_is_not_sent_again_when_its_award_meets(
    sandbox, prepare, people, fault, expected
):
    status, requests, done = expected
    is_hanging = fault.startswith("hang")
    options = {"timeouts": Timeouts(total=1.0)} if is_hanging else {}
    awarding = await prepare(sandbox, **options)
    sandbox.faults.next(AWARD, fault)

    await awarding.award(people(3))

    assert awarding.statuses == [status, State.AWARDED, State.AWARDED]
    assert sandbox.counters.of(AWARD) == requests + 2
    assert sandbox.outbox.by_recipient().get("person2@example.edu", 0) == done
    assert sandbox.outbox.doubled() == []
    assert awarding.obstacle is None


@pytest.mark.parametrize(
    "fault", [f for f in FAULTS if f not in {"rate_limited", "hang_before_work"}]
)
async def test_row_says_what_went_wrong_when_its_award_meets(sandbox, prepare, people, fault):
    awarding = await prepare(sandbox, timeouts=Timeouts(total=1.0))
    sandbox.faults.next(AWARD, fault)

    await awarding.award(people(1))

    [outcome] = awarding.outcomes
    assert outcome.error_code == ("Refused" if fault == "refused" else "OutcomeUnknown")
    assert outcome.error_message
    assert outcome.assertion_id == ""


async def test_what_the_server_complains_of_is_told_when_it_rejects_a_row(
    sandbox, prepare, people, now
):
    rows = people(1, issued_on=now + timedelta(days=36500))

    awarding = await (await prepare(sandbox)).award(rows)

    [outcome] = awarding.outcomes
    assert outcome.status is State.REJECTED
    assert outcome.error_code == "BadRequest"
    assert outcome.error_message.startswith("issuedOn: Only issuedOn dates in the past")


@pytest.mark.parametrize(
    "fields",
    [
        {"issued_on": datetime(2026, 6, 30)},  # noqa: DTZ001 - the zone that is missing
        {"narrative": "\ud800"},
        {"expires": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5)))},
    ],
    ids=["a date without a zone", "half a character", "a date past the end of time"],
)
async def test_row_is_rejected_alone_when_it_cannot_be_written_for(
    sandbox, prepare, people, fields
):
    rows = [*people(1, **fields), *people(3)[1:]]

    awarding = await prepare(sandbox)
    await awarding.award(rows)

    assert awarding.statuses == [State.REJECTED, State.AWARDED, State.AWARDED]
    assert awarding.outcomes[0].error_code == "InvalidCall"


async def test_rate_limited_rows_are_awarded_after_the_pause_when_the_server_asks_for_one(
    sandbox, prepare, people
):
    awarding = await prepare(sandbox, workers=4)
    clock = awarding.run._client.session._clock
    sandbox.faults.next(AWARD, "rate_limited", times=13, retry_after=30)

    await awarding.award(people(10))

    assert awarding.statuses == [State.AWARDED] * 10
    assert sandbox.counters.of(AWARD) == 23
    assert sandbox.outbox.doubled() == []
    assert clock.slept >= 30


async def test_rate_limited_row_is_planned_when_the_run_is_stopped(sandbox, prepare, people):
    awarding = await prepare(sandbox, attempts=1)
    awarding.run.stop()
    assert (await awarding.award(people(2))).statuses == [State.PLANNED] * 2
    assert sandbox.counters.of(AWARD) == 0

    limited = await prepare(sandbox, attempts=1, then=lambda it: it.run.stop())
    sandbox.faults.next(AWARD, "drop_before_work")
    sandbox.faults.next(AWARD, "rate_limited")
    await limited.award(people(3))

    assert limited.statuses == [State.UNKNOWN, State.PLANNED, State.PLANNED]


async def test_rest_is_planned_and_the_error_comes_out_when_the_token_is_refused(
    sandbox, prepare, people
):
    awarding = await prepare(sandbox)
    sandbox.faults.next(AWARD, "drop_after_work")
    sandbox.faults.next(AWARD, "unauthorized")

    await awarding.award(people(5))

    assert isinstance(awarding.obstacle, UnauthorizedError)
    assert awarding.statuses == [State.UNKNOWN, *[State.PLANNED] * 4]
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


async def test_all_rows_are_planned_when_the_badge_class_is_not_there(sandbox, connect, people):
    client, outcomes = await connect(sandbox.url), []
    badges = {"": BadgeClass(entity_id="NoSuchBadge")}

    obstacle = await AwardRun(client, badges, outcomes.append, workers=2).award(people(4))

    assert isinstance(obstacle, NotFoundError)
    assert [outcome.status for outcome in outcomes] == [State.PLANNED] * 4


async def test_all_rows_are_planned_when_nobody_listens(start, prepare, people):
    sandbox = await start()
    awarding = await prepare(sandbox, workers=2)
    await sandbox.aclose()

    await awarding.award(people(4))

    assert isinstance(awarding.obstacle, ConnectError)
    assert awarding.statuses == [State.PLANNED] * 4


@contextlib.asynccontextmanager
async def always_answering(status):
    """A server that gives every request the same answer; gives its address and the requests."""
    requests = []

    async def answer(request):
        requests.append(request.path)
        return web.json_response({}, status=status, headers={"Location": "/elsewhere"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", requests
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, "UnexpectedStatus"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "NotFound"),
        (405, "UnexpectedStatus"),
        (413, "UnexpectedStatus"),
    ],
)
async def test_run_stops_when_every_row_would_be_answered(connect, people, status, code):
    async with always_answering(status) as (url, requests):
        client, outcomes = await connect(url), []
        badges = {"": BadgeClass(entity_id=MATH_EXPERT)}

        obstacle = await AwardRun(client, badges, outcomes.append, workers=1).award(people(3))

    assert type(obstacle).__name__ == f"{code}Error"
    assert [outcome.status for outcome in outcomes] == [State.PLANNED] * 3
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("status", "row_status", "code"),
    [
        (400, State.REJECTED, "BadRequest"),
        (409, State.REJECTED, "Conflict"),
        (422, State.REJECTED, "BadRequest"),
        (408, State.UNKNOWN, "OutcomeUnknown"),
        (502, State.UNKNOWN, "OutcomeUnknown"),
    ],
)
async def test_run_goes_on_when_a_row_is_answered(connect, people, status, row_status, code):
    async with always_answering(status) as (url, requests):
        client, outcomes = await connect(url), []
        badges = {"": BadgeClass(entity_id=MATH_EXPERT)}

        obstacle = await AwardRun(client, badges, outcomes.append, workers=1).award(people(3))

    assert obstacle is None
    assert [(o.status, o.error_code) for o in outcomes] == [(row_status, code)] * 3
    assert len(requests) == 3


async def test_rows_under_way_are_finished_when_the_run_is_stopped(start, prepare, people):
    sandbox = await start(latency=0.05)

    def stop_at_third(awarding):
        if len(awarding.outcomes) == 3:
            awarding.run.stop()

    awarding = await prepare(sandbox, workers=3, then=stop_at_third)
    await awarding.award(people(12))

    done = [number for number, status in awarding.by_row.items() if status == State.AWARDED]
    assert 3 <= len(done) <= 5  # at most two had begun beside the third that ended
    assert awarding.statuses.count(State.PLANNED) == 12 - len(done)
    assert sandbox.outbox.sent == sandbox.counters.of(AWARD) == len(done)
    assert awarding.obstacle is None


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a server in this loop is watched
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
    [interrupted] = [o for o in awarding.outcomes if o.status is State.UNKNOWN]
    assert interrupted.error_code == "Interrupted"
    assert interrupted.error_message == "the run was ended while the award was under way"
    assert sandbox.counters.of(AWARD) == 1


async def test_every_row_has_an_outcome_when_who_is_told_of_it_fails(sandbox, prepare, people):
    def fail_at_second(awarding):
        if len(awarding.outcomes) == 2:
            raise ZeroDivisionError

    awarding = await prepare(sandbox, workers=2, then=fail_at_second)

    with pytest.raises(ExceptionGroup):
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
    assert awarding.outcomes[1].error_code == "ZeroDivisionError"
    assert sandbox.outbox.sent == 2
