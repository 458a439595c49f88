"""Accounts: ``/v2/users``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox.parchment import envelope

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.fields import Fields
    from aiobadges.sandbox.parchment.records import User

__all__ = ["as_json", "as_profile", "get", "patch", "update"]


async def get(call: Call) -> Answer:
    """Get a profile: your own, for the open source server shows no other."""
    return envelope.ok([as_json(_user(call))])


async def update(call: Call) -> Answer:
    """Replace your profile; what the body leaves out is empty afterwards."""
    user = _user(call)
    fields = call.fields()
    return _put(
        call,
        fields,
        replace(
            user,
            first_name=fields.text("firstName") or "",
            last_name=fields.text("lastName") or "",
            marketing_opt_in=fields.flag("marketingOptIn", default=False),
        ),
    )


async def patch(call: Call) -> Answer:
    """Change what the body names in your profile."""
    user = _user(call)
    fields = call.fields()
    first_name, last_name = fields.text("firstName"), fields.text("lastName")
    return _put(
        call,
        fields,
        replace(
            user,
            first_name=user.first_name if first_name is None else first_name,
            last_name=user.last_name if last_name is None else last_name,
            marketing_opt_in=fields.flag("marketingOptIn", default=user.marketing_opt_in),
        ),
    )


def _user(call: Call) -> User:
    name = call.incoming.ids.get("id")  # the path of your own account has none
    if name is not None and name not in {call.user.key, call.user.id}:
        raise envelope.not_found()
    return call.user


def _put(call: Call, fields: Fields, user: User) -> Answer:
    fields.refuse_if_wrong()
    call.state.users.put(user)
    return envelope.ok([as_json(user)])


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
        "marketingOptIn": user.marketing_opt_in,
        "hasPasswordSet": True,
    }
