"""Awards many people under faults, kills and pauses: with a naive script, and with this tool.

``python tests/chaos/chaos.py`` prints what the server says of each in one table, and ends with a
line ``duplicated recipients: N``, which is about this tool. The exit code is 0 when everything that
was promised was kept. Each program has a server of its own, with the same faults; signals are those
of POSIX. What is drawn comes from the seed; when exactly a signal meets a process does not.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

from award_tool import AwardTool
from badge_server import BadgeServer
from contender import Starter
from contest import Measured, measure
from disturbances import Disturbance, drawn
from naive_script import NaiveScript
from promises import evidence, promises
from rich.console import Console
from rich.table import Table

COLUMNS = (
    "reached", "assertions", "recipients with duplicates", "written to twice",
    "POSTs", "kills", "pauses", "seconds",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Run both, print, and give the exit code."""
    options = _parser().parse_args(arguments)
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    folder = Path(tempfile.mkdtemp(prefix="aiobadges-chaos-"))
    talk = Console(stderr=True, highlight=False, soft_wrap=True)
    talk.print(
        f"{options.awards} awards, {options.faults:.0%} of requests go wrong, {options.kills} kills,"
        f" {options.pauses} pauses; --seed {seed}; {folder}"
    )
    plan = drawn(random.Random(seed), kills=options.kills, pauses=options.pauses)
    is_good = _run(options, seed, plan, folder, talk)
    if is_good:
        shutil.rmtree(folder)
    else:
        talk.print(f"repeat it with --seed {seed}; what the programs left is in {folder}")
    return 0 if is_good else 1


def _run(
    options: argparse.Namespace, seed: int, plan: list[Disturbance], folder: Path, talk: Console
) -> bool:
    out = Console(highlight=False, soft_wrap=True)
    rows: list[Measured] = []
    limit = options.limit or max(240.0, options.awards / 8)

    roster = folder / "people.csv"
    lines = (f"person{number}@example.edu\n" for number in range(1, options.awards + 1))
    roster.write_text("email\n" + "".join(lines), encoding="utf-8")

    def contestant(name: str, server: BadgeServer) -> Starter:
        (folder / name).mkdir()
        return Starter(folder / name, server.url)

    if not options.only_ours:
        with BadgeServer(folder) as server, contestant("naive", server) as starter:
            server.fail(options.faults, seed)
            script = NaiveScript(starter, roster)
            rows.append(
                measure(script, server, plan, awards=options.awards, limit=limit, tell=talk.print)
            )
    with BadgeServer(folder) as server, contestant("aiobadges", server) as starter:
        server.fail(options.faults, seed)
        tool = AwardTool(starter, roster, server, share=options.faults, seed=seed)
        ours = measure(tool, server, plan, awards=options.awards, limit=limit, tell=talk.print)
        rows.append(ours)
        held = promises(ours, tool, kills=options.kills, pauses=options.pauses)
        is_good = all(promise.is_kept for promise in held)
        if not is_good:
            for line in evidence(ours, tool, server):
                out.print(line, markup=False)
    out.print(_table(rows), soft_wrap=False, no_wrap=True, crop=False)
    codes = ", ".join(f"{count} x {code}" for code, count in sorted(tool.codes.items()))
    out.print(
        f"the tool: {len(tool.audits)} runs, {len(starter.programs)} programs (exit codes {codes}),"
        f" {tool.refused} times refused while another process lived, {tool.replaced} times taken"
        f" over from one that stood still (POSTs when those were woken: {tool.sent_by_woken}),"
        f" {tool.mid_commit} times stopped in the middle of a commit and stopped again"
    )
    for promise in held:
        out.print(f"{'kept  ' if promise.is_kept else 'BROKEN'}  {promise.text}")
    out.print(f"seed: {seed}")
    out.print(f"duplicated recipients: {len(ours.duplicates)}")
    return is_good


def _table(rows: list[Measured]) -> Table:
    table = Table(box=None, pad_edge=False, width=120)
    table.add_column("", no_wrap=True)
    for column in COLUMNS:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(
            row.title,
            f"{row.reached:,} of {row.awards:,}",
            f"{row.assertions:,}",
            f"{len(row.duplicates):,}",
            f"{len(row.doubled):,}",
            f"{row.posts:,}",
            str(row.kills),
            str(row.pauses),
            f"{row.seconds:.0f}",
        )
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nox -s chaos --",
        description="Award many people under faults, kills and pauses, with two programs.",
    )
    add = parser.add_argument
    add("--awards", type=int, default=10_000, metavar="N", help="how many people")
    add("--kills", type=int, default=5, metavar="N", help="how often a program is killed")
    add("--pauses", type=int, default=5, metavar="N", help="how often one is stopped")
    add("--faults", type=float, default=0.15, metavar="SHARE", help="of requests that go wrong")
    add("--seed", type=int, metavar="N", help="the same draws every time")
    add("--limit", type=float, metavar="SECONDS", help="how long one program may take at most")
    add("--only-ours", action="store_true", help="leave the naive script out")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
