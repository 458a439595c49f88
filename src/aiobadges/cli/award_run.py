"""What ``aiobadges award run`` does: read, find the badges, award, tell, write the results."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from rich.console import Console

from aiobadges.awards.badges import find_badges
from aiobadges.awards.ledger import Ledger
from aiobadges.awards.outcome import NEEDS_A_LOOK
from aiobadges.awards.results import ResultsFile, results_path
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.cli.exit_codes import CommandRefusedError, ExitCode
from aiobadges.cli.interrupts import interrupts
from aiobadges.cli.progress import award_progress
from aiobadges.cli.running_sandbox import mails, running_sandbox
from aiobadges.errors import BadgesError, InvalidCallError
from aiobadges.parchment.client import ClientOptions, ParchmentClient
from aiobadges.parchment.models import BadgeClass
from aiobadges.settings import RegionName, Settings, is_loopback

__all__ = ["AwardRunOptions", "award_run"]

_UNTOUCHED = frozenset({State.DUPLICATE, State.PLANNED})
_ALWAYS_TOLD = (State.AWARDED, State.ALREADY_HELD, State.REJECTED, State.UNKNOWN)


@attrs.frozen(kw_only=True)
class AwardRunOptions:
    """The options of the command; see there."""

    roster: Path
    badge: str | None
    issuer: str | None
    sandbox: bool
    region: RegionName | None
    base_url: str | None
    profile: str | None
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
        now=datetime.now(UTC),
        zone=_zone(options.timezone),
        date_format=options.date_format,
        encoding=options.encoding,
        badge_given=options.badge is not None,
    )
    roster = await asyncio.to_thread(read_roster, options.roster, reading)
    if roster.unused_columns:
        names = ", ".join(roster.unused_columns)
        talk.print(f"columns without a meaning here, kept in the results: {names}", markup=False)
    async with _client(options) as client:
        wanted = {options.badge} if options.badge else {row.badge for row in roster.rows}
        badges: dict[str, BadgeClass] = dict(
            await find_badges(client, sorted(wanted), issuer=options.issuer)
        )
        if options.badge:
            badges[""] = badges[options.badge]
        mails_before = await mails(client)
        async with Ledger.open() as ledger:
            run = await AwardRun.plan(
                ledger,
                client,
                [*roster.rows, *(row for row, _ in roster.duplicates)],
                badges=badges,
                source=options.roster.name,
                header=roster.header,
            )
            results = ResultsFile(results_path(options.roster, run.id), roster.header)
            started = time.monotonic()
            obstacle, is_interrupted = await _award(run, client, talk)
            outcomes = [outcome async for outcome in run.outcomes()]
        if any(one.status not in _UNTOUCHED for one in outcomes):
            await asyncio.to_thread(results.write, outcomes)
            out.print(f"results: {results.file}", markup=False)
        else:
            await asyncio.to_thread(results.discard)
        counts = Counter(one.status for one in outcomes)
        _summarize(out, counts, time.monotonic() - started)
        if is_interrupted:
            out.print(f"interrupted: {counts[State.PLANNED]} rows were not begun")
        if obstacle is not None:
            raise obstacle
        if mails_before is not None:
            after = await mails(client)
            out.print(after.since(mails_before) if after else "")
    if is_interrupted:
        return ExitCode.INTERRUPTED
    needs_a_look = any(counts[state] for state in NEEDS_A_LOOK)
    return ExitCode.LOOK_AT_THE_ROWS if needs_a_look else ExitCode.DONE


async def _award(
    run: AwardRun, client: ParchmentClient, talk: Console
) -> tuple[BadgesError | None, bool]:
    with (
        award_progress(talk, run.progress()),
        interrupts(run.request_stop, talk) as was_interrupted,
    ):
        try:
            async for _ in run.apply(client):
                pass
        except BadgesError as error:
            return error, was_interrupted()
        return None, was_interrupted()


@asynccontextmanager
async def _client(options: AwardRunOptions) -> AsyncIterator[ParchmentClient]:
    limits: ClientOptions = {"concurrency": options.concurrency}
    if options.rate is not None:
        limits["rate"] = options.rate
    async with AsyncExitStack() as stack:
        if options.sandbox:
            if options.region or options.base_url or options.profile:
                raise InvalidCallError(
                    "--sandbox and another place are given", remedy="Leave one of them out"
                )
            url = await stack.enter_async_context(running_sandbox())
            client = ParchmentClient(region="sandbox", base_url=url, **limits)
        else:
            client = await asyncio.to_thread(
                lambda: ParchmentClient.from_env(
                    region=options.region,
                    base_url=options.base_url,
                    profile=options.profile,
                    **limits,
                )
            )
        _refuse_real_people(client.settings)
        yield await stack.enter_async_context(client)


def _refuse_real_people(settings: Settings) -> None:
    """Refuse where awards write to real people: a run that leaves no record cannot be resumed."""
    host = urlsplit(settings.base_url).hostname or ""
    if settings.kind not in {"sandbox", "test"} and not is_loopback(host):
        raise CommandRefusedError(
            f"award run does not award on {settings.origin_name} yet: a run that breaks off could"
            " not be resumed without writing to somebody twice",
            remedy="Use --sandbox, --region test, or a server on this machine",
        )


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidCallError(
            f"there is no time zone {name!r}", remedy="Name it as Europe/Berlin or UTC"
        ) from None


def _summarize(out: Console, counts: Mapping[State, int], seconds: float) -> None:
    awarded = counts.get(State.AWARDED, 0)
    for state in (*_ALWAYS_TOLD, *(one for one in State if one not in _ALWAYS_TOLD)):
        # The three a reader looks for are always there; the others when they happened.
        if counts.get(state) or state in _ALWAYS_TOLD:
            out.print(f"{state.value.replace('_', ' '):>14}  {counts.get(state, 0):,}")
    out.print(f"{'seconds':>14}  {seconds:.1f}")
    out.print(f"{'awards/s':>14}  {awarded / seconds if seconds else 0:.0f}")
