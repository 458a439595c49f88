"""One award inside a web request: answered in time, and brought to its end in any case.

::

    outcome = await award_once(client, ledger, badge=badge_id, recipient=Recipient.email(address))
    match outcome:
        case Awarded() | AlreadyHeld(): ...
        case Pending(key=key): ...      # `ledger.settling(client)` brings it to its end

The award belongs to the ledger and not to the request: a request that is cancelled, times out or
dies with its process neither loses nor doubles it. Any number of processes may share a ledger.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import attrs
import msgspec

from aiobadges.awards.fingerprint import award_key, fingerprint
from aiobadges.awards.lease import FirstSeen
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.ledger.engine import insert_or_leave
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.runs import RunRecord, RunState
from aiobadges.awards.ledger.schema import run as run_table
from aiobadges.awards.matching import what_is_listed
from aiobadges.awards.plan import account_of, pacing_for
from aiobadges.awards.reconcile import Oracle
from aiobadges.awards.runner import Runner, Work
from aiobadges.awards.sightings import Sighting
from aiobadges.awards.states import ENDS, ListedEarlier, ListedOther, Reconsidered, State
from aiobadges.errors import BadgesError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.converter import make_converter
from aiobadges.parchment.models import AwardRequest, Recipient
from aiobadges.transport.session import Session
from aiobadges.wire.url import timestamp

__all__ = ["AlreadyHeld", "Awarded", "Once", "Pending", "Rejected", "award_once", "settling"]

_POLL = 0.05
_IDLE = 0.5
_AFTER_TROUBLE = 5.0
_ONE_BY_ONE = Work(has_streaks=False)
_OUT_OF_PATIENCE = "NeedsPerson"
"""What the runner calls it when the platform was asked for as long as the run waits."""


@attrs.frozen(kw_only=True)
class Awarded:
    """The person holds the badge, and this award made it so."""

    key: str
    assertion_id: str
    assertion_url: str = ""


@attrs.frozen(kw_only=True)
class AlreadyHeld:
    """The person held the badge before."""

    key: str
    assertion_id: str = ""


@attrs.frozen(kw_only=True)
class Rejected:
    """The platform does not award it, or the person held it once and it was revoked or expired."""

    key: str
    error_code: str
    error_message: str


@attrs.frozen(kw_only=True)
class Pending:
    """It is written down and not at its end: `Ledger.settling` brings it there.

    One that is a row of a run is brought there by whoever applies or resumes that run.
    """

    key: str


Once: TypeAlias = Awarded | AlreadyHeld | Rejected | Pending


@attrs.frozen
class _Service:
    """The run that single awards belong to, and how far the server's clock is ahead of ours."""

    run: str
    ahead: timedelta


_services: WeakKeyDictionary[Ledger, WeakKeyDictionary[Session, _Service]] = WeakKeyDictionary()


async def award_once(
    client: ParchmentClient,
    ledger: Ledger,
    *,
    badge: str,
    recipient: Recipient,
    deadline: float = 2.0,
    award_revoked: bool = False,
) -> Once:
    """Award a badge to one person, once, however often and from wherever this is called.

    Args:
        client: what sends.
        ledger: where it is written down.
        badge: the entity id of the badge class.
        recipient: whom.
        deadline: seconds to wait for the end; the award goes on after it.
        award_revoked: also when the person's earlier award was revoked or has expired.

    Raises:
        LedgerError: it could not be written down; nothing was sent.
    """
    work = ledger.start(
        asyncio.create_task(
            _award(
                client,
                ledger,
                badge,
                recipient,
                key=_key(client, badge, recipient),
                ends=ledger.clock.monotonic() + deadline,
                award_revoked=award_revoked,
            )
        ),
        stop=lambda: None,  # it ends by itself, at the deadline at the latest
    )
    try:
        return await asyncio.wait_for(asyncio.shield(work), deadline)
    except TimeoutError:
        return Pending(key=_key(client, badge, recipient))


