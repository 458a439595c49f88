"""Lists that come in pages: awaited they give the first page, iterated every item."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Generic, TypeVar

import attrs

from aiobadges.errors import BadResponseError
from aiobadges.transport.session import Session
from aiobadges.wire.operation import Call, Reply

__all__ = ["Page", "Pager"]

T = TypeVar("T")

_MOST_PAGES = 100_000
"""A server that never ends its list is broken; ten million items are nobody's badge list."""


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """One page.

    Attributes:
        items: what is on it, in the server's order.
        number: 1 for the first page.
        reply: the whole answer: status, headers, request id.
    """

    items: list[T]
    number: int
    reply: Reply[list[T]] = attrs.field(repr=False)

    @property
    def has_next(self) -> bool:
        """Whether the server named another page."""
        return self.reply.next_url is not None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Pager(Generic[T]):
    """A list of the API.

    ``await pager`` gives the first `Page`, ``async for item in pager`` every item of every page,
    ``async for page in pager.pages()`` the pages. Each use asks the server anew. The next page is
    the URL the server's Link header names, whatever its cursor is called.

    Raises:
        UnsafeLinkError: the next page lies outside the server's origin or this operation.
        BadResponseError: an answer cannot be read, or the server gives a page a second time.
    """

    def __init__(self, session: Session, call: Call[list[T]]) -> None:
        self._session = session
        self._call = call

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._first().__await__()

    async def _first(self) -> Page[T]:
        reply = await self._session.send(self._call)
        return Page(items=reply.result, number=1, reply=reply)

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Give one page after the other."""
        call, number = self._call, 0
        seen = {self._session.dialect.build(call).url}
        while True:
            number += 1
            reply = await self._session.send(call)
            yield Page(items=reply.result, number=number, reply=reply)
            url = reply.next_url
            if url is None:
                return
            if url in seen or number >= _MOST_PAGES:
                raise BadResponseError(
                    f"the list does not end: page {number} leads back to an earlier one"
                    if url in seen
                    else f"the list does not end: {number} pages and more",
                    site=call.site(status=reply.status, request_id=reply.request_id),
                )
            seen.add(url)
            call = attrs.evolve(self._call, url=url)
