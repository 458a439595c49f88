"""All there is about one person: what the ledger tried, what the platform has, what it comes to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import attrs
import sqlalchemy as sa

from aiobadges.awards.ledger.effects import Effect, find_by_id
from aiobadges.awards.ledger.history import Happening
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.schema import effect as effect_table
from aiobadges.awards.ledger.schema import run as run_table
from aiobadges.awards.reconcile import PAGE, list_awards
from aiobadges.awards.sightings import Sighting, UnreadableAwardError, read_sighting
from aiobadges.awards.states import State
from aiobadges.errors import BadResponseError, InvalidCallError, NotFoundError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.resources import issuers
from aiobadges.transport.pager import Pager
from aiobadges.wire.operation import Call, Operation

__all__ = ["PlatformAward", "Trace", "TracedEffect", "trace_person", "verdict_on"]

_ISSUER_LISTING: Final[Operation[list[Any]]] = attrs.evolve(issuers.ASSERTIONS, result="")
_ASSERTION_ID: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")


@attrs.frozen(kw_only=True)
class TracedEffect:
    """One row of the ledger about the person, with everything that happened to it."""

    effect: Effect = attrs.field(repr=False)
    origin: str
    history: tuple[Happening, ...]


@attrs.frozen(kw_only=True)
class PlatformAward:
    """One award on the platform."""

    badge: str
    sighting: Sighting = attrs.field(repr=False)

    def standing(self, now: datetime) -> str:
        """Say in a word whether it counts."""
        if self.sighting.is_revoked:
            return "revoked"
        return "expired" if self.sighting.has_expired(now) else "live"


@attrs.frozen(kw_only=True)
class Trace:
    """What is known of a person.

    Attributes:
        person: the identity that was looked for.
        effects: the rows of the ledger, oldest first.
        awards: what the platform lists, in any spelling.
        badge_names: badge classes by id.
    """

    person: str = attrs.field(repr=False)
    effects: tuple[TracedEffect, ...]
    awards: tuple[PlatformAward, ...]
    badge_names: dict[str, str]


async def trace_person(ledger: Ledger, client: ParchmentClient, who: str) -> Trace:
    """Gather what is known of a person.

    The platform compares identities letter by letter, so it is asked for each spelling that is
    known; badge classes that the ledger awarded the person are walked, which shows all spellings.

    Args:
        ledger: what was tried.
        client: what asks the platform.
        who: an address, a number, the id of an award, or its link.

    Raises:
        InvalidCallError: it is none of these.
        BadgesError: the platform cannot be asked.
    """
    person = await _person(ledger, client, who.strip())
    ids = await ledger.ask(lambda c: _effects_of(c, person))
    effects = [
        TracedEffect(effect=one, origin=origin, history=tuple(await ledger.history(one)))
        for one, origin in [
            (await ledger.ask(partial(find_by_id, identity=identity)), origin)
            for identity, origin in ids
        ]
    ]
    spellings = {person, person.lower(), *(one.effect.recipient for one in effects)}
    here = {one.effect.badge for one in effects if one.origin == client.settings.origin_name}
    found: dict[str, PlatformAward] = {}
    async for issuer in client.issuers.list():
        for spelling in sorted(spellings):
            pager = Pager(
                client.session,
                Call(
                    operation=_ISSUER_LISTING,
                    path=(issuer.entity_id,),
                    query=(
                        ("recipient", spelling),
                        ("num", PAGE),
                        ("include_expired", True),
                        ("include_revoked", True),
                    ),
                ),
            )
            async for page in pager.pages():
                _add(found, page.items, person)
    for badge in sorted(here):
        async for page in list_awards(client, badge).pages():
            _add(found, page.items, person, badge=badge)
    names = {
        badge.entity_id: badge.name or badge.entity_id async for badge in client.badgeclasses.list()
    }
    oldest = datetime.min.replace(tzinfo=UTC)
    awards = sorted(
        found.values(),
        key=lambda one: (
            one.badge,
            one.sighting.issued_on or oldest,
        ),
    )
    return Trace(person=person, effects=tuple(effects), awards=tuple(awards), badge_names=names)


def _add(
    found: dict[str, PlatformAward], items: Iterable[object], person: str, *, badge: str = ""
) -> None:
    for item in items:
        try:
            one = read_sighting(item)
        except UnreadableAwardError as error:
            raise BadResponseError(f"the listing proves nothing: {error}") from None
        if one.is_of(person):
            shown = item.get("badgeclass") if isinstance(item, dict) else None
            found.setdefault(
                one.assertion_id, PlatformAward(badge=badge or str(shown or ""), sighting=one)
            )


def _effects_of(connection: sa.Connection, person: str) -> list[tuple[int, str]]:
    """Find the rows about somebody. Databases fold only ASCII, so other letters are tried whole."""
    spellings = {person, person.lower(), person.upper(), person.casefold()}
    is_theirs = sa.or_(
        sa.func.lower(effect_table.c.recipient) == person.lower(),
        effect_table.c.recipient.in_(sorted(spellings)),
    )
    rows = connection.execute(
        sa.select(effect_table.c.id, run_table.c.origin)
        .join(run_table, run_table.c.id == effect_table.c.run)
        .where(is_theirs)
        .order_by(effect_table.c.id)
    )
    return [(row.id, row.origin) for row in rows]


async def _person(ledger: Ledger, client: ParchmentClient, who: str) -> str:
    """Give whom an address, a number, an award's id or its link means."""
    if "@" in who:
        return who
    number = re.sub(r"[\s()/.-]", "", who)  # as people write one
    if number.startswith("+") and number[1:].isdecimal():
        return number
    assertion = urlsplit(who).path.rstrip("/").rsplit("/", 1)[-1] if "://" in who else who
    known = await ledger.ask(
        lambda c: c.execute(
            sa.select(effect_table.c.recipient)
            .where(
                sa.or_(effect_table.c.assertion_id == assertion, effect_table.c.recipient == who)
            )
            .limit(1)
        ).scalar_one_or_none()
    )
    if known is not None:
        return str(known)
    if not _ASSERTION_ID.fullmatch(assertion):
        raise InvalidCallError(
            "that names nobody", remedy="Give an address, a number as +49..., an award's id or link"
        )
    try:
        recipient = (await client.assertions.get(assertion)).recipient
    except NotFoundError:
        if "://" in who:
            return who  # people may be named by a URL, too
        raise
    identity = (recipient.plaintext_identity or recipient.identity) if recipient else None
    if not identity or identity.startswith("sha256$"):
        raise InvalidCallError(
            "the platform shows this award without its recipient", remedy="Give the address"
        )
    return identity


