"""Making an assertion, whatever led to it: a call, a claim code, a completed step of a pathway."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from aiobadges.sandbox import moments
from aiobadges.sandbox.outbox import Mail
from aiobadges.sandbox.parchment import identifiers
from aiobadges.sandbox.parchment.records import Assertion

if TYPE_CHECKING:
    from aiobadges.sandbox.parchment.call import Tenant
    from aiobadges.sandbox.parchment.records import BadgeClass

__all__ = ["Order", "Recipient", "grant", "mail_for"]


class Recipient(msgspec.Struct, frozen=True):
    """Who is awarded."""

    identity: str
    type: str = "email"
    hashed: bool = True


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An award that has nothing wrong with it. ``issued_on`` is now when it is not given."""

    recipient: Recipient
    issued_on: datetime | None = None
    expires: datetime | None = None
    narrative: str | None = None
    evidence: tuple[dict[str, Any], ...] = ()
    extensions: dict[str, Any] = msgspec.field(default_factory=dict)
    ob3_award_properties: dict[str, Any] | None = None


def grant(tenant: Tenant, badge: BadgeClass, order: Order, *, by: str) -> Assertion:
    """Make an assertion and send its mail.

    Args:
        tenant: what it works on.
        badge: what is awarded.
        order: to whom and how.
        by: the entity id of the account that awards.
    """
    issued_on = order.issued_on or datetime.now(UTC)
    expires = order.expires or _expiry(badge, issued_on)
    assertion = Assertion(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        serial=tenant.state.next_serial(),
        created_at=moments.now(),
        created_by=by,
        badgeclass=badge.key,
        issuer=badge.issuer,
        recipient=order.recipient.identity,
        recipient_type=order.recipient.type,
        salt=identifiers.salt() if order.recipient.hashed else None,
        issued_on=moments.stamp(issued_on),
        expires=moments.stamp(expires) if expires else None,
        narrative=order.narrative,
        evidence=order.evidence,
        extensions=order.extensions,
        ob3_award_properties=order.ob3_award_properties,
    )
    tenant.state.assertions.put(assertion)
    tenant.outbox.send(mail_for(tenant, assertion))
    return assertion


def mail_for(tenant: Tenant, assertion: Assertion) -> Mail:
    """Give the mail that an assertion caused."""
    return Mail(
        to=assertion.recipient,
        badge=assertion.badgeclass,
        badge_name=tenant.state.badgeclasses.rows[assertion.badgeclass].name,
        assertion=assertion.key,
        at=assertion.created_at,
    )


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
