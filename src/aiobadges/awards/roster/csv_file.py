"""Reading CSV as registrars' programs write it. Nothing is guessed that would change a name.

A file is never held as a whole: its rows are given as they are read. Who reads it a second time
gets the same rows, or an error when somebody has changed it in between.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import re
import stat
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, cast

from aiobadges.awards.roster.row import Problem, RosterError, file_changed

__all__ = ["CsvTable"]

_LARGEST_FILE = 512 * 2**20
_LONGEST_LINE = 16 * 2**20
_BLOCK = 2**20
_SHOWN = 20
"""Bytes shown on either side of one that cannot be read."""
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t")
_HALVES = re.compile("[\ud800-\udfff]")  # UTF-7 and the like let them through


class CsvTable:
    """A CSV file: each row as a spreadsheet counts it, and its cells; empty rows are left out.

    UTF-8, and UTF-16 by its byte order mark, are recognized; comma, semicolon and tab as well.
    Each walk over it reads the file anew, and blocks.

    Args:
        file: the file.
        encoding: its encoding, when it is another one.

    Raises:
        RosterError: on walking: it is missing, unreadable, too large, in an unknown encoding, not
            CSV, or not what it was on the first walk.
    """

    def __init__(self, file: Path, *, encoding: str | None = None) -> None:
        self.file = file
        self._encoding = encoding
        self._copy: IO[bytes] | None = None
        self._digest: bytes | None = None

    def __iter__(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Read the file."""
        with self._opened() as raw:
            source = _Watched(raw)
            try:
                yield from self._rows(source)
            except RosterError:
                if self._digest is not None:  # it could be read before
                    raise file_changed(str(self.file)) from None
                raise
            if self._digest not in {None, source.digest}:
                raise file_changed(str(self.file))
            self._digest = source.digest

    def _refused(self, message: str, *, row: int | None = None) -> RosterError:
        return RosterError(str(self.file), [Problem(row=row, message=message)])

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        try:
            if self._copy is None:
                raw = self._open()
            else:
                raw = self._copy
                raw.seek(0)
            try:
                yield raw
            finally:
                if raw is not self._copy:
                    raw.close()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise self._refused(f"the file cannot be read: {reason}") from None

    def _open(self) -> IO[bytes]:
        status = self.file.stat()
        if status.st_size > _LARGEST_FILE:
            raise self._too_large()
        raw: IO[bytes] = self.file.open("rb")
        if not stat.S_ISREG(status.st_mode):  # a pipe can be read once only
            with raw:
                raw = self._copy = self._copied(raw)
        raw.seek(0)  # what some systems open as /dev/stdin stands where it was left
        return raw

    def _copied(self, raw: IO[bytes]) -> IO[bytes]:
        # Without a name, so that the addresses in it are gone with this process, whatever ends it.
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with this table
        weakref.finalize(self, copy.close)
        while block := raw.read(_BLOCK):
            copy.write(block)
            if copy.tell() > _LARGEST_FILE:
                raise self._too_large()
        return copy

    def _too_large(self) -> RosterError:
        return self._refused(f"the file is larger than {_LARGEST_FILE // 2**20} MiB; split it")

    def _rows(self, source: _Watched) -> Iterator[tuple[int, Sequence[str]]]:
        lines, number, header = self._lines(source), 0, ""
        for header in lines:
            if header.strip():
                break
            number += 1
        try:
            for cells in csv.reader(
                chain([header], lines), delimiter=_delimiter(header), strict=True
            ):
                number += 1
                if any(cell.strip() for cell in cells):
                    yield number, cells
        except csv.Error as error:
            raise self._refused(f"this is not CSV: {error}", row=number + 1) from None

    def _lines(self, source: _Watched) -> Iterator[str]:
        start = source.start()
        if start in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
            raise self._refused(
                "this is an Excel workbook; save it as CSV UTF-8 and give that file"
            )
        encoding = self._encoding or next(
            (name for bom, name in _BYTE_ORDER_MARKS if start.startswith(bom)), "utf-8"
        )
        try:
            text = io.TextIOWrapper(cast("IO[bytes]", source), encoding, newline="")
            # No newline is translated: the csv module knows all three line ends.
            mark = "\ufeff"  # left over when the encoding was named
            while line := text.readline(_LONGEST_LINE):
                self._check_line(line, encoding)
                yield line.removeprefix(mark)
                mark = ""
        except UnicodeDecodeError as error:
            row, shown = source.around(source.count - len(error.object) + error.start)
            raise self._refused(
                f"the text is not {encoding} near {shown!r}; save the file as CSV UTF-8, or name"
                " its encoding with --encoding (Excel on Windows: cp1252)",
                row=row,
            ) from None
        except (LookupError, ValueError):  # some codecs are none for texts
            raise self._refused(
                f"there is no encoding {encoding!r}; name it as cp1252 or utf-16"
            ) from None

    def _check_line(self, line: str, encoding: str) -> None:
        if "\0" in line:
            raise self._refused("the text holds null bytes; save the file as CSV UTF-8")
        if not line.isascii() and _HALVES.search(line):
            raise self._refused(f"the text is not {encoding}; save the file as CSV UTF-8")
        if len(line) == _LONGEST_LINE:
            raise self._refused("a line of the file is too long to be a row; save it as CSV UTF-8")


class _Watched(io.BufferedIOBase):
    """Bytes as they are read, with how many there were, and what names them all."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._hash = hashlib.blake2b()
        self.count = 0

    @property
    def digest(self) -> bytes:
        """What names the bytes that were read."""
        return self._hash.digest()

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        block = self._raw.read(-1 if size is None else size)
        self._hash.update(block)
        self.count += len(block)
        return block

    read1 = read

    def start(self) -> bytes:
        """Look at the first four bytes; they are read all the same."""
        start = self._raw.read(4)
        self._raw.seek(0)
        return start

    def around(self, at: int) -> tuple[int, bytes]:
        """Give the number of the line a byte stands in, and what of it stands near."""
        self._raw.seek(0)
        line, left = 1, at
        while left > 0 and (block := self._raw.read(min(left, _BLOCK))):
            line += block.count(b"\n")
            left -= len(block)
        before = min(at, _SHOWN)
        self._raw.seek(at - before)
        near = self._raw.read(before + _SHOWN)
        begin = near.rfind(b"\n", 0, before) + 1
        return line, next(iter(near[begin:].splitlines()), b"")


def _delimiter(header: str) -> str:
    """Take the separator that splits the header row most; names and addresses hold none of them."""
    return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([header], delimiter=mark), [])))
