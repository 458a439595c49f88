"""What becomes of one award under every fault a connection knows, over real sockets.

The numbers are those of the fault matrix, see test_fault_matrix.py.
"""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
import subprocess
from datetime import UTC, datetime

import pytest

from aiobadges import ParchmentClient
from aiobadges.awards.ledger.errors import ForeignRunError
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import (
    BadRequestError,
    CertificateError,
    ConnectError,
    ForbiddenError,
    NotFoundError,
    UnauthorizedError,
    UnexpectedStatusError,
)
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT


@pytest.mark.parametrize(
    ("fault", "posts"),
    [
        pytest.param("drop before", 2, id="3: reset before the request was read"),
        pytest.param("drop after", 1, id="4: dropped after the work"),
        pytest.param("hang after", 1, id="5: no answer, work done"),
        pytest.param("hang before", 2, id="5b: no answer, nothing done"),
        pytest.param("late 0.2", 1, id="6: done later, within the settling time"),
        pytest.param("status 500 done", 1, id="8: 500 after the work"),
        pytest.param("status 502 done", 1, id="8: 502 after the work"),
        pytest.param("status 504 done", 1, id="8: 504 after the work"),
        pytest.param("status 500", 2, id="8b: 500, nothing done"),
        pytest.param("status 408", 2, id="408, nothing done"),
        pytest.param("headers", 1, id="15: cut after the headers"),
        pytest.param("half", 1, id="15: cut in the body"),
        pytest.param("html", 1, id="15: HTML"),
        pytest.param("schema", 1, id="15: wrong schema"),
        pytest.param("other", 1, id="15: another recipient"),
    ],
)
async def test_3_4_5_6_8_15_an_unclear_award_is_looked_for_and_made_once(
    fault, posts, server, planned, ends
):
    run = await planned()
    server.script = [fault]
    assert await ends(run) == [State.AWARDED]
    assert len(server.posts) == posts
    assert len(server.assertions) == 1


async def test_1_a_refused_connection_is_tried_again_and_nothing_is_in_doubt(
    ledger, server, planned, applied
):
    run = await planned()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    # The origin is the same run's: only the port behind it is dead for a while.
    await ledger.update_run(run.id, {"origin": url})
    run.record = await ledger.run(run.id)
    async with ParchmentClient(base_url=url, token="CANARY-TOKEN", attempts=1) as dead:
        with pytest.raises(ConnectError):
            await applied(run, of=dead, seconds=60)
    assert await ledger.counts(run.id) == {State.PLANNED: 1}
    assert not server.posts


async def test_1b_a_connection_refused_in_the_middle_of_a_run_is_tried_again_until_it_is_not(
    ledger, server, planned, ends
):
    run = await planned(4)
    server.script = ["", "away 0.6"]
    assert await ends(run, workers=1) == [State.AWARDED] * 4
    rows = await ledger.page(run.id)
    happened = [one for row in rows for one in await ledger.history(row)]
    refused = [one for one in happened if one.error_code == "Connect"]
    assert {one.event for one in refused} == {"NotDone"}


async def test_7_work_done_after_the_settling_time_is_turned_away_by_the_flag(
    server, planned, applied
):
    run = await planned()
    server.script = ["late 1.6"]  # the re-send comes at 0.4 and 0.8, the audit sees what is left
    statuses = await applied(run)
    await asyncio.sleep(1.3)
    assert [one.status for one in statuses] == [State.AWARDED]
    assert len(server.assertions) == 1  # the late one met the flag


async def test_7b_a_duplicate_that_the_flag_let_through_is_reported_by_the_audit(
    client, server, planned, applied
):
    run = await planned()
    await applied(run)
    person = server.posts[0]
    server.award({"recipient": {"identity": person}, "allowDuplicateAwards": True})
    audit = await run.audit(client)
    assert not audit.is_clean
    assert (audit.doubled_count, audit.extra_count, audit.missing_count) == (1, 1, 0)
    assert audit.doubled[0].recipient == person


async def test_9_a_503_is_unknown_and_its_pause_is_kept(server, planned, ends):
    run = await planned()
    server.script = ["status 503+1"]
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await ends(run) == [State.AWARDED]
    assert loop.time() - began >= 1
    assert len(server.posts) == 2


