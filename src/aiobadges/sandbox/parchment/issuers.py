"""Issuers: ``/v2/issuers``, named by id or by public address. Their staff is in `staff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import assertions, badgeclasses, envelope, identifiers, staff
from aiobadges.sandbox.parchment.fields import EMAIL, WEB_URL
from aiobadges.sandbox.parchment.images import image_type
from aiobadges.sandbox.parchment.public import issuer_url
from aiobadges.sandbox.parchment.records import Issuer, StaffMember
from aiobadges.sandbox.parchment.state import ROLES

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.fields import Fields

__all__ = [
    "create",
    "delete",
    "get",
    "list_all",
    "list_assertions",
    "list_badgeclasses",
    "update",
]


async def list_all(call: Call) -> Answer:
    """Get the issuers of the caller."""
    return envelope.ok([as_json(call, issuer) for issuer in call.state.issuers_of(call.user)])


async def get(call: Call) -> Answer:
    """Get one issuer."""
    return envelope.ok([as_json(call, call.issuer())])


async def create(call: Call) -> Answer:
    """Create an issuer; the caller becomes its owner."""
    fields = call.fields()
    blank = Issuer(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        created_at=moments.now(),
        created_by=call.user.key,
        name="",
        email="",
        url="",
        description=None,
        staff=(StaffMember(user=call.user.key, role="owner"),),
    )
    issuer = _read(call, fields, blank)
    issuer = replace(
        issuer,
        organization_id=_organization(call, fields),
        source_url=fields.text("sourceUrl", nullable=True),
        original_json=fields.text("originalJson", nullable=True, longest=2_000_000),
    )
    fields.refuse_if_wrong()
    call.state.issuers.put(issuer)
    return envelope.created(as_json(call, issuer))


async def update(call: Call) -> Answer:
    """Replace an issuer, by PUT and by PATCH: both are documented to require the same fields."""
    issuer = call.issuer(role="owner")
    fields = call.fields()
    issuer = _read(call, fields, issuer, description_required=True)
    fields.refuse_if_wrong()
    call.state.issuers.put(issuer)
    return envelope.ok([as_json(call, issuer)])


async def delete(call: Call) -> Answer:
    """Delete an issuer that has no badge classes, with its pathways."""
    issuer = call.issuer(role="owner")
    if call.state.badges_of(issuer):
        raise envelope.bad_request("The issuer cannot be deleted: it has badge classes.")
    call.state.forget(issuer)
    # Documented so: nothing when it was named by id, the envelope when by reference.
    return envelope.no_content() if "id" in call.incoming.ids else envelope.done()


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
        "staff": staff.as_json(call, issuer),
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


def _read(
    call: Call, fields: Fields, issuer: Issuer, *, description_required: bool = False
) -> Issuer:
    """Give an issuer with what a body says; what it leaves out is gone, but for the staff."""
    return replace(
        issuer,
        name=fields.text("name", required=True, longest=1024) or "",
        email=fields.text("email", required=True, longest=255, like=EMAIL) or "",
        url=fields.text("url", required=True, longest=1024, like=WEB_URL) or "",
        description=fields.text(
            "description",
            required=description_required,
            nullable=not description_required,
            longest=16384,
        ),
        image_type=image_type(fields, required=False, present=issuer.image_type),
        badgr_domain=fields.text("badgrDomain", nullable=True),
        extensions=fields.mapping("extensions", nullable=True) or {},
        staff=_staff(call, fields) if fields.has("staff") else issuer.staff,
    )


def _organization(call: Call, fields: Fields) -> str | None:
    name = fields.text("organizationId", nullable=True)
    if not name:
        return None
    organization = call.state.organizations.get(name)
    # "Requires organization write access": by inference, to administer it and the scope rw:org.
    if organization is None or not (
        call.user.key in organization.admins and "rw:org" in call.scopes
    ):
        fields.wrong("organizationId", "You do not have permission to edit this organization.")
    return name


def _staff(call: Call, fields: Fields) -> tuple[StaffMember, ...]:
    """Read all of the staff. The caller stays an owner, whatever the list says."""
    items = fields.nested_list("staff")
    members = {call.user.key: StaffMember(user=call.user.key, role="owner")}
    for item in items:
        name = item.text("user", required=True)
        role = item.choice("role", ROLES, "staff")
        user = call.state.users.find(name) if name else None
        if name and user is None:
            item.wrong("user", f"User {name!r} was not found.")
        elif user is not None:
            members.setdefault(user.key, StaffMember(user=user.key, role=role))
    fields.adopt_list("staff", items)
    return tuple(members.values())
