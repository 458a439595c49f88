"""Lists: every item once, whatever the server calls its cursor, and never another origin."""

import asyncio

import msgspec
import pytest

from aiobadges.errors import BadResponseError, InvalidCallError, ServerError, UnsafeLinkError
from aiobadges.parchment.resources.badgeclasses import ASSERTIONS
from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT
from aiobadges.wire.operation import Call


async def fill(client, speak, count):
    made = await asyncio.gather(*(speak.award(client, f"s{n}@example.edu") for n in range(count)))
    return {assertion.entity_id for assertion in made}


async def walk(pager, listed, after_each=lambda: None):
    """Put the ids of a list into `listed`, up to its end or its error."""
    async for assertion in pager:
        listed.append(assertion.entity_id)
        after_each()


@pytest.mark.parametrize("names", [("after", "before"), ("cursor", "prev_cursor")])
async def test_each_of_2345_assertions_comes_exactly_once(names, start, client_of, speak):
    sandbox = await start(cursor_names=names)
    client = client_of(sandbox, concurrency=50)
    awarded = await fill(client, speak, 2345)

    listed = [a.entity_id async for a in client.badgeclasses.assertions(MATH_EXPERT, num=100)]

    assert len(listed) == 2345
    assert set(listed) == awarded
    assert sandbox.counters.of("badgeclasses.assertions") == 24


async def test_await_gives_the_first_page(sandbox, client_of, speak):
    client = client_of(sandbox)
    await fill(client, speak, 25)

    page = await client.issuers.assertions(EXAMPLE_UNIVERSITY, num=10)

    assert len(page) == len(list(page)) == len(page.items) == 10
    assert page.number == 1
    assert page.has_next
    assert page.reply.status == 200
    assert sandbox.counters.of("issuers.assertions") == 1


async def test_pages_gives_pages(sandbox, client_of, speak):
    client = client_of(sandbox)
    await fill(client, speak, 25)

    pages = [page async for page in client.badgeclasses.assertions(MATH_EXPERT, num=10).pages()]

    assert [(page.number, len(page), page.has_next) for page in pages] == [
        (1, 10, True), (2, 10, True), (3, 5, False),
    ]  # fmt: skip


async def test_server_is_asked_anew_when_a_pager_is_used_again(sandbox, client_of, speak):
    client = client_of(sandbox)
    await fill(client, speak, 3)
    pager = client.badgeclasses.assertions(MATH_EXPERT)

    assert len([a async for a in pager]) == 3
    await speak.award(client, "new@example.edu")
    assert len([a async for a in pager]) == 4
    assert len(await pager) == 4


async def test_only_what_is_needed_is_fetched_when_the_loop_is_left_early(
    sandbox, client_of, speak
):
    client = client_of(sandbox)
    await fill(client, speak, 30)

    async for _ in client.badgeclasses.assertions(MATH_EXPERT, num=10):
        break

    assert sandbox.counters.of("badgeclasses.assertions") == 1


async def test_nothing_is_lost_or_doubled_when_awards_are_made_during_the_walk(
    sandbox, client_of, speak
):
    client = client_of(sandbox)
    before = await fill(client, speak, 50)

    listed = []
    async for assertion in client.badgeclasses.assertions(MATH_EXPERT, num=10):
        listed.append(assertion.entity_id)
        await speak.award(client, f"late{len(listed)}@example.edu")

    assert len(listed) == len(set(listed)) == 50
    assert set(listed) == before


@pytest.mark.parametrize("kind", ["before_work", "drop_after_work", "cut_body", "unavailable"])
async def test_page_is_fetched_again_when_it_failed_once(kind, sandbox, client_of, speak, clock):
    client = client_of(sandbox, clock=clock)
    await fill(client, speak, 25)
    listed = []

    async for assertion in client.badgeclasses.assertions(MATH_EXPERT, num=10):
        listed.append(assertion.entity_id)
        if len(listed) == 10:
            sandbox.faults.next("badgeclasses.assertions", kind)

    assert len(listed) == len(set(listed)) == 25


async def test_items_already_fetched_are_given_before_a_page_fails(
    sandbox, client_of, speak, clock
):
    client = client_of(sandbox, clock=clock)
    await fill(client, speak, 25)
    listed = []

    def break_the_second_page():
        if len(listed) == 1:
            sandbox.faults.next("badgeclasses.assertions", "before_work", times=9)

    with pytest.raises(ServerError):
        await walk(
            client.badgeclasses.assertions(MATH_EXPERT, num=10), listed, break_the_second_page
        )

    assert len(listed) == 10


async def test_list_is_whole_when_the_operation_knows_no_pages(sandbox, client_of):
    client = client_of(sandbox)

    assert [issuer.entity_id async for issuer in client.issuers.list()] == [EXAMPLE_UNIVERSITY]
    assert not (await client.badgeclasses.list()).has_next


PATH = f"/v2/badgeclasses/{MATH_EXPERT}/assertions"


def page(speak, target, *ids):
    link = (("Link", f'<{target}>; rel="next"'),) if target else ()
    return speak.envelope(*({"entityId": i} for i in ids), headers=link)


async def test_walk_ends_with_an_error_when_a_page_comes_again(serve, client_of, speak):
    server = await serve(
        page(speak, f"{PATH}?p=2", "A1"),
        page(speak, f"{PATH}?p=3", "A2"),
        page(speak, f"{PATH}?p=2", "A3"),
    )
    listed = []

    with pytest.raises(BadResponseError, match="does not end"):
        await walk(client_of(server).badgeclasses.assertions(MATH_EXPERT), listed)

    assert listed == ["A1", "A2", "A3"]
    assert len(server.requests) == 3


