"""Claim codes: ``/v2/badgeclasses/{id}/claim-codes``. Editors make them; people use them.

Using one is no operation of the API but a page of the real server: `claim` stands for that page.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import advancing, envelope, granting
from aiobadges.sandbox.parchment.public import badge_url, claim_url
from aiobadges.sandbox.parchment.records import ClaimCode

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call, Tenant
    from aiobadges.sandbox.parchment.fields import Fields

__all__ = ["claim", "create", "delete", "disable", "enable", "list_all", "update"]

LARGEST_INT64: Final = 2**63 - 1


async def list_all(call: Call) -> Answer:
    """Get the claim codes of a badge class, with how often each was used when asked for."""
    codes = call.state.codes_of(call.badgeclass())
    counted = call.asks_for("includeClaimCodeCount")
    return envelope.ok([_as_json(code, counted=counted) for code in codes if not code.archived])


async def create(call: Call) -> Answer:
    """Create a claim code; the server makes it up."""
    badge = call.live_badgeclass(role="editor")
    code = ClaimCode(
        code=_unused(call.tenant),
        badgeclass=badge.key,
        created_at=moments.now(),
        created_by=call.user.key,
    )
    code = _read(call.fields(), code)
    call.state.claim_codes.put(code)
    return envelope.created(_as_json(code))


async def update(call: Call) -> Answer:
    """Replace a claim code; what the body leaves out is gone."""
    code = _read(call.fields(), _code(call))
    call.state.claim_codes.put(code)
    return envelope.ok([_as_json(code)])


async def delete(call: Call) -> Answer:
    """Archive a claim code: it is found no more."""
    call.state.claim_codes.put(replace(_code(call), archived=True))
    return envelope.done()


async def enable(call: Call) -> Answer:
    """Let a claim code work."""
    return _switch(call, enabled=True)


async def disable(call: Call) -> Answer:
    """Let a claim code work no more until it is enabled."""
    return _switch(call, enabled=False)


def claim(tenant: Tenant, name: str, address: str) -> str:
    """Use a claim code; give the entity id of the award.

    Args:
        tenant: what it works on.
        name: the code.
        address: the e-mail address of the person who uses it.

    Raises:
        ValueError: the code does not work, or the person holds the badge.
    """
    state, now = tenant.state, moments.now()
    code = state.claim_codes.get(name)
    badge = state.badgeclasses.rows[code.badgeclass] if code is not None else None
    if code is None or badge is None or code.archived or badge.archived:
        raise ValueError(f"there is no claim code {name!r}")
    if not code.enabled:
        raise ValueError(f"the claim code {name!r} is disabled")
    if code.expiration_date is not None and code.expiration_date <= now:
        raise ValueError(f"the claim code {name!r} has expired")
    if code.limit is not None and code.claims >= code.limit:
        raise ValueError(f"the claim code {name!r} was used as often as it can be")
    if badge_url(badge.key) in state.badges_held_by(address, now):
        raise ValueError(f"{address} holds the badge")
    order = granting.Order(recipient=granting.Recipient(identity=address))
    award = granting.grant(tenant, badge, order, by=code.created_by)
    state.claim_codes.put(replace(code, claims=code.claims + 1))
    advancing.after_award(tenant, award)
    return award.key


def _switch(call: Call, *, enabled: bool) -> Answer:
    # What the real server says to a second one is not documented: here nothing changes.
    code = replace(_code(call), enabled=enabled)
    call.state.claim_codes.put(code)
    return envelope.ok([_as_json(code)])


def _code(call: Call) -> ClaimCode:
    badge = call.live_badgeclass(role="editor")
    code = call.state.claim_codes.get(call.incoming.ids["code"])
    if code is None or code.badgeclass != badge.key or code.archived:
        raise envelope.not_found()
    return code


def _read(fields: Fields, code: ClaimCode) -> ClaimCode:
    ends = fields.moment("expirationDate", nullable=True)
    code = replace(
        code,
        label=fields.text("label", nullable=True),
        limit=fields.integer("limit", smallest=1, largest=LARGEST_INT64),
        expiration_date=moments.stamp(ends) if ends else None,
    )
    fields.refuse_if_wrong()
    return code


def _unused(tenant: Tenant) -> str:
    while True:
        code = f"{secrets.randbelow(9_000_000) + 1_000_000}"
        if tenant.state.claim_codes.get(code) is None:
            return code


def _as_json(code: ClaimCode, *, counted: bool = False) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "code": code.code,
        "createdAt": code.created_at,
        "label": code.label,
        "limit": code.limit,
        "expirationDate": code.expiration_date,
        "enabled": code.enabled,
        "claimUrl": claim_url(code.code),
    }
    if counted:
        shown["claimCount"] = code.claims
    return shown
