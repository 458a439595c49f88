"""Which call asks for the next page."""

import pytest

from aiobadges.errors import InvalidCallError
from aiobadges.wire.operation import Call, Operation, Reply
from aiobadges.wire.paging import next_call

LINKED = Operation(id="a.list", method="GET", template="/a", idempotent=True, unwrap="many")
NUMBERED = Operation(
    id="b.list", method="GET", template="/b", idempotent=True, unwrap="many", page_parameter="page"
)


def reply(*items, next_url=None):
    return Reply(result=list(items), status=200, next_url=next_url)


def test_the_link_is_followed_when_there_is_one():
    call = Call(operation=LINKED, query=(("num", 5),))
    following = next_call(call, reply(1, next_url="https://x/a?after=q"))
    assert following.url == "https://x/a?after=q"
    assert next_call(call, reply(1)) is None


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ((), (("page", "2"),)),
        ((("page", None),), (("page", "2"),)),
        ((("num", "9"), ("page", "3")), (("num", "9"), ("page", "4"))),
        ((("page", 3),), (("page", "4"),)),
    ],
    ids=["none", "unsaid", "third", "number"],
)
def test_the_next_number_is_asked_for_when_pages_have_numbers(query, wanted):
    assert next_call(Call(operation=NUMBERED, query=query), reply(1)).query == wanted


def test_a_page_is_the_last_one_when_it_is_empty():
    assert next_call(Call(operation=NUMBERED), reply()) is None


@pytest.mark.parametrize("page", ["first", "", "1.5"])
def test_a_page_is_refused_when_its_number_is_none(page):
    with pytest.raises(InvalidCallError, match="counted from 1"):
        next_call(Call(operation=NUMBERED, query=(("page", page),)), reply(1))
