"""Change one thing of what the server's PUT replaces as a whole: read, look, write.

::

    plan = await updates.badgeclass(client, badge_id, name="Math Expert II")
    print(plan.changed, plan.rebaked, plan.body)  # nothing has been sent yet
    badge = await plan.apply()

What is sent is decided in `update_bodies`; this module waits for the server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, Unpack

import attrs

from aiobadges.errors import InvalidCallError, NotFoundError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import (
    Assertion,
    AssertionUpdate,
    BadgeClass,
    BadgeClassUpdate,
    BadgeUser,
    ClaimCode,
    ClaimCodeRequest,
    Collection,
    CollectionUpdate,
    Issuer,
    IssuerUpdate,
    Pathway,
    PathwayDraftUpdate,
    UserUpdate,
)
from aiobadges.parchment.update_bodies import (
    AssertionChanges,
    BadgeClassChanges,
    ClaimCodeChanges,
    CollectionChanges,
    IssuerChanges,
    PathwayDraftChanges,
    UserChanges,
    assertion_body,
    badgeclass_body,
    carried,
    claim_code_body,
    collection_body,
    issuer_body,
    pathway_draft_body,
    user_body,
)

__all__ = [
    "BadgeClassUpdatePlan",
    "UpdatePlan",
    "assertion",
    "badgeclass",
    "claim_code",
    "collection",
    "issuer",
    "pathway_draft",
    "user",
]

Stored = TypeVar("Stored")
Body = TypeVar("Body")


@attrs.frozen(kw_only=True)
class UpdatePlan(Generic[Stored, Body]):
    """A change that has been worked out and not been sent.

    Attributes:
        before: what was read.
        body: what `apply` sends, all of it.
    """

    before: Stored
    body: Body
    _read: Callable[[], Awaitable[Stored]] = attrs.field(alias="read", repr=False, eq=False)
    _write: Callable[[Body], Awaitable[Stored]] = attrs.field(alias="write", repr=False, eq=False)

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of what the body changes; none of them when all is as it shall be already."""
        before = carried(type(self.body), self.before)
        return tuple(name for name in before if getattr(self.body, name) != before[name])

    async def apply(self) -> Stored:
        """Read once more, and send the body when that gives the same as before.

        The server cannot be told "only if unchanged", so a change that somebody makes in the same
        moment is still lost; one made since the plan is not. A plan that changes nothing sends
        nothing.

        Returns:
            What is stored now, as the server tells it.

        Raises:
            InvalidCallError: it was changed since the plan, perhaps by applying the plan before.
            BadgesError: as any call.
        """
        if not self.changed:
            return self.before
        kind = type(self.body)
        was, now = carried(kind, self.before), carried(kind, await self._read())
        moved = [name for name in was if was[name] != now[name]]
        if moved:
            raise InvalidCallError(
                f"{', '.join(moved)} changed on the server since the plan; nothing was sent",
                remedy="Plan the change again",
            )
        return await self._write(self.body)


@attrs.frozen(kw_only=True)
class BadgeClassUpdatePlan(UpdatePlan[BadgeClass, BadgeClassUpdate]):
    """A change of a badge class.

    Attributes:
        rebaked: how many awarded badges the server makes anew, picture and all, because of this:
            those not revoked, expired ones included; 0 when nothing changes. Copies that people
            have saved stay as they are.
    """

    rebaked: int


async def badgeclass(
    client: ParchmentClient, badgeclass_id: str, **changes: Unpack[BadgeClassChanges]
) -> BadgeClassUpdatePlan:
    """Plan to change a badge class, and count the awarded badges that are baked anew by it.

    Args:
        client: the client.
        badgeclass_id: id or entity id of the badge class.
        changes: what shall be different, by attribute of `BadgeClassUpdate`.

    Raises:
        InvalidCallError: a change has no such name, or something that must be sent is not there.
        BadgesError: as any call.
    """
    badgeclasses = client.badgeclasses

    async def read() -> BadgeClass:
        return await badgeclasses.get(badgeclass_id)

    async def write(body: BadgeClassUpdate) -> BadgeClass:
        return await badgeclasses.update(badgeclass_id, body)

    before = await read()
    plan = BadgeClassUpdatePlan(
        before=before,
        body=badgeclass_body(before, **changes),
        rebaked=0,
        read=read,
        write=write,
    )
    return attrs.evolve(plan, rebaked=await _live(client, before)) if plan.changed else plan


