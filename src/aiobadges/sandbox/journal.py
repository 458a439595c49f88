"""The state file: one JSON record a line, appended; of records with one key the last one holds.

Every line is handed to the operating system before the request that caused it is answered, so a
killed process loses nothing that was acknowledged. (A power cut may: nothing is fsynced. It is a
sandbox.) The file is rewritten, with the records that still hold, whenever it is opened.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["Journal", "StateFileError"]

HEADER: Final = b'{"kind":"sandbox","format":1}'

# The file holds addresses and tokens.
PRIVATE: Final = 0o600


class StateFileError(Exception):
    """A state file that cannot be read; it is left as it is."""


class Journal:
    """An open state file.

    Args:
        path: the file; it is created when there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: io.FileIO | None = None
        self._encoder = msgspec.json.Encoder()

    def read(self) -> Iterator[tuple[int, bytes]]:
        """Give the lines of the file with their numbers.

        A last line without an end was torn by a kill, before it was acknowledged, and is left out.

        Raises:
            StateFileError: the file is something else.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        header, *lines = content.split(b"\n")
        if content and header != HEADER:
            raise StateFileError(f"{self._path} is not a sandbox state file; name another one")
        for number, line in enumerate(lines[:-1], start=2):
            if line:
                yield number, line

    def rewrite(self, records: Iterable[msgspec.Struct]) -> None:
        """Replace the file by these records in one step, and open it for more."""
        self.close()
        draft = self._path.with_name(self._path.name + ".draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "wb") as out:
            out.write(HEADER + b"\n")
            out.writelines(self._encoder.encode(record) + b"\n" for record in records)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self._path)
        self._file = io.FileIO(self._path, "ab")

    def append(self, record: msgspec.Struct) -> None:
        """Add a record. It has left this process when this returns."""
        if self._file is None:
            raise RuntimeError("the state file is not open")
        line = memoryview(self._encoder.encode(record) + b"\n")
        while line:
            line = line[self._file.write(line) :]

    def close(self) -> None:
        """Close the file; closing twice is fine."""
        if self._file is not None:
            self._file.close()
            self._file = None
