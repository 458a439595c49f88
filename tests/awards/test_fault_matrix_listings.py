"""What becomes of a run when the platform lists badly: it awards nothing on the strength of that.

The numbers are those of the fault matrix, see test_fault_matrix.py. A listing is asked for in three
places: the plan's baseline, the look into an award in doubt, and the audit.
"""

from __future__ import annotations

import asyncio
import itertools
import tracemalloc
from collections import Counter

import pytest

from aiobadges import ParchmentClient
from aiobadges.awards.lease import Pacing
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import (
    BadResponseError,
    RateLimitedError,
    TimeoutFailedError,
    UnsafeLinkError,
)
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT
from aiobadges.transport.exchange import Timeouts

from .fault_server import FaultServer, gzip_bomb

SHORT_OF_PATIENCE = Pacing(lease=0.5, settle=0.2, timeout=2.0, patience=1.0)
LIST = f"/v2/badgeclasses/{MATH_EXPERT}/assertions"


@pytest.fixture
async def elsewhere():
    server = FaultServer()
    await server.start()
    yield server
    await server.aclose()


@pytest.fixture
def lead_astray(server, elsewhere, monkeypatch):
    """Have each page of a listing name a next one that must not be followed, or not for ever."""

    def lead_astray(where):
        monkeypatch.setattr("aiobadges.transport.pager._MOST_PAGES", 30)
        numbers = itertools.count(1)
        server.next_page = {
            "to another origin": lambda _: f"{elsewhere.url}{LIST}?after=0",
            "to another call": lambda _: f"{server.url}/v2/users/self",
            "in a circle": lambda _: f"{server.url}{LIST}?after=0",
            "on and on": lambda _: f"{server.url}{LIST}?after={next(numbers)}",
        }[where]

    return lead_astray


async def test_22_a_listing_that_fails_is_asked_again(server, planned, ends):
    run = await planned()
    server.script = ["drop after"]
    server.list_script = ["500", "502", "500"]
    assert await ends(run) == [State.AWARDED]
    assert len(server.posts) == 1


async def test_22b_a_listing_that_never_comes_back_needs_a_person_and_sends_nothing(
    server, planned, ends
):
    pacing = Pacing(lease=0.5, settle=0.2, timeout=0.5, patience=1.0)
    run = await planned(pacing=pacing)
    server.script = ["drop after"]
    server.list_script = ["500"] * 1000
    assert await ends(run) == [State.NEEDS_PERSON]
    assert len(server.posts) == 1
    server.list_script = []  # somebody resumes it, and the platform is back
    assert await ends(run) == [State.AWARDED]


async def test_22c_only_the_page_that_failed_is_asked_again(server, client, ledger, planned):
    server.award_before(*(f"person{number}@example.edu" for number in range(2, 52)))
    server.page_size = 10
    server.list_script = ["", "", "500"]
    run = await planned(60)
    assert await ledger.counts(run.id) == {State.ALREADY_HELD: 50, State.PLANNED: 10}
    assert [times for _, times in Counter(server.listed).items()] == [1, 1, 2, 1, 1]
    audit = await run.audit(client)
    assert (audit.listed, audit.is_clean) == (50, True)


@pytest.mark.parametrize("storm", ["429", "429+1"])
async def test_23_a_plan_that_meets_a_storm_of_429_stops_asking_and_plans_nothing(
    storm, server, ledger, planned
):
    server.list_script = [storm] * 1000
    with pytest.raises(RateLimitedError) as refused:
        await planned(5)
    assert refused.value.site.status == 429
    assert len(server.listed) == 2  # so many attempts the client has
    assert await ledger.runs() == []
    assert not server.posts