async def test_walk_ends_with_an_error_when_the_first_page_names_itself(serve, client_of, speak):
    server = await serve(page(speak, f"{PATH}?num=100", "A1"))
    listed = []

    with pytest.raises(BadResponseError, match="does not end"):
        await walk(client_of(server).badgeclasses.assertions(MATH_EXPERT), listed)

    assert listed == ["A1"]


async def test_walk_ends_with_an_error_when_there_are_pages_without_end(
    serve, client_of, speak, monkeypatch
):
    monkeypatch.setattr("aiobadges.transport.pager._MOST_PAGES", 3)
    server = await serve(*(page(speak, f"{PATH}?p={n}", f"A{n}") for n in range(9)))

    with pytest.raises(BadResponseError, match="3 pages and more"):
        await walk(client_of(server).badgeclasses.assertions(MATH_EXPERT), [])

    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "target",
    ["{elsewhere}{path}?p=2", "//{host}{path}", "{origin}/v2/users/self", "/v2/users/self",
     "{path}/../../../users/self", "https://{own}{path}", "http://me@{own}{path}",
     "/v2/badgeclasses/%2e%2e/assertions", "ftp://{own}{path}", "http://[bad{path}"],
)  # fmt: skip
async def test_next_page_is_not_followed_when_it_leads_to(target, serve, client_of, speak):
    elsewhere = await serve()
    server = await serve(speak.reply())
    target = target.format(
        elsewhere=elsewhere.url,
        host=elsewhere.url.removeprefix("http://"),
        origin=server.url,
        own=server.url.removeprefix("http://"),
        path=PATH,
    )
    server.answers = [page(speak, target, "A1")]

    with pytest.raises(UnsafeLinkError):
        await walk(client_of(server).badgeclasses.assertions(MATH_EXPERT), [])

    assert len(server.requests) == 1
    assert elsewhere.connections == 0


async def test_next_page_is_followed_with_the_token_when_it_is_relative(serve, client_of, speak):
    server = await serve(page(speak, "?weird-cursor=%2Fx%3D", "A1"), page(speak, "", "A2"))

    listed = [a.entity_id async for a in client_of(server).badgeclasses.assertions(MATH_EXPERT)]

    assert listed == ["A1", "A2"]
    assert server.lines[1] == f"GET {PATH}?weird-cursor=%2Fx%3D HTTP/1.1"
    assert server.requests[1].headers["authorization"] == "Bearer CANARY-TOKEN"


async def test_call_is_refused_when_its_page_address_is_of_another_operation(
    serve, client_of, speak
):
    server = await serve()
    call = Call(operation=ASSERTIONS, path=(MATH_EXPERT,), url=f"{server.url}/v2/users/self")

    error = await speak.error_of(client_of(server).send(call))

    assert isinstance(error, InvalidCallError)
    assert server.connections == 0


async def test_server_behind_a_proxy_that_rewrites_the_host_is_read_by_its_public_address(
    start, client_of, speak
):
    sandbox = await start(public_url="https://badges.example.edu")
    client = client_of(sandbox)
    await fill(client, speak, 3)

    error = await speak.error_of(client.badgeclasses.assertions(MATH_EXPERT, num=2)._first())

    assert isinstance(error, UnsafeLinkError)
    assert "public address" in error.remedy


async def test_item_is_named_when_it_cannot_be_read(serve, client_of, speak):
    body = {
        "status": {"success": True},
        "result": [{"entityId": "A1"}, {"entityId": "A2", "issuedOn": 7}],
    }
    server = await serve(speak.reply(200, msgspec.json.encode(body)))

    error = await speak.error_of(client_of(server).badgeclasses.assertions(MATH_EXPERT)._first())

    assert isinstance(error, BadResponseError)
    assert "$.result[1].issuedOn" in str(error)


# Items that cannot be read ------------------------------------------------------------------


async def test_an_item_that_cannot_be_read_is_a_value_when_it_is_to_be_kept(
    serve, client_of, speak
):
    second = '<{}/v2/badgeclasses/b/assertions?after=1>; rel="next"'
    server = await serve()
    server.answers = [
        speak.envelope(
            {"entityId": "a"}, {"entityId": 7}, headers=(("Link", second.format(server.url)),)
        ),
        speak.envelope({"issuedOn": "soon"}, {"entityId": "z"}),
    ]
    pages = client_of(server).badgeclasses.assertions("b").pages(on_error="keep")
    one, two = [page async for page in pages]
    assert [type(item).__name__ for page in (one, two) for item in page] == [
        "Assertion",
        "Undecodable",
        "Undecodable",
        "Assertion",
    ]
    kept = one.items[1]
    assert (kept.raw, kept.path) == ({"entityId": 7}, "$.result[1]")
    assert "entityId" not in repr(kept).partition("problems")[0]  # it can hold an address
    assert [problem.path for problem in two.items[0].problems] == [
        "$.result[0].entityId",
        "$.result[0].issuedOn",
    ]


async def test_an_item_that_cannot_be_read_fails_its_page_when_nothing_is_said(
    serve, client_of, speak
):
    server = await serve(speak.envelope({"entityId": "a"}, {"entityId": 7}))
    pager = client_of(server).badgeclasses.assertions("b")
    for pages in (pager.pages(), pager.pages(on_error="raise")):
        with pytest.raises(BadResponseError, match=r"\$\.result\[1\]\.entityId"):
            await anext(pages)
    with pytest.raises(BadResponseError):
        await pager
