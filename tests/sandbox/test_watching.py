"""Counters, outbox and awards: what the owner of a sandbox sees, here and over the control surface."""

import asyncio

import pytest

from aiobadges.sandbox import CHEMISTRY_BASICS, CLAIM_CODE, MATH_EXPERT, AwardSeen, Doubled, Sandbox
from aiobadges.sandbox.parchment import seed


async def test_requests_are_counted_by_operation_when_they_arrive(sandbox, ask, award):
    await award()
    await award(narrative="![")
    await ask("GET", "/v2/issuers")
    await ask("GET", "/v2/nothing")

    assert sandbox.counters.requests == 4
    assert sandbox.counters.by_operation == {
        "badgeclasses.award": 2,
        "issuers.list": 1,
        "unknown": 1,
    }
    assert sandbox.counters.of("badgeclasses.award") == 2
    assert sandbox.counters.of("assertions.get") == 0


async def test_most_requests_at_once_are_remembered_when_they_are_over(start, ask):
    slow = await start(latency=0.25)
    form = {"username": "registrar@example.edu", "password": seed.PASSWORD}

    await asyncio.gather(
        *(ask("GET", "/v2/issuers", of=slow) for _ in range(7)),
        *(ask("POST", "/o/token", token=None, data=form, of=slow) for _ in range(5)),
        *(ask("GET", "/_sandbox/counters", of=slow) for _ in range(5)),
    )

    assert (slow.counters.in_flight, slow.counters.max_in_flight) == (0, 7)


async def test_request_waits_when_there_is_latency(start, ask):
    slow = await start(latency=0.15)
    loop = asyncio.get_running_loop()
    began = loop.time()

    await ask("GET", "/v2/issuers", of=slow)

    assert loop.time() - began >= 0.15


async def test_one_mail_is_sent_when_an_assertion_is_made(sandbox, award):
    _, body = await award()
    await award(narrative="![")

    [mail] = sandbox.outbox.mails
    [assertion] = body["result"]
    assert mail == (
        "ana@example.edu",
        MATH_EXPERT,
        "Math Expert",
        assertion["entityId"],
        assertion["createdAt"],
    )


async def test_doubles_are_seen_when_somebody_is_written_to_twice_about_a_badge(sandbox, award):
    await award("ana@example.edu")
    await award("ana@example.edu", badge=CHEMISTRY_BASICS)
    await award("bob@example.edu")
    assert sandbox.outbox.doubled() == []

    await award("bob@example.edu")

    assert sandbox.outbox.doubled() == [Doubled("bob@example.edu", MATH_EXPERT, 2)]
    assert sandbox.outbox.by_recipient() == {"ana@example.edu": 2, "bob@example.edu": 2}
    assert sandbox.outbox.sent == 4


async def test_every_award_is_seen_when_asked_for_an_address(sandbox, ask, award):
    _, first = await award(issuedOn="2025-01-01T00:00:00Z")
    _, second = await award(expires="2025-01-01T00:00:00Z", badge=CHEMISTRY_BASICS)
    await award("bob@example.edu")
    first, second = first["result"][0], second["result"][0]
    await ask("DELETE", f"/v2/assertions/{first['entityId']}", {"revocation_reason": "x"})

    assert sandbox.awards("ana@example.edu") == [
        AwardSeen(
            assertion=first["entityId"],
            badge=MATH_EXPERT,
            badge_name="Math Expert",
            recipient="ana@example.edu",
            issued_on="2025-01-01T00:00:00.000Z",
            is_revoked=True,
            is_expired=False,
        ),
        AwardSeen(
            assertion=second["entityId"],
            badge=CHEMISTRY_BASICS,
            badge_name="Chemistry Basics",
            recipient="ana@example.edu",
            issued_on=second["issuedOn"],
            is_revoked=False,
            is_expired=True,
        ),
    ]
    assert sandbox.awards("nobody@example.edu") == []


async def test_everything_is_as_at_the_start_when_reset(sandbox, ask, award):
    form = {"username": "registrar@example.edu", "password": seed.PASSWORD}
    _, token = await ask("POST", "/o/token", token=None, data=form)
    await ask("POST", "/v2/issuers", {"name": "n", "email": "a@b.cd", "url": "http://x.y"})
    await award()
    sandbox.faults.next("*", "unavailable", times=5)

    sandbox.reset()

    assert (await ask("GET", "/v2/issuers", token=token["access_token"]))[0] == 401
    _, body = await ask("GET", "/v2/issuers")
    assert [issuer["name"] for issuer in body["result"]] == ["Example University"]
    assert sandbox.outbox.sent == 0
    assert sandbox.awards("ana@example.edu") == []
    assert sandbox.counters.by_operation == {"issuers.list": 2}


