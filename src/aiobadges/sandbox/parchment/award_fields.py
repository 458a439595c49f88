"""Reads the bodies that say how an award shall be, on making and on replacing one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from aiobadges.sandbox.parchment.fields import E164, EMAIL, WEB_URL
from aiobadges.sandbox.parchment.granting import Order, Recipient
from aiobadges.sandbox.parchment.shapes import Ob3AwardProperties

if TYPE_CHECKING:
    from aiobadges.sandbox.parchment.fields import Fields

__all__ = ["read", "recipient_of"]

# How an identity of each type must look, and whether it is hashed unless the caller says.
RECIPIENT_TYPES: Final = {
    "email": (EMAIL, "Enter a valid email address.", True),
    "telephone": (E164, "Telephone number does not conform to E.164", True),
    "url": (WEB_URL, "Enter a valid URL.", False),
    "openBadgeId": (WEB_URL, "Enter a valid URL.", False),
}

GREGORIAN_CALENDAR: Final = 1583


def read(fields: Fields, recipient: Recipient) -> Order:
    """Read everything but the recipient. The caller asks whether anything was wrong."""
    issued_on = fields.moment("issuedOn")
    if issued_on is not None and issued_on > datetime.now(UTC):
        fields.wrong("issuedOn", "Only issuedOn dates in the past are acceptable.")
    elif issued_on is not None and issued_on.year < GREGORIAN_CALENDAR:
        fields.wrong(
            "issuedOn",
            "Only issuedOn dates after the introduction of the Gregorian calendar are allowed.",
        )
    return Order(
        recipient=recipient,
        issued_on=issued_on,
        expires=fields.moment("expires", nullable=True),
        narrative=fields.markdown("narrative"),
        evidence=_evidence(fields),
        extensions=fields.mapping("extensions") or {},
        ob3_award_properties=fields.shape("ob3AwardProperties", Ob3AwardProperties, nullable=True),
    )


def recipient_of(fields: Fields) -> Recipient:
    """Read whom to award."""
    given = fields.nested("recipient", required=True)
    if given is None:  # noted as wrong, so this goes nowhere
        return Recipient("")
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
    names = ("name", "description", "genre", "audience")
    for item in items:
        url = item.text("url", nullable=True, longest=1024, like=WEB_URL)
        narrative = item.markdown("narrative")
        for name in names:
            item.text(name, nullable=True)
        if not url and not narrative and not item.errors:
            item.wrong_as_a_whole("Either url or narrative is required")
    fields.adopt_list("evidence", items)
    return tuple(
        {name: item.values.get(name) for name in ("url", "narrative", *names)} for item in items
    )
