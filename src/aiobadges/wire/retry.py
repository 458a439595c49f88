"""Again or not, and after how long. Decisions are values; who waits is the transport."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import attrs

from aiobadges.errors import (
    BadgesError,
    BadResponseError,
    CertificateError,
    FailedError,
    NotSentError,
    RateLimitedError,
    SignInError,
    UnauthorizedError,
)

__all__ = ["LONGEST_PAUSE", "Again", "RetryPolicy", "http_date", "is_repeatable", "retry_after"]

LONGEST_PAUSE = 600.0
"""Seconds. A Retry-After beyond ten minutes is cut to it: nobody's job should hang for a day."""


@attrs.frozen(kw_only=True)
class Again:
    """A verdict: another attempt makes sense. ``error`` is what to raise when there is none.

    Attributes:
        error: the error of this attempt.
        refresh: the token was refused; another attempt needs a new one, and is no attempt.
    """

    error: BadgesError
    refresh: bool = False


@attrs.frozen(kw_only=True)
class RetryPolicy:
    """How often to try, and how long to wait between: full jitter, as AWS recommends it.

    Attributes:
        attempts: exchanges at most, the first one included.
        base: seconds, the upper bound of the first wait; it doubles each time.
        longest: seconds, the upper bound of every wait.
    """

    attempts: int = 3
    base: float = 0.5
    longest: float = 8.0

    def wait(self, attempt: int, draw: float) -> float:
        """Give the seconds to wait after that attempt.

        Args:
            attempt: the number of the attempt that failed, from 1.
            draw: a random number in [0, 1).
        """
        return draw * float(min(self.longest, self.base * 2 ** min(attempt - 1, 30)))


def is_repeatable(error: BadgesError, *, idempotent: bool) -> bool:
    """Say whether the same request may be sent again without a look at the server's state.

    What was not sent, and what was turned away for its rate, has not happened. Any other failure
    may have, so only an idempotent request is repeated after it.
    """
    if isinstance(error, (CertificateError, SignInError)):
        # A certificate gets no better by waiting, and the vendor throttles failed logins.
        return False
    if isinstance(error, (NotSentError, RateLimitedError, UnauthorizedError)):
        return True
    return idempotent and isinstance(error, FailedError) and not isinstance(error, BadResponseError)


def http_date(text: str) -> datetime | None:
    """Read an HTTP date; junk gives None."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    # "-0000" in RFC 5322: a time in UTC whose zone is not known
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def retry_after(header: str | None, *, now: datetime) -> float | None:
    """Read Retry-After: seconds or an HTTP date; junk, nothing and the past give None.

    Args:
        header: the header's value, None when it is missing.
        now: the wall clock, in UTC, to count a date from.
    """
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text[:10])
    else:
        moment = http_date(text)
        if moment is None:
            return None
        seconds = (moment - now).total_seconds()
    return min(seconds, LONGEST_PAUSE) if seconds > 0 else None
