"""Finding the badge class a person means by a name or an id."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar

from aiobadges.errors import InvalidCallError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import BadgeClass, Issuer

__all__ = ["BadgeChoiceError", "choose_badge", "choose_issuer", "find_badges"]


class BadgeChoiceError(InvalidCallError):
    """No badge class or issuer of that name or id, or several."""


class _Named(Protocol):
    @property
    def entity_id(self) -> str: ...
    @property
    def id(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...


N = TypeVar("N", bound=_Named)


def _called(wanted: str, things: Sequence[N]) -> Sequence[N]:
    """Those with that id; else those with that name; else those whose name differs in case only."""
    for matches in (
        [thing for thing in things if wanted in {thing.entity_id, thing.id}],
        [thing for thing in things if thing.name == wanted],
        [thing for thing in things if (thing.name or "").casefold() == wanted.casefold()],
    ):
        if matches:
            return matches
    return []


def _none_found(what: str, wanted: str, names: Sequence[str]) -> BadgeChoiceError:
    near = difflib.get_close_matches(wanted, names, 1, 0.5)
    known = ", ".join(repr(name) for name in sorted(set(names))[:10]) or "none"
    return BadgeChoiceError(
        f"there is no {what} {wanted!r}",
        remedy=f"Did you mean {near[0]!r}?" if near else f"This account sees: {known}",
    )


def choose_issuer(wanted: str, issuers: Sequence[Issuer]) -> Issuer:
    """Give the issuer of that name or id.

    Raises:
        BadgeChoiceError: there is none, or several.
    """
    found = _called(wanted, issuers)
    if not found:
        raise _none_found("issuer", wanted, [issuer.name or "" for issuer in issuers])
    if len(found) > 1:
        raise BadgeChoiceError(
            f"there are {len(found)} issuers {wanted!r}",
            remedy="Give the id: " + ", ".join(issuer.entity_id for issuer in found),
        )
    return found[0]


def choose_badge(wanted: str, badges: Sequence[BadgeClass]) -> BadgeClass:
    """Give the badge class of that name or id.

    Raises:
        BadgeChoiceError: there is none, or several.
    """
    found = _called(wanted, badges)
    if not found:
        raise _none_found("badge class", wanted, [badge.name or "" for badge in badges])
    if len(found) > 1:
        issuers = ", ".join(f"{badge.entity_id} of issuer {badge.issuer}" for badge in found)
        raise BadgeChoiceError(
            f"there are {len(found)} badge classes {wanted!r}: {issuers}",
            remedy="Say which with --issuer, or give its id",
        )
    return found[0]


async def find_badges(
    client: ParchmentClient, wanted: Iterable[str], *, issuer: str | None = None
) -> Mapping[str, BadgeClass]:
    """Find badge classes by name or id, with one walk over what the account sees.

    Args:
        client: the client.
        wanted: names or ids.
        issuer: the name or id of the issuer they must belong to.

    Raises:
        BadgeChoiceError: one of them is not there or not clear.
    """
    badges = [badge async for badge in client.badgeclasses.list()]
    if issuer is not None:
        chosen = choose_issuer(issuer, [one async for one in client.issuers.list()])
        badges = [badge for badge in badges if badge.issuer in {chosen.entity_id, chosen.id}]
    return {name: choose_badge(name, badges) for name in wanted}
