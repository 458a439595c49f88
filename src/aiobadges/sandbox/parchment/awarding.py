"""Awarding: ``POST /v2/badgeclasses/{id}/assertions``, where double awards come from.

There is no idempotency key. ``allowDuplicateAwards: false`` looks for a live award and then makes
the new one; the real server bakes an image in between and holds no lock, so two requests that are
under way together can both succeed. The gap is kept here on purpose.
"""

from __future__ import annotations

import asyncio
import calendar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec

from aiobadges.sandbox import moments
from aiobadges.sandbox.outbox import Mail
from aiobadges.sandbox.parchment import envelope, identifiers
from aiobadges.sandbox.parchment.assertions import as_json
from aiobadges.sandbox.parchment.fields import E164, EMAIL, WEB_URL
from aiobadges.sandbox.parchment.records import Assertion

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call, Tenant
    from aiobadges.sandbox.parchment.fields import Fields
    from aiobadges.sandbox.parchment.records import BadgeClass

__all__ = ["award", "mail_for"]

ALREADY_AWARDED: Final = "A previous award of this badge already exists for this recipient."
MULTIPLE_BADGES: Final = (
    "Multiple badge class identifiers. Exactly one of the following badge class identifiers are "
    "allowed: badgeclass, badgeclassName, or badgeclassOpenBadgeId"
)

# How an identity of each type must look, and whether it is hashed unless the caller says.
RECIPIENT_TYPES: Final = {
    "email": (EMAIL, "Enter a valid email address.", True),
    "telephone": (E164, "Telephone number does not conform to E.164", True),
    "url": (WEB_URL, "Enter a valid URL.", False),
    "openBadgeId": (WEB_URL, "Enter a valid URL.", False),
}

GREGORIAN_CALENDAR: Final = 1583


class Recipient(msgspec.Struct, frozen=True):
    """Who is awarded."""

    identity: str
    type: str
    hashed: bool


class Order(msgspec.Struct, frozen=True):
    """A body that asks for an award and has nothing wrong with it."""

    recipient: Recipient
    issued_on: datetime
    expires: datetime | None
    narrative: str | None
    evidence: tuple[dict[str, Any], ...]
    extensions: dict[str, Any]
    ob3_award_properties: dict[str, Any] | None
    allows_duplicate: bool


async def award(call: Call) -> Answer:
    """Award a badge class to a recipient."""
    badge = call.badgeclass()
    order = _read(call.fields())
    state = call.state
    if not order.allows_duplicate and state.holds(order.recipient.identity, badge, moments.now()):
        raise envelope.bad_request(ALREADY_AWARDED)
    await asyncio.sleep(call.tenant.work_seconds)  # others run here, and may award the same
    assertion = _assertion(call, badge, order)
    state.assertions.put(assertion)
    call.tenant.outbox.send(mail_for(call.tenant, assertion))
    return envelope.created(as_json(assertion))


def mail_for(tenant: Tenant, assertion: Assertion) -> Mail:
    """Give the mail that an assertion caused."""
    return Mail(
        to=assertion.recipient,
        badge=assertion.badgeclass,
        badge_name=tenant.state.badgeclasses.rows[assertion.badgeclass].name,
        assertion=assertion.key,
        at=assertion.created_at,
    )


def _assertion(call: Call, badge: BadgeClass, order: Order) -> Assertion:
    expires = order.expires or _expiry(badge, order.issued_on)
    return Assertion(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        serial=call.state.next_serial(),
        created_at=moments.now(),
        created_by=call.user.key,
        badgeclass=badge.key,
        issuer=badge.issuer,
        recipient=order.recipient.identity,
        recipient_type=order.recipient.type,
        salt=identifiers.salt() if order.recipient.hashed else None,
        issued_on=moments.stamp(order.issued_on),
        expires=moments.stamp(expires) if expires else None,
        narrative=order.narrative,
        evidence=order.evidence,
        extensions=order.extensions,
        ob3_award_properties=order.ob3_award_properties,
    )


def _read(fields: Fields) -> Order:
    recipient = _recipient(fields)
    issued_on = fields.moment("issuedOn")
    now = datetime.now(UTC)
    if issued_on is not None and issued_on > now:
        fields.wrong("issuedOn", "Only issuedOn dates in the past are acceptable.")
    elif issued_on is not None and issued_on.year < GREGORIAN_CALENDAR:
        fields.wrong(
            "issuedOn",
            "Only issuedOn dates after the introduction of the Gregorian calendar are allowed.",
        )
    expires = fields.moment("expires", nullable=True)
    narrative = fields.markdown("narrative")
    evidence = _evidence(fields)
    extensions = fields.mapping("extensions") or {}
    ob3_award_properties = fields.mapping("ob3AwardProperties", nullable=True)
    allows_duplicate = fields.flag("allowDuplicateAwards", default=True)
    fields.refuse_if_wrong()
    # The path has named the badge already; the open source server takes a second name for an
    # error even when it is the same one.
    if fields.has("badgeclass") or fields.has("badgeclassOpenBadgeId"):
        raise envelope.bad_request(MULTIPLE_BADGES)
    return Order(
        recipient=recipient,
        issued_on=issued_on or now,
        expires=expires,
        narrative=narrative,
        evidence=evidence,
        extensions=extensions,
        ob3_award_properties=ob3_award_properties,
        allows_duplicate=allows_duplicate,
    )


def _recipient(fields: Fields) -> Recipient:
    given = fields.nested("recipient", required=True)
    if given is None:  # noted as wrong, so this goes nowhere
        return Recipient("", "email", hashed=True)
    # A common mistake is to send plaintextIdentity instead: it is read-only, so this is missing.
    identity = given.text("identity", required=True, longest=768)
    kind = given.choice("type", tuple(RECIPIENT_TYPES), "email")
    hashed = given.raw("hashed", nullable=True)
    if hashed is not None and not isinstance(hashed, bool):
        given.wrong("hashed", "Must be a valid boolean.")
    pattern, text, hashed_unless_told = RECIPIENT_TYPES.get(kind, RECIPIENT_TYPES["email"])
    if identity and not given.errors and not pattern.fullmatch(identity):
        given.wrong_as_a_whole(text)
    fields.adopt("recipient", given)
    return Recipient(identity or "", kind, hashed_unless_told if hashed is None else hashed)


def _evidence(fields: Fields) -> tuple[dict[str, Any], ...]:
    items = fields.nested_list("evidence")
    for item in items:
        url = item.text("url", nullable=True, longest=1024, like=WEB_URL)
        narrative = item.markdown("narrative")
        if not url and not narrative and not item.errors:
            item.wrong_as_a_whole("Either url or narrative is required")
    fields.adopt_list("evidence", items)
    names = ("url", "narrative", "name", "description", "genre", "audience")
    return tuple({name: item.values.get(name) for name in names} for item in items)


def _expiry(badge: BadgeClass, issued_on: datetime) -> datetime | None:
    """Work out when an award runs out that does not say so itself."""
    amount = badge.expires_amount
    if amount is None:
        return None
    try:
        match badge.expires_duration:
            case "days":
                return issued_on + timedelta(days=amount)
            case "weeks":
                return issued_on + timedelta(weeks=amount)
            case "months":
                return _months_later(issued_on, amount)
            case _:
                return _months_later(issued_on, 12 * amount)
    except (OverflowError, ValueError):  # past the year 9999
        return None


def _months_later(moment: datetime, months: int) -> datetime:
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    last_day = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))
