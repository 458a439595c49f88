"""Taking a run's awards back, all or some."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import attrs
from rich.console import Console

from aiobadges.awards.ledger import Ledger
from aiobadges.awards.ledger_discard import discard_plan
from aiobadges.awards.ledger_effects import Effect
from aiobadges.awards.run import AwardRun
from aiobadges.awards.selection import by_column, by_file, by_rows
from aiobadges.awards.states import State
from aiobadges.awards.undo import Selection
from aiobadges.cli.asking import asks, banner, type_count
from aiobadges.cli.connecting import connected, place_of_run
from aiobadges.cli.exit_codes import ExitCode
from aiobadges.cli.place import Place
from aiobadges.errors import InvalidCallError

__all__ = ["UndoOptions", "award_undo"]


@attrs.frozen(kw_only=True)
class UndoOptions:
    """The options of the command; see there."""

    run: str
    reason: str
    only: Path | None
    rows: str | None
    where: str | None
    place: Place
    ledger: str | None
    yes: bool


async def award_undo(options: UndoOptions) -> ExitCode:
    """Revoke awards of a run.

    Raises:
        InvalidCallError: it is not clear which.
        CommandRefusedError: nobody agreed.
        BadgesError: the platform cannot be asked; what is left is written down.
    """
    talk, out = Console(stderr=True), Console(highlight=False, soft_wrap=True)
    if not options.reason.strip():
        raise InvalidCallError("--reason is empty", remedy="Whoever opens the badge can read it")
    async with Ledger.open(options.ledger) as ledger:
        run = await AwardRun.open(ledger, options.run.upper())
        selection = await _selection(options, run)
        count = await _count(ledger, run, selection)
        if not count and await ledger.ask(lambda c: discard_plan(c, run.id)):
            talk.print(f"run {run.id} was never begun; its plan is forgotten")
            return ExitCode.DONE
        if not count:
            talk.print(f"no award of run {run.id} is to be taken back")
            return ExitCode.DONE
        async with connected(place_of_run(options.place, run.record)) as client:
            if asks(client):
                banner(talk, client)
                talk.print(
                    f"run {run.id} on {run.record.origin}: {count:,} awards are revoked",
                    markup=False,
                )
                if not options.yes:
                    type_count(talk, count, "revoke them")
            told: Counter[State] = Counter()
            async for outcome in run.undo(client, reason=options.reason, only=selection):
                told[outcome.status] += 1
                if outcome.status is not State.REVOKED:
                    line = f"row {outcome.number}  {outcome.recipient}: {outcome.error_message}"
                    out.print(f"not revoked: {line}", markup=False)
    refused = told.total() - told[State.REVOKED]
    out.print(f"{told[State.REVOKED]:,} revoked" + (f", {refused:,} refused" if refused else ""))
    return ExitCode.LOOK_AT_THE_ROWS if refused else ExitCode.DONE


async def _selection(options: UndoOptions, run: AwardRun) -> Selection | None:
    given = [one for one in (options.only, options.rows, options.where) if one is not None]
    if len(given) > 1:
        raise InvalidCallError("give one of --only, --rows and --where")
    if options.only is not None:
        return await asyncio.to_thread(by_file, options.only)
    if options.rows is not None:
        return by_rows(options.rows)
    if options.where is not None:
        return by_column(options.where, run.record.header)
    return None


async def _count(ledger: Ledger, run: AwardRun, selection: Selection | None) -> int:
    """Count what is to be revoked, with what was asked for earlier and broken off."""

    def is_meant(effect: Effect) -> bool:
        return bool(effect.assertion_id) and (selection is None or selection(effect))

    count = (await run.counts()).get(State.REVOKING, 0)
    async for effect in ledger.effects(run.id, [State.AWARDED]):
        count += is_meant(effect)
    return count
