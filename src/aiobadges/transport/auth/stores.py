"""Where tokens outlive a process: a protocol, memory, and a file.

A rotated refresh token that is used before it is stored locks the account out when the process
dies; therefore a source saves a new set before it gives it to anyone, under the store's lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from aiobadges.errors import InvalidCallError
from aiobadges.transport.auth.tokens import TokenSet
from aiobadges.values import Secret

__all__ = ["FileStore", "MemoryStore", "TokenStore"]


class TokenStore(Protocol):
    """Keeps one token set. Bring your own for a database or a vault."""

    async def load(self) -> TokenSet | None:
        """Give the stored set, None when there is none."""
        ...

    async def save(self, tokens: TokenSet) -> None:
        """Store a set durably; when this returns, a crash does not lose it."""
        ...

    async def clear(self) -> None:
        """Forget the set."""
        ...

    def lock(self) -> AbstractAsyncContextManager[None]:
        """Shut everybody else out, other processes included, while a refresh is under way."""
        ...


class MemoryStore:
    """Keeps the set as long as the object lives."""

    def __init__(self, tokens: TokenSet | None = None) -> None:
        self._tokens = tokens
        self._lock = asyncio.Lock()

    async def load(self) -> TokenSet | None:
        """Give the stored set, None when there is none."""
        return self._tokens

    async def save(self, tokens: TokenSet) -> None:
        """Keep a set."""
        self._tokens = tokens

    async def clear(self) -> None:
        """Forget the set."""
        self._tokens = None

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Shut the other tasks out."""
        async with self._lock:
            yield


class _StoredTokens(msgspec.Struct):
    access: str
    refresh: str | None = None
    expires_at: datetime | None = None


class FileStore:
    """Keeps the set in a file that only this user can read (0600), replaced as a whole.

    Args:
        file: where; its folder is made (0700) when it is missing.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    async def load(self) -> TokenSet | None:
        """Give the stored set, None when there is none.

        Raises:
            InvalidCallError: the file is not ours or cannot be read.
        """
        return await asyncio.to_thread(self._load)

    def _load(self) -> TokenSet | None:
        try:
            stored = msgspec.json.decode(self._file.read_bytes(), type=_StoredTokens)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise InvalidCallError(
                f"the token file {self._file} cannot be read ({type(error).__name__})",
                remedy="Remove it and sign in again",
            ) from None
        return TokenSet(
            access=Secret(stored.access),
            refresh=Secret(stored.refresh) if stored.refresh else None,
            expires_at=stored.expires_at,
        )

    async def save(self, tokens: TokenSet) -> None:
        """Store a set durably.

        Raises:
            InvalidCallError: the file cannot be written.
        """
        with self._told():
            await asyncio.to_thread(self._save, tokens)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InvalidCallError(
                f"the token file {self._file} cannot be written ({error.strerror or type(error).__name__})",
                remedy="Its folder must be writable, or pass token_store=MemoryStore()",
            ) from None

    def _save(self, tokens: TokenSet) -> None:
        stored = _StoredTokens(
            access=tokens.access.reveal(),
            refresh=tokens.refresh.reveal() if tokens.refresh else None,
            expires_at=tokens.expires_at,
        )
        self._make_folder()
        # mkstemp opens with O_EXCL and 0600; the replacement is atomic on every platform.
        handle, name = tempfile.mkstemp(dir=self._file.parent, prefix=".tokens-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.encode(stored))
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(self._file)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise

    def _make_folder(self) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def clear(self) -> None:
        """Remove the file."""
        await asyncio.to_thread(self._file.unlink, missing_ok=True)

    @asynccontextmanager
    async def lock(self) -> AsyncIterator[None]:
        """Shut other processes out by a lock file beside it; the system frees it when one dies."""
        from filelock import AsyncFileLock  # noqa: PLC0415 - a static token never needs it

        lock = AsyncFileLock(f"{self._file}.lock", mode=0o600)
        with self._told():
            await asyncio.to_thread(self._make_folder)
            await lock.acquire()
        try:
            yield
        finally:
            await lock.release()
