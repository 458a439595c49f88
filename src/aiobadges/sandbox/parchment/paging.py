"""Pages of a list of assertions: keyset cursors, newest first, neighbours in a Link header.

A cursor names a place in the order of creation and not a page number, so awards that are made
during a walk shift nothing: they are newer than the place, and the walk does not meet them.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from aiobadges.sandbox.parchment import envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from aiobadges.sandbox.exchange import Incoming
    from aiobadges.sandbox.parchment.records import Assertion

__all__ = ["CursorNames", "Page", "cut", "link_header", "page_size"]

# The open source server clamps to these.
SMALLEST: Final = 1
LARGEST: Final = 500

# What the query parameters for the page after and the page before a cursor are called.
CursorNames = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        awards: newest first.
        after: the cursor of the page of older ones; None when there are none.
        before: the cursor of the page of newer ones; None when there are none.
    """

    awards: list[Assertion]
    after: str | None = None
    before: str | None = None


def page_size(incoming: Incoming) -> int | None:
    """Read ``num``. Without it, or with nonsense in it, the list comes whole."""
    try:
        return min(max(int(incoming.query["num"]), SMALLEST), LARGEST)
    except (KeyError, ValueError):
        return None


def cut(
    keys: Sequence[str],
    rows: Mapping[str, Assertion],
    wanted: Callable[[Assertion], bool],
    incoming: Incoming,
    names: CursorNames,
) -> Page:
    """Cut the page that a request asks for.

    Args:
        keys: the list, oldest first.
        rows: the assertions by key.
        wanted: whether an assertion belongs in the list.
        incoming: the request.
        names: what the cursors are called.

    Raises:
        Refused: a cursor that was not given out here.
    """

    def serial(key: str) -> int:
        return rows[key].serial

    def older(than: int) -> Iterator[Assertion]:
        places = range(bisect_left(keys, than, key=serial) - 1, -1, -1)
        return (award for place in places if wanted(award := rows[keys[place]]))

    def newer(than: int) -> Iterator[Assertion]:
        places = range(bisect_right(keys, than, key=serial), len(keys))
        return (award for place in places if wanted(award := rows[keys[place]]))

    newest = serial(keys[-1]) + 1 if keys else 0
    size = page_size(incoming)
    if size is None:
        return Page(list(older(newest)))
    after, before = (incoming.query.get(name) for name in names)
    if after is None and before is not None:
        awards = list(islice(newer(_place(before)), size))[::-1]
    else:
        awards = list(islice(older(newest if after is None else _place(after)), size))
    if not awards:
        return Page([])
    first, last = awards[0].serial, awards[-1].serial
    return Page(
        awards,
        after=_cursor(last) if next(older(last), None) else None,
        before=_cursor(first) if next(newer(first), None) else None,
    )


def link_header(page: Page, incoming: Incoming, names: CursorNames) -> dict[str, str]:
    """Write the Link header: only the neighbours there are, and no header without any."""
    links = []
    for rel, name, cursor in (("next", names[0], page.after), ("prev", names[1], page.before)):
        if cursor is not None:
            kept = [(key, value) for key, value in incoming.query.items() if key not in names]
            query = urlencode([*kept, (name, cursor)], errors="replace")
            links.append(f'<{incoming.origin}{incoming.path}?{query}>; rel="{rel}"')
    return {"Link": ", ".join(links)} if links else {}


def _cursor(serial: int) -> str:
    place = struct.pack(">Q", serial)
    signed = place + struct.pack(">I", zlib.crc32(place))
    return base64.urlsafe_b64encode(signed).decode()


def _place(cursor: str) -> int:
    try:
        signed = base64.urlsafe_b64decode(cursor.encode())
        place, checksum = struct.unpack(">8sI", signed)
    except (ValueError, binascii.Error, struct.error):
        raise envelope.invalid_cursor() from None
    if zlib.crc32(place) != checksum:
        raise envelope.invalid_cursor()
    return int.from_bytes(place, "big")
