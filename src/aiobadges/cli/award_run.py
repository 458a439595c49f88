"""What ``aiobadges award run`` does: read, find the badges, plan, ask, award, tell."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from rich.console import Console

from aiobadges.awards.badges import find_badges
from aiobadges.awards.ledger.discard import discard_plan
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.plan import PlanPolicy
from aiobadges.awards.results import ResultsFile, results_path
from aiobadges.awards.roster.cells import check_identifier
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.cli.asking import asks, banner, require_somebody, type_count
from aiobadges.cli.connecting import connected, tell_pauses
from aiobadges.cli.exit_codes import CommandRefusedError, ExitCode
from aiobadges.cli.place import Place
from aiobadges.cli.run_work import RunWork, go_on_line
from aiobadges.errors import InvalidCallError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import BadgeClass

__all__ = ["AwardRunOptions", "Caution", "agree", "award_run"]

_UNATTENDED_AWARDS = 500


@attrs.frozen(kw_only=True)
class Caution:
    """How carefully a run is begun.

    Attributes:
        yes: nobody is asked.
        max_awards: more awards than this are refused.
        canary: so many rows are awarded and looked at before the others.
        first_to: who is awarded first of all.
    """

    yes: bool = False
    max_awards: int | None = None
    canary: int | None = None
    first_to: str | None = None

    @property
    def first_ones(self) -> int:
        """How many rows go before the others."""
        return self.canary or (1 if self.first_to else 0)

    @property
    def most(self) -> int | None:
        """How many awards are too many, less one; None for no bound."""
        if self.max_awards is not None:
            return self.max_awards
        return _UNATTENDED_AWARDS if self.yes else None


@attrs.frozen(kw_only=True)
class AwardRunOptions:
    """The options of the command; see there."""

    roster: Path
    badge: str | None
    issuer: str | None
    place: Place
    ledger: str | None
    caution: Caution
    policy: PlanPolicy
    concurrency: int
    rate: float | None
    timezone: str
    date_format: str | None
    encoding: str | None


async def award_run(options: AwardRunOptions) -> ExitCode:
    """Run the command and give its exit code.

    Raises:
        BadgesError: the roster, the settings or the badge are not clear, or nobody can go on.
    """
    talk, out = Console(stderr=True), Console(highlight=False, soft_wrap=True)
    reading = Reading(
        zone=_zone(options.timezone),
        date_format=options.date_format,
        encoding=options.encoding,
        badge_given=options.badge is not None,
    )
    roster = await asyncio.to_thread(read_roster, options.roster, reading)
    if roster.unused_columns:
        names = ", ".join(roster.unused_columns)
        talk.print(f"columns without a meaning here, kept in the results: {names}", markup=False)
    if (first := options.caution.first_to) is not None:
        roster = roster.beginning_with(_address(first))
    async with (
        connected(
            options.place,
            concurrency=options.concurrency,
            rate=options.rate,
            hook=tell_pauses(talk),
        ) as client,
        Ledger.open(options.ledger) as ledger,
    ):
        if asks(client) and not options.caution.yes:
            require_somebody()  # before the network hears of it
        wanted = {options.badge} if options.badge else roster.badges
        badges: dict[str, BadgeClass] = dict(
            await find_badges(client, sorted(wanted), issuer=options.issuer)
        )
        called = sorted({badge.name or badge.entity_id for badge in badges.values()})
        if options.badge:
            badges[""] = badges[options.badge]
        run = await AwardRun.plan(
            ledger,
            client,
            roster,
            badges=badges,
            source=options.roster.name,
            policy=options.policy,
        )
        try:
            agree(talk, client, run, options.caution, badges=called)
            results = ResultsFile(results_path(options.roster, run.id), roster.header)
        except BaseException:  # nothing was sent: it must not stand in the way of the next run
            await ledger.ask(lambda c: discard_plan(c, run.id))
            raise
        work = RunWork(
            run=run,
            client=client,
            results=results,
            go_on=go_on_line(run.id, options.ledger, options.place.profile),
            is_agreed=options.caution.yes,
            workers=options.concurrency,
            out=out,
            talk=talk,
        )
        return await work.do(canary=options.caution.first_ones)


def agree(
    talk: Console,
    client: ParchmentClient,
    run: AwardRun,
    caution: Caution,
    *,
    badges: Sequence[str] = (),
) -> None:
    """Say what is about to happen, and have somebody agree to it.

    Raises:
        CommandRefusedError: nobody does, or it is more than was allowed.
    """
    counts = run.progress().counts
    new = counts.get(State.PLANNED, 0)
    if caution.most is not None and new > caution.most and (asks(client) or caution.max_awards):
        raise CommandRefusedError(
            f"{new:,} people would be awarded, and {caution.most:,} are allowed",
            remedy=f"Look at the roster, or give --max-awards {new}; nothing was sent",
        )
    if not new or not asks(client):
        return
    banner(talk, client)
    others = ", ".join(
        f"{count:,} {state.value.replace('_', ' ')}"
        for state, count in counts.items()
        if state is not State.PLANNED
    )
    named = f" {', '.join(repr(name) for name in badges)}" if badges else ""
    talk.print(
        f"run {run.id} on {run.record.origin}: {new:,} people are awarded{named}, and the platform"
        " probably writes to each of them" + (f" ({others}: not)" if others else ""),
        markup=False,
    )
    if not caution.yes:
        type_count(talk, new, "award them")


def _address(text: str) -> str:
    if wrong := check_identifier(text, "email"):
        raise InvalidCallError(f"--first-to {wrong}", remedy="Give an e-mail address")
    return text


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidCallError(
            f"there is no time zone {name!r}", remedy="Name it as Europe/Berlin or UTC"
        ) from None
