"""From a table to rows: all problems at once, each person once."""

import csv
import pickle
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.awards.roster.cells import unsafe_cell
from aiobadges.awards.roster.reading import Reading, check_table, read_roster
from aiobadges.awards.roster.row import Evidence, Problem, RosterError

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_all_problems_are_named_with_row_and_column_when_there_are_several(problems):
    found = problems(
        "E-mail,Identifier Type,Evidence URL,Issue Date,Expiration Date\n"
        "ana,,,,\n"
        "bo@example.edu,,nowhere,03/04/2026,\n"
        ",,,,\n"
        "cy@example.edu,fax,,2030-01-01,soon\n"
        ",,https://example.edu,,\n"
        "di@example.edu,,,,,surplus\n"
        "+49,telephone,,,\n"
    )

    assert [(problem.row, problem.column) for problem in found] == [
        (2, "E-mail"),
        (3, "Evidence URL"),
        (3, "Issue Date"),
        (5, "Identifier Type"),
        (5, "Issue Date"),
        (5, "Expiration Date"),
        (6, "E-mail"),
        (7, ""),
        (8, "E-mail"),
    ]


def test_error_counts_its_problems_when_there_are_several(read):
    with pytest.raises(RosterError, match=r"graduates\.csv: 2 problems$"):
        read("email\nana\nbo\n")


def test_error_is_the_problem_itself_when_there_is_one(read):
    with pytest.raises(
        RosterError, match=r"graduates\.csv: row 2, column 'email': 'ana' is no e-mail address$"
    ):
        read("email\nana\n")


def test_error_keeps_its_problems_when_it_is_pickled():
    error = RosterError("graduates.csv", [Problem(row=2, column="email", message="is empty")])

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes

    assert (copy.file, copy.problems, str(copy)) == (error.file, error.problems, str(error))


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "is empty"),
        ("ana@", "'ana@' is no e-mail address"),
    ],
    ids=["empty", "malformed"],
)
def test_identifier_is_refused_when_it_is(problems, cell, message):
    [problem] = problems(f"email,first_name\n{cell},Ana\n")

    assert str(problem) == f"row 2, column 'email': {message}"


@pytest.mark.parametrize(
    ("identifier", "kind", "expected"),
    [
        ("ana@example.edu", "", "email"),
        ("ana@example.edu", "Email", "email"),
        ("+4930123456", "phone", "telephone"),
        ("https://example.edu/7", "url", "url"),
    ],
)
def test_identifier_type_is_read_when_a_column_names_it(read, identifier, kind, expected):
    roster = read(f"identifier,identifier_type\n{identifier},{kind}\n")

    assert next(iter(roster)).identifier_type == expected
    assert next(iter(roster)).identifier == identifier


def test_blanks_round_an_address_are_dropped_when_it_is_read(read):
    roster = read("email\n  ana@example.edu\u00a0\n")

    assert next(iter(roster)).identifier == "ana@example.edu"


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("name", "Ana Müller", "Ana Müller"),
        ("first_name,last_name", "Ana,Müller", "Ana Müller"),
        ("first_name", "Ana", "Ana"),
        ("first_name,last_name", ",Müller", "Müller"),
        ("first_name,last_name", ",", ""),
    ],
    ids=["full", "first and last", "first", "last", "none"],
)
def test_name_is_read_when_columns_give(read, header, cells, name):
    assert next(iter(read(f"email,{header}\nana@example.edu,{cells}\n"))).name == name


def test_texts_are_read_when_columns_give_them(read):
    [row] = read("email,narrative,student id\nana@example.edu, Passed. ,007\n")

    assert (row.narrative, row.external_id) == ("Passed.", "007")


def test_evidence_is_paired_by_number_when_columns_repeat(read):
    [row] = read(
        "email,evidence_narrative_2,evidence_url,evidence_url_2,evidence_narrative_10,evidence_url_3\n"
        "ana@example.edu,second,https://example.edu/1,https://example.edu/2,tenth,\n"
    )

    assert row.evidence == (
        Evidence(url="https://example.edu/1"),
        Evidence(url="https://example.edu/2", narrative="second"),
        Evidence(narrative="tenth"),
    )


@pytest.mark.parametrize(
    "header", ["evidence_url,evidence_url_2", "narrative,evidence_url_2"], ids=["beside", "alone"]
)
def test_numbered_evidence_column_is_named_when_its_address_is_wrong(problems, header):
    [problem] = problems(f"email,{header}\nana@example.edu,https://example.edu,nowhere\n")

    assert str(problem) == "row 2, column 'evidence_url_2': 'nowhere' is no web address"


def test_date_is_taken_in_the_zone_given_when_it_names_none(read):
    zone = ZoneInfo("Europe/Berlin")

    [row] = read("email,issued_on\nana@example.edu,2026-06-30\n", zone=zone)

    assert row.issued_on == datetime(2026, 6, 29, 22, tzinfo=UTC)


def test_date_is_read_as_told_when_a_date_format_is_given(read):
    [row] = read("email,expires\nana@example.edu,31/12/2030\n", date_format="%d/%m/%Y")

    assert row.expires == datetime(2030, 12, 31, tzinfo=UTC)


