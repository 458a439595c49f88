"""Long streams in pieces: what is done for a few hundred at once costs a hop to a thread for all."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import TypeVar

__all__ = ["in_chunks"]

T = TypeVar("T")

_CHUNK = 500


async def in_chunks(
    items: Iterable[T] | AsyncIterable[T], size: int = _CHUNK
) -> AsyncIterator[list[T]]:
    """Give items in lists of `size`, the last one shorter; no more than one list is held."""
    chunk: list[T] = []
    async for item in _each(items):
        chunk.append(item)
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _each(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
