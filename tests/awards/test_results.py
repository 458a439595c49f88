"""The results file: the roster as it was, with what became of each row beside it."""

import asyncio
import codecs
import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.awards.outcome import Outcome
from aiobadges.awards.results import RESULT_COLUMNS, ResultsFile, results_path
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.states import State
from aiobadges.errors import InvalidCallError

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
READING = Reading(now=NOW)


async def stream(outcomes):
    for one in outcomes:
        yield one


def written(file, header, outcomes):
    """Write a results file; give the number of rows."""
    return asyncio.run(ResultsFile(file, header).write(stream(outcomes)))


def table(file):
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines))


def outcome(number=2, status=State.AWARDED, cells=None, **fields):
    return Outcome(
        number=number, recipient="ana@example.edu", status=status, cells=cells or {}, **fields
    )


def outcome_of(row, status):
    return outcome(row.number, status, dict(row.cells))


def test_results_lie_beside_the_roster_when_a_run_is_named():
    assert results_path(Path("term/graduates.csv"), "7KQ2") == Path(
        "term/graduates.results-7KQ2.csv"
    )


def test_result_columns_follow_the_input_columns_when_outcomes_are_written(tmp_path):
    file = tmp_path / "results.csv"
    cells = {"grade": "1.3", "email": "ana@example.edu"}

    written(
        file,
        ["grade", "email"],
        [
            outcome(
                cells=cells,
                status=State.UNKNOWN,
                assertion_id="A1",
                assertion_url="https://badges.example/A1",
                error_code="OutcomeUnknown",
                error_message="no answer in time",
            )
        ],
    )

    assert table(file) == [
        [
            "grade",
            "email",
            "status",
            "assertion_id",
            "assertion_url",
            "error_code",
            "error_message",
        ],
        [
            "1.3",
            "ana@example.edu",
            "unknown",
            "A1",
            "https://badges.example/A1",
            "OutcomeUnknown",
            "no answer in time",
        ],
    ]


def test_file_begins_with_a_byte_order_mark_when_it_is_written(tmp_path):
    file = tmp_path / "results.csv"

    written(file, ["name"], [outcome(cells={"name": "Zoë"})])

    raw = file.read_bytes()
    assert raw.startswith(codecs.BOM_UTF8)
    assert "Zoë" in raw.decode()


def test_cells_cannot_run_as_formulas_when_the_file_is_opened_in_a_spreadsheet(tmp_path):
    file = tmp_path / "results.csv"

    written(
        file,
        ["name", "=cmd"],
        [
            outcome(
                cells={"name": "=HYPERLINK(1)", "=cmd": "+4930123456"},
                assertion_id="-x",
                error_message="@server said so",
            )
        ],
    )

    header, line = table(file)
    assert header[:2] == ["name", "'=cmd"]
    assert line == ["'=HYPERLINK(1)", "+4930123456", "awarded", "'-x", "", "", "'@server said so"]


def test_every_column_keeps_its_cells_when_some_have_no_name(tmp_path, read):
    roster = read("email,,\nana@example.edu,one,two\n")
    file = tmp_path / "results.csv"

    written(file, roster.header, [outcome_of(next(iter(roster)), State.AWARDED)])

    assert table(file)[1][:3] == ["ana@example.edu", "one", "two"]


def test_file_is_not_overwritten_when_there_is_one(tmp_path):
    file = tmp_path / "results.csv"
    file.write_text("precious")

    with pytest.raises(
        InvalidCallError, match="is there already, and is not overwritten"
    ) as caught:
        ResultsFile(file, ["email"])

    assert caught.value.remedy == "Name another, or remove it"
    assert file.read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("graduates.csv/results.csv", "Not a directory"),
        ("nowhere/results.csv", "No such file or directory"),
        ("r" * 300, "File name too long"),
    ],
    ids=["a file as folder", "no folder", "long name"],
)
def test_reason_is_told_when_the_file_cannot_be_made(tmp_path, name, reason):
    (tmp_path / "graduates.csv").touch()

    with pytest.raises(InvalidCallError, match=reason) as caught:
        ResultsFile(tmp_path / name, ["email"])

    assert name in str(caught.value)


def test_file_is_gone_when_it_is_discarded(tmp_path):
    file = tmp_path / "results.csv"

    ResultsFile(file, ["email"]).discard()

    assert not file.exists()


def test_old_outcomes_are_replaced_when_a_results_file_is_fed_back(tmp_path, read):
    first = tmp_path / "first.csv"
    written(
        first,
        ["email", "grade"],
        [
            outcome(2, State.REJECTED, {"email": "ana@example.edu", "grade": "=1"}),
            outcome(3, State.PLANNED, {"email": "bo@example.edu", "grade": "2"}),
        ],
    )
    roster = read(first.read_bytes())
    second = tmp_path / "second.csv"

    written(second, roster.header, [outcome_of(row, State.AWARDED) for row in roster])

    assert table(second) == [
        ["email", "grade", *RESULT_COLUMNS],
        ["ana@example.edu", "'=1", "awarded", "", "", "", ""],
        ["bo@example.edu", "2", "awarded", "", "", "", ""],
    ]


CELLS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
    | st.builds("".join, st.lists(st.sampled_from(list("'=+-@\t\r\n ,;\"a\ufeff")), max_size=5)),
    min_size=3,
    max_size=3,
)


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_cells_come_back_when_results_are_read_as_a_roster(tmp_path_factory, rows):
    folder = tmp_path_factory.getbasetemp()
    given_file, results = folder / "given.csv", folder / "given.results-7KQ2.csv"
    results.unlink(missing_ok=True)
    with given_file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(
            [["email", "name", "grade", "remark"]]
            + [[f"person{number}@example.edu", *cells] for number, cells in enumerate(rows)]
        )
    roster = read_roster(given_file, READING)

    written(results, roster.header, [outcome_of(row, State.REJECTED) for row in roster])

    again = read_roster(results, READING)
    assert [row.number for row in again] == [row.number for row in roster]
    for before, after in zip(roster, again, strict=True):
        assert {name: after.cells[name] for name in before.cells} == before.cells
        assert after.identifier == before.identifier
        assert after.name == before.name