def test_date_of_award_is_refused_when_it_lies_in_the_future(problems):
    [problem] = problems("email,issued_on\nana@example.edu,2026-07-02\n")

    assert str(problem) == (
        "row 2, column 'issued_on': lies in the future; the platform refuses that"
    )


def test_date_of_award_is_taken_when_it_is_today_elsewhere(read):
    zone = ZoneInfo("Pacific/Auckland")  # where it is the 2nd of July already

    [row] = read("email,issued_on\nana@example.edu,2026-07-02\n", zone=zone)

    assert row.issued_on == datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_expiry_is_taken_when_it_lies_in_the_future(read):
    [row] = read("email,expires\nana@example.edu,2036-07-02\n")

    assert row.expires == datetime(2036, 7, 2, tzinfo=UTC)


def test_row_is_refused_when_it_has_more_cells_than_the_header(problems):
    [problem] = problems("email,name\nana@example.edu,Müller, Ana\n")

    assert str(problem) == (
        "row 2: has more cells than the header; quote a cell that holds a separator"
    )


def test_row_is_taken_when_its_surplus_cells_are_empty(read):
    assert len(list(read("email,name\nana@example.edu,Ana,,\n"))) == 1


def test_missing_cells_are_empty_when_a_row_is_short(read):
    [row] = read("email,name,grade\nana@example.edu\n")

    assert row.cells == {"email": "ana@example.edu", "name": "", "grade": ""}


def test_badge_is_read_when_a_column_names_it(read):
    roster = read("email,badge\nana@example.edu,Math Expert\n", badge_given=False)

    assert next(iter(roster)).badge == "Math Expert"


def test_badge_cell_is_refused_when_it_is_empty(problems):
    [problem] = problems("email,badge\nana@example.edu,\n", badge_given=False)

    assert str(problem) == "row 2, column 'badge': is empty"


def test_badge_column_is_refused_when_the_badge_is_given_too(problems):
    [problem] = problems("email,Badge Class ID\nana@example.edu,x\n", badge_given=True)

    assert problem.row == 1
    assert problem.column == "Badge Class ID"
    assert "named on the command line, too; use one of the two" in problem.message


def test_badge_is_asked_for_when_nothing_names_it(problems):
    [problem] = problems("email\nana@example.edu\n", badge_given=False)

    assert str(problem) == "row 1: no badge is named; use --badge or a column 'badge'"


def test_badges_are_named_once_when_rows_repeat_them(read):
    roster = read(
        "email,badge\nana@example.edu,Math\nana@example.edu,Chemistry\nbo@example.edu,Math\n",
        badge_given=False,
    )

    assert roster.badges == {"Math", "Chemistry"}


def test_unknown_columns_are_carried_and_named_when_they_mean_nothing_here(read):
    roster = read("grade,email,ext.hours\n1.3,ana@example.edu,40\n")

    assert roster.unused_columns == ["grade", "ext.hours"]
    assert list(roster.header) == ["grade", "email", "ext.hours"]
    assert next(iter(roster)).cells == {
        "grade": "1.3",
        "email": "ana@example.edu",
        "ext.hours": "40",
    }


def test_row_shows_no_address_when_it_is_printed(read):
    [row] = read("email,first_name,narrative\nana@example.edu,Ana,secret\n")

    assert not {"ana", "Ana", "secret"} & set(repr(row).replace("'", " ").split())
    assert "ana@example.edu" not in repr(row)


def read_or_refuse(table):
    """Give the roster of a table, or None and what is wrong with it."""
    try:
        return check_table("roster", table, Reading(now=NOW)), ()
    except RosterError as error:
        return None, error.problems


HEADERS = ["identifier type", "name", "narrative", "evidence", "issued on", "expires", "grade", ""]
SOME_CELLS = st.sampled_from(["ana@example.edu", "+4930123456", "2026-06-30", "url", "", "'=1"])


@given(
    st.lists(st.sampled_from(HEADERS), max_size=4),
    st.lists(st.lists(SOME_CELLS | st.text(), min_size=1, max_size=6), max_size=5),
)
def test_table_is_read_whole_or_refused_with_reasons_when_it_holds_anything(header, rows):
    table = [(1, ["email", *header]), *enumerate(rows, 2)]

    roster, problems = read_or_refuse(table)

    if roster is None:
        assert problems
        assert all(problem.message for problem in problems)
        assert all(problem.row in {None, *dict(table)} for problem in problems)
    else:
        assert [row.number for row in roster] == [number for number, _ in table[1:]]


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(",;\t"),
)
def test_cells_are_what_was_written_when_they_hold_anything(tmp_path_factory, cells, delimiter):
    file = tmp_path_factory.getbasetemp() / "anything.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter)
        writer.writerow(["email", *(f"column {number}" for number in range(len(cells)))])
        writer.writerow(["ana@example.edu", *cells])

    [row] = read_roster(file, Reading(now=NOW))

    assert list(row.cells.values()) == ["ana@example.edu", *map(unsafe_cell, cells)]
