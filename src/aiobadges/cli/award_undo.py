"""Taking a run's awards back, all or some."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing
from pathlib import Path

import attrs
from rich.console import Console

from aiobadges.awards.ledger.discard import discard_plan
from aiobadges.awards.ledger.effects import Selection
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.run import AwardRun
from aiobadges.awards.selection import by_column, by_file, by_rows
from aiobadges.awards.states import OPEN, State
from aiobadges.cli.asking import asks, banner, type_count
from aiobadges.cli.connecting import connected, place_of_run, tell_pauses
from aiobadges.cli.exit_codes import ExitCode
from aiobadges.cli.interrupts import interruptible
from aiobadges.cli.place import Place
from aiobadges.errors import InvalidCallError
from aiobadges.parchment.client import ParchmentClient

__all__ = ["UndoOptions", "award_undo"]

_STOPPING = "stopping: what is under way is finished; Ctrl-C again leaves at once"
_UNDONE = frozenset({State.REVOKED, State.ABANDONED})


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


@attrs.frozen(kw_only=True)
class _Meant:
    """How many rows of the selection stand where.

    Attributes:
        awards: are revoked, with what was asked for earlier and broken off.
        not_begun: are abandoned.
        in_doubt: are looked into, and then one or the other.
    """

    awards: int
    not_begun: int
    in_doubt: int

    def __str__(self) -> str:
        told = [f"{_awards(self.awards)} revoked"]
        if self.not_begun:
            told.append(f"{self.not_begun:,} rows that were not begun are given up")
        if self.in_doubt:
            told.append(f"{self.in_doubt:,} unclear ones are looked into first")
        return ", ".join(told)


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
        meant = await _meant(ledger, run, selection)
        if not meant.awards and await ledger.ask(lambda c: discard_plan(c, run.id)):
            talk.print(f"run {run.id} was never begun; its plan is forgotten")
            return ExitCode.DONE
        if not (meant.awards or meant.not_begun or meant.in_doubt):
            talk.print(f"no award of run {run.id} is to be taken back")
            return ExitCode.DONE
        async with connected(
            place_of_run(options.place, run.record), hook=tell_pauses(talk)
        ) as client:
            if asks(client):
                banner(talk, client)
                talk.print(f"run {run.id} on {run.record.origin}: {meant}", markup=False)
                if not options.yes:
                    type_count(talk, meant.awards, "revoke them")
            return await _undo(run, client, options.reason, selection, talk=talk, out=out)


async def _undo(
    run: AwardRun,
    client: ParchmentClient,
    reason: str,
    selection: Selection | None,
    *,
    talk: Console,
    out: Console,
) -> ExitCode:
    before = run.progress()[State.ABANDONED]
    told: Counter[State] = Counter()

    async def take() -> None:
        async with aclosing(run.undo(client, reason=reason, only=selection)) as outcomes:
            async for outcome in outcomes:
                told[outcome.status] += 1
                if outcome.status not in _UNDONE:
                    line = f"row {outcome.number}  {outcome.recipient}: {outcome.error_message}"
                    out.print(f"not revoked: {line}", markup=False)

    is_interrupted = False
    try:
        is_interrupted = await interruptible(take(), run, talk, _STOPPING)
    finally:
        counts = run.progress().counts
        abandoned = counts.get(State.ABANDONED, 0) - before
        refused = told.total() - sum(told[state] for state in _UNDONE)
        out.print(
            f"{told[State.REVOKED]:,} revoked"
            + (f", {refused:,} refused" if refused else "")
            + (f", {abandoned:,} given up before they were begun" if abandoned else "")
        )
        if counts.get(State.REVOKING):
            out.print(f"to go on: give the same command again ({counts[State.REVOKING]:,} left)")
    if is_interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.LOOK_AT_THE_ROWS if refused else ExitCode.DONE


def _awards(count: int) -> str:
    return "1 award is" if count == 1 else f"{count:,} awards are"


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


async def _meant(ledger: Ledger, run: AwardRun, selection: Selection | None) -> _Meant:
    counts: Counter[State] = Counter()
    async for effect in ledger.effects(run.id, [State.AWARDED, *sorted(OPEN)]):
        # What was asked for earlier is revoked in any case.
        if effect.state is State.REVOKING or selection is None or selection(effect):
            counts[effect.state] += 1
    return _Meant(
        awards=counts[State.AWARDED] + counts[State.REVOKING],
        not_begun=counts[State.PLANNED],
        in_doubt=counts[State.SENDING] + counts[State.UNKNOWN],
    )
