"""One authorised call: what it works on, who makes it, and what it asks for."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec

from aiobadges.sandbox.parchment import envelope, public
from aiobadges.sandbox.parchment.fields import NOT_AN_OBJECT, Fields
from aiobadges.sandbox.parchment.state import may_act_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiobadges.sandbox.counters import Counters
    from aiobadges.sandbox.exchange import Incoming
    from aiobadges.sandbox.outbox import Outbox
    from aiobadges.sandbox.parchment.paging import CursorNames
    from aiobadges.sandbox.parchment.pathway_records import Pathway
    from aiobadges.sandbox.parchment.records import Assertion, BadgeClass, Issuer, User
    from aiobadges.sandbox.parchment.state import State

__all__ = ["ARCHIVED", "Call", "Tenant", "authorise"]

ARCHIVED: Final = "This badge class is archived: reactivate it first."

# What passes through is wrapped in a few levels more, and must still be writable.
DEEPEST: Final = 200


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
    scopes: tuple[str, ...]

    @property
    def state(self) -> State:
        """The tables."""
        return self.tenant.state

    def issuer(self, name: str | None = None, *, role: str = "staff") -> Issuer:
        """Give the issuer of the path, or of an id in either form.

        Args:
            name: the id; that of the path when left out, which may be a public address in base64.
            role: what the caller must be there at least.

        Raises:
            Refused: 404 when there is none, or none in which the caller has the role.
        """
        issuer = self.state.issuers.find(self._named(public.issuer_of) if name is None else name)
        if issuer is None or not may_act_as(role, issuer, self.user):
            raise envelope.not_found()
        return issuer

    def badgeclass(self, *, role: str = "staff") -> BadgeClass:
        """Give the badge class of the path, an archived one, too.

        Raises:
            Refused: 404 when there is none, or none of an issuer in which the caller has the role.
        """
        badge = self.state.badgeclasses.find(self._named(public.badge_of))
        if badge is None:
            raise envelope.not_found()
        self.issuer(badge.issuer, role=role)
        return badge

    def live_badgeclass(self, *, role: str = "staff") -> BadgeClass:
        """Give the badge class of the path, to do something with it.

        Raises:
            Refused: 404 as `badgeclass`; 400 when it is archived, of which the documentation says
                no more than that it is.
        """
        badge = self.badgeclass(role=role)
        if badge.archived:
            raise envelope.bad_request(ARCHIVED)
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

    def pathway(self, *, role: str = "staff") -> Pathway:
        """Give the pathway of the path.

        Raises:
            Refused: 404 when there is none, or none of an issuer in which the caller has the role.
        """
        pathway = self.state.pathways.get(self.incoming.ids["id"])
        if pathway is None:
            raise envelope.not_found()
        self.issuer(pathway.issuer, role=role)
        return pathway

    def asks_for(self, name: str, *, default: bool = False) -> bool:
        """Read a yes or no from the query."""
        word = self.incoming.query.get(name)
        return default if word is None else word.lower() in {"1", "true", "yes", "on"}

    def fields(self) -> Fields:
        """Read the body as a JSON object; no body at all is an empty one.

        Raises:
            Refused: 400 or 415 when it is something else.
        """
        if not self.incoming.body:
            return Fields({})
        value = self._json()
        if not isinstance(value, dict):
            text = NOT_AN_OBJECT.format(type(value).__name__)
            raise envelope.bad_request(fields={"non_field_errors": [text]})
        return Fields(value)

    def items(self) -> list[Any]:
        """Read the body as a JSON list.

        Raises:
            Refused: 400 or 415 when it is something else.
        """
        value = self._json() if self.incoming.body else None
        if not isinstance(value, list):
            text = f'Expected a list of items but got type "{type(value).__name__}".'
            raise envelope.bad_request(fields={"non_field_errors": [text]})
        return value

    def require_content_type(self, expected: str) -> None:
        """Look at the media type of the body.

        Raises:
            Refused: 415 when it is not this one.
        """
        if self.incoming.content_type != expected:
            text = f'Unsupported media type "{self.incoming.content_type}" in request.'
            raise envelope.Refused(
                envelope.refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, field_errors=text)
            )

    def _json(self) -> Any:
        self.require_content_type("application/json")
        try:
            value = msgspec.json.decode(self.incoming.body)
        except (msgspec.DecodeError, RecursionError) as error:
            raise envelope.bad_request(f"JSON parse error - {error}") from None
        if _is_deep(value, DEEPEST):
            raise envelope.bad_request("JSON parse error - the value is nested too deeply")
        return value

    def _named(self, id_in: Callable[[str], str]) -> str:
        ids = self.incoming.ids
        return id_in(public.text_of_segment(ids["ref"])) if "ref" in ids else ids["id"]


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
    return Call(tenant, incoming, tenant.state.users.rows[token.user], token.scopes)


def _is_deep(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return False
    return levels == 0 or any(_is_deep(item, levels - 1) for item in value)