def verdict_on(trace: Trace, *, origin: str, now: datetime) -> list[str]:
    """Say in a sentence for each badge class what it comes to."""
    effects = [one.effect for one in trace.effects if one.origin == origin]
    badges = sorted({one.badge for one in trace.awards} | {one.badge for one in effects})
    if not badges:
        return ["Nothing was ever tried for them from this ledger, and the platform lists nothing."]
    return [
        f"{trace.badge_names.get(badge, badge)}: "
        + _sentence(
            [one for one in trace.awards if one.badge == badge],
            [one for one in effects if one.badge == badge],
            now,
        )
        for badge in badges
    ]


def _sentence(awards: Sequence[PlatformAward], effects: Sequence[Effect], now: datetime) -> str:
    live = [one for one in awards if one.standing(now) == "live"]
    made = {one.assertion_id: one for one in effects if one.state is State.AWARDED}
    open_ones = [one for one in effects if one.state in {State.SENDING, State.UNKNOWN}]
    if len(live) > 1:
        ours = len(made.keys() & _ids(live))
        return f"held {len(live)} times, {ours} of them by this ledger: revoke what is too much."
    if live:
        by = made.get(live[0].sighting.assertion_id)
        return "held once, " + (
            f"awarded by run {by.run}, row {by.number}." if by else "and not by this ledger."
        )
    if open_ones:
        one = open_ones[0]
        return f"unclear; run {one.run} looks into it: aiobadges award resume {one.run}"
    return f"not held: {_why_not_held(awards, effects, now)}"


def _ids(awards: Iterable[PlatformAward]) -> set[str]:
    return {one.sighting.assertion_id for one in awards}


def _why_not_held(awards: Sequence[PlatformAward], effects: Sequence[Effect], now: datetime) -> str:
    """Say what became of an award that was made, or why none was."""
    standings = {one.sighting.assertion_id: one.standing(now) for one in awards}
    for one in reversed(effects):
        if one.state is State.AWARDED:
            standing = standings.get(one.assertion_id, "not listed any more")
            return f"run {one.run} awarded it, and it is {standing}."
        if one.state is State.REVOKED:
            return f"run {one.run} awarded it, and took it back ({one.reason})."
    if awards:
        return f"what was awarded is {awards[-1].standing(now)}."
    return _why_not(effects[-1])


def _why_not(one: Effect) -> str:
    match one.state:
        case State.PLANNED:
            return f"run {one.run} has not begun row {one.number}."
        case State.REJECTED:
            return f"run {one.run} was refused it: {one.error_message or one.error_code}"
        case State.NEEDS_PERSON:
            return f"run {one.run} could not find out: {one.error_message}"
        case _:
            return f"row {one.number} of run {one.run} is {one.state.value.replace('_', ' ')}."
