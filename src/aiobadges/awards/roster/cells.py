"""What a cell means: identifiers, dates, and texts that a spreadsheet would take for a formula."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from urllib.parse import urlsplit

from aiobadges.awards.roster.row import IdentifierType

__all__ = ["check_identifier", "identifier_type", "moment", "safe_cell", "unsafe_cell"]

# One @, no blanks or separators, a dotted domain: what every mail system agrees on. Whether the
# address exists only its owner knows.
_EMAIL = re.compile(
    r"[^@\s,;:<>()\[\]\\\"]+@(?:[^@\s.,;:<>()\[\]\\\"]+\.)+[^@\s.,;:<>()\[\]\\\"]{2,}"
)
_E164 = re.compile(r"\+[1-9]\d{6,14}")

_TYPE_NAMES: dict[str, IdentifierType] = {
    "email": "email",
    "e-mail": "email",
    "telephone": "telephone",
    "phone": "telephone",
    "url": "url",
}

# OWASP's list; the last four are the full-width forms of = + - @, which Excel also takes.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_HARMLESS = re.compile(r"[+-]?\d[\d.,]*")


def identifier_type(text: str) -> IdentifierType | None:
    """Read an identifier type, None when it is none of ours."""
    return _TYPE_NAMES.get(text.strip().casefold())


def check_identifier(identifier: str, kind: IdentifierType) -> str | None:
    """Say what is wrong with an identifier, None when nothing is."""
    match kind:
        case "email":
            if not (_EMAIL.fullmatch(identifier) and identifier.isprintable()):
                return f"{identifier!r} is no e-mail address"
        case "telephone":
            if not _E164.fullmatch(identifier):
                return f"{identifier!r} is no number in international form, such as +4930123456"
        case "url":
            try:
                parts = urlsplit(identifier)
            except ValueError:
                return f"{identifier!r} is no web address"
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                return f"{identifier!r} is no web address"
    return None


def moment(text: str, *, zone: tzinfo, date_format: str | None = None) -> datetime:
    """Read a date or a date with time; one without a zone is taken to be in `zone`.

    Args:
        text: ISO 8601, or as `date_format` says.
        zone: the time zone of a text that names none.
        date_format: as of `datetime.strptime`.

    Raises:
        ValueError: it is none; the text says what to do.
    """
    try:
        read = (
            datetime.strptime(text, date_format)  # noqa: DTZ007 - the zone comes below
            if date_format
            else datetime.fromisoformat(text)
        )
    except ValueError:
        if date_format:
            msg = f"{text!r} does not fit the date format {date_format!r}"
        else:
            msg = (
                f"{text!r} is no ISO date such as 2026-06-30; say how to read it with --date-format"
            )
        raise ValueError(msg) from None
    there = read if read.tzinfo else read.replace(tzinfo=zone)
    try:
        there.astimezone(UTC)
    except OverflowError:
        msg = f"{text!r} lies before the year 1 or after the year 9999 in UTC"
        raise ValueError(msg) from None
    return there


def safe_cell(text: str) -> str:
    """Keep a spreadsheet from running a cell as a formula, by an apostrophe before it."""
    if text.lstrip(" ").startswith(_FORMULA) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def unsafe_cell(text: str) -> str:
    """Take that apostrophe away again, so that our own results can be fed back."""
    return text[1:] if text.startswith("'") and safe_cell(text[1:]) == text else text
