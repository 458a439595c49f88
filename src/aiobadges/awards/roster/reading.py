"""From a table of texts to a checked roster, with all problems at once.

A roster is walked over twice: once to check every row, before anything is done with any, and once
to hand the rows on. It is never held as a whole: it may have a million of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import attrs

from aiobadges.awards.roster.cells import check_identifier, identifier_type, moment, unsafe_cell
from aiobadges.awards.roster.columns import Columns, recognize
from aiobadges.awards.roster.csv_file import CsvTable
from aiobadges.awards.roster.row import (
    Evidence,
    IdentifierType,
    Problem,
    RosterError,
    Row,
    file_changed,
)

__all__ = ["Reading", "Roster", "check_table", "read_roster"]

Table: TypeAlias = Iterable[tuple[int, Sequence[str]]]
"""Row numbers as a spreadsheet counts them, and cells."""

_CHUNK = 500
_MOST_PROBLEMS = 1000
"""So many are named; all are counted."""


@attrs.frozen(kw_only=True)
class Reading:
    """How to read what a file leaves open.

    Attributes:
        now: the present, in a time zone, when not told otherwise that of its making; a date of award
            after it is refused.
        zone: the time zone of dates that name none.
        date_format: as of `datetime.strptime`; None for ISO 8601.
        encoding: of a text file; None to recognize it.
        badge_given: whether one badge class is named for the whole roster.
    """

    now: datetime = attrs.field(factory=lambda: datetime.now(UTC))
    zone: tzinfo = UTC
    date_format: str | None = None
    encoding: str | None = None
    badge_given: bool = True


@attrs.frozen(kw_only=True)
class Roster:
    """A roster that was checked from the first row to the last. Its rows are not held.

    Each walk over it reads them anew: ``for row in roster`` blocks, ``async for row in roster``
    reads in a thread. A walk raises `RosterError` when somebody has changed the file since.

    Attributes:
        header: the columns.
        badges: the names of badge classes in its rows; ``""`` is the one for the whole roster.
        unused_columns: columns that mean nothing here; they are carried to the results.
    """

    header: Sequence[str]
    badges: frozenset[str]
    unused_columns: Sequence[str] = ()
    _source: str = attrs.field(alias="source", repr=False)
    _table: Table = attrs.field(alias="table", repr=False)
    _columns: Columns = attrs.field(alias="columns", repr=False)
    _reading: Reading = attrs.field(alias="reading", repr=False)
    _first: str = attrs.field(alias="first", default="", repr=False)

    def beginning_with(self, address: str) -> Roster:
        """Give the same roster with the rows of one person before the others.

        Who is not in it is awarded what its first row says, as row 0.

        Args:
            address: the person's e-mail address.
        """
        return attrs.evolve(self, first=address)

    def __iter__(self) -> Iterator[Row]:
        """Read the rows."""
        if not self._first:
            yield from self._rows()
            return
        first, is_there = self._first.casefold(), False
        for row in self._rows():
            if row.identifier.casefold() == first:
                is_there = True
                yield row
        if not is_there:
            yield self._like_the_first_row()
        for row in self._rows():
            if row.identifier.casefold() != first:
                yield row

    async def __aiter__(self) -> AsyncIterator[Row]:
        """Read the rows in a thread, some hundreds at a time."""
        rows = iter(self)
        while chunk := await asyncio.to_thread(lambda: list(islice(rows, _CHUNK))):
            for row in chunk:
                yield row

    def _rows(self) -> Iterator[Row]:
        table = iter(self._table)
        next(table)
        for number, cells in table:
            row, problems = _RowReader(
                number, self.header, cells, self._columns, self._reading
            ).read()
            if problems:  # there was none
                raise file_changed(self._source)
            yield row

    def _like_the_first_row(self) -> Row:
        return attrs.evolve(
            next(self._rows()),
            number=0, identifier=self._first, identifier_type="email", name="", cells={},
        )  # fmt: skip


def read_roster(file: Path, reading: Reading | None = None) -> Roster:
    """Check a CSV roster from the first row to the last. It blocks: call it in a thread.

    Args:
        file: the roster.
        reading: how to read what the file leaves open; None for what most files mean.

    Raises:
        RosterError: the file or its rows have problems; all of them are counted, and the first
            thousand named.
    """
    how = reading or Reading()
    return check_table(str(file), CsvTable(file, encoding=how.encoding), how)


def check_table(source: str, table: Table, reading: Reading) -> Roster:
    """Check a table whose first row is the header.

    Args:
        source: the file's name, for errors.
        table: its rows; it is walked over more than once.
        reading: how to read what the table leaves open.

    Raises:
        RosterError: as for `read_roster`.
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
    count, badges = 0, set[str]()
    for number, cells in rows:
        row, wrong = _RowReader(number, header, cells, columns, reading).read()
        badges.add(row.badge)
        count += len(wrong)
        problems += wrong[: _MOST_PROBLEMS - len(problems)]
    if not badges:
        raise RosterError(source, [Problem(message="there are no rows below the header")])
    if problems:
        raise RosterError(source, problems, count)
    return Roster(
        header=header,
        badges=frozenset(badges),
        unused_columns=columns.unused,
        source=source,
        table=table,
        columns=columns,
        reading=reading,
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

    def read(self) -> tuple[Row, Sequence[Problem]]:
        """Give the row, which counts only when nothing is wrong with it."""
        return self._row(), self._problems

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
