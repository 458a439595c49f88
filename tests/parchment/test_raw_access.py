"""The ways out: a generated operation for its whole reply, a path that the document lacks."""

import pytest

from aiobadges.errors import (
    BadRequestError,
    BadResponseError,
    InvalidCallError,
    NotFoundError,
    OutcomeUnknownError,
    ServerError,
    UnexpectedStatusError,
)
from aiobadges.parchment.models import Assertion, AwardRequest, BadgeClass, Recipient
from aiobadges.parchment.resources.badgeclasses import ASSERTIONS, AWARD, GET
from aiobadges.sandbox import MATH_EXPERT
from aiobadges.wire.operation import Call

BODY = AwardRequest(recipient=Recipient.email("ana@example.edu"))
GOOD = {"status": {"success": True}, "result": [{"entityId": "b"}]}


# send -----------------------------------------------------------------------------------------


async def test_send_gives_model_status_headers_and_request_id(sandbox, client_of):
    client = client_of(sandbox)
    reply = await client.send(Call(operation=GET, path=(MATH_EXPERT,)))
    assert isinstance(reply.result, BadgeClass)
    assert (reply.status, reply.next_url) == (200, None)
    assert reply.headers["content-type"].startswith("application/json")
    assert len(reply.request_id) == 32  # the server names none: it is the one that was sent along


async def test_send_tells_a_created_from_an_ok(sandbox, client_of):
    call = Call(operation=AWARD, path=(MATH_EXPERT,), body=BODY)
    reply = await client_of(sandbox).send(call)
    assert isinstance(reply.result, Assertion)
    assert reply.status == 201


async def test_send_gives_all_items_and_the_next_page_of_a_list(sandbox, client_of):
    client = client_of(sandbox)
    for number in range(3):
        body = AwardRequest(recipient=Recipient.email(f"s{number}@example.edu"))
        await client.badgeclasses.award(MATH_EXPERT, body)
    reply = await client.send(Call(operation=ASSERTIONS, path=(MATH_EXPERT,), query=(("num", 2),)))
    assert len(reply.result) == 2
    assert reply.next_url.startswith(f"{sandbox.url}/v2/badgeclasses/")


async def test_send_takes_the_vendors_request_id_when_it_has_one(serve, client_of):
    server = await serve({"body": GOOD, "headers": ("X-Amzn-RequestId: theirs",)})
    reply = await client_of(server).send(Call(operation=GET, path=("b",)))
    assert (reply.request_id, reply.headers["x-amzn-requestid"]) == ("theirs", "theirs")


async def test_send_raises_what_the_method_raises(sandbox, client_of):
    with pytest.raises(NotFoundError) as caught:
        await client_of(sandbox).send(Call(operation=GET, path=("nothing",)))
    assert caught.value.site.operation == "badgeclasses.get"


# request --------------------------------------------------------------------------------------


async def test_request_reaches_a_path_that_the_document_lacks(serve, client_of):
    server = await serve({"body": {"new": [1]}, "status": 202, "headers": ("X-Request-ID: r",)})
    reply = await client_of(server).request(
        "POST", "/v2/skills", query={"q": "a b", "n": None}, body={"x": 1}
    )
    assert (reply.result, reply.status, reply.request_id) == ({"new": [1]}, 202, "r")
    (asked,) = server.asked
    assert asked.line == "POST /v2/skills?q=a%20b HTTP/1.1"
    assert asked.body == b'{"x":1}'
    assert "Authorization: Bearer CANARY-TOKEN\r\n" in asked.head
    assert "Accept: application/json\r\n" in asked.head


async def test_request_opens_an_envelope_and_sends_a_model(sandbox, client_of):
    path = f"/v2/badgeclasses/{MATH_EXPERT}/assertions"
    reply = await client_of(sandbox).request("POST", path, body=BODY)
    assert reply.status == 201
    assert reply.result[0]["recipient"]["plaintextIdentity"] == "ana@example.edu"


@pytest.mark.parametrize(
    "path",
    [
        "https://elsewhere.example/v2/x",
        "//elsewhere.example/v2/x",
        "/\\elsewhere.example",
        "v2/x",
        "",
        "/v2/../admin",
        "/v2/%2e%2e/admin",
        "/v2/./x",
        "/v2/x?y=1",
        "/v2/x#y",
        "/v2/x y",
        "/v2/x\r\nX-Evil: 1",
        "/v2/ä",
    ],
)
async def test_request_sends_nothing_when_the_path_could_leave_the_api(path, serve, client_of):
    server = await serve({"body": GOOD})
    with pytest.raises(InvalidCallError):
        await client_of(server).request("GET", path)
    assert server.asked == []


async def test_request_follows_no_redirect(serve, client_of):
    away = {"status": 307, "headers": ("Location: https://elsewhere.example/",)}
    server = await serve(away)
    with pytest.raises(UnexpectedStatusError):
        await client_of(server).request("GET", "/v2/x")
    assert len(server.asked) == 1


async def test_request_repeats_a_read_and_never_a_post(serve, client_of):
    server = await serve({"status": 503}, {"body": {"x": 1}})
    assert (await client_of(server).request("GET", "/v2/x")).result == {"x": 1}
    assert len(server.asked) == 2
    server = await serve({"status": 503}, {"body": {"x": 1}})
    with pytest.raises(OutcomeUnknownError) as caught:
        await client_of(server).request("POST", "/v2/x", body={})
    assert isinstance(caught.value.__cause__, ServerError)
    assert len(server.asked) == 1


async def test_request_says_what_the_server_complains_of(serve, client_of):
    said = {"status": {"success": False}, "fieldErrors": {"name": ["too long"]}}
    server = await serve({"body": said, "status": 400})
    with pytest.raises(BadRequestError, match="too long") as caught:
        await client_of(server).request("PUT", "/v2/people/ana@example.edu", body={})
    assert caught.value.field_errors == {"name": ("too long",)}
    assert "ana@" not in str(caught.value)  # a path can hold an address


async def test_request_refuses_a_page_of_html(serve, client_of):
    server = await serve({"body": b"<html>", "kind": "text/html"})
    with pytest.raises(BadResponseError, match="is HTML"):
        await client_of(server).request("GET", "/v2/x")


async def test_request_refuses_a_body_that_is_nested_too_deep(serve, client_of):
    server = await serve({"body": GOOD})
    deep = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(InvalidCallError, match="body cannot be written"):
        await client_of(server).request("POST", "/v2/x", body=deep)
    assert server.asked == []
