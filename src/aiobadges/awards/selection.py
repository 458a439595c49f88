"""Which rows of a run are meant: by number, by a column, by a file of people. Pure but for the file."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from aiobadges.awards.ledger.effects import Effect, Selection
from aiobadges.awards.roster.cells import unsafe_cell
from aiobadges.awards.roster.columns import recognize
from aiobadges.awards.roster.csv_file import CsvTable
from aiobadges.awards.roster.row import Problem, RosterError
from aiobadges.errors import InvalidCallError

__all__ = ["by_column", "by_file", "by_rows"]

_ASSERTION = "assertion_id"


def by_rows(text: str) -> Selection:
    """Mean rows of the roster by number: ``12-48``, or ``3,7,12-48``.

    Raises:
        InvalidCallError: it is not written so.
    """
    ranges: list[range] = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = last if dash else first
        if not (first.isdecimal() and ends.isdecimal()) or int(first) > int(ends):
            raise InvalidCallError(
                f"--rows {text!r} names no rows", remedy="Write it as 12-48, or 3,7,12-48"
            )
        ranges.append(range(int(first), int(ends) + 1))
    return lambda effect: any(effect.number in one for one in ranges)


def by_column(text: str, header: Sequence[str]) -> Selection:
    """Mean rows whose column has a value: ``column=value``.

    Raises:
        InvalidCallError: it is not written so, or the roster has no such column.
    """
    name, equals, value = text.partition("=")
    name, value = name.strip(), value.strip()
    if not equals:
        raise InvalidCallError(f"--where {text!r} has no '='", remedy="Write it as column=value")
    if name not in header:
        near = difflib.get_close_matches(name, header, 1)
        raise InvalidCallError(
            f"the roster had no column {name!r}",
            remedy=f"Did you mean {near[0]!r}?" if near else f"It had: {', '.join(header)}",
        )
    return lambda effect: effect.cells.get(name, "").strip() == value


def by_file(file: Path) -> Selection:
    """Mean the people in a CSV file; where it names awards by id, those awards.

    Raises:
        RosterError: the file cannot be read, or names nobody.
    """
    table = iter(CsvTable(file))
    header = [cell.strip() for cell in next(table, (1, ()))[1]]
    columns, problems = recognize(header)
    ids, people = set[str](), set[str]()
    if _ASSERTION not in header and "identifier" not in columns.headers:
        raise RosterError(str(file), problems or [Problem(message="the file is empty")])
    for number, cells in table:
        row = {name: unsafe_cell(cell).strip() for name, cell in zip(header, cells, strict=False)}
        person = row.get(columns.headers.get("identifier", ""), "")
        if assertion := row.get(_ASSERTION, ""):
            ids.add(assertion)
        elif person:
            people.add(person.casefold())
        else:
            raise RosterError(str(file), [Problem(row=number, message="names nobody")])
    if not ids and not people:
        raise RosterError(str(file), [Problem(message="there are no rows below the header")])

    def is_meant(effect: Effect) -> bool:
        return effect.assertion_id in ids or effect.recipient.casefold() in people

    return is_meant
