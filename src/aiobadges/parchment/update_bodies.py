"""What a PUT has to carry so that it changes one thing and loses nothing else. Pure.

The server's PUT replaces the whole: what a body leaves out is gone. Each function here takes what
was read and gives the body that sets it back but for the changes. Members this version does not
know go back as they came; what the update's model does not have is the server's own and stays
behind; null goes back where the update may say null, and is left out elsewhere.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, TypedDict, TypeVar, Unpack, get_args

import attrs

from aiobadges.errors import InvalidCallError
from aiobadges.parchment.models import (
    Alignment,
    Assertion,
    AssertionUpdate,
    BadgeClass,
    BadgeClassUpdate,
    BadgeExpiration,
    BadgePreferences,
    BadgeUser,
    ClaimCode,
    ClaimCodeRequest,
    Collection,
    CollectionUpdate,
    Evidence,
    Issuer,
    IssuerRequestStaff,
    IssuerStaff,
    IssuerUpdate,
    Ob3AwardProperties,
    Ob3Properties,
    Pathway,
    PathwayDraftUpdate,
    PathwayElement,
    UserUpdate,
)
from aiobadges.values import UNSET, Unset

__all__ = [
    "AssertionChanges",
    "BadgeClassChanges",
    "ClaimCodeChanges",
    "CollectionChanges",
    "IssuerChanges",
    "PathwayDraftChanges",
    "UserChanges",
    "assertion_body",
    "badgeclass_body",
    "carried",
    "claim_code_body",
    "collection_body",
    "issuer_body",
    "pathway_draft_body",
    "user_body",
]

Body = TypeVar("Body")


class BadgeClassChanges(TypedDict, total=False):
    """What can be changed in a badge class: the members of `BadgeClassUpdate`."""

    name: str
    description: str
    image: str
    achievement_type: str | Unset
    criteria_url: str | None | Unset
    criteria_narrative: str | None | Unset
    tags: list[str] | Unset
    alignments: list[Alignment] | Unset
    expires: BadgeExpiration | None | Unset
    extensions: dict[str, Any] | Unset
    ob3_properties: Ob3Properties | Unset
    preferences: BadgePreferences | Unset
    image_alt_text: str | Unset


class IssuerChanges(TypedDict, total=False):
    """What can be changed in an issuer: the members of `IssuerUpdate`."""

    name: str
    email: str
    url: str
    description: str
    image: str | None | Unset
    badgr_domain: str | Unset
    staff: list[IssuerRequestStaff] | Unset
    extensions: dict[str, Any] | Unset


class AssertionChanges(TypedDict, total=False):
    """What can be changed in an award: the members of `AssertionUpdate`."""

    narrative: str | None | Unset
    evidence: list[Evidence] | Unset
    extensions: dict[str, Any] | Unset
    expires: datetime | None | Unset
    issued_on: datetime | Unset
    ob3_award_properties: Ob3AwardProperties | Unset


class CollectionChanges(TypedDict, total=False):
    """What can be changed in a collection: the members of `CollectionUpdate`."""

    name: str | Unset
    description: str | Unset
    published: bool | Unset
    assertions: list[str] | Unset
    credentials: list[str] | Unset


class ClaimCodeChanges(TypedDict, total=False):
    """What can be changed in a claim code: the members of `ClaimCodeRequest`."""

    label: str | None | Unset
    limit: int | None | Unset
    expiration_date: datetime | None | Unset


class UserChanges(TypedDict, total=False):
    """What can be changed in an account: the members of `UserUpdate`."""

    first_name: str | Unset
    last_name: str | Unset
    marketing_opt_in: bool | Unset


class PathwayDraftChanges(TypedDict, total=False):
    """What can be changed in the draft of a pathway: the members of `PathwayDraftUpdate`."""

    issuer_id: str
    root: PathwayElement | Unset


def badgeclass_body(stored: BadgeClass, **changes: Unpack[BadgeClassChanges]) -> BadgeClassUpdate:
    """Give the body that sets a badge class back but for the changes.

    The picture goes back by its address, which the server takes for "keep it".

    Raises:
        InvalidCallError: a change has no such name, or something that must be sent is not there.
    """
    return _changed(BadgeClassUpdate, stored, changes)


def issuer_body(stored: Issuer, **changes: Unpack[IssuerChanges]) -> IssuerUpdate:
    """Give the body that sets an issuer back but for the changes; of its staff, user and role.

    Raises:
        InvalidCallError: as for `badgeclass_body`, or a member of the staff comes without user or
            role, and a list without that member would dismiss somebody.
    """
    body = _changed(IssuerUpdate, stored, changes)
    if body.staff is UNSET and stored.staff and "staff" not in changes:
        raise InvalidCallError(
            "somebody of the issuer's staff comes without user or role, and cannot be sent back",
            remedy="Give the whole staff: staff=[IssuerRequestStaff(user=..., role=...), ...]",
        )
    return body


def assertion_body(stored: Assertion, **changes: Unpack[AssertionChanges]) -> AssertionUpdate:
    """Give the body that sets an award back but for the changes; raises as `badgeclass_body`."""
    return _changed(AssertionUpdate, stored, changes)


def collection_body(stored: Collection, **changes: Unpack[CollectionChanges]) -> CollectionUpdate:
    """Give the body that sets a collection back but for the changes; raises as `badgeclass_body`."""
    return _changed(CollectionUpdate, stored, changes)


def claim_code_body(stored: ClaimCode, **changes: Unpack[ClaimCodeChanges]) -> ClaimCodeRequest:
    """Give the body that sets a claim code back but for the changes; raises as `badgeclass_body`."""
    return _changed(ClaimCodeRequest, stored, changes)


def user_body(stored: BadgeUser, **changes: Unpack[UserChanges]) -> UserUpdate:
    """Give the body that sets an account back but for the changes; raises as `badgeclass_body`."""
    return _changed(UserUpdate, stored, changes)


def pathway_draft_body(
    stored: Pathway, **changes: Unpack[PathwayDraftChanges]
) -> PathwayDraftUpdate:
    """Give the body that sets a draft back but for the changes; raises as `badgeclass_body`."""
    return _changed(PathwayDraftUpdate, stored, changes)


def carried(kind: type, stored: object) -> dict[str, Any]:
    """Give what a body of that kind takes over from what is stored, by attribute.

    Args:
        kind: the class of the body.
        stored: what was read.

    Raises:
        InvalidCallError: it holds objects in objects, hundreds of them.
    """
    values: dict[str, Any] = {}
    for name, is_nullable in _members(kind).items():
        value = getattr(stored, name)
        if name == "staff":
            value = _sendable_staff(value)
        if value is None and not is_nullable:
            value = UNSET
        values[name] = value
    try:
        return copy.deepcopy(values)
    except RecursionError:
        raise InvalidCallError(
            f"the stored {type(stored).__name__} is nested too deep to be sent back"
        ) from None


@cache
def _members(kind: type) -> Mapping[str, bool]:
    """List the attributes of a body, and whether each may be null."""
    attrs.resolve_types(kind)
    return {field.name: type(None) in get_args(field.type) for field in attrs.fields(kind)}


def _sendable_staff(members: list[IssuerStaff] | None) -> list[IssuerRequestStaff] | None:
    """Name the staff as a request does: their profiles are the server's own."""
    if members is None or any(member.user is None or member.role is None for member in members):
        return None
    return [
        IssuerRequestStaff(user=member.user or UNSET, role=member.role or UNSET)
        for member in members
    ]


def _changed(kind: type[Body], stored: object, changes: Mapping[str, Any]) -> Body:
    values = carried(kind, stored)
    known = [name for name in values if name != "extra_"]
    strange = sorted(changes.keys() - set(known))
    if strange:
        raise InvalidCallError(
            f"{', '.join(strange)} cannot be changed in a {type(stored).__name__}",
            remedy=f"It takes {', '.join(known)}",
        )
    values |= changes
    missing = [
        field.name
        for field in attrs.fields_dict(kind).values()  # type: ignore[arg-type]
        if field.default is attrs.NOTHING and values[field.name] is UNSET
    ]
    if missing:
        raise InvalidCallError(
            f"the stored {type(stored).__name__} has no {', '.join(missing)}, which must be sent",
            remedy=f"Give {' and '.join(f'{name}=...' for name in missing)} with the change",
        )
    return kind(**values)