async def test_23b_doubts_that_meet_a_storm_of_429_need_a_person_and_nobody_is_rejected(
    server, planned, ends
):
    server.award_before("known@example.edu")
    run = await planned(6, pacing=SHORT_OF_PATIENCE)
    server.script = ["drop after", "drop before", "status 400"]
    server.list_script = ["429"] * 10_000
    states = await ends(run)
    assert Counter(states) == {State.AWARDED: 3, State.NEEDS_PERSON: 3}
    assert len(server.posts) == 6
    assert len(server.listed) < 200
    async for doubt in run.outcomes([State.NEEDS_PERSON]):
        assert "could not be asked" in doubt.error_message
    server.list_script = []  # the storm is over, and somebody resumes the run
    assert await ends(run) == [State.AWARDED] * 3
    assert len(server.posts) == 8  # one was done, one was not, and one had been refused


async def test_23c_an_audit_that_meets_a_storm_of_429_says_so(server, client, planned, ends):
    run = await planned()
    await ends(run)
    before = len(server.listed)
    server.list_script = ["429"] * 1000
    with pytest.raises(RateLimitedError):
        await run.audit(client)
    assert len(server.listed) == before + 2


ASTRAY = [
    pytest.param("to another origin", UnsafeLinkError, "outside the origin"),
    pytest.param("to another call", UnsafeLinkError, "outside the origin"),
    pytest.param("in a circle", BadResponseError, "does not end"),
    pytest.param("on and on", BadResponseError, "does not end"),
]


@pytest.mark.parametrize(("where", "error", "words"), ASTRAY)
async def test_24_a_plan_that_is_led_astray_plans_nothing(
    where, error, words, server, elsewhere, ledger, planned, lead_astray
):
    server.award_before("person2@example.edu")
    lead_astray(where)
    with pytest.raises(error, match=words):
        await planned(5)
    assert await ledger.runs() == []
    assert not server.posts
    assert not elsewhere.connections


@pytest.mark.parametrize(("where", "words"), [(one.values[0], one.values[2]) for one in ASTRAY])
async def test_24b_a_doubt_that_is_led_astray_needs_a_person_and_sends_nothing(
    where, words, server, elsewhere, planned, ends, lead_astray
):
    run = await planned(pacing=SHORT_OF_PATIENCE)
    server.script = ["drop before"]
    lead_astray(where)
    assert await ends(run) == [State.NEEDS_PERSON]
    (doubt,) = [one async for one in run.outcomes()]
    assert words in doubt.error_message
    assert len(server.posts) == 1
    assert not elsewhere.connections
    server.next_page = None  # the platform is mended, and somebody resumes the run
    assert await ends(run) == [State.AWARDED]


@pytest.mark.parametrize(("where", "error", "words"), ASTRAY)
async def test_24c_an_audit_that_is_led_astray_is_no_clean_one(
    where, error, words, client, elsewhere, planned, ends, lead_astray
):
    run = await planned()
    await ends(run)
    lead_astray(where)
    with pytest.raises(error, match=words):
        await run.audit(client)
    assert not elsewhere.connections


@pytest.fixture
def meddle(server):
    """Have somebody award one badge and revoke another whenever a page is shown."""

    def meddle():
        there = list(server.assertions)
        numbers = itertools.count()

        def listing(items, _):
            shown = [dict(item) for item in items]
            number = next(numbers)
            server.award_before(f"newcomer{len(server.assertions)}@example.edu")
            there[number * 11 % len(there)]["revoked"] = True
            there[-1 - number]["revoked"] = True
            return shown

        server.listing = listing

    return meddle


@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
async def test_25_awards_that_were_there_are_seen_once_while_others_award_and_revoke(
    newest_first, server, client, meddle
):
    server.award_before(*(f"person{number}@example.edu" for number in range(2, 47)))
    there = {one["entityId"] for one in server.assertions}
    server.page_size, server.is_newest_first = 10, newest_first
    meddle()
    seen = Counter([one.entity_id async for one in client.badgeclasses.assertions(MATH_EXPERT)])
    assert there <= set(seen)
    assert set(seen.values()) == {1}


