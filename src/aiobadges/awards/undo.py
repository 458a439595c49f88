"""What taking a run back asks for, written down before anything of it is done.

What the run awarded is to be revoked; what it has not begun is abandoned, so that nobody who goes
on with the run later awards what was to be undone. What is in doubt is neither yet: it is looked
into first, and asked for again.
"""

from __future__ import annotations

import asyncio

from aiobadges.awards.ledger.effects import Effect, Selection
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.runs import RunRecord
from aiobadges.awards.states import Abandoned, Event, State, UndoAsked

__all__ = ["ABANDONED", "ask_undo"]

ABANDONED = Abandoned(
    error_code="Abandoned", error_message="the run was taken back before this was awarded"
)


async def ask_undo(
    ledger: Ledger, run: RunRecord, *, reason: str, only: Selection | None = None
) -> int:
    """Write down what is to be taken back, and give the number of awards. Nothing is sent.

    Args:
        ledger: where the run is.
        run: the run; the caller holds it.
        reason: why; the recipients can read it.
        only: which rows; None for all.
    """
    asked = last = 0
    # What was not begun comes first: a process that dies here must not leave it to be awarded.
    for state in (State.PLANNED, State.AWARDED):
        while page := await ledger.page(run.id, [state], after_id=last):
            meant = [one for one in page if only is None or only(one)]
            changes = (ledger.change(one, _event(one), reason=reason) for one in meant)
            changed = await asyncio.gather(*changes)
            asked += sum(new is not None and new.state is State.REVOKING for new in changed)
            last = page[-1].id
        last = 0
    return asked


def _event(effect: Effect) -> Event:
    return ABANDONED if effect.state is State.PLANNED else UndoAsked()
