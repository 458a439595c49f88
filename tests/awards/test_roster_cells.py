"""What a cell means."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiobadges.awards.roster.cells import (
    check_identifier,
    identifier_type,
    moment,
    safe_cell,
    unsafe_cell,
)

FORMULA_STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("email", "email"),
        ("E-Mail", "email"),
        (" telephone ", "telephone"),
        ("phone", "telephone"),
        ("URL", "url"),
        ("fax", None),
        ("", None),
    ],
)
def test_identifier_type_is_read_when_it_says(text, kind):
    assert identifier_type(text) == kind


@pytest.mark.parametrize(
    ("identifier", "kind"),
    [
        ("ana@example.edu", "email"),
        ("Ana.O'Neill+x@mail.example.ac.uk", "email"),
        ("zoë@example.edu", "email"),
        ("ana@münchen.example", "email"),
        ("+4930123456", "telephone"),
        ("https://example.edu/people/7", "url"),
        ("http://example.edu", "url"),
    ],
)
def test_identifier_is_taken_when_it_is_a_good(identifier, kind):
    assert check_identifier(identifier, kind) is None


@pytest.mark.parametrize(
    ("identifier", "kind", "message"),
    [
        ("ana", "email", "is no e-mail address"),
        ("ana@example", "email", "is no e-mail address"),
        ("ana@@example.edu", "email", "is no e-mail address"),
        ("ana@example.edu;bo@example.edu", "email", "is no e-mail address"),
        ("ana @example.edu", "email", "is no e-mail address"),
        ("ana@example..edu", "email", "is no e-mail address"),
        ("ana@example.edu.", "email", "is no e-mail address"),
        ("Ana <ana@example.edu>", "email", "is no e-mail address"),
        ("ana@example.edu\u200b", "email", "is no e-mail address"),
        ("030 123456", "telephone", "is no number in international form, such as +4930123456"),
        ("+0301234567", "telephone", "is no number in international form"),
        ("+123", "telephone", "is no number in international form"),
        ("example.edu", "url", "is no web address"),
        ("ftp://example.edu", "url", "is no web address"),
        ("https://", "url", "is no web address"),
        ("https://[half", "url", "is no web address"),
    ],
)
def test_identifier_is_shown_with_the_reason_when_it_is_a_bad(identifier, kind, message):
    said = check_identifier(identifier, kind)

    assert said is not None
    assert said.startswith(f"{identifier!r} {message}")


@pytest.mark.parametrize(
    ("text", "zone", "date_format", "expected"),
    [
        ("2026-06-30", UTC, None, datetime(2026, 6, 30, tzinfo=UTC)),
        ("2026-06-30", BERLIN, None, datetime(2026, 6, 29, 22, tzinfo=UTC)),
        ("2026-01-30", BERLIN, None, datetime(2026, 1, 29, 23, tzinfo=UTC)),
        ("2026-06-30T10:00:00Z", BERLIN, None, datetime(2026, 6, 30, 10, tzinfo=UTC)),
        ("2026-06-30T10:00-05:00", BERLIN, None, datetime(2026, 6, 30, 15, tzinfo=UTC)),
        ("2026-06-30 10:00", BERLIN, None, datetime(2026, 6, 30, 8, tzinfo=UTC)),
        ("03/04/2026", UTC, "%d/%m/%Y", datetime(2026, 4, 3, tzinfo=UTC)),
        ("03/04/2026", UTC, "%m/%d/%Y", datetime(2026, 3, 4, tzinfo=UTC)),
        ("30.6.2026", BERLIN, "%d.%m.%Y", datetime(2026, 6, 29, 22, tzinfo=UTC)),
        ("30.6.2026 +0500", BERLIN, "%d.%m.%Y %z", datetime(2026, 6, 29, 19, tzinfo=UTC)),
    ],
    ids=[
        "date",
        "date in a zone",
        "date in the zone's winter",
        "time in UTC",
        "time with offset",
        "time in a zone",
        "day first",
        "month first",
        "format in a zone",
        "format with zone",
    ],
)
def test_moment_is_read_when_it_is_a(text, zone, date_format, expected):
    assert moment(text, zone=zone, date_format=date_format) == expected


@pytest.mark.parametrize("text", ["03/04/2026", "30.06.2026", "June 30", "2026-13-01", "46203"])
def test_date_format_is_asked_for_when_a_date_is_not_iso(text):
    with pytest.raises(ValueError, match="--date-format") as caught:
        moment(text, zone=UTC)

    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("date_format", ["%d.%m.%Y", "%Q", "%"])
def test_date_format_is_named_when_a_date_does_not_fit_it(date_format):
    with pytest.raises(ValueError, match="'2026-06-30' does not fit the date format") as caught:
        moment("2026-06-30", zone=UTC, date_format=date_format)

    assert repr(date_format) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("9999-12-31T23:59:59", timezone(timedelta(hours=-5))),
        ("9999-12-31T23:59:59-05:00", UTC),
        ("0001-01-01", timezone(timedelta(hours=9))),
    ],
    ids=["end of time", "end of time with offset", "start of time"],
)
def test_moment_is_refused_when_it_cannot_be_told_in_utc(text, zone):
    with pytest.raises(ValueError, match=r"9999|0001"):
        moment(text, zone=zone)


@pytest.mark.parametrize("start", FORMULA_STARTS, ids=[ascii(start) for start in FORMULA_STARTS])
@pytest.mark.parametrize("blanks", ["", "  "], ids=["at once", "after blanks"])
def test_cell_is_kept_from_running_when_it_begins_with(start, blanks):
    cell = f"{blanks}{start}HYPERLINK(1)"

    assert safe_cell(cell) == "'" + cell


@pytest.mark.parametrize(
    "text", ["+4930123456", "-12.5", "+1,000.00", "Ana", "", "a=b", "'quoted'"]
)
def test_cell_is_left_alone_when_it_is_harmless(text):
    assert safe_cell(text) == text


CELLS = st.one_of(
    st.text(),
    st.builds(
        lambda quotes, blanks, start, rest: quotes + blanks + start + rest,
        st.sampled_from(["", "'", "''", "'''"]),
        st.sampled_from(["", " ", "  "]),
        st.sampled_from(FORMULA_STARTS),
        st.text(max_size=5),
    ),
)


@given(CELLS)
@example("'=1")
@example("''=1")
def test_cell_comes_back_when_what_was_read_is_written_and_read_again(cell):
    read = unsafe_cell(cell)

    assert unsafe_cell(safe_cell(read)) == read


@given(CELLS)
def test_cell_is_safe_when_it_was_made_so(cell):
    assert safe_cell(safe_cell(cell)) == safe_cell(cell)


@given(CELLS.filter(lambda cell: not cell.startswith("'")))
def test_cell_comes_back_when_it_has_no_apostrophe_of_its_own(cell):
    assert unsafe_cell(safe_cell(cell)) == cell
