"""The envelope round Parchment's answers: what it holds, and what it complains of.

Documented: ``{"status": {"success", "description"}, "result": [...], "fieldErrors": {...}, ...}``,
``result`` always a list. Seen: complaints as a list, a text, an object, nested, or false; bare
bodies where an envelope is documented and the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from aiobadges.wire.codec import DecodingError, Problem
from aiobadges.wire.operation import Unwrap

__all__ = ["complaints", "describes_duplicate", "is_refusal", "unwrap"]

_MOST_COMPLAINTS = 50
_LONGEST_COMPLAINT = 500
_DEEPEST = 20

# The open source server's words, and room for others: the hosted server's are not documented.
_DUPLICATE = re.compile(
    r"previous award|DUPLICATE_(?:BADGE|AWARD)|already (?:has|holds|been awarded|received)",
    re.IGNORECASE,
)


def _is_envelope(body: object) -> bool:
    return (
        isinstance(body, dict)
        and isinstance(body.get("status"), dict)
        and ("success" in body["status"] or "result" in body)
    )


def is_refusal(body: object) -> bool:
    """Say whether a body says ``success: false``; it was seen with status 200 in production."""
    return _is_envelope(body) and isinstance(body, dict) and body["status"].get("success") is False


def _leaves(value: object, path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    match value:
        case str() if value.strip():
            yield path, value.strip()[:_LONGEST_COMPLAINT]
        case dict():
            for key, inner in value.items():
                yield from _leaves(inner, f"{path}.{key}".lstrip("."), depth + 1)
        case list():
            for number, inner in enumerate(value):
                # A list of texts belongs to the field; a list of objects to its items.
                inner_path = path if isinstance(inner, str) else f"{path}[{number}]"
                yield from _leaves(inner, inner_path, depth + 1)
        case _:
            return


def _complaints(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _leaves(body.get("fieldErrors"), "")
    # These name no field; a bare index of theirs says nothing to a person.
    for key in ("validationErrors", "nonFieldErrors"):
        said = body.get(key)
        for item in said if isinstance(said, list) else [said]:
            for _, text in _leaves(_as_text(item), ""):
                yield "", text


def _as_text(item: object) -> object:
    """``{"name": "DUPLICATE_BADGE", "description": "..."}`` -> ``DUPLICATE_BADGE: ...``."""
    if not isinstance(item, dict):
        return item
    words = [w for key in ("name", "description") if isinstance(w := item.get(key), str)]
    return ": ".join(words) if isinstance(item.get("description"), str) else item


def complaints(body: object) -> Mapping[str, tuple[str, ...]]:
    """Collect what an envelope complains of, by field; ``""`` holds what names no field."""
    if not isinstance(body, dict):
        return {}
    found: dict[str, list[str]] = {}
    for name, text in islice(_complaints(body), _MOST_COMPLAINTS):
        if text not in found.setdefault(name, []):
            found[name].append(text)
    if not found and _is_envelope(body):
        description = body["status"].get("description")
        if isinstance(description, str) and description.strip():
            found[""] = [description.strip()[:_LONGEST_COMPLAINT]]
    return {name: tuple(texts) for name, texts in found.items()}


def describes_duplicate(fields: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether the complaint is that the recipient holds the badge already."""
    return any(_DUPLICATE.search(text) for texts in fields.values() for text in texts)


def unwrap(body: Any, how: Unwrap, member: str = "") -> tuple[Any, str]:
    """Take the documented part out of a body, and say at which JSON path it lies.

    Args:
        body: the parsed body.
        how: where the part lies.
        member: the member that holds the list, for a list that has a name but no envelope.

    An envelope where a bare body is documented is opened, and a bare body where an envelope is
    documented is taken as it is: both were seen on the hosted service over the years.

    Raises:
        DecodingError: there is not exactly one item where one is documented, or no list.
    """
    value, path = body, "$"
    if _is_envelope(body):
        value, path = body.get("result"), "$.result"
    match how:
        case "one":
            if isinstance(value, list):
                if len(value) != 1:
                    raise DecodingError([Problem(path, f"holds {len(value)} items, not one")])
                return value[0], f"{path}[0]"
        case "many":
            if member and isinstance(value, dict):
                value, path = value.get(member), f"{path}.{member}"
            if not isinstance(value, list):
                raise DecodingError([Problem(path, "is no list")])
        case "bare" if path != "$" and isinstance(value, list) and len(value) == 1:
            return value[0], f"{path}[0]"
        case "bare" | "none":
            pass
    return value, path
