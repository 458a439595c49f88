"""What the ledger says about runs, without asking the platform: list, show, export."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table

from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.runs import RunRecord, RunState
from aiobadges.awards.outcome import NEEDS_A_LOOK, Outcome
from aiobadges.awards.results import ResultsFile, write_results
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import CAN_GO_ON, OPEN, State
from aiobadges.cli.exit_codes import ExitCode
from aiobadges.cli.run_work import go_on_line

__all__ = ["export_run", "list_runs", "show_run"]

_MOST_SHOWN = 20


async def list_runs(place: str | None, *, unfinished: bool) -> ExitCode:
    """List the runs of a ledger."""
    out = Console(highlight=False, soft_wrap=True)
    async with Ledger.open(place) as ledger:
        runs = [one for one in await ledger.runs(unfinished=unfinished) if not one.is_service]
        counts = {one.id: await ledger.counts(one.id) for one in runs}
    if not runs:
        which = "no unfinished runs" if unfinished else "no runs yet"
        Console(stderr=True, soft_wrap=True).print(f"{which} in {ledger.place}", markup=False)
        return ExitCode.DONE
    table = Table(box=None, pad_edge=False)
    for name in ("run", "planned", "roster", "where", "state"):
        table.add_column(name, no_wrap=True)
    table.add_column("awarded", justify="right")
    table.add_column("rows", justify="right")
    for one in runs:
        table.add_row(
            one.id,
            _moment(one),
            _plain(one.source),
            _plain(one.origin),
            _state(one, counts[one.id]),
            f"{counts[one.id].get(State.AWARDED, 0):,}",
            f"{sum(counts[one.id].values()):,}",
        )
    if not out.is_terminal:
        out.width = 200
    out.print(table)
    return ExitCode.DONE


async def show_run(identity: str, place: str | None) -> ExitCode:
    """Show one run.

    Raises:
        NoSuchRunError: there is none of that id.
    """
    out = Console(highlight=False, soft_wrap=True)
    async with Ledger.open(place) as ledger:
        run = await AwardRun.open(ledger, identity.upper())
        record, counts = run.record, run.progress().counts
        out.print(f"run {run.id}: {_state(record, counts)}", markup=False)
        out.print(f"planned {_moment(record)}, {record.source}", markup=False)
        out.print(f"on {record.origin}", markup=False)
        if record.holder:
            out.print(
                f"last worked on by process {record.holder_pid} on {record.holder_host}",
                markup=False,
            )
        if record.obstacle:
            out.print(f"paused: {record.obstacle}", markup=False)
        for state, count in sorted(counts.items()):
            out.print(f"{state.value.replace('_', ' '):>14}  {count:,}")
        shown = 0
        async for outcome in run.outcomes(NEEDS_A_LOOK):
            shown += 1
            if shown > _MOST_SHOWN:
                out.print(f"  and more: aiobadges award export {run.id} --failed")
                break
            out.print(_line(outcome), markup=False)
    if any(counts.get(state) for state in CAN_GO_ON):
        out.print(f"to go on: {go_on_line(run.id, place)}", markup=False)
    return ExitCode.DONE


async def export_run(
    identity: str, place: str | None, *, failed: bool, output: Path | None
) -> ExitCode:
    """Write the rows of a run as CSV.

    Raises:
        NoSuchRunError: there is none of that id.
        InvalidCallError: the file exists, or cannot be made.
    """
    async with Ledger.open(place) as ledger:
        run = await AwardRun.open(ledger, identity.upper())
        wanted = NEEDS_A_LOOK if failed else None
        outcomes, header = run.outcomes(wanted), run.record.header
        if output is None:
            count = await write_results(sys.stdout, header, outcomes)
        else:
            count = await ResultsFile(output, header).write(outcomes)
    Console(stderr=True).print(f"{count:,} rows")
    return ExitCode.DONE


def _state(record: RunRecord, counts: Mapping[State, int]) -> str:
    is_open = any(counts.get(state) for state in OPEN)
    if not is_open:
        return "finished"
    if record.state in {RunState.RUNNING, RunState.FINISHED}:
        return "running" if record.holder else "unfinished"
    return record.state.value


def _line(outcome: Outcome) -> str:
    return (
        f"  row {outcome.number}  {outcome.recipient}  {outcome.status.value.replace('_', ' ')}"
        + (f": {outcome.error_message}" if outcome.error_message else "")
    )


def _moment(record: RunRecord) -> str:
    return record.created_at[:16].replace("T", " ")


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
