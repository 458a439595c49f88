"""Reads the body that defines a badge class, on creating and on replacing one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from aiobadges.sandbox.parchment import envelope
from aiobadges.sandbox.parchment.fields import WEB_URL, Fields
from aiobadges.sandbox.parchment.images import image_type
from aiobadges.sandbox.parchment.shapes import Alignment, BadgePreferences, Ob3Properties, misfit

if TYPE_CHECKING:
    from aiobadges.sandbox.parchment.records import BadgeClass

__all__ = ["read"]

DURATIONS: Final = ("days", "weeks", "months", "years")


def read(fields: Fields, badge: BadgeClass) -> BadgeClass:
    """Give a badge class with what a body says; what it leaves out is gone.

    Raises:
        Refused: 400 when anything in the body is wrong.
    """
    amount, duration = _expires(fields)
    defined = replace(
        badge,
        name=fields.text("name", required=True, longest=1024) or "",
        description=fields.text("description", required=True, longest=16384) or "",
        image_type=image_type(fields, required=True, present=badge.image_type or None) or "",
        criteria_url=fields.text("criteriaUrl", nullable=True, like=WEB_URL) or None,
        criteria_narrative=fields.markdown("criteriaNarrative"),
        achievement_type=fields.text("achievementType", nullable=True),
        tags=fields.texts("tags"),
        alignments=_alignments(fields),
        expires_amount=amount,
        expires_duration=duration,
        extensions=fields.mapping("extensions", nullable=True) or {},
        ob3_properties=fields.shape("ob3Properties", Ob3Properties, nullable=True),
        preferences=fields.shape("preferences", BadgePreferences, nullable=True),
        image_alt_text=fields.text("imageAltText", nullable=True),
    )
    fields.refuse_if_wrong()
    if not defined.criteria_url and not defined.criteria_narrative:
        raise envelope.bad_request("A criteriaUrl or criteriaNarrative is required.")
    return defined


def _expires(fields: Fields) -> tuple[int | None, str | None]:
    given = fields.mapping("expires", nullable=True)
    if not given:  # the open source server drops an empty one
        return None, None
    expires = Fields(given)
    amount = expires.raw("amount", nullable=True)
    duration = expires.raw("duration", nullable=True)
    if amount is None and duration is None:  # as the service itself shows "never"
        return None, None
    if not isinstance(amount, int) or isinstance(amount, bool) or amount < 1:
        expires.wrong("amount", "A valid integer above 0 is required.")
    if duration not in DURATIONS:
        expires.wrong("duration", f'"{duration}" is not a valid choice.')
    fields.adopt("expires", expires)
    return amount, duration


def _alignments(fields: Fields) -> tuple[dict[str, Any], ...]:
    items = fields.nested_list("alignments")
    for item in items:
        item.text("targetName", required=True)
        item.text("targetUrl", required=True)
        if not item.errors and (text := misfit(item.values, Alignment)):
            item.wrong_as_a_whole(text)
    fields.adopt_list("alignments", items)
    return tuple(item.values for item in items)
