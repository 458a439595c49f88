"""Reading CSV as registrars' programs write it. Nothing is guessed that would change a name."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from aiobadges.awards.roster.row import Problem, RosterError

__all__ = ["read_table"]

_LARGEST_FILE = 512 * 2**20
_LARGEST_CELL = 2**20
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t")
_HALVES = re.compile("[\ud800-\udfff]")  # UTF-7 and the like let them through


def read_table(file: Path, *, encoding: str | None = None) -> Iterator[tuple[int, Sequence[str]]]:
    """Read a CSV file: the row as a spreadsheet counts it, and its cells; empty rows are left out.

    UTF-8, and UTF-16 by its byte order mark, are recognized; comma, semicolon and tab as well.

    Args:
        file: the file.
        encoding: its encoding, when it is another one.

    Raises:
        RosterError: it is missing, unreadable, too large, in an unknown encoding, or not CSV.
    """
    text = _text(file, encoding)
    csv.field_size_limit(_LARGEST_CELL)
    number = 0
    try:
        lines = io.StringIO(text, newline="")  # knows all three line ends
        for cells in csv.reader(lines, delimiter=_delimiter(text), strict=True):
            number += 1
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        problem = Problem(row=number + 1, message=f"this is not CSV: {error}")
        raise RosterError(str(file), [problem]) from None


def _text(file: Path, encoding: str | None) -> str:
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise _refused(file, f"the file is larger than {_LARGEST_FILE // 2**20} MiB; split it")
        raw = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _refused(file, f"the file cannot be read: {reason}") from None
    if raw[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise _refused(file, "this is an Excel workbook; save it as CSV UTF-8 and give that file")
    chosen = encoding or next(
        (name for bom, name in _BYTE_ORDER_MARKS if raw.startswith(bom)), "utf-8"
    )
    try:
        text = raw.decode(chosen)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        begin = max(raw.rfind(b"\n", 0, error.start) + 1, error.start - 20)
        shown = raw[begin : error.start + 20].splitlines()[0]
        problem = Problem(
            row=line,
            message=f"the text is not {chosen} near {shown!r}; save the file as CSV UTF-8, or name"
            " its encoding with --encoding (Excel on Windows: cp1252)",
        )
        raise RosterError(str(file), [problem]) from None
    except (LookupError, ValueError):  # some codecs are none for texts
        raise _refused(
            file, f"there is no encoding {chosen!r}; name it as cp1252 or utf-16"
        ) from None
    if "\0" in text:
        raise _refused(file, "the text holds null bytes; save the file as CSV UTF-8")
    if _HALVES.search(text):
        raise _refused(file, f"the text is not {chosen}; save the file as CSV UTF-8")
    return text.removeprefix("\ufeff")  # left over when the encoding was named


def _delimiter(text: str) -> str:
    """Take the separator that splits the header row most; names and addresses hold none of them."""
    lines = io.StringIO(text, newline="")
    header = next((line for line in lines if line.strip()), "")
    return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))


def _refused(file: Path, message: str) -> RosterError:
    return RosterError(str(file), [Problem(message=message)])
