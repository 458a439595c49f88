"""Accounts: ``/v2/users``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiobadges.sandbox.parchment import envelope

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.records import User

__all__ = ["as_json", "as_profile", "get_self"]


async def get_self(call: Call) -> Answer:
    """Get your own profile."""
    return envelope.ok([as_json(call.user)])


def as_json(user: User) -> dict[str, Any]:
    """Show an account to its owner."""
    profile = as_profile(user)
    profile["id"] = user.id
    profile["emails"] = [{**profile["emails"][0], "caseVariants": []}]
    profile["hasAgreedToLatestTermsVersion"] = True
    profile["recipient"] = {"identity": user.username, "type": "email"}
    return profile


def as_profile(user: User) -> dict[str, Any]:
    """Show an account as a member of an issuer's staff."""
    return {
        "entityType": "BadgeUser",
        "entityId": user.entity_id,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "emails": [{"email": user.username, "verified": True, "primary": True}],
        "url": [],
        "telephone": [],
        "badgrDomain": None,
        "agreedTermsVersion": 1,
        "marketingOptIn": False,
        "hasPasswordSet": True,
    }
