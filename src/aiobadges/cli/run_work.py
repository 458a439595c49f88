"""What `award run` and `award resume` share: applying, telling, comparing with the platform."""

from __future__ import annotations

import asyncio
import shlex
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import aclosing
from pathlib import Path

import attrs
from rich.console import Console

from aiobadges.awards.audit import Audit
from aiobadges.awards.outcome import NEEDS_A_LOOK, counted_in_doubt, left_in_doubt
from aiobadges.awards.results import ResultsFile, results_path
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import CAN_GO_ON, State
from aiobadges.cli.asking import asks, confirm
from aiobadges.cli.exit_codes import CommandRefusedError, ExitCode
from aiobadges.cli.interrupts import interruptible
from aiobadges.cli.progress import award_progress
from aiobadges.cli.running_sandbox import Mails, mails
from aiobadges.errors import BadgesError, InvalidCallError
from aiobadges.parchment.client import ParchmentClient

__all__ = ["RunWork", "free_results", "go_on_line", "tell_audit"]

_STOPPING = "stopping: awards under way are finished; Ctrl-C again leaves at once"
_UNTOUCHED = frozenset({State.DUPLICATE, State.PLANNED})
_ALWAYS_TOLD = (State.AWARDED, State.ALREADY_HELD, State.REJECTED, State.UNKNOWN)
_GOOD = frozenset({State.AWARDED, State.ALREADY_HELD})
_HINTS = {
    State.REVOKED_BEFORE: "to award again what was revoked before: award run --award-revoked",
    State.EXPIRED: "to award again what has expired: award run --renew",
}
_MOST_TOLD = 10


def go_on_line(run: str, ledger: str | None, profile: str | None = None) -> str:
    """Give the line that goes on with a run."""
    words = ["aiobadges", "award", "resume", run]
    if profile:
        words += ["--profile", profile]
    if ledger:
        words += ["--ledger", ledger]
    return shlex.join(words)


def free_results(folder: Path, source: str, run: AwardRun) -> ResultsFile:
    """Open a results file that does not exist yet: a run that was gone on with has several."""
    first = results_path(folder / (Path(source).name or "roster"), run.id)
    file, number = first, 1
    while file.exists():
        number += 1
        file = first.with_stem(f"{first.stem}-{number}")
    return ResultsFile(file, run.record.header)


