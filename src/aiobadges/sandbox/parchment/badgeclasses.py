"""Badge classes: ``/v2/badgeclasses``. Awarding one is in `awarding`, its codes in `claim_codes`."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import assertions, badge_fields, envelope, identifiers
from aiobadges.sandbox.parchment.public import badge_url, issuer_url
from aiobadges.sandbox.parchment.records import BadgeClass
from aiobadges.sandbox.parchment.state import may_act_as

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.fields import Fields
    from aiobadges.sandbox.parchment.records import Issuer

__all__ = [
    "create",
    "create_in",
    "delete",
    "duplicate",
    "get",
    "list_all",
    "list_assertions",
    "listing",
    "reactivate",
    "update",
]


async def list_all(call: Call) -> Answer:
    """Get the badge classes of all issuers of the caller."""
    state = call.state
    return listing(
        call, (b for issuer in state.issuers_of(call.user) for b in state.badges_of(issuer))
    )


async def get(call: Call) -> Answer:
    """Get one badge class; an archived one only when asked for."""
    badge = call.badgeclass()
    if badge.archived and not call.asks_for("include_archived"):
        raise envelope.not_found()
    return envelope.ok([as_json(badge)])


async def create(call: Call) -> Answer:
    """Create a badge class of the issuer that the body names."""
    fields = call.fields()
    issuer = _issuer(call, fields)
    return _create(call, fields, issuer.key if issuer else "")


async def create_in(call: Call) -> Answer:
    """Create a badge class of the issuer in the path; one in the body must be the same."""
    issuer = call.issuer(role="editor")
    fields = call.fields()
    name = fields.text("issuer", nullable=True)
    if name and name not in {issuer.key, issuer.id}:
        fields.wrong("issuer", "The issuer is not the one in the path.")
    return _create(call, fields, issuer.key)


async def update(call: Call) -> Answer:
    """Replace a badge class. The real server bakes the images of its awards anew."""
    badge = badge_fields.read(call.fields(), call.live_badgeclass(role="editor"))
    call.state.badgeclasses.put(badge)
    return envelope.ok([as_json(badge)])


async def delete(call: Call) -> Answer:
    """Archive a badge class, or delete it for good; its awards stay."""
    badge = call.badgeclass(role="editor")
    # Which values are understood is not documented: here, those that mean yes elsewhere.
    if call.asks_for("hard_delete"):
        # The open source server, which knows no archive, deletes only what nobody was awarded.
        if call.state.is_awarded(badge):
            raise envelope.bad_request(
                "Badge class could not be deleted. It has already been issued at least once."
            )
        for code in tuple(call.state.codes_of(badge)):
            call.state.claim_codes.remove(code)
        call.state.badgeclasses.remove(badge)
    else:
        call.state.badgeclasses.put(
            replace(
                badge,
                archived=True,
                archived_at=badge.archived_at or moments.now(),
                archival_note=call.incoming.query.get("archivalNote", badge.archival_note),
            )
        )
    return envelope.done()


async def reactivate(call: Call) -> Answer:
    """Take a badge class out of the archive; nothing happens to one that is not in it."""
    badge = replace(
        call.badgeclass(role="editor"), archived=False, archived_at=None, archival_note=None
    )
    call.state.badgeclasses.put(badge)
    return envelope.ok([as_json(badge)])


async def duplicate(call: Call) -> Answer:
    """Copy a badge class under a new name; its awards and claim codes are not copied."""
    badge = call.live_badgeclass(role="editor")
    fields = call.fields()
    name = fields.text("newName", required=True, longest=1024)
    fields.refuse_if_wrong()
    copy = replace(
        badge,
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        created_at=moments.now(),
        created_by=call.user.key,
        name=name or "",
    )
    call.state.badgeclasses.put(copy)
    return envelope.bare(as_json(copy), HTTPStatus.CREATED)


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


def _create(call: Call, fields: Fields, issuer: str) -> Answer:
    blank = BadgeClass(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        created_at=moments.now(),
        created_by=call.user.key,
        issuer=issuer,
        name="",
        description="",
        image_type="",
    )
    badge = badge_fields.read(fields, blank)
    call.state.badgeclasses.put(badge)
    return envelope.created(as_json(badge))


def _issuer(call: Call, fields: Fields) -> Issuer | None:
    name = fields.text("issuer", required=True)
    if name is None:
        return None
    issuer = call.state.issuers.find(name)
    # Who is only "staff" may award but not define badges.
    if issuer is None or not may_act_as("editor", issuer, call.user):
        fields.wrong("issuer", "You do not have permission to edit badges on this issuer.")
        return None
    return issuer
