"""What was promised, held against what was measured, and what to look at when it was not kept."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
from award_tool import AwardTool
from badge_server import BadgeServer
from contest import Measured

from aiobadges.cli.exit_codes import ExitCode

__all__ = ["Promise", "evidence", "promises"]

_MOST_SHOWN = 5
_AUDIT_IS_CLEAN = "nothing is off"


@attrs.frozen
class Promise:
    """A promise, and whether it was kept."""

    text: str
    is_kept: bool


def promises(measured: Measured, tool: AwardTool, *, kills: int, pauses: int) -> list[Promise]:
    """Hold what was measured against what was promised."""
    return [
        Promise("everybody was awarded", measured.reached == measured.awards),
        Promise("one assertion each", measured.assertions == measured.awards),
        Promise("nobody holds the badge twice", not measured.duplicates),
        Promise("nobody was written to twice", not measured.doubled),
        Promise("the ledger says the same", tool.ledger.awarded() == measured.awards),
        Promise(
            "every audit is clean",
            bool(tool.audits) and all(_AUDIT_IS_CLEAN in said for said in tool.audits.values()),
        ),
        Promise("no run ended with a difference", not tool.codes[ExitCode.DIFFERENCE]),
        Promise("no program ended in a traceback", not tool.tracebacks),
        # One request can stand between the check of its lease and the wire when a process is
        # stopped; the server's flag is there for that.
        Promise("a woken process sends nothing", all(sent <= 1 for sent in tool.sent_by_woken)),
        Promise("a woken process ends by itself", not tool.stuck),
        Promise(f"{kills} kills were survived", measured.kills == kills),
        Promise("a run is taken over in a long pause", bool(tool.replaced) or not pauses),
        Promise(f"{pauses} pauses were survived", measured.pauses == pauses),
    ]


def evidence(measured: Measured, tool: AwardTool, server: BadgeServer) -> Iterator[str]:
    """Tell what the server and the ledger know of the people for whom it went wrong."""
    wrong = {*measured.duplicates, *measured.doubled, *tool.ledger.not_awarded()}
    for recipient in sorted(wrong)[:_MOST_SHOWN]:
        yield f"{recipient}, on the server:"
        for seen in server.seen_of(recipient):
            yield f"  {seen}"
        yield f"{recipient}, in the ledger:"
        for line in tool.ledger.history(recipient):
            yield f"  {line}"
    for said in (*tool.audits.values(), *tool.tracebacks):
        if _AUDIT_IS_CLEAN not in said:
            yield said