@attrs.define(kw_only=True)
class RunWork:
    """Applies a run and tells what became of it.

    Attributes:
        run: the run.
        client: what sends.
        results: is written at the end.
        go_on: the line that goes on with the run.
        is_agreed: whether nobody need be asked between the first awards and the others.
        workers: rows worked on at once.
        out: results.
        talk: everything else.
    """

    run: AwardRun
    client: ParchmentClient
    results: ResultsFile
    go_on: str
    is_agreed: bool
    workers: int
    out: Console
    talk: Console
    _obstacle: BadgesError | None = None
    _unwritten: BadgesError | None = None
    _is_interrupted: bool = False
    _is_ours: bool = True
    _awarded: int = 0

    async def do(self, *, canary: int = 0) -> ExitCode:
        """Apply the run, the first rows alone when `canary` says so.

        Raises:
            BadgesError: why nobody can go on; what was done is told before.
        """
        before, started = await mails(self.client), time.monotonic()
        refusal: CommandRefusedError | None = None
        counts: Counter[State] = Counter()
        try:
            if canary:
                refusal = await self._first_ones(canary)
            if refusal is None and self._obstacle is None and not self._is_interrupted:
                await self._apply()
        finally:
            # Also when it is left at once: who pressed Ctrl-C twice wants to know what was sent.
            if self._is_ours:
                counts = await self._tell_rows(time.monotonic() - started)
        if self._unwritten is not None:
            raise self._unwritten
        audit = None
        if self._is_interrupted:
            self.out.print(f"interrupted: {counts[State.PLANNED]} rows were not begun")
        elif self._obstacle is None and refusal is None:
            audit = await self.run.audit(self.client)
            tell_audit(self.out, audit)
        if self._obstacle is not None:
            raise self._obstacle
        await self._tell_mails(before)
        if refusal is not None:
            raise refusal
        return self._code(counts, audit)

    def _code(self, counts: Mapping[State, int], audit: Audit | None) -> ExitCode:
        if self._is_interrupted:
            return ExitCode.INTERRUPTED
        if audit is not None and not audit.is_clean:
            return ExitCode.DIFFERENCE
        needs_a_look = any(counts[state] for state in NEEDS_A_LOOK)
        return ExitCode.LOOK_AT_THE_ROWS if needs_a_look else ExitCode.DONE

    async def _first_ones(self, canary: int) -> CommandRefusedError | None:
        """Award the first rows; give why the others are not to follow."""
        ended: list[State] = []
        await self._apply(most=canary, told=ended.append)
        if self._obstacle is not None or self._is_interrupted:
            return None
        bad = [state for state in ended if state not in _GOOD]
        if bad:
            return CommandRefusedError(
                f"{len(bad)} of the first {len(ended)} awards are {bad[0].value},"
                " so the others were not begun",
                remedy=f"See: aiobadges award show {self.run.id}",
            )
        audit = await self.run.audit(self.client)
        if not audit.is_clean:
            tell_audit(self.out, audit)
            return CommandRefusedError(
                "the platform does not show what was awarded, so the others were not begun"
            )
        left = self.run.progress()[State.PLANNED]
        self.talk.print(f"the first {len(ended)} are awarded, as the platform lists, too")
        if left and not self.is_agreed and asks(self.client):
            await self._tell_first()
            if not confirm(self.talk, f"Look at them. Award the other {left}?"):
                return CommandRefusedError(f"{left} awards were not begun")
        return None

    async def _tell_first(self) -> None:
        async for outcome in self.run.outcomes([State.AWARDED]):
            self.talk.print(f"  {outcome.recipient}  {outcome.assertion_url}", markup=False)

    async def _apply(
        self, *, most: int = sys.maxsize, told: Callable[[State], None] = lambda _: None
    ) -> None:
        with award_progress(self.talk, self.run.progress()):
            self._is_interrupted = await interruptible(
                self._take(most, told), self.run, self.talk, _STOPPING
            )

    async def _take(self, most: int, told: Callable[[State], None]) -> None:
        try:
            applying = self.run.apply(self.client, workers=self.workers, most=most)
            async with aclosing(applying) as outcomes:
                async for outcome in outcomes:
                    told(outcome.status)
                    self._awarded += outcome.status is State.AWARDED
        except InvalidCallError:  # it is not ours to work on, so there is nothing to tell
            self._is_ours = False
            await asyncio.to_thread(self.results.discard)
            raise
        except BadgesError as error:
            self._obstacle = error

    async def _tell_rows(self, seconds: float) -> Counter[State]:
        counts = counted_in_doubt(await self.run.counts())
        has_sent = any(counts[state] for state in counts.keys() - _UNTOUCHED)
        try:
            if has_sent:
                await self.results.write(left_in_doubt(one) async for one in self.run.outcomes())
            else:
                await asyncio.to_thread(self.results.discard)
        except OSError as error:
            self.results.close()
            self._unwritten = BadgesError(
                f"the results file {self.results.file} cannot be written: {error.strerror}",
                remedy=f"Make room, then: aiobadges award export {self.run.id} -o FILE",
            )
        _summarize(self.out, counts)
        rate = self._awarded / seconds if seconds else 0  # what an earlier process did is not ours
        self.out.print(f"{'seconds':>14}  {seconds:.1f}")
        self.out.print(f"{'awards/s':>14}  {rate:.0f}")
        for state, hint in _HINTS.items():
            if counts[state]:
                self.out.print(hint, markup=False)
        if has_sent and self._unwritten is None:
            self.out.print(f"results: {self.results.file}", markup=False)
        if any(counts[state] for state in CAN_GO_ON):
            self.out.print(f"to go on: {self.go_on}", markup=False)
        return counts

    async def _tell_mails(self, before: Mails | None) -> None:
        if before is not None and (after := await mails(self.client)) is not None:
            self.out.print(after.since(before))


def tell_audit(out: Console, audit: Audit) -> None:
    """Say what an audit found, a line each for the first of a kind."""
    if audit.is_clean:
        out.print(f"audit: {audit.awarded:,} awarded, each listed once; nothing is off")
        return
    out.print(
        f"audit: {audit.missing_count:,} missing, {audit.extra_count:,} extra,"
        f" {audit.doubled_count:,} people hold a badge twice"
    )
    lines = [
        *(
            f"  missing  row {one.number}: {one.recipient}"
            + (f", {one.assertion_id} was revoked" if one.is_revoked else "")
            for one in audit.missing[:_MOST_TOLD]
        ),
        *(
            f"  extra    {one.recipient or 'somebody'}: {one.assertion_id}"
            + (f", of run {one.by_run}" if one.by_run else ", of no run of this ledger")
            for one in audit.extra[:_MOST_TOLD]
        ),
        *(f"  {one.times} times  {one.recipient}" for one in audit.doubled[:_MOST_TOLD]),
    ]
    for line in lines:
        out.print(line, markup=False)


def _summarize(out: Console, counts: Mapping[State, int]) -> None:
    for state in (*_ALWAYS_TOLD, *(one for one in State if one not in _ALWAYS_TOLD)):
        # The ones a reader looks for are always there; the others when they happened.
        if counts.get(state) or state in _ALWAYS_TOLD:
            out.print(f"{state.value.replace('_', ' '):>14}  {counts.get(state, 0):,}")