def _key(client: ParchmentClient, badge: str, recipient: Recipient, *, follows: str = "") -> str:
    kind = str(recipient.type or "email")
    origin = client.settings.origin_name
    return award_key(origin, badge, kind, recipient.identity, follows=follows)


async def _what_stands(client: ParchmentClient, ledger: Ledger, effect: Effect) -> str:
    """Give the id of what the person of an award made here holds; empty when it was taken back.

    As long as nothing speaks against the award made here, it stands.
    """
    record, _ = await _service_run(ledger, client)
    try:
        found = await Oracle(client, ledger, record).look(effect.badge, effect.recipient)
    except BadgesError:
        return effect.assertion_id
    live = [one.assertion_id for one in found if one.is_live(ledger.clock.now())]
    if not found or effect.assertion_id in live:
        return effect.assertion_id
    return live[0] if live else ""


async def _award(
    client: ParchmentClient,
    ledger: Ledger,
    badge: str,
    recipient: Recipient,
    *,
    key: str,
    ends: float,
    award_revoked: bool,
) -> Once:
    effect = await ledger.find(key)
    record: RunRecord | None = None
    if effect is None:
        record, server_now = await _service_run(ledger, client)
        effect = _effect(record, key, badge, recipient, server_now)
        await ledger.add([effect])
        effect = await ledger.find(key)
    if effect is None:  # it came to an end that frees its key between two looks
        return Pending(key=key)
    if effect.state is State.AWARDED:
        standing = effect.assertion_id
        if award_revoked:
            standing = await _what_stands(client, ledger, effect)
        if standing:
            return AlreadyHeld(key=key, assertion_id=standing)
        # What follows it is another award, with a key of its own.
        key = _key(client, badge, recipient, follows=effect.assertion_id)
        return await _award(
            client, ledger, badge, recipient, key=key, ends=ends, award_revoked=award_revoked
        )
    if record is not None and effect.run == record.id and effect.state is State.PLANNED:
        runner = Runner(ledger, client, record, _ONE_BY_ONE, tell=_nobody)
        await _look_and_send(ledger, runner, effect, award_revoked=award_revoked)
    while True:  # another process may be at it
        now = await ledger.reread(effect)
        if now.state in ENDS:
            return _told(now)
        if ledger.clock.monotonic() >= ends:
            return Pending(key=key)
        await ledger.clock.sleep(_POLL)


async def _nobody(_: Sequence[Effect]) -> None:
    return None


async def _look_and_send(
    ledger: Ledger, runner: Runner, effect: Effect, *, award_revoked: bool
) -> None:
    """Look whether the person holds or held it, then send. What fails is left as it is."""
    try:
        found = await runner.look_first(effect)
    except BadgesError:
        return
    event = what_is_listed(effect, found, precision=runner.precision, now=ledger.clock.now())
    if isinstance(event, ListedOther):
        await ledger.change(effect, event)
    elif found and not award_revoked:
        await ledger.change(effect, _earlier(found))
    else:
        await runner.award_one(effect)


def _earlier(found: list[Sighting]) -> ListedEarlier:
    is_revoked = any(one.is_revoked for one in found)
    return ListedEarlier(
        is_revoked=is_revoked,
        error_code="RevokedBefore" if is_revoked else "Expired",
        error_message="the person held this badge, and it "
        + ("was revoked" if is_revoked else "has expired"),
    )


def _told(effect: Effect) -> Once:
    match effect.state:
        case State.AWARDED:
            return Awarded(
                key=effect.key,
                assertion_id=effect.assertion_id,
                assertion_url=effect.assertion_url,
            )
        case State.ALREADY_HELD:
            return AlreadyHeld(key=effect.key, assertion_id=effect.assertion_id)
        case State.NEEDS_PERSON if effect.error_code == _OUT_OF_PATIENCE:
            return Pending(key=effect.key)
        case _:
            return Rejected(
                key=effect.key,
                error_code=effect.error_code,
                error_message=effect.error_message,
            )


