"""The public addresses of Open Badges objects, as they stand in answers.

They lie in a domain that can never exist, and not on the sandbox: real ones, too, name hosts other
than the API's (old objects still carry ``badgr.io``), so no client may derive one from the other.
"""

from __future__ import annotations

__all__ = ["assertion_url", "badge_url", "issuer_url"]


def issuer_url(entity_id: str) -> str:
    """Give the openBadgeId of an issuer."""
    return f"https://badgr.example/public/issuers/{entity_id}"


def badge_url(entity_id: str) -> str:
    """Give the openBadgeId of a badge class."""
    return f"https://badgr.example/public/badges/{entity_id}"


def assertion_url(entity_id: str) -> str:
    """Give the openBadgeId of an assertion."""
    return f"https://badgr.example/public/assertions/{entity_id}"
