"""Issuers: ``/v2/issuers``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import assertions, badgeclasses, envelope, identifiers, users
from aiobadges.sandbox.parchment.fields import EMAIL, WEB_URL
from aiobadges.sandbox.parchment.images import image_type
from aiobadges.sandbox.parchment.public import issuer_url
from aiobadges.sandbox.parchment.records import Issuer, StaffMember

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.fields import Fields

__all__ = ["create", "get", "list_all", "list_assertions", "list_badgeclasses"]

ROLES: Final = ("owner", "editor", "staff")


async def list_all(call: Call) -> Answer:
    """Get the issuers of the caller."""
    return envelope.ok([as_json(call, issuer) for issuer in call.state.issuers_of(call.user)])


async def get(call: Call) -> Answer:
    """Get one issuer."""
    return envelope.ok([as_json(call, call.issuer())])


async def create(call: Call) -> Answer:
    """Create an issuer; the caller becomes its owner."""
    fields = call.fields()
    name = fields.text("name", required=True, longest=1024)
    email = fields.text("email", required=True, longest=255, like=EMAIL)
    url = fields.text("url", required=True, longest=1024, like=WEB_URL)
    description = fields.text("description", nullable=True, longest=16384)
    image = image_type(fields, required=False)
    others = _staff(call, fields)
    texts = {
        "badgr_domain": fields.text("badgrDomain", nullable=True),
        "organization_id": fields.text("organizationId", nullable=True),
        "source_url": fields.text("sourceUrl", nullable=True),
        "original_json": fields.text("originalJson", nullable=True, longest=2_000_000),
    }
    extensions = fields.mapping("extensions", nullable=True)
    fields.refuse_if_wrong()
    issuer = Issuer(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        created_at=moments.now(),
        created_by=call.user.key,
        name=name or "",
        email=email or "",
        url=url or "",
        description=description,
        staff=(StaffMember(user=call.user.key, role="owner"), *others),
        image_type=image,
        extensions=extensions or {},
        **texts,
    )
    call.state.issuers.put(issuer)
    return envelope.created(as_json(call, issuer))


async def list_badgeclasses(call: Call) -> Answer:
    """Get the badge classes of one issuer."""
    return badgeclasses.listing(call, call.state.badges_of(call.issuer()))


async def list_assertions(call: Call) -> Answer:
    """Get the assertions of one issuer."""
    issuer = call.issuer()
    return assertions.listing(call, call.state.awards_of_issuer(issuer, assertions.asked_for(call)))


def as_json(call: Call, issuer: Issuer) -> dict[str, Any]:
    """Show an issuer, with its staff unless ``include_staff=false`` was asked for."""
    url = issuer_url(issuer.entity_id)
    shown = {
        "id": issuer.id,
        "entityType": "Issuer",
        "entityId": issuer.entity_id,
        "openBadgeId": url,
        "createdAt": issuer.created_at,
        "name": issuer.name,
        "image": f"{url}/image" if issuer.image_type else None,
        "email": issuer.email,
        "description": issuer.description,
        "url": issuer.url,
        "staff": [_member_as_json(call, member) for member in issuer.staff],
        "badgrDomain": issuer.badgr_domain,
        "createdBy": issuer.created_by,
        "organizationId": issuer.organization_id,
        "extensions": issuer.extensions,
        "source": "local",
        "sourceUrl": issuer.source_url,
        "imagePath": (
            f"uploads/issuers/issuer-{issuer.entity_id}.{issuer.image_type}"
            if issuer.image_type
            else None
        ),
        "originalJson": issuer.original_json,
        "badgeSkillLinkingPreferences": None,
        "preferences": None,
    }
    if not call.asks_for("include_staff", default=True):
        del shown["staff"]
    return shown


def _member_as_json(call: Call, member: StaffMember) -> dict[str, Any]:
    user = call.state.users.rows[member.user]
    return {"role": member.role, "user": member.user, "userProfile": users.as_profile(user)}


def _staff(call: Call, fields: Fields) -> list[StaffMember]:
    items = fields.nested_list("staff")
    members = []
    for item in items:
        name = item.text("user", required=True)
        role = item.choice("role", ROLES, "staff")
        user = call.state.users.find(name) if name else None
        if name and user is None:
            item.wrong("user", f"User {name!r} was not found.")
        elif user is not None and user.key != call.user.key:
            members.append(StaffMember(user=user.key, role=role))
    fields.adopt_list("staff", items)
    return members
