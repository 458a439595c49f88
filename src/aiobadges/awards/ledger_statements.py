"""Statements that are run for every award, compiled once a dialect.

SQLAlchemy's way from a dictionary to the parameters of a driver costs more than what SQLite does
with them; here the values come in the statement's order. Only for statements that give no rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultDialect

__all__ = ["Prepared"]


class Prepared:
    """An INSERT or UPDATE whose every value is a parameter.

    Args:
        statement: the statement.
        names: its parameters, in the order in which each execution gives them.
    """

    def __init__(self, statement: sa.Insert | sa.Update, names: Sequence[str]) -> None:
        self._statement = statement
        self._names = tuple(names)
        self._texts: dict[str, str] = {}

    def execute(self, connection: sa.Connection, values: Sequence[tuple[Any, ...]]) -> int:
        """Execute it once for each, and give the number of rows that were changed."""
        if not values:
            return 0
        text = self._text(connection.dialect)
        return connection.exec_driver_sql(text, list(values)).rowcount

    def _text(self, dialect: sa.Dialect) -> str:
        found = self._texts.get(dialect.name)
        if found is None:
            # Whatever a driver names its parameters by, its SQL also has them by their order.
            kind = cast("type[DefaultDialect]", type(dialect))
            numbered = kind(paramstyle="qmark" if dialect.name == "sqlite" else "format")
            compiled = self._statement.compile(dialect=numbered, column_keys=list(self._names))
            found, order = str(compiled), tuple(getattr(compiled, "positiontup", ()))
            if order != self._names:
                raise AssertionError(f"{found} takes {order}, not {self._names}")
            self._texts[dialect.name] = found
        return found
