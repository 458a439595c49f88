"""Reading CSV files as registrars' programs write them."""

import codecs

import pytest

from aiobadges.awards.roster import csv_file
from aiobadges.awards.roster.csv_file import CsvTable
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.roster.row import RosterError

ROSTER = "email,first_name,narrative\nzoë@example.edu,Zoë,Žižek's course\n"


def encoded(text, encoding, bom=b""):
    return bom + text.encode(encoding)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (encoded(ROSTER, "utf-8"), None),
        (encoded(ROSTER, "utf-8", codecs.BOM_UTF8), None),
        (encoded(ROSTER, "utf-16-le", codecs.BOM_UTF16_LE), None),
        (encoded(ROSTER, "utf-16-be", codecs.BOM_UTF16_BE), None),
        (encoded(ROSTER.replace("\n", "\r\n"), "utf-8", codecs.BOM_UTF8), None),
        (encoded(ROSTER.replace("\n", "\r"), "utf-8"), None),
        (encoded(ROSTER.removesuffix("\n"), "utf-8"), None),
        (encoded(ROSTER, "cp1252"), "cp1252"),
        (encoded(ROSTER, "utf-8", codecs.BOM_UTF8), "utf-8"),
        (encoded(ROSTER, "utf-16-le", codecs.BOM_UTF16_LE), "utf-16-le"),
        (encoded(ROSTER.replace(",", ";"), "utf-8"), None),
        (encoded(ROSTER.replace(",", "\t"), "utf-8"), None),
        (encoded("\n\n" + ROSTER.replace(",", ";"), "utf-8"), None),
    ],
    ids=[
        "UTF-8",
        "UTF-8 with BOM",
        "UTF-16-LE",
        "UTF-16-BE",
        "CRLF",
        "CR",
        "no last line end",
        "cp1252 named",
        "UTF-8 with BOM named",
        "UTF-16 with BOM named",
        "semicolons",
        "tabs",
        "semicolons below empty rows",
    ],
)
def test_roster_is_read_when_it_is_written_as(read, content, encoding):
    roster = read(content, encoding=encoding)

    [row] = roster
    assert list(roster.header) == ["email", "first_name", "narrative"]
    assert row.cells == {
        "email": "zoë@example.edu",
        "first_name": "Zoë",
        "narrative": "Žižek's course",
    }


def test_cell_keeps_its_separators_when_it_is_quoted(read):
    roster = read('email,narrative\r\nana@example.edu,"Ana ""A"", B; C\r\nand D"\r\n')

    assert next(iter(roster)).narrative == 'Ana "A", B; C\r\nand D'


def test_rows_are_counted_as_a_spreadsheet_does_when_cells_hold_line_ends_and_rows_are_empty(read):
    roster = read('email,narrative\nana@example.edu,"one\ntwo"\n,\n\nbo@example.edu,x\n')

    assert [(row.number, row.identifier) for row in roster] == [
        (2, "ana@example.edu"),
        (5, "bo@example.edu"),
    ]


def test_separator_is_the_one_that_splits_the_header_when_cells_hold_others(read):
    roster = read('email;narrative\nana@example.edu;"a, b, c, d"\nbo@example.edu;x, y\n')

    assert [row.narrative for row in roster] == ["a, b, c, d", "x, y"]


