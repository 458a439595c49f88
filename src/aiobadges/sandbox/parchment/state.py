"""What the Parchment side knows, and the questions asked of it, each answered through an index."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from aiobadges.sandbox.parchment.records import Assertion, BadgeClass, Issuer, Token, User
from aiobadges.sandbox.store import Index

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aiobadges.sandbox.store import Store

__all__ = ["State", "role_in"]


def role_in(issuer: Issuer, user: User) -> str | None:
    """Give a user's role in an issuer: owner, editor, staff or none."""
    return next((member.role for member in issuer.staff if member.user == user.key), None)


class State:
    """The Parchment tables in a store."""

    def __init__(self, store: Store) -> None:
        self._users_by_name: Index[User] = Index(attrgetter("username"))
        self._badges_by_issuer: Index[BadgeClass] = Index(attrgetter("issuer"))
        self._awards_by_badge: Index[Assertion] = Index(attrgetter("badgeclass"))
        self._awards_by_issuer: Index[Assertion] = Index(attrgetter("issuer"))
        self._awards_by_recipient: Index[Assertion] = Index(attrgetter("recipient"))
        self._awards_by_both: Index[Assertion] = Index(attrgetter("badgeclass", "recipient"))
        self._tokens_by_refresh: Index[Token] = Index(attrgetter("refresh"))
        self.users = store.table(User, self._users_by_name)
        self.issuers = store.table(Issuer)
        self.badgeclasses = store.table(BadgeClass, self._badges_by_issuer)
        self.assertions = store.table(
            Assertion,
            self._awards_by_badge,
            self._awards_by_issuer,
            self._awards_by_recipient,
            self._awards_by_both,
        )
        self.tokens = store.table(Token, self._tokens_by_refresh)

    def user_named(self, username: str) -> User | None:
        """Find an account by its username."""
        keys = self._users_by_name.keys(username)
        return self.users.get(keys[0]) if keys else None

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

    def _in_order(self, keys: Iterable[str]) -> list[str]:
        return sorted(keys, key=lambda key: self.assertions.rows[key].serial)
