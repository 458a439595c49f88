"""Which call asks for the next page of a list."""

from __future__ import annotations

from typing import TypeVar

import attrs

from aiobadges.errors import InvalidCallError
from aiobadges.wire.operation import Call, Reply

__all__ = ["next_call"]

T = TypeVar("T")


def next_call(call: Call[list[T]], reply: Reply[list[T]]) -> Call[list[T]] | None:
    """Give the call for the page after a reply; None when that was the last one.

    Most lists name their next page in a Link header. A list whose pages have numbers does not say
    which is the last: it ends with a page that holds nothing.

    Raises:
        InvalidCallError: the number of the page that was asked for is none.
    """
    parameter = call.operation.page_parameter
    if not parameter:
        return None if reply.next_url is None else attrs.evolve(call, url=reply.next_url)
    if not reply.result:
        return None
    asked = dict(call.query).get(parameter)
    try:
        number = 1 if asked is None else int(str(asked))
    except ValueError:
        raise InvalidCallError(
            f"{parameter} is {asked!r}; pages are counted from 1", site=call.site()
        ) from None
    others = tuple(pair for pair in call.query if pair[0] != parameter)
    return attrs.evolve(call, query=(*others, (parameter, str(number + 1))))
