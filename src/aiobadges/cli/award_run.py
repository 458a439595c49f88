"""What ``aiobadges award run`` does: read, find the badges, award, tell, write the results."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs
from rich.console import Console

from aiobadges.awards.badges import find_badges
from aiobadges.awards.ledger import Ledger
from aiobadges.awards.outcome import NEEDS_A_LOOK, Outcome, left_in_doubt
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
from aiobadges.transport.events import Event, Paused

__all__ = ["AwardRunOptions", "award_run"]

_STOPPING = "stopping: awards under way are finished; Ctrl-C again leaves at once"
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
    async with _client(options, talk) as client:
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
            try:
                obstacle, is_interrupted = await _award(run, client, talk, options.concurrency)
            finally:
                # Also when it is left at once: who pressed Ctrl-C twice wants to know what was
                # sent.
                seconds = time.monotonic() - started
                outcomes = [left_in_doubt(one) async for one in run.outcomes()]
                counts = Counter(one.status for one in outcomes)
                unwritten = await asyncio.to_thread(_write, results, outcomes)
                _summarize(out, counts, seconds)
                if _has_sent(outcomes) and unwritten is None:
                    out.print(f"results: {results.file}", markup=False)
        if unwritten is not None:
            raise unwritten
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
    run: AwardRun, client: ParchmentClient, talk: Console, workers: int
) -> tuple[BadgesError | None, bool]:
    with (
        award_progress(talk, run.progress()),
        interrupts(run.request_stop, talk, _STOPPING) as was_interrupted,
    ):
        applying = asyncio.create_task(_apply(run, client, workers))
        try:
            return await asyncio.shield(applying), was_interrupted()
        except asyncio.CancelledError:  # the second signal
            await run.stop(grace=0)
            await asyncio.wait([applying])
            raise


async def _apply(run: AwardRun, client: ParchmentClient, workers: int) -> BadgesError | None:
    try:
        async with aclosing(run.apply(client, workers=workers)) as outcomes:
            async for _ in outcomes:
                pass
    except BadgesError as error:
        return error
    return None


@asynccontextmanager
async def _client(options: AwardRunOptions, talk: Console) -> AsyncIterator[ParchmentClient]:
    def tell_of_pauses(event: Event) -> None:
        if isinstance(event, Paused):
            talk.print(f"the platform asks for a pause of {event.seconds:.0f} s")

    limits: ClientOptions = {"concurrency": options.concurrency, "hooks": [tell_of_pauses]}
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


def _has_sent(outcomes: Sequence[Outcome]) -> bool:
    return any(one.status not in _UNTOUCHED for one in outcomes)


def _write(results: ResultsFile, outcomes: Sequence[Outcome]) -> BadgesError | None:
    try:
        if _has_sent(outcomes):
            results.write(outcomes)
        else:
            results.discard()
    except OSError as error:
        return BadgesError(
            f"the results file {results.file} cannot be written: {error.strerror}",
            remedy="Make room and run again: who holds the badge by then is not awarded twice",
        )
    return None


def _summarize(out: Console, counts: Mapping[State, int], seconds: float) -> None:
    awarded = counts.get(State.AWARDED, 0)
    for state in (*_ALWAYS_TOLD, *(one for one in State if one not in _ALWAYS_TOLD)):
        # The three a reader looks for are always there; the others when they happened.
        if counts.get(state) or state in _ALWAYS_TOLD:
            out.print(f"{state.value.replace('_', ' '):>14}  {counts.get(state, 0):,}")
    out.print(f"{'seconds':>14}  {seconds:.1f}")
    out.print(f"{'awards/s':>14}  {awarded / seconds if seconds else 0:.0f}")
