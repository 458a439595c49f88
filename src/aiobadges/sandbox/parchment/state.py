"""What the Parchment side knows, and the questions asked of it, each answered through an index."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Final

from aiobadges.sandbox.parchment.pathway_records import (
    Completion,
    CourseCompletion,
    Evaluation,
    Group,
    Pathway,
)
from aiobadges.sandbox.parchment.public import badge_url
from aiobadges.sandbox.parchment.records import (
    Assertion,
    BadgeClass,
    ClaimCode,
    Collection,
    Import,
    Invitation,
    Issuer,
    Organization,
    Token,
    User,
)
from aiobadges.sandbox.store import Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aiobadges.sandbox.store import Store

__all__ = ["ROLES", "State", "may_act_as", "role_in"]

# Each may do what those before it may: staff award, editors define badges, owners manage staff.
ROLES: Final = ("staff", "editor", "owner")


def role_in(issuer: Issuer, user: User) -> str | None:
    """Give a user's role in an issuer: owner, editor, staff or none."""
    return next((member.role for member in issuer.staff if member.user == user.key), None)


def may_act_as(role: str, issuer: Issuer, user: User) -> bool:
    """Say whether a user has a role in an issuer, or one above it."""
    return role_in(issuer, user) in ROLES[ROLES.index(role) :]


