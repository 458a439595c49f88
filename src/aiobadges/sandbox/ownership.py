"""Who holds a state file: two sandboxes on one file would each miss what the other does.

A lock beside the file decides; a note beside the lock says where the holder listens, so that the
second comer can be told. The system drops the lock of a killed process, so a note without a held
lock means nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import filelock
import msgspec

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ownership", "StateInUseError"]


class StateInUseError(Exception):
    """Another sandbox holds the state file.

    Attributes:
        path: the state file.
        url: where the other one listens; empty while it is still starting.
        pid: its process; 0 while it is still starting.
    """

    def __init__(self, path: Path, url: str, pid: int) -> None:
        super().__init__(path, url, pid)
        self.path = path
        self.url = url
        self.pid = pid

    def __str__(self) -> str:
        holder = f"the sandbox at {self.url} (process {self.pid})" if self.url else "a sandbox"
        return f"{self.path} is in use by {holder}: use that one, stop it, or name another file"


class _Note(msgspec.Struct):
    url: str
    pid: int


class Ownership:
    """The right to a state file.

    Args:
        path: the state file; its folder is created when there is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._note = path.with_name(path.name + ".holder")
        # Not bound to a thread: a sandbox may be started in one and closed in another.
        self._lock = filelock.FileLock(
            path.with_name(path.name + ".lock"), thread_local=False, mode=0o600
        )

    def take(self) -> None:
        """Take it, at once or not at all.

        Raises:
            StateInUseError: somebody has it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            note = self._read_note()
            raise StateInUseError(self._path, note.url, note.pid) from None
        self._note.unlink(missing_ok=True)  # left by a killed process

    def announce(self, url: str) -> None:
        """Say where the holder listens."""
        self._note.write_bytes(msgspec.json.encode(_Note(url, os.getpid())))

    def release(self) -> None:
        """Give it back; doing so twice is fine."""
        if self._lock.is_locked:
            self._note.unlink(missing_ok=True)
            self._lock.release()

    def _read_note(self) -> _Note:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=_Note)
        except (OSError, msgspec.DecodeError):  # not written yet, or being written
            return _Note("", 0)
