"""Signing in: passwords, rotation of refresh tokens, expiry, the login throttle."""

import pytest

from aiobadges.sandbox.parchment import seed
from aiobadges.sandbox.parchment.tokens import LoginThrottle

PASSWORD = {"username": "registrar@example.edu", "password": seed.PASSWORD}


@pytest.fixture
def sign_in(ask):
    async def sign_in(form=PASSWORD, **options):
        return await ask("POST", "/o/token", token=None, data=form, **options)

    return sign_in


@pytest.fixture
def refresh(sign_in):
    async def refresh(token, **options):
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return await sign_in(form, **options)

    return refresh


@pytest.fixture
def works(ask):
    async def works(token, **options):
        status, _ = await ask("GET", "/v2/users/self", token=token, **options)
        return status == 200

    return works


async def test_token_is_given_when_only_name_and_password_are_sent(sign_in, works):
    status, token = await sign_in()

    assert status == 200
    assert await works(token.pop("access_token"))
    assert token.pop("refresh_token")
    assert token == {
        "token_type": "Bearer",
        "expires_in": 86400,
        "scope": "rw:profile rw:issuer rw:backpack",
    }


async def test_token_has_the_scopes_when_they_are_asked_for(sign_in):
    _, token = await sign_in({**PASSWORD, "grant_type": "password", "scope": "r:profile r:org"})

    assert token["scope"] == "r:profile r:org"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        pytest.param({**PASSWORD, "password": "x"}, "invalid_grant", id="wrong password"),
        pytest.param({**PASSWORD, "username": "x"}, "invalid_grant", id="unknown name"),
        pytest.param({"username": "registrar@example.edu"}, "invalid_request", id="no password"),
        pytest.param({}, "invalid_request", id="nothing"),
        pytest.param({"grant_type": "refresh_token"}, "invalid_request", id="no refresh token"),
        pytest.param(
            {**PASSWORD, "grant_type": "magic"}, "unsupported_grant_type", id="unknown grant"
        ),
        pytest.param({**PASSWORD, "scope": "rw:everything"}, "invalid_scope", id="unknown scope"),
    ],
)
async def test_no_token_is_given_when_the_form_is_wrong(sandbox, sign_in, form, error):
    status, body = await sign_in(form)

    assert (status, body["error"]) == (400, error)
    assert body["error_description"]
    assert sandbox.counters.logins == 0


async def test_no_token_is_given_when_the_credentials_are_in_the_url(sandbox, sign_in):
    status, body = await sign_in({}, params=PASSWORD)

    assert (status, body["error"]) == (400, "invalid_request")
    assert sandbox.counters.logins == 0


async def test_no_token_is_given_when_the_credentials_are_json(ask):
    status, body = await ask("POST", "/o/token", PASSWORD, token=None)

    assert (status, body["error"]) == (400, "invalid_request")


async def test_both_tokens_change_when_refreshed(sign_in, refresh, works):
    _, first = await sign_in()

    status, second = await refresh(first["refresh_token"])

    assert status == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == first["scope"]
    assert await works(second["access_token"])


async def test_first_pair_is_dead_when_it_was_traded_in(sign_in, refresh, works):
    _, first = await sign_in()
    await refresh(first["refresh_token"])

    status, body = await refresh(first["refresh_token"])

    assert (status, body) == (401, {"error": "invalid_grant"})
    assert not await works(first["access_token"])


async def test_other_sign_in_stays_good_when_one_is_refreshed(sign_in, refresh, works):
    (_, first), (_, second) = await sign_in(), await sign_in()

    await refresh(first["refresh_token"])

    assert await works(second["access_token"])


async def test_refresh_token_is_dead_when_the_answer_with_the_new_one_is_lost(
    sandbox, sign_in, refresh
):
    _, first = await sign_in()
    sandbox.faults.next("token", "html")
    with pytest.raises(Exception, match="unexpected mimetype"):
        await refresh(first["refresh_token"])

    status, _ = await refresh(first["refresh_token"])

    assert status == 401


async def test_access_token_is_no_refresh_token_when_used_as_one(sign_in, refresh):
    _, token = await sign_in()

    status, _ = await refresh(token["access_token"])

    assert status == 401


async def test_token_is_refused_when_its_lifetime_is_over(start, sign_in, works):
    short = await start(token_lifetime=0.0)

    _, token = await sign_in(of=short)

    assert token["expires_in"] == 0
    assert not await works(token["access_token"], of=short)


async def test_access_tokens_are_refused_when_all_are_expired(sandbox, sign_in, refresh, works):
    _, token = await sign_in()

    assert sandbox.expire_tokens() == 1

    assert not await works(token["access_token"])
    status, token = await refresh(token["refresh_token"])
    assert status == 200
    assert await works(token["access_token"])


async def test_static_token_stays_good_when_all_are_expired(sandbox, works):
    sandbox.expire_tokens()

    assert await works(sandbox.token)


async def test_logins_and_refreshes_are_counted_when_tokens_are_given(sandbox, sign_in, refresh):
    _, token = await sign_in()
    await refresh(token["refresh_token"])
    await refresh(token["refresh_token"])

    assert (sandbox.counters.logins, sandbox.counters.refreshes) == (1, 1)
    assert sandbox.counters.of("token") == 3


async def test_right_password_is_throttled_when_several_were_wrong(sign_in):
    for _ in range(3):
        status, _ = await sign_in({**PASSWORD, "password": "guess"})
        assert status == 400

    status, body = await sign_in()

    assert status == 429
    assert body == {
        "error": "login attempts throttled",
        "error_description": "Too many login attempts. Please wait and try again.",
        "expires": 16,
    }


async def test_other_name_signs_in_when_one_is_throttled(sandbox, sign_in):
    sandbox.add_user("other@example.edu", "secret")
    for _ in range(4):
        await sign_in({**PASSWORD, "password": "guess"})

    status, _ = await sign_in({"username": "other@example.edu", "password": "secret"})

    assert status == 200


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_throttle_doubles_up_to_an_hour_when_failures_go_on():
    clock = Clock()
    throttle = LoginThrottle(clock)
    for _ in range(3):
        throttle.failed("ana", "::1")

    waits = [throttle.refuses("ana", "::1") for _ in range(10)]

    assert waits == [16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]


def test_throttle_ends_when_its_seconds_are_over():
    clock = Clock()
    throttle = LoginThrottle(clock)
    for _ in range(3):
        throttle.failed("ana", "::1")

    clock.now = 8.0

    assert throttle.refuses("ana", "::1") == 0


def test_failures_are_forgiven_when_a_login_succeeds():
    throttle = LoginThrottle(Clock())
    for _ in range(2):
        throttle.failed("ana", "::1")
    throttle.succeeded("ana", "::1")

    throttle.failed("ana", "::1")

    assert throttle.refuses("ana", "::1") == 0