class State:
    """The Parchment tables in a store."""

    def __init__(self, store: Store) -> None:
        self._users_by_name: Index[User] = Index(attrgetter("username"))
        self._badges_by_issuer: Index[BadgeClass] = Index(attrgetter("issuer"))
        self._awards_by_badge: Index[Assertion] = Index(attrgetter("badgeclass"))
        self._awards_by_issuer: Index[Assertion] = Index(attrgetter("issuer"))
        self._awards_by_recipient: Index[Assertion] = Index(attrgetter("recipient"))
        self._awards_by_both: Index[Assertion] = Index(attrgetter("badgeclass", "recipient"))
        # Addresses are of one person whatever case they are written in.
        self._awards_by_person: Index[Assertion] = Index(lambda award: award.recipient.casefold())
        self._tokens_by_refresh: Index[Token] = Index(attrgetter("refresh"))
        self._codes_by_badge: Index[ClaimCode] = Index(attrgetter("badgeclass"))
        self._imports_by_owner: Index[Import] = Index(attrgetter("owner"))
        self._collections_by_owner: Index[Collection] = Index(attrgetter("owner"))
        self._pathways_by_issuer: Index[Pathway] = Index(attrgetter("issuer"))
        self._evaluations_by_person: Index[Evaluation] = Index(attrgetter("pathway", "recipient"))
        self._evaluations_by_pathway: Index[Evaluation] = Index(attrgetter("pathway"))
        self._completions_by_person: Index[Completion] = Index(attrgetter("pathway", "recipient"))
        self._courses_by_person: Index[CourseCompletion] = Index(attrgetter("recipient"))
        self.users = store.table(User, self._users_by_name)
        self.issuers = store.table(Issuer)
        self.badgeclasses = store.table(BadgeClass, self._badges_by_issuer)
        self.assertions = store.table(
            Assertion,
            self._awards_by_badge,
            self._awards_by_issuer,
            self._awards_by_recipient,
            self._awards_by_both,
            self._awards_by_person,
        )
        self.tokens = store.table(Token, self._tokens_by_refresh)
        self.invitations = store.table(Invitation)
        self.organizations = store.table(Organization)
        self.claim_codes = store.table(ClaimCode, self._codes_by_badge)
        self.imports = store.table(Import, self._imports_by_owner)
        self.collections = store.table(Collection, self._collections_by_owner)
        self.groups = store.table(Group)
        self.pathways = store.table(Pathway, self._pathways_by_issuer)
        self.evaluations = store.table(
            Evaluation, self._evaluations_by_person, self._evaluations_by_pathway
        )
        self.completions = store.table(Completion, self._completions_by_person)
        self.courses = store.table(CourseCompletion, self._courses_by_person)

    def user_named(self, username: str) -> User | None:
        """Find an account by its username."""
        keys = self._users_by_name.keys(username)
        return self.users.get(keys[0]) if keys else None

    def user_with_address(self, email: str) -> User | None:
        """Find an account by its e-mail address, in whatever case."""
        wanted = email.casefold()
        users = self.users.rows.values()
        return next((user for user in users if user.username.casefold() == wanted), None)

    def token_refreshed_by(self, refresh: str) -> Token | None:
        """Find the token pair of a refresh token that was not used yet."""
        keys = self._tokens_by_refresh.keys(refresh)
        return self.tokens.get(keys[0]) if keys else None

    def issuers_of(self, user: User) -> list[Issuer]:
        """Give the issuers in which a user has any role."""
        return [i for i in self.issuers.rows.values() if role_in(i, user) is not None]

    def badges_of(self, issuer: Issuer) -> list[BadgeClass]:
        """Give the badge classes of an issuer, oldest first."""
        keys = self._badges_by_issuer.keys(issuer.key)
        return [self.badgeclasses.rows[key] for key in keys]

    def next_serial(self) -> int:
        """Give the serial of the next assertion."""
        last = self.assertions.last
        return last.serial + 1 if last is not None else 1

    def awards_to(self, recipient: str) -> list[Assertion]:
        """Give all assertions of a recipient, oldest first, revoked and expired ones too."""
        return [self.assertions.rows[key] for key in self._awards_by_recipient.keys(recipient)]

    def holds(self, recipient: str, badge: BadgeClass, now: str) -> bool:
        """Say whether a recipient has a live assertion of a badge."""
        keys = self._awards_by_both.keys((badge.key, recipient))
        return any(self.assertions.rows[key].is_live(now) for key in keys)

    def awards_of_badge(self, badge: BadgeClass, recipients: Sequence[str]) -> Sequence[str]:
        """Give the keys of a badge's assertions, oldest first; of these recipients when named."""
        if not recipients:
            return self._awards_by_badge.keys(badge.key)
        return self._in_order(
            key
            for recipient in set(recipients)
            for key in self._awards_by_both.keys((badge.key, recipient))
        )

    def awards_of_issuer(self, issuer: Issuer, recipients: Sequence[str]) -> Sequence[str]:
        """Give the keys of an issuer's assertions, oldest first; of these recipients when named."""
        if not recipients:
            return self._awards_by_issuer.keys(issuer.key)
        return self._in_order(
            key
            for recipient in set(recipients)
            for key in self._awards_by_recipient.keys(recipient)
            if self.assertions.rows[key].issuer == issuer.key
        )

    def is_awarded(self, badge: BadgeClass) -> bool:
        """Say whether there is any assertion of a badge."""
        return bool(self._awards_by_badge.keys(badge.key))

    def awards_of_person(self, address: str) -> list[Assertion]:
        """Give all assertions of an address in whatever case, oldest first."""
        keys = self._awards_by_person.keys(address.casefold())
        return [self.assertions.rows[key] for key in keys]

    def badges_held_by(self, address: str, now: str) -> frozenset[str]:
        """Give the public addresses of the badges of which a person has a live assertion."""
        awards = self.awards_of_person(address)
        return frozenset(badge_url(award.badgeclass) for award in awards if award.is_live(now))

    def codes_of(self, badge: BadgeClass) -> list[ClaimCode]:
        """Give the claim codes of a badge, oldest first, archived ones too."""
        return [self.claim_codes.rows[key] for key in self._codes_by_badge.keys(badge.key)]

    def imports_of(self, user: User) -> list[Import]:
        """Give the awards from elsewhere in a backpack, oldest first."""
        return [self.imports.rows[key] for key in self._imports_by_owner.keys(user.key)]

    def collections_of(self, user: User) -> list[Collection]:
        """Give the collections of a user, oldest first."""
        return [self.collections.rows[key] for key in self._collections_by_owner.keys(user.key)]

    def forget(self, issuer: Issuer) -> None:
        """Take out an issuer and what only it led to: pathways, groups, invitations."""
        for pathway in self.pathways_of(issuer):
            self.pathways.remove(pathway)
        for group in tuple(self.groups.rows.values()):
            if group.issuer == issuer.key:
                self.groups.remove(group)
        for invitation in tuple(self.invitations.rows.values()):
            if invitation.issuer == issuer.key:
                self.invitations.remove(invitation)
        self.issuers.remove(issuer)

    def pathways_of(self, issuer: Issuer) -> list[Pathway]:
        """Give the pathways of an issuer, oldest first."""
        return [self.pathways.rows[key] for key in self._pathways_by_issuer.keys(issuer.key)]

    def evaluations_of(self, pathway: Pathway, person: str) -> list[Evaluation]:
        """Give what was said of a person on a pathway."""
        keys = self._evaluations_by_person.keys((pathway.key, person))
        return [self.evaluations.rows[key] for key in keys]

    def next_version(self, pathway: Pathway) -> int:
        """Give the version of the next evaluation on a pathway."""
        keys = self._evaluations_by_pathway.keys(pathway.key)
        return max((self.evaluations.rows[key].version for key in keys), default=0) + 1

    def completions_of(self, pathway: Pathway, person: str) -> dict[str, Completion]:
        """Give the steps that a person was found to have completed, by id of the step."""
        keys = self._completions_by_person.keys((pathway.key, person))
        return {(done := self.completions.rows[key]).element: done for key in keys}

    def courses_of(self, person: str) -> list[CourseCompletion]:
        """Give the courses that a person has completed."""
        return [self.courses.rows[key] for key in self._courses_by_person.keys(person)]

    def members_of(self, pathway: Pathway) -> tuple[str, ...]:
        """Give the people of the groups that follow a pathway, each once, as they are written."""
        found: dict[str, str] = {}
        for key in pathway.groups:
            for member in self.groups.rows[key].members:
                found.setdefault(member.casefold(), member)
        return tuple(found.values())

    def _in_order(self, keys: Iterable[str]) -> list[str]:
        return sorted(keys, key=lambda key: self.assertions.rows[key].serial)
