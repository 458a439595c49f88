"""Organizations: ``/v2/organizations``, and the export of the groups of their issuers."""

from __future__ import annotations

import csv
import io
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from aiobadges.sandbox.exchange import Answer
from aiobadges.sandbox.parchment import envelope
from aiobadges.sandbox.parchment.public import issuer_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.pathway_records import Group
    from aiobadges.sandbox.parchment.records import Issuer, Organization

__all__ = ["export_groups", "list_all", "public_issuers"]

# How many issuers a page holds that says nothing of it, and at most: neither is documented.
PAGE: Final = 50
LARGEST_PAGE: Final = 500
LONGEST_NAME: Final = 256


async def list_all(call: Call) -> Answer:
    """Get the organizations that the caller administers, without an envelope."""
    organizations = call.state.organizations.rows.values()
    mine = [_as_json(o) for o in organizations if call.user.key in o.admins]
    return envelope.bare({"organizations": mine})


async def public_issuers(call: Call) -> Answer:
    """Get a page of the issuers of an organization, which need not be the caller's.

    Neither the shape of the answer nor how the last page is told is documented: the envelope, and
    an empty page past the end.
    """
    organization = call.state.organizations.get(call.incoming.ids["id"])
    if organization is None:
        raise envelope.not_found()
    query = call.incoming.query
    wanted = query.get("nameQuery", "")
    if len(wanted) > LONGEST_NAME:
        text = f"Ensure this field has no more than {LONGEST_NAME} characters."
        raise envelope.bad_request(fields={"nameQuery": [text]})
    size = min(_number(call, "num", PAGE), LARGEST_PAGE)
    start = (_number(call, "page", 1) - 1) * size
    found = [
        issuer
        for issuer in call.state.issuers.rows.values()
        if issuer.organization_id == organization.key
        and wanted.casefold() in issuer.name.casefold()
    ]
    return envelope.ok([_issuer_as_json(issuer) for issuer in found[start : start + size]])


async def export_groups(call: Call) -> Answer:
    """Get the groups of the issuers of an organization as CSV. The columns are invented."""
    organization = call.state.organizations.get(call.incoming.ids["id"])
    if organization is None or call.user.key not in organization.admins:
        raise envelope.not_found()
    with_creation = call.asks_for("includeCreationDateAndMethod", default=True)
    with_expiry = call.asks_for("includeExpirationDateAndMethod", default=True)
    with_staff = call.asks_for("includeStaffMembers", default=True)
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(
        ["group", "groupId", "issuerId", "members", "archived"]
        + ["creationDate", "creationMethod"] * with_creation
        + ["expirationDate", "expirationMethod"] * with_expiry
        + ["staff"] * with_staff
    )
    for group, issuer in _groups(call, organization):
        rows.writerow(
            [group.name, group.id, issuer.entity_id, len(group.members), _word(group.archived)]
            + [group.created_at, "MANUAL"] * with_creation
            + [group.expires or "", "MANUAL" if group.expires else ""] * with_expiry
            + [" ".join(_addresses(call, issuer))] * with_staff
        )
    return Answer(HTTPStatus.OK, out.getvalue().encode(), content_type="text/csv")


def _groups(call: Call, organization: Organization) -> Iterator[tuple[Group, Issuer]]:
    archived_too = call.asks_for("includeArchivedGroups")
    only = call.incoming.query.get("issuerId")
    for group in call.state.groups.rows.values():
        issuer = call.state.issuers.rows[group.issuer]
        if (
            issuer.organization_id == organization.key
            and only in {None, issuer.key, issuer.id}
            and (archived_too or not group.archived)
        ):
            yield group, issuer


def _addresses(call: Call, issuer: Issuer) -> list[str]:
    return [call.state.users.rows[member.user].username for member in issuer.staff]


def _word(truth: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return "true" if truth else "false"


def _number(call: Call, name: str, default: int) -> int:
    """Read a number that travels as a text. Another text is refused: a wrong page misleads."""
    text = call.incoming.query.get(name)
    if text is None:
        return default
    if re.fullmatch("[1-9][0-9]{0,8}", text, re.ASCII) is None:
        raise envelope.bad_request(fields={name: ["A valid integer above 0 is required."]})
    return int(text)


def _as_json(organization: Organization) -> dict[str, Any]:
    return {
        "id": organization.id,
        "name": organization.name,
        "profile": {
            "url": organization.url,
            "email": organization.email,
            "description": organization.description,
            "imageUrl": None,
        },
    }


def _issuer_as_json(issuer: Issuer) -> dict[str, Any]:
    url = issuer_url(issuer.entity_id)
    return {
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
    }