@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest first", "newest first"])
async def test_25b_nobody_who_held_it_is_planned_while_others_award_and_revoke(
    newest_first, server, client, ledger, planned, ends, meddle
):
    server.award_before(*(f"person{number}@example.edu" for number in range(2, 47)))
    server.page_size, server.is_newest_first = 10, newest_first
    meddle()
    run = await planned(50)
    counts = await ledger.counts(run.id)
    assert counts[State.PLANNED] == 5
    assert counts[State.ALREADY_HELD] + counts.get(State.REVOKED_BEFORE, 0) == 45
    server.listing = lambda items, _: items
    assert await ends(run) == [State.AWARDED] * 5
    server.award_before("afterwards@example.edu")
    meddle()
    audit = await run.audit(client)
    assert (audit.awarded, audit.doubled_count) == (5, 0)
    assert {one.recipient for one in audit.extra} >= {"afterwards@example.edu"}


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        ("bomb", BadResponseError, "larger than 32 MiB"),
        ("endless", BadResponseError, "larger than 32 MiB"),
        ("drip", TimeoutFailedError, "in time"),
    ],
)
async def test_26_a_plan_ends_in_bounded_time_and_memory_when_a_listing_does_not(
    body, error, words, server, ledger, people
):
    server.list_script = [body] * 10
    gzip_bomb()  # not to be measured
    timeouts = Timeouts(read=0.5, total=1.0 if body == "drip" else 30.0)
    async with ParchmentClient(
        base_url=server.url, token="CANARY-TOKEN", attempts=1, timeouts=timeouts
    ) as client:
        badges = {"": BadgeClass(entity_id=MATH_EXPERT, issuer="issuer")}
        tracemalloc.start()
        try:
            async with asyncio.timeout(40):
                with pytest.raises(error, match=words):
                    await AwardRun.plan(ledger, client, people(5), badges=badges)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < 100 * 2**20
    assert len(server.listed) == 1
    assert await ledger.runs() == []


@pytest.mark.parametrize("body", ["bomb", "endless", "drip"])
async def test_26b_a_doubt_whose_listing_does_not_end_needs_a_person_and_sends_nothing(
    body, server, planned, ends
):
    run = await planned(pacing=SHORT_OF_PATIENCE)
    server.script = ["drop before"]
    server.list_script = [body] * 10_000
    assert await ends(run) == [State.NEEDS_PERSON]
    assert len(server.posts) == 1
    server.list_script = []
    assert await ends(run) == [State.AWARDED]


async def test_27_one_look_at_a_stale_replica_is_not_enough(server, planned, ends):
    run = await planned()
    server.script = ["drop after"]
    looks = []

    def behind(items, query):
        looks.append(query)
        return items if len(looks) > 1 else []

    server.listing = behind
    assert await ends(run) == [State.AWARDED]
    assert len(server.posts) == 1


async def test_an_unreadable_listing_proves_nothing(server, planned, applied):
    run = await planned()
    server.script = ["drop after"]
    server.listing = lambda items, _: [*items, {"entityId": 5}]
    async with asyncio.timeout(5):
        task = asyncio.create_task(applied(run))
        await asyncio.sleep(1.5)
        assert not task.done()  # an unreadable listing proves nothing, so nothing is sent
        assert len(server.posts) == 1
        server.listing = lambda items, _: items
        assert [one.status for one in await task] == [State.AWARDED]


async def test_the_filter_is_tried_on_an_award_that_exists_and_else_the_badge_is_walked(
    server, planned, ends
):
    server.award_before("known@example.edu")
    run = await planned()
    server.script = ["drop after"]
    server.listing = lambda items, query: [] if query.get("recipient") else items  # a broken filter
    assert await ends(run) == [State.AWARDED]
    assert len(server.posts) == 1


async def test_a_filter_that_ignores_the_recipient_does_not_give_us_others_awards(
    server, planned, ends
):
    server.award_before("known@example.edu")
    run = await planned()
    server.script = ["drop before"]
    everything = server.assertions
    server.listing = lambda _, __: everything
    assert await ends(run) == [State.AWARDED]
    assert len(server.posts) == 2
