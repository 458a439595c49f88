"""Faults, as a raw client meets them: what is done, what is answered, what the connection does."""

import asyncio

import aiohttp
import pytest

from aiobadges.sandbox import FAULT_KINDS, MATH_EXPERT, pipeline
from aiobadges.sandbox.faults import Fault, Faults
from aiobadges.sandbox.parchment import seed

AWARD = f"/v2/badgeclasses/{MATH_EXPERT}/assertions"
HEADERS = {"Authorization": "Bearer sandbox-token"}
BODY = {"recipient": {"identity": "ana@example.edu"}}


@pytest.fixture
def send(sandbox, session):
    """Award once; give status, headers and body as text."""

    async def send(**options):
        async with session.post(
            sandbox.url + AWARD, json=BODY, headers=HEADERS, **options
        ) as response:
            return response.status, response.headers, await response.text()

    return send


@pytest.mark.parametrize(
    ("kind", "status", "content_type", "made"),
    [
        ("before_work", 500, "text/html", 0),
        ("after_work", 500, "text/html", 1),
        ("unavailable", 503, "application/json", 0),
        ("rate_limited", 429, "application/json", 0),
        ("html", 201, "text/html", 1),
        ("refused", 200, "application/json", 0),
        ("unauthorized", 401, "application/json", 0),
    ],
)
async def test_answer_is_another_when_a_fault_is_scripted(
    *, sandbox, send, kind, status, content_type, made
):
    sandbox.faults.next("badgeclasses.award", kind)

    got, headers, text = await send()

    assert (got, headers["Content-Type"].partition(";")[0]) == (status, content_type)
    assert (text.startswith("{")) is (content_type == "application/json")
    assert sandbox.outbox.sent == made


@pytest.mark.parametrize(("kind", "made"), [("drop_before_work", 0), ("drop_after_work", 1)])
async def test_connection_breaks_without_an_answer_when_dropped(sandbox, send, kind, made):
    sandbox.faults.next("badgeclasses.award", kind)

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await send()

    assert sandbox.outbox.sent == made


@pytest.mark.parametrize(("kind", "made"), [("hang_before_work", 0), ("hang", 1)])
async def test_no_answer_comes_when_it_hangs(sandbox, send, kind, made):
    sandbox.faults.next("badgeclasses.award", kind)

    with pytest.raises(TimeoutError):
        await send(timeout=aiohttp.ClientTimeout(total=0.2))

    assert sandbox.outbox.sent == made


async def test_hung_request_ends_when_its_client_leaves(sandbox, send):
    sandbox.faults.next("badgeclasses.award", "hang")
    with pytest.raises(TimeoutError):
        await send(timeout=aiohttp.ClientTimeout(total=0.1))

    async with asyncio.timeout(2):
        while sandbox.counters.in_flight:
            await asyncio.sleep(0.01)


async def test_late_work_is_done_when_its_client_has_left(sandbox, send, monkeypatch):
    monkeypatch.setattr(pipeline, "LATE", 0.4)
    sandbox.faults.next("badgeclasses.award", "late_work")

    with pytest.raises(TimeoutError):
        await send(timeout=aiohttp.ClientTimeout(total=0.1))

    assert sandbox.outbox.sent == 0
    async with asyncio.timeout(5):
        while not sandbox.outbox.sent:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", ["hang", "late_work"])
async def test_sandbox_closes_at_once_when_a_request_hangs(start, session, kind):
    sandbox = await start()
    sandbox.faults.next("*", kind)
    hung = asyncio.create_task(session.post(sandbox.url + AWARD, json=BODY, headers=HEADERS))
    while not sandbox.counters.in_flight:
        await asyncio.sleep(0.01)

    async with asyncio.timeout(1):
        await sandbox.aclose()

    with pytest.raises(aiohttp.ServerDisconnectedError):
        await hung


