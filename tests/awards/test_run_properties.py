"""Whatever goes wrong, every row ends once and nobody is written to twice."""

import asyncio
import contextlib

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from aiobadges.awards.outcome import Outcome, RowStatus, Tally
from aiobadges.awards.roster.row import Row
from aiobadges.awards.run import AwardRun
from aiobadges.parchment.client import ParchmentClient
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import MATH_EXPERT, Sandbox

AWARD = "badgeclasses.award"
KINDS = [
    "before_work",
    "after_work",
    "unavailable",
    "drop_before_work",
    "drop_after_work",
    "cut_body",
    "html",
    "refused",
    "unauthorized",
]


@attrs.frozen(kw_only=True)
class Story:
    """What happens to a run: faults in order, and after how many outcomes it is ended, and how."""

    rows: int
    workers: int
    held: int
    faults: list[str]
    ended_after: int | None
    by: str


STORIES = st.builds(
    Story,
    rows=st.integers(0, 12),
    workers=st.integers(1, 5),
    held=st.integers(0, 3),
    faults=st.lists(st.sampled_from(KINDS), max_size=6),
    ended_after=st.none() | st.integers(1, 8),
    by=st.sampled_from(["stop", "cancel"]),
)


async def happen(story):
    rows = [Row(number=n, identifier=f"p{n}@example.edu") for n in range(2, story.rows + 2)]
    outcomes: list[Outcome] = []

    def told(outcome):
        outcomes.append(outcome)
        if len(outcomes) == story.ended_after:
            run.stop() if story.by == "stop" else task.cancel()

    async with (
        Sandbox(work_seconds=0.001) as sandbox,
        ParchmentClient(region="sandbox", base_url=sandbox.url) as client,
    ):
        badges = {"": BadgeClass(entity_id=MATH_EXPERT)}
        await AwardRun(client, badges, lambda _: None, workers=1).award(rows[: story.held])
        before = sandbox.counters.of(AWARD)
        for fault in story.faults:
            sandbox.faults.next(AWARD, fault)
        run = AwardRun(client, badges, told, workers=story.workers)
        task = asyncio.create_task(run.award(rows))
        with contextlib.suppress(asyncio.CancelledError):
            await task
        sent = sandbox.counters.of(AWARD) - before
    return rows, outcomes, sandbox, sent


@settings(max_examples=40, deadline=None)
@given(STORIES)
def test_every_row_ends_once_and_nobody_is_written_to_twice_when_anything_happens(story):
    rows, outcomes, sandbox, sent = asyncio.run(happen(story))
    tally = Tally()
    for outcome in outcomes:
        tally.add(outcome.status)

    assert sorted(o.row.number for o in outcomes) == [row.number for row in rows]
    assert tally.total == len(rows)
    assert sum(tally[status] for status in RowStatus) == len(rows)
    assert sent <= len(rows)
    assert sandbox.outbox.doubled() == []
    for outcome in outcomes:
        mails = sandbox.outbox.by_recipient().get(outcome.row.identifier, 0)
        was_held = outcome.row.number < 2 + story.held
        if outcome.status in {RowStatus.AWARDED, RowStatus.ALREADY_HELD}:
            assert mails == 1
            assert was_held == (outcome.status is RowStatus.ALREADY_HELD)
        elif outcome.status in {RowStatus.REJECTED, RowStatus.PLANNED}:
            assert mails == was_held