@pytest.mark.parametrize("target", ["", "nowhere.csv"], ids=["folder", "missing"])
def test_file_and_reason_are_named_when_it_cannot_be_read(tmp_path, now, target):
    file = tmp_path / target

    with pytest.raises(RosterError, match=r"the file cannot be read: (Is a dir|No such file)") as e:
        read_roster(file, Reading(now=now))

    assert str(e.value).startswith(f"{file}: ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\n  \n", "the file is empty"),
        (codecs.BOM_UTF8, "the file is empty"),
        (b"email,name\n", "there are no rows below the header"),
        (b"email,name\n,\n", "there are no rows below the header"),
        (b"PK\x03\x04\x14\x00", "this is an Excel workbook; save it as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "this is an Excel workbook; save it as CSV UTF-8"),
        (b"email\nana@example.edu\0\n", "the text holds null bytes; save the file as CSV UTF-8"),
        (encoded("email\n", "utf-16-le"), "the text holds null bytes"),
        (encoded("email\n", "utf-32-le", codecs.BOM_UTF32_LE), "the text holds null bytes"),
    ],
    ids=[
        "nothing",
        "blanks",
        "BOM only",
        "header only",
        "header and empty row",
        "XLSX",
        "XLS",
        "null bytes",
        "UTF-16 without BOM",
        "UTF-32",
    ],
)
def test_file_is_refused_with_one_reason_when_it_holds(problems, content, message):
    [problem] = problems(content)

    assert problem.row is None
    assert problem.message.startswith(message)


def test_encoding_is_asked_for_when_the_text_is_not_utf_8(problems):
    [problem] = problems(encoded("email,first_name\nana@example.edu,Ana\nzo@x.edu,Zoë\n", "cp1252"))

    assert problem.row == 3
    assert "the text is not utf-8" in problem.message
    assert "--encoding (Excel on Windows: cp1252)" in problem.message


@pytest.mark.parametrize(
    "content",
    [
        "email,first_name\nana@example.edu,Ana\nzo@x.edu,Zoë\n",
        "email,first_name\nana@example.edu,Ana\nzoë@example.edu,Zo\n",
        "email,first_name\nana@example.edu,Anaïs\nzo@example.edu,Zo\n",
    ],
    ids=["end of row", "start of row", "middle of file"],
)
def test_place_shown_is_the_odd_one_when_the_text_is_not_utf_8(problems, content):
    raw = encoded(content, "cp1252")

    [problem] = problems(raw)

    odd = next(line for line in raw.split(b"\n") if not line.isascii())
    at = next(index for index, byte in enumerate(odd) if byte > 127)
    assert repr(odd[max(0, at - 3) : at + 1])[2:-1] in problem.message


def test_named_encoding_is_spoken_of_when_the_text_does_not_fit_it(problems):
    [problem] = problems(b"email\nana@example.edu\xff\n", encoding="ascii")

    assert problem.row == 2
    assert "the text is not ascii near" in problem.message


@pytest.mark.parametrize("encoding", ["latin-77", "rot13", "hex", "undefined", "a\0b"])
def test_encoding_is_refused_when_it_is_none(problems, encoding):
    [problem] = problems(b"email\nana@example.edu\n", encoding=encoding)

    assert problem.row is None
    assert repr(encoding) in problem.message


def test_text_is_refused_when_its_encoding_gives_halves_of_characters(problems):
    [problem] = problems(b"email,narrative\nana@example.edu,+2AA-\n", encoding="utf-7")

    assert "utf-7" in problem.message


@pytest.mark.parametrize(
    ("content", "row", "message"),
    [
        ('email,name\nana@example.edu,Ana\n"bo@example.edu,Bo\n', 3, "unexpected end of data"),
        ('email,name\nana@example.edu,"A"na\n', 2, "expected after"),
        ("email,narrative\nana@example.edu," + "x" * (2**20 + 1), 2, "larger than field limit"),
        ("x" * (2**20 + 1), 1, "larger than field limit"),
    ],
    ids=["open quote", "text after quote", "huge cell", "huge header"],
)
def test_row_is_named_when_the_file_is_not_csv(problems, content, row, message):
    [problem] = problems(content)

    assert problem.row == row
    assert problem.message.startswith("this is not CSV: ")
    assert message in problem.message


def test_file_is_refused_unread_when_it_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "_LARGEST_FILE", 2**20)
    file = tmp_path / "large.csv"
    file.write_bytes(b"email\n" + b"\n" * 2**20)

    with pytest.raises(RosterError, match="larger than 1 MiB; split it"):
        list(CsvTable(file))
