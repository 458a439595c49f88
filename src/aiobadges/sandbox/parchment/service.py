"""The Parchment service: how each operation comes to its call, and what only the owner may do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiobadges.sandbox import moments
from aiobadges.sandbox.exchange import Answer, Incoming, Operation
from aiobadges.sandbox.parchment import (
    advancing,
    claim_codes,
    envelope,
    granting,
    identifiers,
    seed,
    staff,
    tokens,
)
from aiobadges.sandbox.parchment.call import Tenant, authorise
from aiobadges.sandbox.parchment.pathway_records import CourseCompletion, Group
from aiobadges.sandbox.parchment.records import User
from aiobadges.sandbox.parchment.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from aiobadges.sandbox.parchment.routes import Route

__all__ = ["Parchment"]

DESCRIPTIONS: Final[Mapping[int, str]] = {
    HTTPStatus.UNAUTHORIZED: envelope.NO_TOKEN,
    HTTPStatus.NOT_FOUND: envelope.NOT_FOUND,
}


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
            self.tenant.outbox.send(granting.mail_for(self.tenant, assertion))

    def add_user(self, username: str, password: str) -> str:
        """Add an account, which takes the places that wait for it; give its entity id."""
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
        staff.move_in(self.tenant, user)
        return user.key

    def add_group(self, name: str, members: Iterable[str], issuer: str) -> str:
        """Add a group of recipients; give its id."""
        found = self.tenant.state.issuers.find(issuer)
        if found is None:
            raise ValueError(f"there is no issuer {issuer!r}")
        group = Group(
            id=identifiers.mongo_id(),
            issuer=found.key,
            name=name,
            created_at=moments.now(),
            members=tuple(members),
        )
        self.tenant.state.groups.put(group)
        return group.key

    def claim(self, code: str, address: str) -> str:
        """Use a claim code; give the entity id of the award."""
        return claim_codes.claim(self.tenant, code, address)

    def complete_course(self, address: str, domain: str, course: str) -> None:
        """Let somebody have completed a course, as a learning system would report it."""
        person = address.casefold()
        self.tenant.state.courses.put(
            CourseCompletion(domain=domain, course=course, recipient=person, at=moments.now())
        )
        advancing.after_course(self.tenant, address)

    def expire_tokens(self) -> int:
        """Let every access token expire now; give their number."""
        return tokens.expire_all(self.tenant)

    async def _sign_in(self, incoming: Incoming) -> Answer:
        return tokens.grant(self.tenant, self._throttle, incoming)

    def _work_of(self, route: Route) -> Callable[[Incoming], Awaitable[Answer]]:
        async def work(incoming: Incoming) -> Answer:
            try:
                return await route.run(authorise(self.tenant, incoming, route.scopes))
            except envelope.Refused as refused:
                return refused.answer

        return work
