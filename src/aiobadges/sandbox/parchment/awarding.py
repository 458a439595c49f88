"""Awarding: ``POST /v2/badgeclasses/{id}/assertions``, where double awards come from.

There is no idempotency key. ``allowDuplicateAwards: false`` looks for a live award and then makes
the new one; the real server bakes an image in between and holds no lock, so two requests that are
under way together can both succeed. The gap is kept here on purpose.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import advancing, award_fields, envelope, granting
from aiobadges.sandbox.parchment.assertions import as_json
from aiobadges.sandbox.parchment.call import ARCHIVED
from aiobadges.sandbox.parchment.public import badge_of

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.fields import Fields
    from aiobadges.sandbox.parchment.granting import Order
    from aiobadges.sandbox.parchment.records import BadgeClass, Issuer

__all__ = ["award", "award_by_issuer"]

ALREADY_AWARDED: Final = "A previous award of this badge already exists for this recipient."
MULTIPLE_BADGES: Final = (
    "Multiple badge class identifiers. Exactly one of the following badge class identifiers are "
    "allowed: badgeclass, badgeclassName, or badgeclassOpenBadgeId"
)
NO_BADGE: Final = (
    "No badge class identifier. Exactly one of the following badge class identifiers is required: "
    "badgeclass or badgeclassOpenBadgeId"
)
FOREIGN_BADGE: Final = "The issuer has no such badge class."


async def award(call: Call) -> Answer:
    """Award the badge class of the path to a recipient."""
    badge = call.badgeclass()
    fields = call.fields()
    order, allows_duplicate = _read(fields)
    # The path has named the badge already; the open source server takes a second name for an
    # error even when it is the same one.
    if fields.has("badgeclass") or fields.has("badgeclassOpenBadgeId"):
        raise envelope.bad_request(MULTIPLE_BADGES)
    return await _award(call, badge, order, allows_duplicate=allows_duplicate)


async def award_by_issuer(call: Call) -> Answer:
    """Award a badge class of the issuer in the path, which the body names in one of two ways."""
    issuer = call.issuer()
    fields = call.fields()
    badge = _badge_in(call, fields, issuer)
    order, allows_duplicate = _read(fields)
    if fields.has("badgeclass") and fields.has("badgeclassOpenBadgeId"):
        raise envelope.bad_request(MULTIPLE_BADGES)
    if badge is None:
        raise envelope.bad_request(NO_BADGE)
    return await _award(call, badge, order, allows_duplicate=allows_duplicate)


async def _award(call: Call, badge: BadgeClass, order: Order, *, allows_duplicate: bool) -> Answer:
    if badge.archived:
        raise envelope.bad_request(ARCHIVED)
    if not allows_duplicate and call.state.holds(order.recipient.identity, badge, moments.now()):
        raise envelope.bad_request(ALREADY_AWARDED)
    await asyncio.sleep(call.tenant.work_seconds)  # others run here, and may award the same
    assertion = granting.grant(call.tenant, badge, order, by=call.user.key)
    advancing.after_award(call.tenant, assertion)
    return envelope.created(as_json(assertion))


def _badge_in(call: Call, fields: Fields, issuer: Issuer) -> BadgeClass | None:
    found = None
    for field, key_of in (("badgeclass", str), ("badgeclassOpenBadgeId", badge_of)):
        if (name := fields.text(field)) is not None:
            found = call.state.badgeclasses.find(key_of(name))
            if found is None or found.issuer != issuer.key:
                fields.wrong(field, FOREIGN_BADGE)
    return found


def _read(fields: Fields) -> tuple[Order, bool]:
    order = award_fields.read(fields, award_fields.recipient_of(fields))
    allows_duplicate = fields.flag("allowDuplicateAwards", default=True)
    fields.refuse_if_wrong()
    return order, allows_duplicate
