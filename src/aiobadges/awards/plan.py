"""From the rows of a roster to a run: who is new, who holds the badge, who held it, who is twice.

The platform is listed before anything is decided, once a badge class; what it lists is the
baseline that resuming and the audit compare with. Nothing is sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, TypeVar

import attrs
import msgspec

from aiobadges.awards.chunks import in_chunks
from aiobadges.awards.fingerprint import award_key, fingerprint
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger.discard import discard_broken_plans, discard_plan
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.ledger.errors import LedgerError, NoSuchRunError
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.listing import add_sightings, earlier_awards, person_key
from aiobadges.awards.ledger.runs import RunRecord, RunState
from aiobadges.awards.ledger.takeover import take_over
from aiobadges.awards.reconcile import Oracle, list_awards
from aiobadges.awards.requests import award_request
from aiobadges.awards.roster.reading import Roster
from aiobadges.awards.roster.row import Row
from aiobadges.awards.sightings import Sighting, UnreadableAwardError, read_sightings
from aiobadges.awards.states import Standing, State
from aiobadges.errors import (
    BadResponseError,
    ForbiddenError,
    InvalidCallError,
    NotFoundError,
)
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.converter import make_converter
from aiobadges.parchment.models import BadgeClass
from aiobadges.parchment.resources.users import GET_SELF
from aiobadges.wire.operation import Call
from aiobadges.wire.url import timestamp

__all__ = ["PlanPolicy", "account_of", "new_run_id", "pacing_for", "plan_effects", "plan_run"]

T = TypeVar("T")

_PLAIN_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@attrs.frozen(kw_only=True)
class PlanPolicy:
    """What is done with people who held the badge once.

    Attributes:
        award_revoked: award again what was revoked.
        renew: award again what has expired.
    """

    award_revoked: bool = False
    renew: bool = False


@attrs.frozen(kw_only=True)
class _Earlier:
    """A person's awards before the run, told in one."""

    ids: tuple[str, ...] = ()
    live: str = ""
    spelling: str = ""
    has_revoked: bool = False


def new_run_id() -> str:
    """Make four letters and digits that nobody mistakes for each other."""
    return "".join(secrets.choice(_PLAIN_LETTERS) for _ in range(4))


def pacing_for(client: ParchmentClient) -> Pacing:
    """Give the waits that fit where a client goes."""
    return Pacing.sandbox() if client.settings.kind == "sandbox" else Pacing()


async def account_of(client: ParchmentClient, *, fallback: datetime) -> tuple[str, datetime]:
    """Give the account's id and the server's clock; the id is empty where it may not be read."""
    try:
        reply = await client.send(Call(operation=GET_SELF))
    except (ForbiddenError, NotFoundError):
        return client.settings.username, fallback  # a token without the profile scope
    try:
        return reply.result.entity_id, parsedate_to_datetime(reply.headers["date"])
    except (KeyError, ValueError):
        return reply.result.entity_id, fallback


async def plan_run(
    ledger: Ledger,
    client: ParchmentClient,
    rows: Iterable[Row] | AsyncIterable[Row],
    *,
    badges: Mapping[str, BadgeClass],
    source: str = "",
    header: Sequence[str] | None = None,
    policy: PlanPolicy | None = None,
    pacing: Pacing | None = None,
) -> RunRecord:
    """Plan a run and write it down.

    Args:
        ledger: where.
        client: what lists the platform; the run is bound to where it goes.
        rows: whom to award what; they are read once, and not kept.
        badges: the badge class of each name in the rows; ``""`` is the one for the whole roster.
        source: the roster's name.
        header: its columns; None for those of a `Roster`.
        policy: what is done with people who held the badge once.
        pacing: how long things take; None for what fits the region.
    """
    account, server_now = await account_of(client, fallback=ledger.clock.now())
    if header is None:
        header = rows.header if isinstance(rows, Roster) else ()
    record = RunRecord(
        id=new_run_id(),
        created_at=timestamp(ledger.clock.now()),
        source=source,
        origin=client.settings.origin_name,
        account=account,
        issuer=",".join(sorted({badge.issuer or "" for badge in badges.values()})),
        state=RunState.PLANNING,
        header=tuple(header),
        pacing=pacing or pacing_for(client),
        library_version=version("aiobadges"),
    )
    await ledger.ask(discard_broken_plans)  # else they stand in the way of this one
    planner = _Planner(
        ledger,
        client,
        record,
        badges=badges,
        policy=policy or PlanPolicy(),
        server_now=server_now,
    )
    try:
        async with ledger.hold(record.id, new=record):
            await planner.list_platform()
            async for chunk in in_chunks(rows):
                await planner.add(chunk)
            await ledger.update_run(record.id, {"state": RunState.PLANNED.value})
    except BaseException:  # half a plan would award half a roster, and stand in the way of another
        with contextlib.suppress(LedgerError, NoSuchRunError):
            await ledger.ask(lambda c: discard_plan(c, record.id))
        raise
    return attrs.evolve(record, state=RunState.PLANNED)


