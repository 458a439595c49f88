"""CSV (RFC 4180) for bodies that are made of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

__all__ = ["csv_bytes"]


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case _:
            msg = f"a cell holds text, a number or a boolean, not {type(value).__name__}"
            raise ValueError(msg)


def _line(cells: Sequence[str]) -> str:
    # Unlike the csv module, which leaves a lone carriage return bare when lines end otherwise.
    quoted = [
        '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ',"\r\n') else cell
        for cell in cells
    ]
    return ",".join(quoted) + "\n"


def csv_bytes(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """Write rows under a header, in UTF-8.

    Args:
        columns: the names of the columns, in order.
        rows: from column to value; what is missing or None is an empty cell.

    Raises:
        ValueError: a value is no text, number or boolean.
    """
    lines = [_line([_cell(row.get(column)) for column in columns]) for row in rows]
    return "".join([_line(columns), *lines]).encode()
