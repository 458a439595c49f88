"""The backpack: ``/v2/backpack/assertions``, what the caller was awarded here or brought along.

An award made here is in the backpack of the account that has its address, in whatever case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import assertions, envelope
from aiobadges.sandbox.parchment.records import Assertion, Import

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.records import User

__all__ = ["accept", "as_json", "find", "get", "is_of", "list_all", "put", "remove"]

# The open source server keeps what was taken out of a backpack, with this mark.
REJECTED = "Rejected"


async def list_all(call: Call) -> Answer:
    """Get what is in the backpack, newest first; revoked and expired awards stay out."""
    now = moments.now()
    awards = call.state.awards_of_person(call.user.username)
    found = [a for a in awards if is_of(call.user, a) and a.is_live(now) and is_in(a)]
    items: list[Assertion | Import] = [*found, *call.state.imports_of(call.user)]
    items.sort(key=lambda item: item.created_at, reverse=True)
    return envelope.ok([as_json(call.user, item) for item in items])


async def get(call: Call) -> Answer:
    """Get one item of the backpack, revoked and expired ones too."""
    return envelope.ok([as_json(call.user, _item(call))])


async def accept(call: Call) -> Answer:
    """Accept an item. The open source server takes no other word."""
    item = _item(call)
    fields = call.fields()
    acceptance = fields.choice("acceptance", ("Accepted",), required=True)
    fields.refuse_if_wrong()
    accepted = replace(item, acceptance=acceptance)
    put(call, accepted)
    return envelope.ok([as_json(call.user, accepted)])


async def remove(call: Call) -> Answer:
    """Take an item out; an award that was made here stays an award."""
    item = _item(call)
    if isinstance(item, Import):
        call.state.imports.remove(item)
    else:
        put(call, replace(item, acceptance=REJECTED))
    return envelope.no_content()


def find(call: Call, name: str) -> Assertion | Import | None:
    """Find an item in the backpack of the caller by an id in either form."""
    award = call.state.assertions.find(name)
    if award is not None:
        return award if is_of(call.user, award) and is_in(award) else None
    brought = call.state.imports.find(name)
    return brought if brought is not None and brought.owner == call.user.key else None


def is_of(user: User, award: Assertion) -> bool:
    """Say whether an award was made to an account."""
    return (
        award.recipient_type == "email" and award.recipient.casefold() == user.username.casefold()
    )


def is_in(award: Assertion) -> bool:
    """Say whether an award was not taken out of the backpack."""
    return award.acceptance != REJECTED


def put(call: Call, item: Assertion | Import) -> None:
    """Remember an item that has changed."""
    if isinstance(item, Import):
        call.state.imports.put(item)
    else:
        call.state.assertions.put(item)


def as_json(user: User, item: Assertion | Import) -> dict[str, Any]:
    """Show an item."""
    return assertions.as_json(item) if isinstance(item, Assertion) else _brought(user, item)


def _item(call: Call) -> Assertion | Import:
    item = find(call, call.incoming.ids["id"])
    if item is None:
        raise envelope.not_found()
    return item


def _brought(user: User, item: Import) -> dict[str, Any]:
    return {
        "entityType": "Assertion",
        "id": item.id,
        "entityId": item.entity_id,
        "openBadgeId": item.identity,
        "createdAt": item.created_at,
        "createdBy": None,
        "badgeclass": None,
        "badgeclassOpenBadgeId": item.badge_url,
        "issuer": None,
        "issuerOpenBadgeId": None,
        "image": item.image,
        "recipient": {
            "identity": user.username,
            "type": "email",
            "hashed": False,
            "plaintextIdentity": user.username,
        },
        "issuedOn": item.issued_on,
        "narrative": item.narrative,
        "evidence": [],
        "revoked": False,
        "revocationReason": None,
        "acceptance": item.acceptance,
        "expires": None,
        "extensions": {},
        "pending": False,
        "source": "import",
        "sourceUrl": item.source_url,
        "originalJson": item.original_json,
    }
