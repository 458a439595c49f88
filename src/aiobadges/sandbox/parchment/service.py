"""The table of Parchment operations, and how each comes to its call."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiobadges.sandbox import moments
from aiobadges.sandbox.exchange import Answer, Incoming, Operation
from aiobadges.sandbox.parchment import (
    assertions,
    awarding,
    badgeclasses,
    envelope,
    identifiers,
    issuers,
    seed,
    tokens,
    users,
)
from aiobadges.sandbox.parchment.call import Call, Tenant, authorise
from aiobadges.sandbox.parchment.records import User

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

__all__ = ["Parchment"]

PROFILE: Final = frozenset({"r:profile", "rw:profile"})
# The documentation names rw:issuer for reading, too; r:issuer opens none of these.
ISSUER: Final = frozenset({"rw:issuer"})

DESCRIPTIONS: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: envelope.NO_TOKEN,
    HTTPStatus.NOT_FOUND: envelope.NOT_FOUND,
}


@dataclass(frozen=True, slots=True)
class _Route:
    id: str
    method: str
    template: str
    scopes: frozenset[str]
    run: Callable[[Call], Awaitable[Answer]]


ROUTES: Final = (
    _Route("users.get_self", "GET", "/v2/users/self", PROFILE, users.get_self),
    _Route("issuers.list", "GET", "/v2/issuers", ISSUER, issuers.list_all),
    _Route("issuers.create", "POST", "/v2/issuers", ISSUER, issuers.create),
    _Route("issuers.get", "GET", "/v2/issuers/{id}", ISSUER, issuers.get),
    _Route(
        "issuers.badgeclasses",
        "GET",
        "/v2/issuers/{id}/badgeclasses",
        ISSUER,
        issuers.list_badgeclasses,
    ),
    _Route(
        "issuers.assertions", "GET", "/v2/issuers/{id}/assertions", ISSUER, issuers.list_assertions
    ),
    _Route("badgeclasses.list", "GET", "/v2/badgeclasses", ISSUER, badgeclasses.list_all),
    _Route("badgeclasses.create", "POST", "/v2/badgeclasses", ISSUER, badgeclasses.create),
    _Route("badgeclasses.get", "GET", "/v2/badgeclasses/{id}", ISSUER, badgeclasses.get),
    _Route(
        "badgeclasses.assertions",
        "GET",
        "/v2/badgeclasses/{id}/assertions",
        ISSUER,
        badgeclasses.list_assertions,
    ),
    _Route(
        "badgeclasses.award", "POST", "/v2/badgeclasses/{id}/assertions", ISSUER, awarding.award
    ),
    _Route("assertions.get", "GET", "/v2/assertions/{id}", ISSUER, assertions.get),
    _Route("assertions.revoke", "DELETE", "/v2/assertions/{id}", ISSUER, assertions.revoke),
)


class Parchment:
    """The service.

    Args:
        tenant: what its operations work on.
    """

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._throttle = tokens.LoginThrottle()
        self.operations = (
            Operation("token", "POST", "/o/token", self._sign_in, signs_in=True),
            *(
                Operation(route.id, route.method, route.template, self._work_of(route))
                for route in ROUTES
            ),
        )

    def refusal(self, status: int) -> Answer:
        """Word a refusal in the envelope."""
        return envelope.refuse(status, DESCRIPTIONS.get(status, envelope.MISCELLANEOUS))

    def wake(self) -> None:
        """Seed an empty store, write the outbox anew from the assertions, and forgive logins."""
        self._throttle.clear()
        state = self.tenant.state
        if not state.users.rows:
            seed.sow(state)
        # Assertions are never deleted, so they tell of every mail.
        self.tenant.outbox.clear()
        for assertion in state.assertions.rows.values():
            self.tenant.outbox.send(awarding.mail_for(self.tenant, assertion))

    def add_user(self, username: str, password: str) -> str:
        """Add an account; give its entity id."""
        if self.tenant.state.user_named(username) is not None:
            raise ValueError(f"there is an account {username!r} already")
        name, _, domain = username.partition("@")
        user = User(
            entity_id=identifiers.entity_id(),
            id=identifiers.mongo_id(),
            created_at=moments.now(),
            username=username,
            password=password,
            first_name=name.capitalize(),
            last_name=domain,
        )
        self.tenant.state.users.put(user)
        return user.key

    def expire_tokens(self) -> int:
        """Let every access token expire now; give their number."""
        return tokens.expire_all(self.tenant)

    async def _sign_in(self, incoming: Incoming) -> Answer:
        return tokens.grant(self.tenant, self._throttle, incoming)

    def _work_of(self, route: _Route) -> Callable[[Incoming], Awaitable[Answer]]:
        async def work(incoming: Incoming) -> Answer:
            try:
                return await route.run(authorise(self.tenant, incoming, route.scopes))
            except envelope.Refused as refused:
                return refused.answer

        return work
