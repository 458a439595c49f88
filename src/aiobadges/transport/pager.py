"""Lists that come in pages: awaited they give the first page, iterated every item."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Generic, TypeVar

import attrs

from aiobadges.errors import BadResponseError
from aiobadges.transport.session import Session
from aiobadges.wire.operation import Call, Reply
from aiobadges.wire.paging import next_call

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
        next_call: asks for the page after it; None on the last one.
    """

    items: list[T]
    number: int
    reply: Reply[list[T]] = attrs.field(repr=False)
    next_call: Call[list[T]] | None = attrs.field(default=None, repr=False)

    @property
    def has_next(self) -> bool:
        """Whether another page may follow: the server named one, or pages have numbers."""
        return self.next_call is not None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Pager(Generic[T]):
    """A list of the API.

    ``await pager`` gives the first `Page`, ``async for item in pager`` every item of every page,
    ``async for page in pager.pages()`` the pages. Each use asks the server anew. The next page is
    the URL the server's Link header names, whatever its cursor is called; for the few lists whose
    pages have numbers, the next number, until a page is empty.

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
        return await self._page(self._call, 1)

    async def _page(self, call: Call[list[T]], number: int) -> Page[T]:
        reply = await self._session.send(call)
        return Page(
            items=reply.result, number=number, reply=reply, next_call=next_call(call, reply)
        )

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Give one page after the other."""
        page = await self._page(self._call, 1)
        seen = {self._session.dialect.build(self._call).url}
        while True:
            yield page
            call, before = page.next_call, page
            if call is None:
                return
            if page.number >= _MOST_PAGES:
                raise _endless(f"{page.number} pages and more", page, call)
            url = self._session.dialect.build(call).url
            if url in seen:
                raise _endless(f"page {page.number} leads back to an earlier one", page, call)
            seen.add(url)
            page = await self._page(call, page.number + 1)
            # A server that takes no notice of a page's number gives the same page for ever.
            if call.url is None and page.items == before.items:
                raise _endless(f"page {page.number} is the one before once more", page, call)


def _endless(why: str, page: Page[Any], call: Call[Any]) -> BadResponseError:
    reply = page.reply
    return BadResponseError(
        f"the list does not end: {why}",
        site=call.site(status=reply.status, request_id=reply.request_id),
    )