async def plan_effects(
    ledger: Ledger,
    client: ParchmentClient,
    record: RunRecord,
    rows: Sequence[Row],
    *,
    badges: Mapping[str, BadgeClass],
    server_now: datetime,
) -> None:
    """Add rows to a run whose baseline is listed already."""
    planner = _Planner(
        ledger, client, record, badges=badges, policy=PlanPolicy(), server_now=server_now
    )
    await planner.add(rows)


class _Planner:
    def __init__(
        self,
        ledger: Ledger,
        client: ParchmentClient,
        record: RunRecord,
        *,
        badges: Mapping[str, BadgeClass],
        policy: PlanPolicy,
        server_now: datetime,
    ) -> None:
        self._ledger = ledger
        self._client = client
        self._record = record
        self._badges = {name: badge.entity_id for name, badge in badges.items()}
        self._policy = policy
        self._server_now = server_now
        self._converter = make_converter()
        self._hides_recipients: set[str] = set()

    async def list_platform(self) -> None:
        """Keep what each badge class has: the baseline."""
        for badge in sorted(set(self._badges.values())):
            async for page in list_awards(self._client, badge).pages():
                try:
                    sightings = read_sightings(page.items)
                except UnreadableAwardError as error:
                    raise BadResponseError(f"the listing proves nothing: {error}") from None
                if any(not one.identity for one in sightings):
                    self._hides_recipients.add(badge)
                await self._keep(badge, sightings)

    async def _keep(self, badge: str, sightings: Sequence[Sighting]) -> None:
        record, now = self._record, self._ledger.clock.now()
        await self._ledger.ask(
            lambda c: add_sightings(
                c,
                record.id,
                "plan",
                origin=record.origin,
                badge=badge,
                sightings=sightings,
                now=now,
            )
        )

    async def add(self, rows: Sequence[Row]) -> None:
        """Write rows down, each with where it stands."""
        earlier = await self._earlier(rows)
        effects = await asyncio.to_thread(
            lambda: [self._effect(row, known) for row, known in zip(rows, earlier, strict=True)]
        )
        left_out = await self._ledger.add(effects)
        for effect in left_out:
            await self._add_in_the_way(effect)

    async def _earlier(self, rows: Sequence[Row]) -> list[_Earlier]:
        origin = self._record.origin
        people = [person_key(origin, self._badges[row.badge], row.identifier) for row in rows]
        listed = await self._ledger.ask(lambda c: earlier_awards(c, self._record.id, people))
        told = [_told(listed.get(person, [])) for person in people]
        if self._hides_recipients:  # a hash is of one person only: each is asked for
            oracle = Oracle(self._client, self._ledger, self._record)
            now = self._ledger.clock.now()
            for number, row in enumerate(rows):
                badge = self._badges[row.badge]
                if badge in self._hides_recipients and not told[number].ids:
                    found = await oracle.look(badge, row.identifier)
                    told[number] = _told_of_sightings(found, now)
        return told

    def _effect(self, row: Row, earlier: _Earlier) -> Effect:
        badge = self._badges[row.badge]
        # What follows an old award is another award than that one, with a key of its own.
        follows = max(earlier.ids, default="")
        try:
            return self._write(row, badge, earlier, follows)
        except (ValueError, TypeError, OverflowError, InvalidCallError) as error:
            return self._invalid(row, badge, error)

    def _write(self, row: Row, badge: str, earlier: _Earlier, follows: str) -> Effect:
        recipient = earlier.spelling or row.identifier
        kind = row.identifier_type
        key = award_key(self._record.origin, badge, kind, recipient, follows=follows)
        issued_on = fingerprint(key, row.issued_on, server_now=self._server_now)
        request = award_request(attrs.evolve(row, identifier=recipient, issued_on=issued_on))
        return Effect(
            run=self._record.id,
            number=row.number,
            standing=Standing(state=self._state(earlier)),
            key=key,
            badge=badge,
            recipient=recipient,
            recipient_type=kind,
            issued_on=issued_on,
            call=msgspec.json.encode(self._converter.unstructure(request)),
            cells=dict(row.cells),
            earlier=earlier.ids,
            assertion_id=earlier.live,
        )

    def _invalid(self, row: Row, badge: str, error: Exception) -> Effect:
        """Write down a row that cannot be written as a request; it is no other row's fault."""
        key = award_key(self._record.origin, badge, row.identifier_type, row.identifier)
        return Effect(
            run=self._record.id,
            number=row.number,
            standing=Standing(state=State.INVALID),
            key=key,
            badge=badge,
            recipient=_storable(row.identifier),
            recipient_type=row.identifier_type,
            cells={_storable(name): _storable(cell) for name, cell in row.cells.items()},
            error_code="InvalidCall",
            error_message=_storable(f"the award cannot be written: {error}"),
        )

    def _state(self, earlier: _Earlier) -> State:
        if earlier.live:
            return State.ALREADY_HELD
        if earlier.has_revoked and not self._policy.award_revoked:
            return State.REVOKED_BEFORE
        if earlier.ids and not earlier.has_revoked and not self._policy.renew:
            return State.EXPIRED
        return State.PLANNED

    async def _add_in_the_way(self, effect: Effect) -> None:
        """Settle a row whose award another row makes, has made or may yet make."""
        other = await self._ledger.find(effect.key)
        if other is None:  # it has ended since, in a way that leaves the award to others
            if not await self._ledger.add([effect]):
                return
            other = await self._ledger.find(effect.key)
        if other is not None and await self._take_over(other, effect):
            return
        by_run = other.run if other is not None and other.run != self._record.id else ""
        if other is not None and by_run and other.state is State.AWARDED:
            effect = await self._beside(other, effect)
            if not await self._ledger.add([effect]):
                return
        row = other.number if other is not None else 0
        where = f" of run {by_run}" if by_run else ""
        await self._ledger.add(
            [
                attrs.evolve(
                    effect,
                    standing=Standing(state=State.DUPLICATE),
                    error_code="Duplicate",
                    error_message=f"row {row}{where} names the same recipient and badge",
                )
            ]
        )

    async def _beside(self, other: Effect, effect: Effect) -> Effect:
        """Say where a row stands whose award another run made, and which the baseline lacks.

        It was made since the platform was listed, or is gone from there. Nothing but a look tells:
        the platform takes another spelling for another person, and would award it twice.
        """
        oracle = Oracle(self._client, self._ledger, self._record)
        found = await oracle.look(other.badge, other.recipient)
        earlier = _told_of_sightings(found, self._ledger.clock.now())
        follows = max(earlier.ids, default=other.assertion_id)
        return attrs.evolve(
            effect,
            standing=Standing(state=self._state(earlier)),
            key=award_key(
                self._record.origin, effect.badge, effect.recipient_type, effect.recipient,
                follows=follows,
            ),
            earlier=earlier.ids,
            assertion_id=earlier.live,
        )  # fmt: skip

    async def _take_over(self, other: Effect, effect: Effect) -> bool:
        """Go on with what an earlier run left open and nobody works on any more."""
        record, at = self._record, timestamp(self._ledger.clock.now())
        return await self._ledger.ask(lambda c: take_over(c, other, effect, record, at=at))


def _told(rows: Sequence[Any]) -> _Earlier:
    live = next((row for row in rows if row.is_live), None)
    return _Earlier(
        ids=tuple(sorted(row.assertion_id for row in rows)),
        live=live.assertion_id if live is not None else "",
        spelling=(live if live is not None else rows[0]).recipient if rows else "",
        has_revoked=any(row.is_revoked for row in rows),
    )


def _told_of_sightings(found: Sequence[Sighting], now: datetime) -> _Earlier:
    return _Earlier(
        ids=tuple(sorted(one.assertion_id for one in found)),
        live=next((one.assertion_id for one in found if one.is_live(now)), ""),
        has_revoked=any(one.is_revoked for one in found),
    )


def _storable(text: str) -> str:
    """Give a text that every database takes: halves of characters are replaced."""
    return text.encode("utf-8", "replace").decode()
