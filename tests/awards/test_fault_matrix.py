"""What becomes of one award under every fault a connection knows, over real sockets."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
from datetime import UTC, datetime

import pytest

from aiobadges import ParchmentClient
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger import Ledger
from aiobadges.awards.ledger_errors import ForeignRunError
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.errors import (
    BadRequestError,
    CertificateError,
    ConnectError,
    ForbiddenError,
    NotFoundError,
    SignInError,
    UnauthorizedError,
    UnexpectedStatusError,
)
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT, PASSWORD, USERNAME


async def ends(run, applied, server, **options):
    """Apply; give the states and assert what holds in every case."""
    outcomes = await applied(run, **options)
    assert not server.doubled()
    return [outcome.status for outcome in outcomes]


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
async def test_an_unclear_award_is_looked_for_and_made_once(fault, posts, server, planned, applied):
    run = await planned()
    server.script = [fault]
    assert await ends(run, applied, server) == [State.AWARDED]
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


async def test_9_a_503_is_unknown_and_its_pause_is_kept(server, planned, applied):
    run = await planned()
    server.script = ["status 503+1"]
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await ends(run, applied, server) == [State.AWARDED]
    assert loop.time() - began >= 1
    assert len(server.posts) == 2


@pytest.mark.parametrize("after", ["1", "-5", "soon", "Thu,_01_Jan_1970_00:00:00_GMT", ""])
async def test_10_a_429_was_not_done_and_is_sent_again(after, server, planned, applied):
    run = await planned(2)
    server.script = [f"status 429+{after}"]
    assert await ends(run, applied, server) == [State.AWARDED] * 2
    assert len(server.posts) == 3
    assert not [one for one in server.requests if "recipient=" in one[1]]  # nothing was in doubt


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
async def test_what_every_row_would_meet_pauses_the_run(
    fault, error, ledger, server, planned, applied
):
    run = await planned(60)
    server.script = [fault] * 60
    with pytest.raises(error):
        await applied(run)
    assert await ledger.counts(run.id) == {State.PLANNED: 60}
    assert (await ledger.run(run.id)).state == "paused"
    assert len(server.posts) <= 20  # those that were in flight
    server.script = []
    assert await ends(run, applied, server) == [State.AWARDED] * 60


async def test_13_a_refusal_is_looked_into_and_never_sent_again(server, planned, applied):
    run = await planned(2)
    server.script = ["status 400"]
    outcomes = await applied(run)
    assert sorted(one.status for one in outcomes) == [State.AWARDED, State.REJECTED]
    (refused,) = [one for one in outcomes if one.status is State.REJECTED]
    assert refused.error_code == "BadRequest"
    assert len(server.posts) == 2
    assert sum("recipient=" in target for _, target in server.requests) >= 2


async def test_13b_a_refusal_that_was_done_all_the_same_is_an_award(server, planned, applied):
    run = await planned()
    server.script = ["status 400 done"]
    assert await ends(run, applied, server) == [State.AWARDED]


@pytest.mark.parametrize("fault", ["status 409", "status 422"])
async def test_other_refusals_are_rejections_too(fault, server, planned, applied):
    run = await planned()
    server.script = [fault]
    assert await ends(run, applied, server) == [State.REJECTED]


async def test_14_a_badge_held_by_another_award_is_a_success(server, planned, applied):
    run = await planned()
    person = "person2@example.edu"
    server.award({"recipient": {"identity": person}, "issuedOn": "2020-01-01T00:00:00Z"})
    assert await ends(run, applied, server) == [State.ALREADY_HELD]
    assert len(server.assertions) == 1


async def test_14b_held_by_our_own_lost_award_is_ours(server, planned, applied):
    run = await planned()
    server.script = ["drop before"]

    def stale(items, _):  # a replica that is behind, until the second POST
        return items if len(server.posts) > 1 else []

    server.listing = stale
    assert await ends(run, applied, server) == [State.AWARDED]


async def test_17_a_stale_kept_connection_is_no_blind_second_send(server, planned, applied):
    run = await planned(3)
    server.script = ["", "drop after", "drop before"]
    assert await ends(run, applied, server, workers=1) == [State.AWARDED] * 3
    assert len(server.posts) == 4


async def test_22_a_listing_that_fails_is_asked_again(server, planned, applied):
    run = await planned()
    server.script = ["drop after"]
    server.list_script = ["500", "502", "500"]
    assert await ends(run, applied, server) == [State.AWARDED]
    assert len(server.posts) == 1


async def test_22b_a_listing_that_never_comes_back_needs_a_person_and_sends_nothing(
    server, planned, applied
):
    pacing = Pacing(lease=0.5, settle=0.2, timeout=0.5, patience=1.0)
    run = await planned(pacing=pacing)
    server.script = ["drop after"]
    server.list_script = ["500"] * 1000
    assert await ends(run, applied, server) == [State.NEEDS_PERSON]
    assert len(server.posts) == 1
    server.list_script = []  # somebody resumes it, and the platform is back
    assert await ends(run, applied, server) == [State.AWARDED]


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


async def test_27_one_look_at_a_stale_replica_is_not_enough(server, planned, applied):
    run = await planned()
    server.script = ["drop after"]
    looks = []

    def behind(items, query):
        looks.append(query)
        return items if len(looks) > 1 else []

    server.listing = behind
    assert await ends(run, applied, server) == [State.AWARDED]
    assert len(server.posts) == 1


async def test_the_filter_is_tried_on_an_award_that_exists_and_else_the_badge_is_walked(
    server, planned, applied
):
    server.award(
        {"recipient": {"identity": "known@example.edu"}, "issuedOn": "2020-01-01T00:00:00Z"}
    )
    run = await planned()
    server.script = ["drop after"]
    server.listing = lambda items, query: [] if query.get("recipient") else items  # a broken filter
    assert await ends(run, applied, server) == [State.AWARDED]
    assert len(server.posts) == 1


async def test_a_filter_that_ignores_the_recipient_does_not_give_us_others_awards(
    server, planned, applied
):
    server.award(
        {"recipient": {"identity": "known@example.edu"}, "issuedOn": "2020-01-01T00:00:00Z"}
    )
    run = await planned()
    server.script = ["drop before"]
    everything = server.assertions
    server.listing = lambda _, __: everything
    assert await ends(run, applied, server) == [State.AWARDED]
    assert len(server.posts) == 2


async def test_twenty_equal_refusals_in_a_row_pause_the_run_and_reject_nobody(
    server, planned, applied, ledger
):
    run = await planned(60)
    server.script = ["status 400"] * 60
    with pytest.raises(BadRequestError):
        await applied(run, workers=1)
    counts = await ledger.counts(run.id)
    assert State.REJECTED not in counts
    assert len(server.posts) == 20
    server.script = []
    assert await ends(run, applied, server) == [State.AWARDED] * 60


async def test_nineteen_equal_refusals_are_nineteen_rejections(server, planned, applied):
    run = await planned(19)
    server.script = ["status 400"] * 19
    assert await ends(run, applied, server) == [State.REJECTED] * 19


async def test_an_award_revoked_before_it_was_looked_for_needs_a_person(server, planned, applied):
    run = await planned()
    server.script = ["drop after"]

    def revoked(items, _):
        return [item | {"revoked": True} for item in items]

    server.listing = revoked
    assert await ends(run, applied, server) == [State.NEEDS_PERSON]
    assert len(server.posts) == 1


async def test_38_the_same_person_twice_is_one_award_and_a_second_run_does_nothing(
    server, ledger, client, planned, applied, people
):
    pacing = (await planned()).record.pacing
    twice = Row(number=3, identifier="PERSON2@example.edu")
    badge = {"": BadgeClass(entity_id="other", issuer="i")}
    run = await AwardRun.plan(ledger, client, [*people(1), twice], badges=badge, pacing=pacing)
    assert await ledger.counts(run.id) == {State.PLANNED: 1, State.DUPLICATE: 1}
    assert await ends(run, applied, server) == [State.AWARDED]
    again = await AwardRun.plan(ledger, client, people(1), badges=badge)
    assert await ledger.counts(again.id) == {State.ALREADY_HELD: 1}
    assert await applied(again) == []
    assert len(server.posts) == 1


async def test_many_awards_under_many_faults_are_each_made_once(server, planned, applied, client):
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
    assert await ends(run, applied, server, seconds=40) == [State.AWARDED] * 120
    assert len(server.assertions) == 120
    audit = await run.audit(client)
    assert audit.is_clean
    assert audit.awarded == 120


async def test_every_body_carries_the_flag_and_one_fingerprint(server, planned, applied):
    run = await planned()
    server.script = ["drop before"]
    seen = []
    award = server.award
    server.award = lambda body, *rest: (seen.append(body), award(body, *rest))[1]
    await ends(run, applied, server)
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


async def test_11_many_refused_tokens_are_one_refresh_and_each_award_is_made_once(
    sandbox, ledger, applied, people
):
    options = {"region": "sandbox", "base_url": sandbox.url}
    async with ParchmentClient(**options, username=USERNAME, password=PASSWORD) as client:
        badge = {"": BadgeClass(entity_id=MATH_EXPERT, issuer="i")}
        run = await AwardRun.plan(ledger, client, people(60), badges=badge)
        sandbox.expire_tokens()
        before = sandbox.counters.refreshes
        outcomes = await applied(run, of=client)
        assert [one.status for one in outcomes] == [State.AWARDED] * 60
        assert sandbox.counters.refreshes == before + 1
        assert not sandbox.outbox.doubled()


async def test_28_a_login_that_is_refused_sends_nothing(sandbox, ledger, applied, people):
    options = {"region": "sandbox", "base_url": sandbox.url}
    badge = {"": BadgeClass(entity_id=MATH_EXPERT, issuer="i")}
    async with ParchmentClient(**options, username=USERNAME, password=PASSWORD) as client:
        run = await AwardRun.plan(ledger, client, people(5), badges=badge)
    async with ParchmentClient(
        **options, username=USERNAME, password="CANARY-TOKEN-wrong"
    ) as client:
        with pytest.raises(SignInError):
            await applied(run, of=client)
    assert await ledger.counts(run.id) == {State.PLANNED: 5}
    assert sandbox.outbox.sent == 0


async def test_32_a_log_cut_by_a_power_failure_is_a_doubt_and_no_second_award(
    tmp_path, server, planned, applied
):
    run = await planned(10)
    server.script = ["", "", ""] + ["hang after"] * 7
    task = asyncio.create_task(applied(run))
    async with asyncio.timeout(5):
        while len(server.posts) < 10:
            await asyncio.sleep(0.01)
    image = tmp_path / "image.sqlite3"  # the disk, as the power cut left it
    for end in ("", "-wal"):
        shutil.copy(f"{tmp_path}/ledger.sqlite3{end}", f"{image}{end}")
    with image.with_name("image.sqlite3-wal").open("ab") as log:
        log.write(b"torn" * 100)
    await task
    server.script = []
    async with Ledger.open(image) as restored:
        again = await AwardRun.open(restored, run.id)
        await restored.update_run(run.id, {"holder": ""})
        await applied(again)
        assert await restored.counts(run.id) == {State.AWARDED: 10}
    assert not server.doubled()
    assert len(server.assertions) == 10
