"""Badge classes: ``/v2/badgeclasses``. Awarding one is in `awarding`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import assertions, envelope, identifiers
from aiobadges.sandbox.parchment.fields import WEB_URL, Fields
from aiobadges.sandbox.parchment.images import image_type
from aiobadges.sandbox.parchment.public import badge_url, issuer_url
from aiobadges.sandbox.parchment.records import BadgeClass
from aiobadges.sandbox.parchment.state import role_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.records import Issuer

__all__ = ["create", "get", "list_all", "list_assertions", "listing"]

DURATIONS: Final = ("days", "weeks", "months", "years")


async def list_all(call: Call) -> Answer:
    """Get the badge classes of all issuers of the caller."""
    state = call.state
    return listing(
        call, (b for issuer in state.issuers_of(call.user) for b in state.badges_of(issuer))
    )


async def get(call: Call) -> Answer:
    """Get one badge class."""
    return envelope.ok([as_json(call.badgeclass())])


async def create(call: Call) -> Answer:
    """Create a badge class."""
    fields = call.fields()
    issuer = _issuer(call, fields)
    name = fields.text("name", required=True, longest=1024)
    description = fields.text("description", required=True, longest=16384)
    image = image_type(fields, required=True)
    criteria_url = fields.text("criteriaUrl", nullable=True, like=WEB_URL) or None
    criteria_narrative = fields.markdown("criteriaNarrative")
    amount, duration = _expires(fields)
    badge_fields: dict[str, Any] = {
        "achievement_type": fields.text("achievementType", nullable=True),
        "tags": _tags(fields),
        "alignments": _alignments(fields),
        "extensions": fields.mapping("extensions", nullable=True) or {},
        "ob3_properties": fields.mapping("ob3Properties", nullable=True),
        "preferences": fields.mapping("preferences", nullable=True),
        "image_alt_text": fields.text("imageAltText", nullable=True),
    }
    fields.refuse_if_wrong()
    if not criteria_url and not criteria_narrative:
        raise envelope.bad_request("A criteriaUrl or criteriaNarrative is required.")
    badge = BadgeClass(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        created_at=moments.now(),
        created_by=call.user.key,
        issuer=issuer.key if issuer else "",
        name=name or "",
        description=description or "",
        image_type=image or "",
        criteria_url=criteria_url,
        criteria_narrative=criteria_narrative,
        expires_amount=amount,
        expires_duration=duration,
        **badge_fields,
    )
    call.state.badgeclasses.put(badge)
    return envelope.created(as_json(badge))


async def list_assertions(call: Call) -> Answer:
    """Get the assertions of one badge class."""
    badge = call.badgeclass()
    return assertions.listing(call, call.state.awards_of_badge(badge, assertions.asked_for(call)))


def listing(call: Call, badges: Iterable[BadgeClass]) -> Answer:
    """Answer with badge classes; archived ones only when asked for."""
    archived_too = call.asks_for("include_archived")
    return envelope.ok([as_json(b) for b in badges if archived_too or not b.archived])


def as_json(badge: BadgeClass) -> dict[str, Any]:
    """Show a badge class."""
    url = badge_url(badge.entity_id)
    return {
        "id": badge.id,
        "entityType": "BadgeClass",
        "entityId": badge.entity_id,
        "openBadgeId": url,
        "sourceUrl": None,
        "originalJson": None,
        "createdAt": badge.created_at,
        "createdBy": badge.created_by,
        "issuer": badge.issuer,
        "issuerOpenBadgeId": issuer_url(badge.issuer),
        "name": badge.name,
        "image": f"{url}/image",
        "description": badge.description,
        "achievementType": badge.achievement_type,
        "criteriaUrl": badge.criteria_url,
        "criteriaNarrative": badge.criteria_narrative,
        "alignments": badge.alignments,
        "tags": badge.tags,
        # Seen on the hosted service in 2019: an object with nulls in it, not null.
        "expires": {"amount": badge.expires_amount, "duration": badge.expires_duration},
        "extensions": badge.extensions,
        "source": "local",
        "imagePath": f"uploads/badges/badgeclass-{badge.entity_id}.{badge.image_type}",
        "archived": badge.archived,
        "archivedDate": badge.archived_at,
        "archivalNote": badge.archival_note,
        "ob3Properties": badge.ob3_properties,
        "preferences": badge.preferences,
        "imageAltText": badge.image_alt_text,
    }


def _issuer(call: Call, fields: Fields) -> Issuer | None:
    name = fields.text("issuer", required=True)
    if name is None:
        return None
    issuer = call.state.issuers.find(name)
    # Who is only "staff" may award but not define badges.
    if issuer is None or role_in(issuer, call.user) not in {"owner", "editor"}:
        fields.wrong("issuer", "You do not have permission to edit badges on this issuer.")
        return None
    return issuer


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


def _tags(fields: Fields) -> tuple[str, ...]:
    tags = fields.raw("tags", nullable=True) or []
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        fields.wrong("tags", "Expected a list of strings.")
        return ()
    return tuple(tags)


def _alignments(fields: Fields) -> tuple[dict[str, Any], ...]:
    items = fields.nested_list("alignments")
    for item in items:
        item.text("targetName", required=True)
        item.text("targetUrl", required=True)
    fields.adopt_list("alignments", items)
    return tuple(item.values for item in items)
