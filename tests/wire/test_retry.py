"""Again or not, and after how long."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges import errors
from aiobadges.errors import BadgesError
from aiobadges.wire.retry import LONGEST_PAUSE, Again, RetryPolicy, is_repeatable, retry_after

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        ("1", 1.0),
        (" 30 ", 30.0),
        ("0", None),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
        ("1e3", None),
        ("600", 600.0),
        ("601", LONGEST_PAUSE),
        ("1000000000", LONGEST_PAUSE),
        ("9" * 5000, LONGEST_PAUSE),
        ("\u0665", None),
        ("soon", None),
        ("5 seconds", None),
        ("Sun, 22 Nov 2026 12:00:42 GMT", 42.0),
        ("Sun, 22 Nov 2026 12:00:42 -0000", 42.0),
        ("Sun, 22 Nov 2026 13:00:42 +0100", 42.0),
        ("Sunday, 22-Nov-26 12:00:42 GMT", 42.0),
        ("Sun, 22 Nov 2026 12:00:00 GMT", None),
        ("Sun, 22 Nov 2026 11:59:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Mon, 22 Nov 2027 12:00:00 GMT", LONGEST_PAUSE),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_PAUSE),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
        ("Sun, 22 Nov 99999 12:00:00 GMT", None),
    ],
    ids=["missing", "empty", "blank", "seconds", "spaces", "zero", "negative", "plus", "fraction",
         "exponent", "the-bound", "above", "10^9", "5000-digits", "other-digits", "word", "words",
         "date", "date-without-zone", "date-with-zone", "old-date", "now", "past", "epoch",
         "next-year", "end-of-time", "no-such-day", "no-such-year"],
)  # fmt: skip
def test_retry_after_gives_seconds_only_when_it_means_any(header, seconds):
    assert retry_after(header, now=NOW) == seconds


junk = st.lists(
    st.sampled_from(
        [
            "Sun,",
            "22",
            "Nov",
            "2026",
            "0001",
            "9999",
            "12:00:42",
            "99:99",
            "GMT",
            "-0000",
            "+9999",
            "(",
            ")",
            ",",
            ":",
            "-",
            "\x00",
            "EST",
        ]
    ),
    max_size=8,
).map(" ".join)


@given(st.text() | junk)
def test_retry_after_is_bounded_whatever_the_header_says(header):
    seconds = retry_after(header, now=NOW)
    assert seconds is None or 0 < seconds <= LONGEST_PAUSE


@given(st.integers(1, 600))
def test_a_date_means_the_same_as_seconds_when_read(seconds):
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after(date, now=NOW) == retry_after(str(seconds), now=NOW) == seconds


policies = st.builds(
    RetryPolicy, base=st.floats(0.001, 10), longest=st.floats(0.001, 100), attempts=st.just(3)
)


@given(policies, st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_wait_lies_between_nothing_and_its_bound_whatever_is_drawn(policy, attempt, draw):
    wait = policy.wait(attempt, draw)
    assert 0 <= wait <= policy.longest
    assert wait <= policy.base * 2 ** min(attempt - 1, 60)


@pytest.mark.parametrize(
    ("attempt", "bound"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0), (6, 8.0), (99, 8.0)]
)
def test_the_bound_doubles_to_the_longest_wait_when_nothing_is_configured(attempt, bound):
    policy = RetryPolicy()
    assert policy.wait(attempt, 1.0) == bound
    assert policy.wait(attempt, 0.0) == 0.0
    assert policy.wait(attempt, 0.5) == bound / 2


def every_error(cls=BadgesError):
    yield cls
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from every_error(child)


ALWAYS = {"NotSentError", "ConnectError", "DeadlineError", "RateLimitedError", "UnauthorizedError"}
WHEN_IDEMPOTENT = {"FailedError", "TimeoutFailedError", "DisconnectedError", "ServerError"}


@pytest.mark.parametrize("kind", list(every_error()), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("idempotent", [True, False], ids=["idempotent", "write"])
def test_a_request_is_repeated_only_when_that_doubles_nothing(kind, idempotent):
    expected = kind.__name__ in ALWAYS or (idempotent and kind.__name__ in WHEN_IDEMPOTENT)
    assert is_repeatable(kind("x"), idempotent=idempotent) is expected


def test_a_verdict_asks_for_no_refresh_when_nothing_is_said():
    assert not Again(error=BadgesError("x")).refresh