async def _service_run(ledger: Ledger, client: ParchmentClient) -> tuple[RunRecord, datetime]:
    """Give the run that single awards of this origin and account belong to, and the server's clock."""
    services = _services.setdefault(ledger, WeakKeyDictionary())
    known = services.get(client.session)
    if known is not None:
        # The run is read again: what is learned of the platform is written there.
        return await ledger.run(known.run), ledger.clock.now() + known.ahead
    account, server_now = await account_of(client, fallback=ledger.clock.now())
    origin = client.settings.origin_name
    name = "once-" + hashlib.sha256(f"{origin}\0{account}".encode()).hexdigest()[:8]
    pacing = pacing_for(client)
    values: dict[str, Any] = attrs.asdict(pacing) | {
        "id": name,
        "created_at": timestamp(ledger.clock.now()),
        "source": "award_once",
        "origin": origin,
        "account": account,
        "is_service": True,
        "state": RunState.RUNNING.value,
        "header": "[]",
    }
    await ledger.ask(lambda c: c.execute(insert_or_leave(c, run_table), [values]))
    services[client.session] = _Service(name, server_now - ledger.clock.now())
    return await ledger.run(name), server_now


def _effect(
    record: RunRecord, key: str, badge: str, recipient: Recipient, server_now: datetime
) -> Effect:
    issued_on = fingerprint(key, None, server_now=server_now)
    body = AwardRequest(recipient=recipient, issued_on=issued_on)
    return Effect(
        run=record.id,
        number=0,
        key=key,
        badge=badge,
        recipient=recipient.identity,
        recipient_type=str(recipient.type or "email"),
        issued_on=issued_on,
        call=msgspec.json.encode(make_converter().unstructure(body)),
    )


@asynccontextmanager
async def settling(ledger: Ledger, client: ParchmentClient) -> AsyncIterator[None]:
    """Bring every award of `award_once` to its end while the block runs; see `Ledger.settling`."""
    task = ledger.start(asyncio.create_task(_settle_on(ledger, client), name="aiobadges-settling"))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, BadgesError):
            await task


async def _settle_on(ledger: Ledger, client: ParchmentClient) -> None:
    seen = FirstSeen(ledger.clock)
    runner: Runner | None = None
    its_record: RunRecord | None = None
    has_reconsidered = False
    while True:
        try:
            record, _ = await _service_run(ledger, client)
            if not has_reconsidered:
                await _reconsider(ledger, record)
                has_reconsidered = True
            if runner is None or runner.is_stopping or record != its_record:
                its_record = record
                runner = Runner(ledger, client, record, _ONE_BY_ONE, tell=_nobody, seen=seen)
            nap = await _settle_once(ledger, runner, record, seen)
        except* BadgesError:  # alone, or in the group of those who looked at the same time
            nap = _AFTER_TROUBLE  # the platform or the ledger cannot be had; both come back
        if runner is not None and runner.is_stopping:
            nap = _AFTER_TROUBLE
        await ledger.clock.sleep(nap)


async def _reconsider(ledger: Ledger, record: RunRecord) -> None:
    """Ask again about what the platform was asked about in vain: nobody resumes this run but we."""
    async for effect in ledger.effects(record.id, [State.NEEDS_PERSON]):
        if effect.error_code == _OUT_OF_PATIENCE:
            await ledger.change(effect, Reconsidered())


async def _settle_once(ledger: Ledger, runner: Runner, record: RunRecord, seen: FirstSeen) -> float:
    last, nap = 0, _IDLE
    wanted = [State.PLANNED, State.SENDING, State.UNKNOWN]
    while page := await ledger.page(record.id, wanted, after_id=last):
        last = page[-1].id
        nap = min(nap, await runner.look_into([e for e in page if e.state is not State.PLANNED]))
        for effect in page:
            # A planned one is its request's, until that has had the time to send it.
            if effect.state is State.PLANNED and seen.seconds(effect) > record.pacing.lease:
                await _look_and_send(ledger, runner, effect, award_revoked=False)
    return max(nap, _POLL)
