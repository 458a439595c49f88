"""From a table of texts to a checked roster, with all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path

import attrs

from aiobadges.awards.roster.cells import check_identifier, identifier_type, moment, unsafe_cell
from aiobadges.awards.roster.columns import Columns, recognize
from aiobadges.awards.roster.csv_file import read_table
from aiobadges.awards.roster.row import Evidence, IdentifierType, Problem, Roster, RosterError, Row

__all__ = ["Reading", "check_table", "read_roster"]


@attrs.frozen(kw_only=True)
class Reading:
    """How to read what a file leaves open.

    Attributes:
        now: the present, in a time zone; a date of award after it is refused.
        zone: the time zone of dates that name none.
        date_format: as of `datetime.strptime`; None for ISO 8601.
        encoding: of a text file; None to recognize it.
        badge_given: whether one badge class is named for the whole roster.
    """

    now: datetime
    zone: tzinfo = UTC
    date_format: str | None = None
    encoding: str | None = None
    badge_given: bool = True


def read_roster(file: Path, reading: Reading) -> Roster:
    """Read a CSV roster from a file. It blocks: call it in a thread.

    Raises:
        RosterError: the file or its rows have problems; all of them are named.
    """
    return check_table(str(file), read_table(file, encoding=reading.encoding), reading)


def check_table(
    source: str, table: Iterable[tuple[int, Sequence[str]]], reading: Reading
) -> Roster:
    """Check a table whose first row is the header.

    Args:
        source: the file's name, for errors.
        table: row numbers as a spreadsheet counts them, and cells.
        reading: how to read what the table leaves open.

    Raises:
        RosterError: there are problems; all of them are named.
    """
    rows = iter(table)
    first = next(rows, None)
    if first is None:
        raise RosterError(source, [Problem(message="the file is empty")])
    # A column without a name gets the one spreadsheets give it, so that its cells are kept.
    header = [cell.strip() or f"column {at}" for at, cell in enumerate(first[1], 1)]
    columns, problems = recognize(header)
    problems += _badge_problems(columns, reading)
    if problems:
        raise RosterError(source, problems)
    checked: dict[tuple[str, str, str], Row] = {}
    duplicates: list[tuple[Row, int]] = []
    for number, cells in rows:
        row = _RowReader(number, header, cells, columns, reading).read(problems)
        if row is None:
            continue
        if (earlier := checked.get(row.person)) is not None:
            duplicates.append((row, earlier.number))
        else:
            checked[row.person] = row
    if not checked and not problems:
        problems.append(Problem(message="there are no rows below the header"))
    if problems:
        raise RosterError(source, problems)
    return Roster(
        header=header,
        rows=list(checked.values()),
        duplicates=duplicates,
        unused_columns=columns.unused,
    )


def _badge_problems(columns: Columns, reading: Reading) -> list[Problem]:
    has_column = "badge" in columns.headers
    if has_column and reading.badge_given:
        return [
            Problem(
                row=1,
                column=columns.headers["badge"],
                message="the badge is named on the command line, too; use one of the two",
            )
        ]
    if not has_column and not reading.badge_given:
        return [Problem(row=1, message="no badge is named; use --badge or a column 'badge'")]
    return []


class _RowReader:
    """Reads one row, collecting what is wrong with each of its cells."""

    def __init__(
        self,
        number: int,
        header: Sequence[str],
        cells: Sequence[str],
        columns: Columns,
        reading: Reading,
    ) -> None:
        self._number = number
        self._columns = columns
        self._reading = reading
        self._surplus = any(cell.strip() for cell in cells[len(header) :])
        padded = [*cells, *[""] * (len(header) - len(cells))]
        self._cells = {name: unsafe_cell(cell) for name, cell in zip(header, padded, strict=False)}
        self._problems: list[Problem] = []

    def read(self, problems: list[Problem]) -> Row | None:
        row = self._row()
        problems += self._problems
        return None if self._problems else row

    def _row(self) -> Row:
        if self._surplus:
            self._complain(
                "", "has more cells than the header; quote a cell that holds a separator"
            )
        kind = self._identifier_type()
        return Row(
            number=self._number,
            identifier=self._identifier(kind),
            identifier_type=kind,
            badge=self._badge(),
            name=self._text("name")
            or f"{self._text('first_name')} {self._text('last_name')}".strip(),
            narrative=self._text("narrative"),
            evidence=self._evidence(),
            issued_on=self._issued_on(),
            expires=self._moment("expires"),
            external_id=self._text("external_id"),
            cells=self._cells,
        )

    def _complain(self, field: str, message: str) -> None:
        column = self._columns.headers.get(field, "")
        self._problems.append(Problem(row=self._number, column=column, message=message))

    def _text(self, field: str) -> str:
        header = self._columns.headers.get(field)
        return self._cells.get(header, "").strip() if header is not None else ""

    def _identifier_type(self) -> IdentifierType:
        text = self._text("identifier_type")
        kind = identifier_type(text) if text else "email"
        if kind is None:
            self._complain("identifier_type", f"{text!r} is none of email, telephone, url")
            return "email"
        return kind

    def _identifier(self, kind: IdentifierType) -> str:
        identifier = self._text("identifier")
        wrong = check_identifier(identifier, kind) if identifier else "is empty"
        if wrong:
            self._complain("identifier", wrong)
        return identifier

    def _badge(self) -> str:
        badge = self._text("badge")
        if not badge and "badge" in self._columns.headers:
            self._complain("badge", "is empty")
        return badge

    def _evidence(self) -> tuple[Evidence, ...]:
        found: list[Evidence] = []
        for suffix in self._columns.evidence_numbers():
            url = self._text(f"evidence_url{suffix}")
            narrative = self._text(f"evidence_narrative{suffix}")
            if url and (wrong := check_identifier(url, "url")):
                self._complain(f"evidence_url{suffix}", wrong)
            if url or narrative:
                found.append(Evidence(url=url, narrative=narrative))
        return tuple(found)

    def _moment(self, field: str) -> datetime | None:
        text = self._text(field)
        if not text:
            return None
        try:
            return moment(text, zone=self._reading.zone, date_format=self._reading.date_format)
        except ValueError as error:
            self._complain(field, str(error))
            return None

    def _issued_on(self) -> datetime | None:
        issued_on = self._moment("issued_on")
        if issued_on is not None and issued_on > self._reading.now:
            self._complain("issued_on", "lies in the future; the platform refuses that")
        return issued_on