async def test_awards_stay_when_a_sandbox_is_closed_and_started_again(award):
    sandbox = Sandbox()
    for _ in range(2):
        async with sandbox:
            await award(of=sandbox)

    assert len(sandbox.awards("ana@example.edu")) == 2


async def test_url_is_refused_when_the_sandbox_was_not_started():
    with pytest.raises(RuntimeError, match="not started"):
        _ = Sandbox().url


async def test_second_start_is_refused_when_the_sandbox_runs(sandbox):
    with pytest.raises(RuntimeError, match="runs already"):
        await sandbox.start()


async def test_start_is_refused_when_the_port_is_taken(sandbox):
    other = Sandbox()

    with pytest.raises(OSError, match="address already in use"):
        await other.start(port=int(sandbox.url.rsplit(":", 1)[1]))

    await other.start()
    await other.aclose()


async def test_control_surface_shows_counters_and_outbox_without_being_counted(ask, award):
    await award()
    await award()

    _, counters = await ask("GET", "/_sandbox/counters", token=None)
    _, outbox = await ask("GET", "/_sandbox/outbox", token=None)

    assert counters == {
        "requests": {"total": 2, "by_operation": {"badgeclasses.award": 2}},
        "in_flight": 0,
        "max_in_flight": 1,
        "logins": 0,
        "refreshes": 0,
    }
    assert outbox == {
        "sent": 2,
        "recipients": 1,
        "doubled": [{"to": "ana@example.edu", "badge": MATH_EXPERT, "times": 2}],
    }


async def test_control_surface_shows_awards_when_asked_for_an_address(ask, award):
    await award()

    _, body = await ask("GET", "/_sandbox/awards", params={"recipient": "ana@example.edu"})

    assert [(a["badge_name"], a["is_live"]) for a in body["awards"]] == [("Math Expert", True)]


async def test_control_surface_scripts_faults_when_told_to(ask):
    order = {
        "clear": True,
        "next": [{"operation": "issuers.list", "kind": "unavailable", "times": 2}],
        "probability": {"rate_limited": 1.0},
        "operation": "badgeclasses.list",
        "seed": 1,
    }

    status, body = await ask("POST", "/_sandbox/faults", order)

    assert (status, body) == (200, {"pending": {"issuers.list": 2}})
    assert (await ask("GET", "/v2/issuers"))[0] == 503
    assert (await ask("GET", "/v2/badgeclasses"))[0] == 429


@pytest.mark.parametrize(
    "order",
    [
        {"next": [{"operation": "issuers.list", "kind": "explode"}]},
        {"next": [{"operation": "nothing", "kind": "hang"}]},
        {"probability": {"hang": 2}},
        {"probability": {"explode": 0.1}},
        {"nxt": []},
        [],
    ],
    ids=["kind", "operation", "share", "kind with odds", "misspelt", "list"],
)
async def test_control_surface_says_what_is_wrong_when_an_order_is(sandbox, ask, order):
    status, body = await ask("POST", "/_sandbox/faults", order)

    assert status == 400
    assert body["error"]
    assert sandbox.faults.pending() == {}


async def test_control_surface_resets_and_expires_when_told_to(sandbox, ask, award):
    await award()
    form = {"username": "registrar@example.edu", "password": seed.PASSWORD}
    _, token = await ask("POST", "/o/token", token=None, data=form)

    _, expired = await ask("POST", "/_sandbox/expire-tokens", token=None)
    assert (await ask("GET", "/v2/issuers", token=token["access_token"]))[0] == 401
    await ask("POST", "/_sandbox/reset", token=None)

    assert expired == {"expired": 1}
    assert sandbox.outbox.sent == 0


async def test_control_surface_does_what_the_api_cannot_when_told_to(sandbox, ask):
    lena = "lena@example.edu"
    _, group = await ask("POST", "/_sandbox/groups", {"name": "New", "members": [lena]}, token=None)
    claim = {"code": CLAIM_CODE, "recipient": lena}
    _, claimed = await ask("POST", "/_sandbox/claims", claim, token=None)
    course = {"recipient": lena, "domain": "lms.example", "course": "7"}
    status, _ = await ask("POST", "/_sandbox/courses", course, token=None)

    assert group["group"] in sandbox._state.groups.rows
    assert claimed["assertion"] == sandbox.awards(lena)[0].assertion
    assert (status, len(sandbox._state.courses_of(lena))) == (200, 1)


@pytest.mark.parametrize("name", ["groups", "claims", "courses"])
@pytest.mark.parametrize("body", [None, [], {}, {"code": "x", "recipient": "y"}])
async def test_control_surface_says_what_is_wrong_when_it_cannot_do_it(sandbox, ask, name, body):
    status, answer = await ask("POST", f"/_sandbox/{name}", body, token=None)

    assert (status, list(answer)) == (400, ["error"])
    assert sandbox.outbox.sent == 0
