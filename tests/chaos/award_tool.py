"""``aiobadges award``, worked by somebody who does what its messages say."""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from badge_server import BadgeServer
from contender import Starter
from disturbances import PACING, Disturbance
from ledger_file import LedgerFile
from program import Program

from aiobadges.awards.outcome import NEEDS_A_LOOK
from aiobadges.cli.exit_codes import ExitCode
from aiobadges.sandbox import MATH_EXPERT

__all__ = ["AwardTool"]

_BREATH = 0.2
"""Seconds between the end of a program and the next: nobody is faster."""
_LONGEST = 60.0
_LONGEST_LOOK = 600.0
"""Seconds for what lists everything or writes it out."""
_LOOK = 0.05
_WATCHED = 4 * PACING.lease
"""For so long a woken process is watched alone; its hold is looked at four times a lease."""


class AwardTool:
    """Runs and resumes, audits each run when it has ended, and awards the rejected rows anew.

    Attributes:
        codes: the exit codes of the programs that worked on a run.
        audits: what each audit said, one a run.
        refused: how often a second process was refused because the first one lived.
        replaced: how often a second process took a run over from one that stood still.
        sent_by_woken: how many awards each process sent that was woken after that.
        mid_commit: how often a process happened to stand still while it held the ledger's lock,
            and was woken and stopped again: others cannot work on the ledger then.
        stuck: the processes that lost their run and did not end.
        tracebacks: the programs that ended in one.
    """

    title = "aiobadges"

    def __init__(
        self,
        starter: Starter,
        roster: Path,
        server: BadgeServer,
        *,
        share: float,
        seed: int,
    ) -> None:
        self._starter = starter
        self._roster = roster
        self._server = server
        self._share = share
        self._seed = seed
        self._dice = random.Random(seed)
        self.ledger = LedgerFile(starter.folder / "ledger.sqlite3")
        self.codes: Counter[int] = Counter()
        self.audits: dict[str, str] = {}
        self.refused = self.replaced = self.mid_commit = 0
        self.sent_by_woken: list[int] = []
        self.stuck: list[int] = []
        self.tracebacks: list[str] = []
        self._left: list[Program] = []

    def start(self) -> Program:
        """Award the roster."""
        return self._award("run", str(self._roster), "--badge", MATH_EXPERT)

    def after(self, program: Program) -> Program | None:
        """Go on with the run, or audit it and award anew what the server would not do."""
        self.codes[program.code or 0] += 1
        self._look_at(program)
        time.sleep(_BREATH)
        runs = self.ledger.runs()
        if runs and runs[-1].is_open:
            return self._award("resume", runs[-1].id)
        if not runs or runs[-1].id in self.audits:
            return self.start()  # it did not come as far as a plan
        run = runs[-1]
        self.audits[run.id] = self._audit(run.id)
        if not any(run.counts.get(state) for state in NEEDS_A_LOOK):
            return None
        self._roster = self._starter.folder / f"again-{len(self.audits)}.csv"
        self._to_its_end("export", run.id, "--failed", "-o", str(self._roster))
        return self.start()

    def succeed(self, program: Program, disturbance: Disturbance) -> tuple[Program, bool]:
        """Let a second process ask for the run: while the first lives, and while it stands still."""
        run = self.ledger.runs()[-1].id
        rival = self._award("resume", run)
        self._wait(rival, lambda: program.code is not None)
        if rival.code is None or program.code is not None:
            # Either the first one ended by itself, or it showed no sign of life for a lease.
            return self._only(rival, program), False
        self._look_at(rival)
        self.refused += rival.code == ExitCode.USAGE and str(program.pid) in rival.said()
        if not self._stop_outside_a_commit(program):
            return program, False
        second = self._award("resume", run)
        ends = time.monotonic() + disturbance.seconds
        self._wait(second, lambda: self.ledger.run(run).holder == second.pid)
        has_taken_over = self.ledger.run(run).holder == second.pid or (
            second.code is not None and second.code != ExitCode.USAGE
        )
        self._wait(second, lambda: time.monotonic() >= ends)
        time.sleep(max(0.0, ends - time.monotonic()))
        if not has_taken_over:
            program.wake()
            return self._only(program, second), True
        self.replaced += 1
        self._wake_alone(program, second)
        return self._only(second, program), True

    def _wake_alone(self, program: Program, second: Program) -> None:
        """Wake a process whose run another one has, and count what it sends."""
        is_quiet = second.code is not None or self._stop_outside_a_commit(second)
        time.sleep(_BREATH)  # what is on the wire arrives
        posts = self._server.posts()
        program.wake()
        program.ends_in(_WATCHED)
        if is_quiet:
            self.sent_by_woken.append(self._server.posts() - posts)
        second.wake()

    def finish(self) -> None:
        """Wait for the end of those that were left, each because another one has its run."""
        for program in self._left:
            if not program.ends_in(_LONGEST):
                self.stuck.append(program.pid)
                program.kill()
            self._look_at(program)

    def _only(self, kept: Program, other: Program) -> Program:
        """Go on with one of two; the other has lost its run, or will not get it, and has to end."""
        self._left.append(other)
        return kept

    def _stop_outside_a_commit(self, program: Program) -> bool:
        """Stop a process where it does not hold the ledger's lock; False when it ends before."""
        while program.code is None:
            program.stop()
            if not self.ledger.is_locked():
                return True
            self.mid_commit += 1
            program.wake()
            time.sleep(self._dice.uniform(0.005, 0.05))
        return False

    @staticmethod
    def _wait(program: Program, is_enough: Callable[[], bool]) -> None:
        """Wait for the end of a program, or for something else."""
        ends = time.monotonic() + _LONGEST
        while program.code is None and not is_enough() and time.monotonic() < ends:
            time.sleep(_LOOK)

    def _audit(self, run: str) -> str:
        self._server.recover()
        said = self._to_its_end("audit", run)
        self._server.fail(self._share, self._seed + 100 * len(self.audits) + 100)
        return said

    def _to_its_end(self, *words: str) -> str:
        program = self._award(*words)
        if not program.ends_in(_LONGEST_LOOK):
            raise RuntimeError(f"aiobadges award {' '.join(words)} did not end")
        self._look_at(program)
        return program.said().strip()

    def _look_at(self, program: Program) -> None:
        if "Traceback" in (said := program.said()):
            self.tracebacks.append(said)

    def _award(self, *words: str) -> Program:
        return self._starter.start([sys.executable, "-m", "aiobadges.cli.script", "award", *words])