@pytest.mark.parametrize("after", ["1", "-5", "soon", "Thu,_01_Jan_1970_00:00:00_GMT", ""])
async def test_10_a_429_was_not_done_and_is_sent_again(after, server, planned, ends):
    run = await planned(2)
    server.script = [f"status 429+{after}"]
    assert await ends(run) == [State.AWARDED] * 2
    assert len(server.posts) == 3
    assert not [one for one in server.requests if "recipient=" in one[1]]  # nothing was in doubt


async def test_10b_all_workers_wait_for_as_long_as_a_429_asks(server, planned, ends):
    run = await planned(40)
    server.award_seconds = 0.02
    server.script = ["", "", "status 429+1"]
    assert await ends(run) == [State.AWARDED] * 40
    gaps = [later - first for first, later in itertools.pairwise(server.post_times)]
    assert max(gaps) >= 0.8
    assert server.post_times[-1] - server.post_times[0] < 10


async def test_10c_a_429_that_asks_for_thirty_years_is_waited_for_ten_minutes(
    ledger, server, connect, people, ends
):
    client = await connect(server.url)  # its waits take no time
    badge = {"": BadgeClass(entity_id=MATH_EXPERT, issuer=EXAMPLE_UNIVERSITY)}
    run = await AwardRun.plan(ledger, client, people(1), badges=badge)
    server.script = ["status 429+1000000000"]
    assert await ends(run, of=client) == [State.AWARDED]
    assert 590 <= client.session._clock.slept <= 650


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param("status 401", UnauthorizedError, id="12: 401, no other token"),
        pytest.param("status 403", ForbiddenError, id="403"),
        pytest.param("status 404", NotFoundError, id="404"),
        pytest.param("status 302+http://127.0.0.1:9/", UnexpectedStatusError, id="16: 302"),
        pytest.param("status 307+http://127.0.0.1:9/", UnexpectedStatusError, id="16: 307"),
        pytest.param("status 405", UnexpectedStatusError, id="405"),
        pytest.param("status 413", UnexpectedStatusError, id="413"),
        pytest.param("status 415", UnexpectedStatusError, id="415"),
    ],
)
async def test_12_16_what_every_row_would_meet_pauses_the_run(
    fault, error, ledger, server, planned, applied, ends
):
    run = await planned(60)
    server.script = [fault] * 60
    with pytest.raises(error):
        await applied(run)
    assert await ledger.counts(run.id) == {State.PLANNED: 60}
    assert (await ledger.run(run.id)).state == "paused"
    assert len(server.posts) <= 20  # those that were in flight
    server.script = []
    assert await ends(run) == [State.AWARDED] * 60


async def test_13_a_refusal_is_looked_into_and_never_sent_again(server, planned, applied):
    run = await planned(2)
    server.script = ["status 400"]
    outcomes = await applied(run)
    assert sorted(one.status for one in outcomes) == [State.AWARDED, State.REJECTED]
    (refused,) = [one for one in outcomes if one.status is State.REJECTED]
    assert refused.error_code == "BadRequest"
    assert len(server.posts) == 2
    assert sum("recipient=" in target for _, target in server.requests) >= 2


async def test_13b_a_refusal_that_was_done_all_the_same_is_an_award(server, planned, ends):
    run = await planned()
    server.script = ["status 400 done"]
    assert await ends(run) == [State.AWARDED]


@pytest.mark.parametrize("fault", ["status 409", "status 422"])
async def test_other_refusals_are_rejections_too(fault, server, planned, ends):
    run = await planned()
    server.script = [fault]
    assert await ends(run) == [State.REJECTED]


async def test_14_a_badge_held_by_another_award_is_a_success(server, planned, ends):
    run = await planned()
    person = "person2@example.edu"
    server.award({"recipient": {"identity": person}, "issuedOn": "2020-01-01T00:00:00Z"})
    assert await ends(run) == [State.ALREADY_HELD]
    assert len(server.assertions) == 1


async def test_14b_held_by_our_own_lost_award_is_ours(server, planned, ends):
    run = await planned()
    server.script = ["drop before"]

    def stale(items, _):  # a replica that is behind, until the second POST
        return items if len(server.posts) > 1 else []

    server.listing = stale
    assert await ends(run) == [State.AWARDED]


async def test_17_a_stale_kept_connection_is_no_blind_second_send(server, planned, ends):
    run = await planned(3)
    server.script = ["", "drop after", "drop before"]
    assert await ends(run, workers=1) == [State.AWARDED] * 3
    assert len(server.posts) == 4