async def test_half_of_the_body_arrives_when_it_is_cut(sandbox):
    sandbox.faults.next("badgeclasses.award", "cut_body")
    _, port = sandbox.url.rsplit(":", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    body = b'{"recipient":{"identity":"ana@example.edu"}}'
    writer.write(
        f"POST {AWARD} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-token\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )

    head, _, half = (await reader.read()).partition(b"\r\n\r\n")

    writer.close()
    declared = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Le")
    )
    assert head.startswith(b"HTTP/1.1 201")
    assert len(half) == declared // 2
    assert half.startswith(b'{"status":{"success":true')
    assert sandbox.outbox.sent == 1


async def test_client_sees_a_broken_payload_when_the_body_is_cut(sandbox, send):
    sandbox.faults.next("badgeclasses.award", "cut_body")

    with pytest.raises(aiohttp.ClientPayloadError):
        await send()


async def test_envelope_says_no_when_refused_with_200(sandbox, ask):
    sandbox.faults.next("issuers.list", "refused")

    status, body = await ask("GET", "/v2/issuers")

    assert (status, body["status"]["success"], body["result"]) == (200, False, [])


@pytest.mark.parametrize("kind", ["rate_limited", "unavailable"])
@pytest.mark.parametrize("retry_after", [3, "Wed, 21 Oct 2099 07:28:00 GMT", "-1", "soon"])
async def test_retry_after_is_what_was_scripted_when_told_to_wait(sandbox, send, kind, retry_after):
    sandbox.faults.next("badgeclasses.award", kind, retry_after=retry_after)

    _, headers, _ = await send()

    assert headers["Retry-After"] == str(retry_after)


async def test_script_is_followed_in_order_when_several_are_queued(sandbox, send):
    sandbox.faults.next("badgeclasses.award", "unavailable", times=2)
    sandbox.faults.next("badgeclasses.award", "rate_limited")

    statuses = [(await send())[0] for _ in range(4)]

    assert statuses == [503, 503, 429, 201]


async def test_other_operations_go_well_when_one_has_a_fault(sandbox, ask, send):
    sandbox.faults.next("badgeclasses.award", "unavailable")

    assert (await ask("GET", "/v2/issuers"))[0] == 200
    assert (await send())[0] == 503


async def test_star_fault_meets_whatever_comes_next_but_signing_in(sandbox, ask):
    sandbox.faults.next("*", "unavailable")
    form = {"username": "registrar@example.edu", "password": seed.PASSWORD}

    assert (await ask("POST", "/o/token", token=None, data=form))[0] == 200
    assert (await ask("GET", "/v2/issuers"))[0] == 503
    assert (await ask("GET", "/v2/issuers"))[0] == 200


async def test_signing_in_goes_wrong_when_named(sandbox, ask):
    sandbox.faults.next("token", "unavailable")
    form = {"username": "registrar@example.edu", "password": seed.PASSWORD}

    assert (await ask("POST", "/o/token", token=None, data=form))[0] == 503


async def test_everything_goes_well_when_faults_are_cleared(sandbox, send):
    sandbox.faults.next("*", "unavailable", times=9)
    sandbox.faults.probability({"unavailable": 1.0})

    sandbox.faults.clear()

    assert (await send())[0] == 201


@pytest.fixture
def faults():
    return Faults(["token", "issuers.list", "badgeclasses.award"])


def test_share_of_requests_goes_wrong_when_probable(faults):
    faults.probability({"drop_after_work": 0.1, "unavailable": 0.2}, seed=7)

    drawn = [faults.draw("issuers.list") for _ in range(10_000)]

    assert 900 < sum(f == Fault("drop_after_work") for f in drawn) < 1100
    assert 1850 < sum(f == Fault("unavailable") for f in drawn) < 2150


def test_same_requests_go_wrong_when_the_seed_is_the_same(faults):
    rounds = []
    for _ in range(2):
        faults.probability({"hang": 0.5}, seed=3)
        rounds.append([faults.draw("issuers.list") for _ in range(50)])

    assert rounds[0] == rounds[1]


def test_odds_of_an_operation_hold_when_there_are_odds_for_all(faults):
    faults.probability({"hang": 1.0})
    faults.probability({"refused": 1.0}, operation="issuers.list")

    assert faults.draw("issuers.list") == Fault("refused")
    assert faults.draw("badgeclasses.award") == Fault("hang")
    assert faults.draw("token", signs_in=True) is None


def test_odds_end_when_replaced_by_none(faults):
    faults.probability({"hang": 1.0})

    faults.probability({})

    assert faults.draw("issuers.list") is None


def test_script_comes_first_when_there_are_odds(faults):
    faults.probability({"hang": 1.0})
    faults.next("*", "refused")

    assert [faults.draw("issuers.list").kind for _ in range(2)] == ["refused", "hang"]
    assert faults.pending() == {}


def test_unknown_kind_is_refused_with_the_valid_ones_when_scripted(faults):
    with pytest.raises(ValueError, match="no fault 'explode'") as caught:
        faults.next("issuers.list", "explode")

    assert all(kind in str(caught.value) for kind in FAULT_KINDS)


def test_unknown_operation_is_refused_with_the_valid_ones_when_scripted(faults):
    with pytest.raises(ValueError, match="no operation 'award'") as caught:
        faults.probability({"hang": 0.1}, operation="award")

    assert "*, badgeclasses.award, issuers.list, token" in str(caught.value)


@pytest.mark.parametrize(
    "shares",
    [{"hang": -0.1}, {"hang": 1.1}, {"hang": 0.6, "refused": 0.6}, {"hang": float("nan")}],
    ids=["negative", "above one", "sum above one", "not a number"],
)
def test_shares_are_refused_when_they_are_no_shares(faults, shares):
    with pytest.raises(ValueError, match="between 0 and 1"):
        faults.probability(shares)


def test_script_is_refused_when_it_is_for_no_request(faults):
    with pytest.raises(ValueError, match="1 or more"):
        faults.next("*", "hang", times=0)
