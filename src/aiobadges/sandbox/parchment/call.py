"""One authorised call: what it works on, who makes it, and what it asks for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from aiobadges.sandbox.parchment import envelope
from aiobadges.sandbox.parchment.fields import NOT_AN_OBJECT, Fields
from aiobadges.sandbox.parchment.state import role_in

if TYPE_CHECKING:
    from aiobadges.sandbox.counters import Counters
    from aiobadges.sandbox.exchange import Incoming
    from aiobadges.sandbox.outbox import Outbox
    from aiobadges.sandbox.parchment.paging import CursorNames
    from aiobadges.sandbox.parchment.records import Assertion, BadgeClass, Issuer, User
    from aiobadges.sandbox.parchment.state import State

__all__ = ["Call", "Tenant", "authorise"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """What every operation works on.

    Attributes:
        state: the tables.
        outbox: where an award leaves its mail.
        counters: where sign-ins are counted.
        token_lifetime: of access tokens, in seconds.
        cursor_names: what the cursors of assertion lists are called.
        work_seconds: how long awarding takes between the look for a previous award and the new one.
    """

    state: State
    outbox: Outbox
    counters: Counters
    token_lifetime: float
    cursor_names: CursorNames
    work_seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose token and scope are good."""

    tenant: Tenant
    incoming: Incoming
    user: User

    @property
    def state(self) -> State:
        """The tables."""
        return self.tenant.state

    def issuer(self, name: str | None = None) -> Issuer:
        """Give the issuer of the path, or of an id in either form.

        Raises:
            Refused: 404 when there is none, or none with the caller on its staff.
        """
        name = self.incoming.ids["id"] if name is None else name
        issuer = self.state.issuers.find(name)
        if issuer is None or role_in(issuer, self.user) is None:
            raise envelope.not_found()
        return issuer

    def badgeclass(self) -> BadgeClass:
        """Give the badge class of the path.

        Raises:
            Refused: 404 when there is none, or none of an issuer of the caller.
        """
        badge = self.state.badgeclasses.find(self.incoming.ids["id"])
        if badge is None:
            raise envelope.not_found()
        self.issuer(badge.issuer)
        return badge

    def assertion(self) -> Assertion:
        """Give the assertion of the path.

        Raises:
            Refused: 404 when there is none, or none of an issuer of the caller.
        """
        assertion = self.state.assertions.find(self.incoming.ids["id"])
        if assertion is None:
            raise envelope.not_found()
        self.issuer(assertion.issuer)
        return assertion

    def asks_for(self, name: str, *, default: bool = False) -> bool:
        """Read a yes or no from the query."""
        word = self.incoming.query.get(name)
        return default if word is None else word.lower() in {"1", "true", "yes", "on"}

    def fields(self) -> Fields:
        """Read the body as a JSON object; no body at all is an empty one.

        Raises:
            Refused: 400 or 415 when it is something else.
        """
        body = self.incoming.body
        if not body:
            return Fields({})
        if self.incoming.content_type != "application/json":
            text = f'Unsupported media type "{self.incoming.content_type}" in request.'
            raise envelope.Refused(
                envelope.refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, field_errors=text)
            )
        try:
            value: Any = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise envelope.bad_request(f"JSON parse error - {error}") from None
        if not isinstance(value, dict):
            text = NOT_AN_OBJECT.format(type(value).__name__)
            raise envelope.bad_request(fields={"non_field_errors": [text]})
        return Fields(value)


def authorise(tenant: Tenant, incoming: Incoming, scopes: frozenset[str]) -> Call:
    """Find out who calls.

    Args:
        tenant: what the call works on.
        incoming: the request.
        scopes: any one of these will do.

    Raises:
        Refused: 401 without a good token; 404 without a scope.
    """
    scheme, _, secret = incoming.headers.get("Authorization", "").partition(" ")
    token = tenant.state.tokens.get(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None or (token.expires is not None and token.expires <= time.time()):
        raise envelope.unauthorized()
    if scopes.isdisjoint(token.scopes):
        raise envelope.not_found()
    return Call(tenant, incoming, tenant.state.users.rows[token.user])