async def test_twenty_equal_refusals_in_a_row_pause_the_run_and_reject_nobody(
    server, planned, applied, ledger, ends
):
    run = await planned(60)
    server.script = ["status 400"] * 60
    with pytest.raises(BadRequestError):
        await applied(run, workers=1)
    counts = await ledger.counts(run.id)
    assert State.REJECTED not in counts
    assert len(server.posts) == 20
    server.script = []
    assert await ends(run) == [State.AWARDED] * 60


async def test_nineteen_equal_refusals_are_nineteen_rejections(server, planned, ends):
    run = await planned(19)
    server.script = ["status 400"] * 19
    assert await ends(run) == [State.REJECTED] * 19


async def test_an_award_revoked_before_it_was_looked_for_needs_a_person(server, planned, ends):
    run = await planned()
    server.script = ["drop after"]

    def revoked(items, _):
        return [item | {"revoked": True} for item in items]

    server.listing = revoked
    assert await ends(run) == [State.NEEDS_PERSON]
    assert len(server.posts) == 1


async def test_38_the_same_person_twice_is_one_award_and_a_second_run_does_nothing(
    server, ledger, client, planned, applied, people, ends
):
    pacing = (await planned()).record.pacing
    twice = Row(number=3, identifier="PERSON2@example.edu")
    badge = {"": BadgeClass(entity_id="other", issuer=EXAMPLE_UNIVERSITY)}
    run = await AwardRun.plan(ledger, client, [*people(1), twice], badges=badge, pacing=pacing)
    assert await ledger.counts(run.id) == {State.PLANNED: 1, State.DUPLICATE: 1}
    assert await ends(run) == [State.AWARDED]
    again = await AwardRun.plan(ledger, client, people(1), badges=badge)
    assert await ledger.counts(again.id) == {State.ALREADY_HELD: 1}
    assert await applied(again) == []
    assert len(server.posts) == 1


async def test_many_awards_under_many_faults_are_each_made_once(server, planned, client, ends):
    run = await planned(120)
    faults = [
        "drop after",
        "",
        "status 500 done",
        "",
        "drop before",
        "html",
        "",
        "late 0.1",
        "half",
    ]
    server.script = faults * 12
    assert await ends(run, seconds=40) == [State.AWARDED] * 120
    assert len(server.assertions) == 120
    audit = await run.audit(client)
    assert audit.is_clean
    assert audit.awarded == 120


async def test_every_body_carries_the_flag_and_one_fingerprint(server, planned, ends):
    run = await planned()
    server.script = ["drop before"]
    seen = []
    award = server.award
    server.award = lambda body, *rest: (seen.append(body), award(body, *rest))[1]
    await ends(run)
    (body,) = seen
    assert body["allowDuplicateAwards"] is False
    issued_on = datetime.fromisoformat(body["issuedOn"])
    assert issued_on.microsecond % 1000 == 0
    assert issued_on.microsecond > 0
    assert (datetime.now(UTC) - issued_on).total_seconds() >= 299


async def test_another_account_or_place_is_refused(ledger, planned, applied, server):
    run = await planned()
    async with ParchmentClient(base_url="http://127.0.0.1:9", token="CANARY-TOKEN") as elsewhere:
        with pytest.raises(ForeignRunError):
            await applied(run, of=elsewhere)
    await ledger.update_run(run.id, {"account": "somebody else"})
    run.record = await ledger.run(run.id)
    with pytest.raises(ForeignRunError):
        await applied(run)
    assert not server.posts


async def test_2_a_certificate_that_is_not_accepted_pauses_at_once(
    ledger, planned, applied, tmp_path
):
    run = await planned(5)
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
            "/CN=localhost", "-keyout", "k.pem", "-out", "c.pem"]  # fmt: skip
    await asyncio.to_thread(subprocess.run, made, cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    asked = []

    async def answer(reader, writer):
        asked.append(await reader.read(10))
        writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    await ledger.update_run(run.id, {"origin": url})
    run.record = await ledger.run(run.id)
    async with ParchmentClient(base_url=url, token="CANARY-TOKEN") as client:
        with pytest.raises(CertificateError):
            await applied(run, of=client)
    listener.close()
    assert not asked
    assert await ledger.counts(run.id) == {State.PLANNED: 5}
