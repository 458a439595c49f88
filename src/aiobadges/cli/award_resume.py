"""Going on with a run, and comparing it with the platform."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.runs import RunState
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import CAN_GO_ON
from aiobadges.cli.asking import banner
from aiobadges.cli.award_run import Caution, agree
from aiobadges.cli.connecting import connected, place_of_run, tell_pauses
from aiobadges.cli.exit_codes import ExitCode
from aiobadges.cli.place import Place
from aiobadges.cli.run_work import RunWork, free_results, go_on_line, tell_audit
from aiobadges.errors import InvalidCallError

__all__ = ["award_audit", "award_resume"]


async def award_resume(
    identity: str | None,
    place: Place,
    ledger_place: str | None,
    *,
    caution: Caution,
    concurrency: int,
    rate: float | None,
) -> ExitCode:
    """Go on with a run.

    Raises:
        InvalidCallError: it is not clear which.
        RunInUseError: another process works on it.
        BadgesError: nobody can go on.
    """
    talk, out = Console(stderr=True), Console(highlight=False, soft_wrap=True)
    async with Ledger.open(ledger_place) as ledger:
        if identity is None:
            identity = await _only_one(ledger)
            if identity is None:
                talk.print("no run is unfinished")
                return ExitCode.DONE
        run = await AwardRun.open(ledger, identity.upper())
        counts = run.progress().counts
        if not any(counts.get(state) for state in CAN_GO_ON):
            talk.print(f"run {run.id} has ended; see: aiobadges award show {run.id}")
            return ExitCode.DONE
        where = place_of_run(place, run.record)
        async with connected(
            where, concurrency=concurrency, rate=rate, hook=tell_pauses(talk)
        ) as client:
            if run.record.state is RunState.PLANNED:
                agree(talk, client, run, caution)  # whoever planned it was not asked, or is gone
            else:
                banner(talk, client)
            talk.print(f"going on with run {run.id} on {run.record.origin}", markup=False)
            work = RunWork(
                run=run,
                client=client,
                results=free_results(Path(), run.record.source, run),
                go_on=go_on_line(run.id, ledger_place, place.profile),
                is_agreed=True,
                workers=concurrency,
                out=out,
                talk=talk,
            )
            return await work.do()


async def _only_one(ledger: Ledger) -> str | None:
    runs = [one for one in await ledger.runs(unfinished=True) if not one.is_service]
    if not runs:
        return None
    if len(runs) > 1:
        named = ", ".join(f"{one.id} ({one.source}, {one.created_at[:10]})" for one in runs)
        raise InvalidCallError(
            f"{len(runs)} runs are unfinished: {named}", remedy="Say which one to go on with"
        )
    return runs[0].id


async def award_audit(identity: str, place: Place, ledger_place: str | None) -> ExitCode:
    """Compare a run with the platform.

    Raises:
        BadgesError: the platform cannot be listed, or the run was planned elsewhere.
    """
    async with Ledger.open(ledger_place) as ledger:
        run = await AwardRun.open(ledger, identity.upper())
        async with connected(place_of_run(place, run.record)) as client:
            audit = await run.audit(client)
    tell_audit(Console(highlight=False, soft_wrap=True), audit)
    return ExitCode.DONE if audit.is_clean else ExitCode.DIFFERENCE
