"""Comparing a run with the platform: what is missing, what is extra, who holds a badge twice.

Each badge class is listed once, into the ledger, and compared there: a million awards need no
memory. What was there before the run is the baseline of its plan and is no finding.
"""

from __future__ import annotations

from functools import partial

import attrs
import sqlalchemy as sa

from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.listing import add_sightings, clear_listing
from aiobadges.awards.ledger.runs import RunRecord
from aiobadges.awards.ledger.schema import effect, listing
from aiobadges.awards.reconcile import list_awards
from aiobadges.awards.sightings import UnreadableAwardError, read_sightings
from aiobadges.awards.states import State
from aiobadges.errors import BadResponseError
from aiobadges.parchment.client import ParchmentClient

__all__ = ["Audit", "DoubledAward", "ExtraAward", "MissingAward", "audit_run"]

MOST_FINDINGS = 1000
"""So many of a kind are named; all are counted."""


@attrs.frozen(kw_only=True)
class MissingAward:
    """A row the ledger calls awarded, whose award the platform does not show as standing."""

    number: int
    recipient: str = attrs.field(repr=False)
    assertion_id: str
    is_revoked: bool


@attrs.frozen(kw_only=True)
class ExtraAward:
    """An award that is neither in the baseline nor of this run.

    Attributes:
        assertion_id: the award.
        recipient: whose it is.
        by_run: the run of this ledger that made it, empty for none.
    """

    assertion_id: str
    recipient: str = attrs.field(repr=False)
    by_run: str = ""


@attrs.frozen(kw_only=True)
class DoubledAward:
    """A person with more than one standing award of a badge class, at least one of them new."""

    recipient: str = attrs.field(repr=False)
    badge: str
    times: int


@attrs.frozen(kw_only=True)
class Audit:
    """What an audit found.

    Attributes:
        run: the run.
        awarded: how many rows the ledger calls awarded.
        listed: how many awards the platform listed.
        missing: awarded rows that are not there, the first thousand.
        extra: awards that nobody here planned, the first thousand.
        doubled: people who hold a badge twice, the first thousand.
        missing_count: how many there are.
        extra_count: how many there are.
        doubled_count: how many there are.
    """

    run: str
    awarded: int
    listed: int
    missing: tuple[MissingAward, ...] = ()
    extra: tuple[ExtraAward, ...] = ()
    doubled: tuple[DoubledAward, ...] = ()
    missing_count: int = 0
    extra_count: int = 0
    doubled_count: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing is off."""
        return not (self.missing_count or self.extra_count or self.doubled_count)


async def audit_run(ledger: Ledger, client: ParchmentClient, run: RunRecord) -> Audit:
    """List every badge class of a run, and compare.

    Raises:
        BadgesError: the platform cannot be listed.
    """
    await ledger.ask(lambda c: clear_listing(c, run.id, "audit"))
    badges = await ledger.ask(
        lambda c: (
            c.execute(sa.select(effect.c.badge).where(effect.c.run == run.id).distinct())
            .scalars()
            .all()
        )
    )
    for badge in badges:
        await _list(ledger, client, run, badge)
    return await ledger.ask(lambda c: _compare(c, run.id))


async def _list(ledger: Ledger, client: ParchmentClient, run: RunRecord, badge: str) -> None:
    keep = partial(
        add_sightings,
        run=run.id,
        phase="audit",
        origin=run.origin,
        badge=badge,
        now=ledger.clock.now(),
    )
    async for page in list_awards(client, badge).pages():
        try:
            sightings = read_sightings(page.items)
        except UnreadableAwardError as error:
            raise BadResponseError(f"the listing proves nothing: {error}") from None
        await ledger.ask(partial(keep, sightings=sightings))


def _compare(connection: sa.Connection, run: str) -> Audit:
    seen, before = listing.alias("seen"), listing.alias("before")
    is_seen = sa.and_(seen.c.run == run, seen.c.phase == "audit")
    is_before = sa.exists().where(
        before.c.run == run,
        before.c.phase == "plan",
        before.c.assertion_id == seen.c.assertion_id,
    )
    # Made once, and no question for each award that was listed: asked for one by one, they are
    # looked for in all rows of the run, as SQLite takes whichever index was made first.
    ours = sa.select(effect.c.assertion_id).where(effect.c.run == run, effect.c.assertion_id != "")
    awarded = sa.and_(effect.c.run == run, effect.c.state == State.AWARDED.value)
    missing = (
        sa.select(effect.c.number, effect.c.recipient, effect.c.assertion_id, seen.c.is_revoked)
        .select_from(
            effect.outerjoin(seen, sa.and_(is_seen, seen.c.assertion_id == effect.c.assertion_id))
        )
        .where(awarded, sa.or_(seen.c.assertion_id.is_(None), seen.c.is_revoked))
        .order_by(effect.c.id)
    )
    extra = sa.select(seen.c.assertion_id, seen.c.recipient).where(
        is_seen, sa.not_(is_before), seen.c.assertion_id.not_in(ours)
    )
    doubled = (
        sa.select(
            sa.func.min(seen.c.recipient).label("recipient"),
            seen.c.badge,
            sa.func.count().label("times"),
        )
        .where(is_seen, seen.c.is_live, seen.c.person != "")
        .group_by(seen.c.badge, seen.c.person)
        .having(
            sa.func.count() > 1,
            sa.func.sum(sa.case((is_before, 0), else_=1)) > 0,
        )
    )

    def count(found: sa.Subquery) -> int:
        return connection.execute(sa.select(sa.func.count()).select_from(found)).scalar_one()

    extras = connection.execute(extra.limit(MOST_FINDINGS)).all()
    others = {
        row.assertion_id: row.run
        for row in connection.execute(
            sa.select(effect.c.assertion_id, effect.c.run).where(
                effect.c.assertion_id.in_([row.assertion_id for row in extras]),
                effect.c.state == State.AWARDED.value,
            )
        )
    }
    return Audit(
        run=run,
        awarded=connection.execute(
            sa.select(sa.func.count()).select_from(effect).where(awarded)
        ).scalar_one(),
        listed=connection.execute(
            sa.select(sa.func.count()).select_from(seen).where(is_seen)
        ).scalar_one(),
        missing=tuple(
            MissingAward(
                number=row.number,
                recipient=row.recipient,
                assertion_id=row.assertion_id,
                is_revoked=bool(row.is_revoked),
            )
            for row in connection.execute(missing.limit(MOST_FINDINGS))
        ),
        extra=tuple(
            ExtraAward(
                assertion_id=row.assertion_id,
                recipient=row.recipient,
                by_run=others.get(row.assertion_id, ""),
            )
            for row in extras
        ),
        doubled=tuple(
            DoubledAward(recipient=row.recipient, badge=row.badge, times=row.times)
            for row in connection.execute(doubled.limit(MOST_FINDINGS))
        ),
        missing_count=count(missing.subquery()),
        extra_count=count(extra.subquery()),
        doubled_count=count(doubled.subquery()),
    )