async def _live(client: ParchmentClient, badge: BadgeClass) -> int:
    count = 0
    pager = client.badgeclasses.assertions(badge.entity_id, include_expired=True)
    async for page in pager.pages(on_error="keep"):  # what cannot be read was awarded nonetheless
        count += sum(not (isinstance(item, Assertion) and item.revoked) for item in page)
    return count


async def issuer(
    client: ParchmentClient, issuer_id: str, **changes: Unpack[IssuerChanges]
) -> UpdatePlan[Issuer, IssuerUpdate]:
    """Plan to change an issuer; its staff goes back as users and roles. As `badgeclass`."""

    async def read() -> Issuer:
        return await client.issuers.get(issuer_id, include_staff="true")

    async def write(body: IssuerUpdate) -> Issuer:
        return await client.issuers.update(issuer_id, body, include_staff="true")

    before = await read()
    return UpdatePlan(before=before, body=issuer_body(before, **changes), read=read, write=write)


async def assertion(
    client: ParchmentClient, assertion_id: str, **changes: Unpack[AssertionChanges]
) -> UpdatePlan[Assertion, AssertionUpdate]:
    """Plan to change an award; its recipient cannot be. As `badgeclass`."""

    async def read() -> Assertion:
        return await client.assertions.get(assertion_id)

    async def write(body: AssertionUpdate) -> Assertion:
        return await client.assertions.update(assertion_id, body)

    before = await read()
    return UpdatePlan(before=before, body=assertion_body(before, **changes), read=read, write=write)


async def collection(
    client: ParchmentClient, collection_id: str, **changes: Unpack[CollectionChanges]
) -> UpdatePlan[Collection, CollectionUpdate]:
    """Plan to change a collection of the backpack: also the way to put awards in. As `badgeclass`."""

    async def read() -> Collection:
        return await client.backpack.collections.get(collection_id)

    async def write(body: CollectionUpdate) -> Collection:
        return await client.backpack.collections.update(collection_id, body)

    before = await read()
    return UpdatePlan(
        before=before, body=collection_body(before, **changes), read=read, write=write
    )


async def claim_code(
    client: ParchmentClient, badgeclass_id: str, code: str, **changes: Unpack[ClaimCodeChanges]
) -> UpdatePlan[ClaimCode, ClaimCodeRequest]:
    """Plan to change a claim code of a badge class. As `badgeclass`.

    Raises:
        NotFoundError: the badge class has no such code.
    """
    codes = client.badgeclasses.claim_codes

    async def read() -> ClaimCode:  # the API gives no single one
        async for found in codes.list(badgeclass_id):
            if found.code == code:
                return found
        raise NotFoundError("the badge class has no such claim code", remedy="List its codes")

    async def write(body: ClaimCodeRequest) -> ClaimCode:
        return await codes.update(badgeclass_id, code, body)

    before = await read()
    return UpdatePlan(
        before=before, body=claim_code_body(before, **changes), read=read, write=write
    )


async def user(
    client: ParchmentClient, user_id: str, **changes: Unpack[UserChanges]
) -> UpdatePlan[BadgeUser, UserUpdate]:
    """Plan to change an account; ``"self"`` names the client's own. As `badgeclass`."""

    async def read() -> BadgeUser:
        return await client.users.get(user_id)

    async def write(body: UserUpdate) -> BadgeUser:
        return await client.users.update(user_id, body)

    before = await read()
    return UpdatePlan(before=before, body=user_body(before, **changes), read=read, write=write)


async def pathway_draft(
    client: ParchmentClient, pathway_id: str, **changes: Unpack[PathwayDraftChanges]
) -> UpdatePlan[Pathway, PathwayDraftUpdate]:
    """Plan to change the draft of a pathway; what is published stays. As `badgeclass`."""

    async def read() -> Pathway:
        return await client.pathways.draft.get(pathway_id)

    async def write(body: PathwayDraftUpdate) -> Pathway:
        return await client.pathways.draft.update(pathway_id, body)

    before = await read()
    return UpdatePlan(
        before=before, body=pathway_draft_body(before, **changes), read=read, write=write
    )
