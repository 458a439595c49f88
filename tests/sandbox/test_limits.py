"""The rate limit: windows on an injected clock, and 429 over the wire."""

import pytest

from aiobadges.sandbox import RateLimit
from aiobadges.sandbox.limits import RateWindow
from aiobadges.sandbox.parchment import seed


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("text", "limit"),
    [("50", RateLimit(50)), ("2500/60", RateLimit(2500, 60.0)), ("1/0.5", RateLimit(1, 0.5))],
)
def test_limit_is_read_when_written(text, limit):
    assert RateLimit.parse(text) == limit


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "5/0", "5/-1", "5/nan"])
def test_limit_is_refused_when_it_is_none(text):
    with pytest.raises(ValueError):  # noqa: PT011 - int and float word it in their own ways
        RateLimit.parse(text)


def test_requests_are_refused_until_the_window_ends_when_there_are_too_many():
    clock = Clock()
    window = RateWindow(RateLimit(2, 10.0), clock)

    first = [window.admit() for _ in range(3)]
    clock.now += 9.5
    late = window.admit()
    clock.now += 0.5
    second = [window.admit() for _ in range(3)]

    assert (first, late, second) == ([0, 0, 10], 1, [0, 0, 10])


def test_window_begins_with_its_first_request_when_there_was_a_pause():
    clock = Clock()
    window = RateWindow(RateLimit(1, 10.0), clock)
    window.admit()
    clock.now += 15.0

    assert [window.admit(), window.admit()] == [0, 10]


async def test_429_tells_how_long_to_wait_when_the_limit_is_reached(start, session, award):
    limited = await start(rate_limit=RateLimit(2, 600.0))
    made = [(await award(f"p{n}@example.edu", of=limited))[0] for n in range(3)]
    async with session.get(
        f"{limited.url}/v2/issuers", headers={"Authorization": "Bearer sandbox-token"}
    ) as response:
        assert response.status == 429
        assert 590 <= int(response.headers["Retry-After"]) <= 600
        assert (await response.json())["status"]["success"] is False

    assert made == [201, 201, 429]
    assert limited.outbox.sent == 2


async def test_signing_in_works_when_the_limit_is_reached(start, ask):
    limited = await start(rate_limit=RateLimit(1, 600.0))
    form = {"username": "registrar@example.edu", "password": seed.PASSWORD}

    statuses = [
        (await ask("POST", "/o/token", token=None, data=form, of=limited))[0] for _ in range(3)
    ]

    assert statuses == [200, 200, 200]
