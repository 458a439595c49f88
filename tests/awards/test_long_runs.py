"""Runs of many rows: what they hold does not grow with them, and what they take does not explode."""

from __future__ import annotations

import csv
import gc
import tracemalloc
from datetime import UTC, datetime

import attrs
import pytest

from aiobadges.awards.ledger.outcomes import BEFORE_ALL, outcomes_after
from aiobadges.awards.results import ResultsFile
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.roster.row import RosterError
from aiobadges.awards.run import AwardRun
from aiobadges.awards.states import State
from aiobadges.parchment.models import BadgeClass
from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT

BADGES = {"": BadgeClass(entity_id=MATH_EXPERT, issuer=EXAMPLE_UNIVERSITY)}
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def roster(tmp_path):
    """Write a roster of that many people, and check it."""

    def roster(rows, name="graduates.csv"):
        file = tmp_path / name
        with file.open("w", encoding="utf-8") as out:
            out.write("email,name,narrative\n")
            for number in range(rows):
                out.write(f"person{number}@{rows}.example.edu,Ana Müller,Passed all exams.\n")
        return read_roster(file, Reading(now=NOW))

    return roster


@pytest.fixture
def plan(ledger, sandbox_client):
    async def plan(rows, **options):
        return await AwardRun.plan(ledger, sandbox_client, rows, badges=BADGES, **options)

    return plan


async def test_rows_stand_in_the_order_of_the_roster_when_they_were_planned_in_another(
    plan, people
):
    first, second, third = people(3)

    run = await plan([third, first, attrs.evolve(second, number=0)])

    assert [outcome.number async for outcome in run.outcomes()] == [0, 2, 4]


async def test_no_row_is_left_out_when_a_page_ends_between_two_of_one_number(ledger, plan, people):
    run = await plan([attrs.evolve(row, number=7) for row in people(5)])
    place, found = BEFORE_ALL, []

    while page := await ledger.ask(lambda c, place=place: outcomes_after(c, run.id, place, most=2)):
        found += [outcome.recipient for _, outcome in page]
        place = page[-1][0]

    assert found == [row.identifier for row in people(5)]


async def test_nothing_is_planned_when_the_roster_changes_while_it_is_read(
    ledger, plan, roster, tmp_path
):
    checked = roster(1200)
    file = tmp_path / "graduates.csv"
    file.write_text(file.read_text().replace("person1199@", "person_999@"))

    with pytest.raises(RosterError, match="was changed while it was read; nothing was sent"):
        await plan(checked)

    assert await ledger.runs() == []


async def test_second_row_says_which_it_repeats_when_a_roster_names_a_person_twice(plan, tmp_path):
    file = tmp_path / "graduates.csv"
    file.write_text("email\nana@example.edu\nbo@example.edu\nANA@Example.edu\nana@example.edu\n")

    run = await plan(read_roster(file, Reading(now=NOW)))

    told = [outcome async for outcome in run.outcomes()]
    assert [(one.number, one.status) for one in told] == [
        (2, State.PLANNED), (3, State.PLANNED), (4, State.DUPLICATE), (5, State.DUPLICATE),
    ]  # fmt: skip
    assert {one.error_message for one in told[2:]} == {"row 2 names the same recipient and badge"}


async def test_memory_is_the_same_when_a_run_is_five_times_as_long(plan, roster, tmp_path):
    async def peak(rows):
        checked = roster(rows, f"{rows}.csv")
        gc.collect()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        run = await plan(checked)
        results = tmp_path / f"results-{rows}.csv"
        assert await ResultsFile(results, checked.header).write(run.outcomes()) == rows
        highest = tracemalloc.get_traced_memory()[1] - before
        with results.open(encoding="utf-8-sig", newline="") as lines:
            assert sum(1 for _ in csv.DictReader(lines)) == rows
        return highest

    tracemalloc.start()
    try:
        await peak(50)
        few, many = await peak(2_000), await peak(10_000)
    finally:
        tracemalloc.stop()

    assert many - few < 500_000  # 8,000 outcomes, if they were held, would be several millions


async def test_audit_takes_four_times_the_work_when_a_run_is_four_times_as_long(
    ledger, sandbox_client, plan, roster
):
    steps = 0

    def step():
        nonlocal steps
        steps += 1

    def watch(connection, handler):
        connection.connection.dbapi_connection.set_progress_handler(handler, 100)

    async def work(rows):
        run = await plan(roster(rows))
        async for outcome in run.apply(sandbox_client):
            assert outcome.status is State.AWARDED
        before = steps
        await ledger.ask(lambda c: watch(c, step))
        audit = await run.audit(sandbox_client)
        await ledger.ask(lambda c: watch(c, None))
        assert audit.awarded == rows
        return steps - before

    few, many = await work(100), await work(400)

    assert many < 8 * few
