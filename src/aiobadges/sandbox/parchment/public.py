"""The public addresses of Open Badges objects, as they stand in answers.

They lie in a domain that can never exist, and not on the sandbox: real ones, too, name hosts other
than the API's (old objects still carry ``badgr.io``), so no client may derive one from the other.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

__all__ = [
    "assertion_of",
    "assertion_url",
    "badge_of",
    "badge_url",
    "claim_url",
    "collection_url",
    "issuer_of",
    "issuer_url",
    "text_of_segment",
]

HOME: Final = "https://badgr.example/public/"


def issuer_url(entity_id: str) -> str:
    """Give the openBadgeId of an issuer."""
    return f"{HOME}issuers/{entity_id}"


def badge_url(entity_id: str) -> str:
    """Give the openBadgeId of a badge class."""
    return f"{HOME}badges/{entity_id}"


def assertion_url(entity_id: str) -> str:
    """Give the openBadgeId of an assertion."""
    return f"{HOME}assertions/{entity_id}"


def collection_url(share_hash: str) -> str:
    """Give the address under which a collection is shared."""
    return f"{HOME}collections/{share_hash}"


def claim_url(code: str) -> str:
    """Give the page on which people use a claim code."""
    return f"{HOME}claim/{code}"


def issuer_of(url: str) -> str:
    """Give the entity id behind the openBadgeId of an issuer; empty when it is no such one."""
    return _id_in(url, "issuers/")


def badge_of(url: str) -> str:
    """Give the entity id behind the openBadgeId of a badge class; empty when it is no such one."""
    return _id_in(url, "badges/")


def assertion_of(url: str) -> str:
    """Give the entity id behind the openBadgeId of an assertion; empty when it is no such one."""
    return _id_in(url, "assertions/")


def text_of_segment(segment: str) -> str:
    """Give the text that a path segment holds in base64; empty when it holds none.

    Neither the alphabet nor the padding is documented, so both alphabets are taken, with or
    without it.
    """
    bare = segment.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except (ValueError, binascii.Error):
        return ""


def _id_in(url: str, kind: str) -> str:
    start = HOME + kind
    return url[len(start) :] if url.startswith(start) else ""
