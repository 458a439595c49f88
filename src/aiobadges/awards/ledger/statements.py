"""Statements that are run for every award: as few calls of the driver as can be.

Each step of a statement gives up the interpreter's lock and has to get it back from the event loop,
which has other work. A driver that steps once a row makes a commit wait for the loop as often as it
has rows. So the rows of a commit are written as one list of VALUES, and read as one JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias, cast

import msgspec
import sqlalchemy as sa

__all__ = ["Columns", "InsertRows", "PackedRows", "Prepared", "UpdateRows"]

Columns: TypeAlias = Sequence[sa.Column[Any]]

_MOST = 500
"""Rows of one execution; a database takes only so many parameters."""


class _Rows:
    """A statement with a list of rows in it; its text is kept for each number of them.

    Args:
        columns: the columns that a row gives a value for, in their order.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._texts: dict[tuple[str, int], str] = {}

    def execute(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> int:
        """Execute it, and give the number of rows that were written."""
        written = 0
        for first in range(0, len(rows), _MOST):
            some = rows[first : first + _MOST]
            text = self._text(connection.dialect, len(some))
            parameters = tuple(chain.from_iterable(some))
            written += connection.exec_driver_sql(text, parameters).rowcount
        return written

    def _text(self, dialect: sa.Dialect, many: int) -> str:
        found = self._texts.get((dialect.name, many))
        if found is None:
            if dialect.name == "sqlite":
                first = other = ", ".join(["?"] * len(self._columns))
            else:  # the first row says of what types they are
                types = (column.type.compile(dialect) for column in self._columns)
                first = ", ".join(f"CAST(%s AS {kind})" for kind in types)
                other = ", ".join(["%s"] * len(self._columns))
            values = ", ".join([f"({first})", *[f"({other})"] * (many - 1)])
            found = self._texts[dialect.name, many] = self._around(f"VALUES {values}")
        return found

    def _around(self, values: str) -> str:
        raise NotImplementedError


class InsertRows(_Rows):
    """An INSERT of rows."""

    def _around(self, values: str) -> str:
        names = ", ".join(f'"{column.name}"' for column in self._columns)
        return f"INSERT INTO {self._columns[0].table.name} ({names}) {values}"


class UpdateRows(_Rows):
    """An UPDATE of rows that still are as they were seen.

    Args:
        seen: the columns that are compared; a row begins with their values.
        new: the columns that are set; a row ends with theirs.
    """

    def __init__(self, seen: Columns, new: Columns) -> None:
        super().__init__([*seen, *new])
        self._seen = len(seen)

    def _around(self, values: str) -> str:
        table = self._columns[0].table.name
        # Both databases call the columns of a list of values column1, column2 and so on.
        pairs = [(column.name, f"given.column{n}") for n, column in enumerate(self._columns, 1)]
        seen = " AND ".join(f'{table}."{name}" = {given}' for name, given in pairs[: self._seen])
        new = ", ".join(f'"{name}" = {given}' for name, given in pairs[self._seen :])
        return f"UPDATE {table} SET {new} FROM ({values}) AS given WHERE {seen}"  # noqa: S608 - names of ours only


class Prepared:
    """A statement whose text and parameters SQLAlchemy works out once.

    Args:
        statement: the statement.
    """

    def __init__(self, statement: sa.Executable) -> None:
        self._statement = statement
        self._texts: dict[str, tuple[str, Sequence[str], Mapping[str, Any]]] = {}

    def execute(self, connection: sa.Connection, values: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Execute it."""
        found = self._texts.get(connection.dialect.name)
        if found is None:
            compiled: Any = sa.ClauseElement.compile(
                cast("sa.ClauseElement", self._statement), dialect=connection.dialect
            )
            found = str(compiled), compiled.positiontup, compiled.params
            self._texts[connection.dialect.name] = found
        text, names, constants = found
        return connection.exec_driver_sql(
            text, tuple(values[name] if name in values else constants[name] for name in names)
        )


class PackedRows:
    """A SELECT whose rows SQLite gives in one step, as JSON: without types.

    Args:
        query: the rows, in their order.
    """

    def __init__(self, query: sa.Select[Any]) -> None:
        columns = query.subquery().c
        self._packed = Prepared(sa.select(sa.func.json_group_array(sa.func.json_array(*columns))))

    def read(self, connection: sa.Connection, values: Mapping[str, object]) -> list[list[Any]]:
        """Read the rows."""
        text = self._packed.execute(connection, values).scalar_one()
        return msgspec.json.decode(text, type=list[list[Any]])
