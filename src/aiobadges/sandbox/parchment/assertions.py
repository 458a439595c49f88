"""Assertions, the awarded badges: ``/v2/assertions``, and how lists of them are answered."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import award_fields, envelope, paging
from aiobadges.sandbox.parchment.fields import Fields
from aiobadges.sandbox.parchment.granting import Recipient
from aiobadges.sandbox.parchment.public import assertion_url, badge_url, issuer_url
from aiobadges.sandbox.parchment.state import may_act_as

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.records import Assertion

__all__ = ["as_json", "asked_for", "get", "listing", "revoke", "revoke_many", "update"]


async def get(call: Call) -> Answer:
    """Get one assertion, revoked and expired ones too."""
    return envelope.ok([as_json(call.assertion())])


async def revoke(call: Call) -> Answer:
    """Revoke an assertion; the reason comes in the body of the DELETE."""
    assertion = call.assertion()
    fields = call.fields()
    # Documented as optional; the open source server requires it.
    reason = fields.text("revocation_reason", required=True)
    fields.refuse_if_wrong()
    if assertion.revoked:
        raise envelope.bad_request("Assertion is already revoked")
    revoked = replace(assertion, revoked=True, revocation_reason=reason)
    call.state.assertions.put(revoked)
    return envelope.ok([as_json(revoked)])


async def update(call: Call) -> Answer:
    """Replace what an assertion says; what the body leaves out is gone, but for its date.

    Its recipient cannot be changed, and whatever the body says of one is not looked at.
    """
    assertion = call.assertion()
    fields = call.fields()
    order = award_fields.read(fields, Recipient(assertion.recipient))
    fields.refuse_if_wrong()
    if assertion.revoked:
        raise envelope.bad_request("Assertion is revoked")
    updated = replace(
        assertion,
        issued_on=moments.stamp(order.issued_on) if order.issued_on else assertion.issued_on,
        expires=moments.stamp(order.expires) if order.expires else None,
        narrative=order.narrative,
        evidence=order.evidence,
        extensions=order.extensions,
        ob3_award_properties=order.ob3_award_properties,
    )
    call.state.assertions.put(updated)
    return envelope.ok([as_json(updated)])


async def revoke_many(call: Call) -> Answer:
    """Revoke what can be revoked, and say for each item what became of it.

    A bare list, as documented; the open source server wraps it.
    """
    return envelope.bare([_revoked(call, item) for item in call.items()])


def asked_for(call: Call) -> Sequence[str]:
    """Give the recipients that a list is limited to: exact plain text, any of them; none for all."""
    return call.incoming.query.getall("recipient", [])


def listing(call: Call, keys: Sequence[str]) -> Answer:
    """Answer with a list of assertions, newest first, in pages when the caller wants pages.

    Args:
        call: whose query says what to leave out and which page to give.
        keys: the assertions, oldest first.

    Raises:
        Refused: an invalid cursor.
    """
    revoked_too = call.asks_for("include_revoked")
    expired_too = call.asks_for("include_expired")
    now = moments.now()

    def wanted(award: Assertion) -> bool:
        return (revoked_too or not award.revoked) and (expired_too or not award.is_expired(now))

    names = call.tenant.cursor_names
    page = paging.cut(keys, call.state.assertions.rows, wanted, call.incoming, names)
    return envelope.ok(
        [as_json(award) for award in page.awards], paging.link_header(page, call.incoming, names)
    )


def as_json(award: Assertion) -> dict[str, Any]:
    """Show an assertion."""
    url = assertion_url(award.entity_id)
    badge = badge_url(award.badgeclass)
    issuer = issuer_url(award.issuer)
    return {
        "entityType": "Assertion",
        "id": award.id,
        "entityId": award.entity_id,
        "openBadgeId": url,
        "createdAt": award.created_at,
        "createdBy": award.created_by,
        "badgeclass": award.badgeclass,
        "badgeclassOpenBadgeId": badge,
        "issuer": award.issuer,
        "issuerOpenBadgeId": issuer,
        "image": f"{url}/image",
        "recipient": _recipient_as_json(award),
        "issuedOn": award.issued_on,
        "narrative": award.narrative,
        "evidence": award.evidence,
        "revoked": award.revoked,
        "revocationReason": award.revocation_reason,
        "acceptance": award.acceptance,
        "expires": award.expires,
        "extensions": award.extensions,
        "assertionRef": {"assertionUrl": url},
        "badgeRef": {"badgeUrl": badge},
        "issuerRef": {"issuerUrl": issuer},
        "pending": False,
        "source": "local",
        "sourceUrl": None,
        "originalJson": None,
        "imagePath": f"uploads/badges/assertion-{award.entity_id}.png",
        "ob3AwardProperties": award.ob3_award_properties,
    }


def _revoked(call: Call, item: object) -> dict[str, Any]:
    """Revoke one of many. The codes are invented: their values are not documented."""
    fields = Fields(item if isinstance(item, dict) else {})
    name = fields.text("entityId", nullable=True) or fields.text("id", nullable=True) or ""
    reason = fields.text("revocationReason", required=True)
    assertion = call.state.assertions.find(name)
    if assertion is not None:
        issuer = call.state.issuers.rows[assertion.issuer]
        assertion = assertion if may_act_as("staff", issuer, call.user) else None
    why = code = None
    if assertion is None:
        why, code = "permission denied or object not found", "not-found"
    elif fields.errors:
        why, code = "revocationReason is required", "reason-required"
    elif assertion.revoked:
        why, code = "Assertion is already revoked", "already-revoked"
    else:
        revoked = replace(assertion, revoked=True, revocation_reason=reason)
        call.state.assertions.put(revoked)
    return {
        "id": assertion.id if assertion else None,
        "entityId": assertion.entity_id if assertion else name or None,
        "revocationReason": reason,
        "revoked": why is None,
        "reason": why,
        "code": code,
    }


def _recipient_as_json(award: Assertion) -> dict[str, Any]:
    shown = {
        "identity": award.recipient,
        "type": award.recipient_type,
        "hashed": award.salt is not None,
        "plaintextIdentity": award.recipient,
    }
    if award.salt is not None:
        # The open source server hashes the identity in lower case, whatever case it was given in.
        salted = (award.recipient.lower() + award.salt).encode()
        shown["identity"] = f"sha256${hashlib.sha256(salted).hexdigest()}"
        shown["salt"] = award.salt
    return shown
