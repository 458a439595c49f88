"""Bringing an award from elsewhere into the backpack: ``POST /v2/backpack/import``.

It comes as its address, its JSON or its picture. Nothing is fetched and no picture is unbaked: the
sandbox never leaves this machine. The errors are objects here, as in the open source server.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import backpack, envelope, identifiers
from aiobadges.sandbox.parchment.fields import WEB_URL
from aiobadges.sandbox.parchment.images import image_type
from aiobadges.sandbox.parchment.public import assertion_of
from aiobadges.sandbox.parchment.records import Import

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.records import Assertion, User

__all__ = ["bring"]

FORMS: Final = ("url", "assertion", "image")
ONE_FORM: Final = "Exactly one of url, assertion and image is required."


async def bring(call: Call) -> Answer:
    """Put an award into the backpack."""
    fields = call.fields()
    if sum(fields.raw(form, nullable=True) is not None for form in FORMS) != 1:
        raise envelope.bad_request(ONE_FORM)
    url = fields.text("url", nullable=True, like=WEB_URL)
    badge = fields.mapping("assertion", nullable=True)
    picture = fields.text("image", nullable=True)
    if picture is not None and not picture.startswith(("http://", "https://")):
        image_type(fields, required=True)
    fields.refuse_if_wrong()
    if badge is not None:
        return _bring(call, _from_json(call.user, badge))
    if picture is not None:
        digest = hashlib.sha256(picture.encode()).hexdigest()
        is_address = picture.startswith(("http://", "https://"))
        identity = picture if is_address else f"urn:sha256:{digest}"
        return _bring(call, _blank(call.user, identity, image=picture if is_address else None))
    if not url:
        raise envelope.bad_request(ONE_FORM)
    return _bring(call, _blank(call.user, url, source_url=url))


def _blank(user: User, identity: str, **details: Any) -> Import:
    now = moments.now()
    return Import(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        created_at=now,
        owner=user.key,
        identity=identity,
        **{"issued_on": now, **details},
    )


def _from_json(user: User, badge: dict[str, Any]) -> Import:
    identity = badge.get("id")
    if not isinstance(identity, str) or not identity.strip():
        raise _refused("VALIDATE_PROPERTY", "The assertion has no id.")
    if not _is_for(user, badge.get("recipient")):
        raise _refused("VERIFY_RECIPIENT_IDENTIFIER", "The recipient is not you.")
    issued_on = badge.get("issuedOn")
    moment = moments.parse(issued_on) if isinstance(issued_on, str) else None
    return _blank(
        user,
        identity,
        issued_on=moments.stamp(moment) if moment else moments.now(),
        narrative=_text(badge.get("narrative")),
        badge_url=_text(badge.get("badge")),
        image=_text(badge.get("image")),
        original_json=msgspec.json.encode(badge).decode(),
    )


def _is_for(user: User, recipient: object) -> bool:
    """Say whether a recipient, if there is any, is the user, in plain text or hashed."""
    identity = recipient.get("identity") if isinstance(recipient, dict) else None
    if not isinstance(recipient, dict) or not isinstance(identity, str):
        return True
    salted = user.username.lower() + str(recipient.get("salt") or "")
    digest = hashlib.sha256(salted.encode()).hexdigest()
    return identity.casefold() in {user.username.casefold(), f"sha256${digest}"}


def _bring(call: Call, item: Import) -> Answer:
    made_here = call.state.assertions.get(assertion_of(item.identity))
    if made_here is not None:
        return _bring_back(call, made_here)
    if any(item.identity == other.identity for other in call.state.imports_of(call.user)):
        raise _duplicate()
    call.state.imports.put(item)
    return envelope.created(backpack.as_json(call.user, item))


def _bring_back(call: Call, award: Assertion) -> Answer:
    """Bring an award that was made here: it is in the backpack already, or was taken out of it."""
    if not backpack.is_of(call.user, award):
        raise _refused("VERIFY_RECIPIENT_IDENTIFIER", "The recipient is not you.")
    if backpack.is_in(award):
        raise _duplicate()
    award = replace(award, acceptance="Accepted")
    backpack.put(call, award)
    return envelope.created(backpack.as_json(call.user, award))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _duplicate() -> envelope.Refused:
    return _refused("DUPLICATE_BADGE", "This badge is in your backpack already.")


def _refused(name: str, description: str) -> envelope.Refused:
    return envelope.bad_request({"name": name, "description": description})
