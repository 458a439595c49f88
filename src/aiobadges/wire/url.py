"""Addresses: one path argument is one segment, whatever is in it; and whose origin a URL is."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

from aiobadges.errors import InvalidCallError
from aiobadges.values import UNSET

__all__ = ["base64url", "fill", "matches", "origin_of", "query_string", "segment", "timestamp"]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def _is_no_segment(value: str) -> bool:
    """Whether a decoded segment holds what some servers would take for more than one."""
    return value in {".", ".."} or any(c in "/\\\x7f" or c < " " for c in value)


def segment(name: str, value: str) -> str:
    """Encode a path argument so that it is exactly one segment of the path.

    No id of either API holds a slash, so a slash is refused rather than encoded: some gateways
    decode ``%2F`` before they route, and ``../`` would then reach another endpoint with our token.

    Args:
        name: the placeholder, for the error.
        value: the plain value.

    Raises:
        InvalidCallError: the value is empty, ``.`` or ``..``, or holds a slash, a backslash, a
            control character or half of a surrogate pair.
    """
    if not value:
        raise InvalidCallError(f"{name} is empty", remedy="An empty id would name the whole list")
    if _is_no_segment(value):
        raise InvalidCallError(
            f"{name} {value!r} is not an id: it holds a slash, a dot path or a control character",
            remedy="Give the entityId, not a URL or a path",
        )
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise InvalidCallError(f"{name} is not valid text (a lone surrogate)") from None


def base64url(value: str) -> str:
    """Encode text for a path segment documented as base64: URL-safe alphabet, no padding.

    The vendor names no alphabet; this one needs no percent-encoding in either reading.
    """
    try:
        return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
    except UnicodeEncodeError:
        raise InvalidCallError("the value is not valid text (a lone surrogate)") from None


def fill(template: str, values: tuple[str, ...]) -> str:
    """Put path arguments, in order, into a template such as ``/v2/issuers/{issuer_id}``.

    Raises:
        InvalidCallError: a value is no single segment, or their number is wrong.
    """
    names = _PLACEHOLDER.findall(template)
    if len(names) != len(values):
        raise InvalidCallError(f"{template} takes {len(names)} path arguments, not {len(values)}")
    for name, value in zip(names, values, strict=True):
        template = template.replace("{" + name + "}", segment(name, value), 1)
    return template


def matches(template: str, path: str) -> bool:
    """Say whether an encoded path is one of the template's, each placeholder being one segment."""
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{\w+\})", template)
    )
    return re.fullmatch(pattern, path) is not None and not any(
        _is_no_segment(unquote(part)) for part in path.split("/")
    )


def timestamp(moment: datetime) -> str:
    """Write an instant as the vendors do: UTC, ``Z``, milliseconds unless finer ones are set.

    Raises:
        ValueError: the datetime has no time zone, so that it names no instant.
    """
    if moment.tzinfo is None or (offset := moment.utcoffset()) is None:
        msg = f"{moment.isoformat()} has no time zone; give one, such as datetime.now(UTC)"
        raise ValueError(msg)
    try:
        utc = (moment - offset).replace(tzinfo=None)
    except OverflowError:
        msg = f"{moment.isoformat()} lies before the year 1 or after the year 9999 in UTC"
        raise ValueError(msg) from None
    return (
        utc.isoformat(timespec="microseconds" if utc.microsecond % 1000 else "milliseconds") + "Z"
    )


def _query_text(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return timestamp(value)
        case _:
            return str(value)


def query_string(pairs: Iterable[tuple[str, object]]) -> str:
    """Write a query: None is left out, a list repeats its name, booleans are true and false."""
    words: list[str] = []
    for name, value in pairs:
        many = value if isinstance(value, (list, tuple)) else (value,)
        words += [
            f"{quote(name, safe='')}={quote(_query_text(v), safe='')}"
            for v in many
            if v is not None and v is not UNSET
        ]
    return "&".join(words)


def origin_of(url: str) -> str:
    """Give ``scheme://host:port`` in lower case with the port written out.

    Raises:
        ValueError: it is no absolute http(s) URL, or has a user name in it.
    """
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        msg = "not a plain http(s) address"
        raise ValueError(msg)
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{_DEFAULT_PORTS[parts.scheme] if port is None else port}"
