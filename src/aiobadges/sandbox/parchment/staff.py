"""The staff of an issuer: ``/v2/issuers/{id}/staff``. Only its owners manage it.

Whether the answers list the whole staff or the one member is not documented: here it is the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox.parchment import envelope, users
from aiobadges.sandbox.parchment.fields import EMAIL
from aiobadges.sandbox.parchment.public import text_of_segment
from aiobadges.sandbox.parchment.records import Invitation, StaffMember
from aiobadges.sandbox.parchment.state import ROLES, role_in

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call, Tenant
    from aiobadges.sandbox.parchment.fields import Fields
    from aiobadges.sandbox.parchment.records import Issuer, User

__all__ = ["add", "as_json", "invite", "move_in", "remove", "update"]


async def add(call: Call) -> Answer:
    """Take the owner of an account into the staff."""
    issuer = call.issuer(role="owner")
    email, role = _read(call.fields())
    user = call.state.user_with_address(email)
    if user is None:
        text = "There is no account with this address: send an invitation."
        raise envelope.bad_request(fields={"email": [text]})
    if role_in(issuer, user) is not None:
        raise envelope.bad_request(fields={"email": ["This person is a member of the staff."]})
    issuer = _take_in(call.tenant, issuer, user, role)
    return envelope.created(*as_json(call, issuer))


async def update(call: Call) -> Answer:
    """Give a member of the staff another role."""
    issuer = call.issuer(role="owner")
    email, role = _read(call.fields())
    user = _member(call, issuer, email)
    staff = tuple(
        StaffMember(user=user.key, role=role) if member.user == user.key else member
        for member in issuer.staff
    )
    return envelope.ok(as_json(call, _with_owner(call, issuer, staff)))


async def remove(call: Call) -> Answer:
    """Take somebody out of the staff."""
    issuer = call.issuer(role="owner")
    user = _member(call, issuer, text_of_segment(call.incoming.ids["email"]))
    staff = tuple(member for member in issuer.staff if member.user != user.key)
    _with_owner(call, issuer, staff)
    return envelope.done()


async def invite(call: Call) -> Answer:
    """Ask somebody into the staff; a second invitation takes the place of the first."""
    issuer = call.issuer(role="owner")
    email, role = _read(call.fields())
    user = call.state.user_with_address(email)
    if user is not None and role_in(issuer, user) is not None:
        raise envelope.bad_request(fields={"email": ["This person is a member of the staff."]})
    call.state.invitations.put(Invitation(issuer=issuer.key, email=email, role=role))
    return envelope.ok([{"email": email, "role": role, "status": "PENDING"}])


def move_in(tenant: Tenant, user: User) -> None:
    """Let somebody who has an account from now on take the places that wait for them."""
    invitations = tenant.state.invitations
    for invitation in tuple(invitations.rows.values()):
        if invitation.email.casefold() == user.username.casefold():
            invitations.remove(invitation)
            issuer = tenant.state.issuers.rows[invitation.issuer]
            _take_in(tenant, issuer, user, invitation.role)


def as_json(call: Call, issuer: Issuer) -> list[dict[str, Any]]:
    """Show the staff."""
    return [
        {
            "role": member.role,
            "user": member.user,
            "userProfile": users.as_profile(call.state.users.rows[member.user]),
        }
        for member in issuer.staff
    ]


def _read(fields: Fields) -> tuple[str, str]:
    email = fields.text("email", required=True, longest=255, like=EMAIL)
    role = fields.choice("role", ROLES, required=True)
    fields.refuse_if_wrong()
    return email or "", role


def _take_in(tenant: Tenant, issuer: Issuer, user: User, role: str) -> Issuer:
    issuer = replace(issuer, staff=(*issuer.staff, StaffMember(user=user.key, role=role)))
    tenant.state.issuers.put(issuer)
    return issuer


def _member(call: Call, issuer: Issuer, email: str) -> User:
    user = call.state.user_with_address(email)
    if user is None or role_in(issuer, user) is None:
        raise envelope.not_found()
    return user


def _with_owner(call: Call, issuer: Issuer, staff: tuple[StaffMember, ...]) -> Issuer:
    if not any(member.role == "owner" for member in staff):
        raise envelope.bad_request("An issuer needs an owner.")
    issuer = replace(issuer, staff=staff)
    call.state.issuers.put(issuer)
    return issuer
