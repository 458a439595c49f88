"""Nonsense on the wire: it is answered or dropped, and leaves no traceback."""

import asyncio
import contextlib
import logging
import re

import pytest
from yarl import URL

from aiobadges.sandbox import (
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    MATH_EXPERT,
    SAFETY_TRAINING,
    TOKEN,
)
from aiobadges.sandbox.parchment.routes import ROUTES

AWARD = f"/v2/badgeclasses/{MATH_EXPERT}/assertions".encode()
HEAD = b"POST " + AWARD + b" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-token\r\n"
JSON = HEAD + b"Content-Type: application/json\r\n"


@pytest.fixture
def send(sandbox):
    """Send bytes; give what comes back, if anything does, and leave."""

    async def send(content):
        reader, writer = await asyncio.open_connection(*sandbox.url[7:].split(":"))
        writer.write(content)
        answer = b""
        with contextlib.suppress(TimeoutError):
            answer = await asyncio.wait_for(reader.read(65536), 0.5)
        writer.close()
        await writer.wait_closed()
        return answer

    return send


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"GET /v2/issuers HTTP/1.1\r\nHost: x\r\nX-Null: a\0b\r\n\r\n", id="null"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"hello\r\n\r\n", id="no HTTP"),
        pytest.param(b"GET /v2/issuers HTTP/1.1\r\nno colon\r\n\r\n", id="broken header"),
        pytest.param(b"GET " + b"/x" * 9000 + b" HTTP/1.1\r\n\r\n", id="long line"),
        pytest.param(
            JSON + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n{}", id="two lengths"
        ),
        pytest.param(JSON + b"Content-Length: x\r\n\r\n{}", id="length is no number"),
        pytest.param(JSON + b"Content-Length: 99\r\n\r\n{}", id="half a body"),
        pytest.param(JSON + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n", id="broken chunk"),
        pytest.param(
            JSON + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd", id="broken gzip"
        ),
        pytest.param(JSON + b"Content-Length: 2\r\n\r\n\xff\xfe", id="no UTF-8"),
        pytest.param(JSON + b"Content-Length: 7\r\n\r\n[[[[[[[", id="broken JSON"),
        pytest.param(JSON + b"Content-Length: 100000\r\n\r\n" + b"[" * 100_000, id="deep JSON"),
        pytest.param(
            JSON + b'Content-Length: 45\r\n\r\n{"recipient":{"identity":"\\ud800@x.example"}}',
            id="lone surrogate",
        ),
        pytest.param(
            b"GET /v2/badgeclasses/%ff%00?num=%ff&after=%00&recipient=%ff HTTP/1.1\r\n"
            b"Host: x\r\nConnection: close\r\n\r\n",
            id="escapes",
        ),
        pytest.param(
            b"GET " + AWARD + b"?num=1&recipient=%ff%fe HTTP/1.1\r\nHost: x\r\n"
            b"Authorization: Bearer sandbox-token\r\nConnection: close\r\n\r\n",
            id="recipient is no UTF-8",
        ),
        pytest.param(
            b"POST /o/token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n\xff&%",
            id="form is no UTF-8",
        ),
    ],
)
async def test_log_stays_empty_when_nonsense_comes(sandbox, send, ask, caplog, content):
    caplog.set_level(logging.WARNING)

    answer = await send(content)

    assert caplog.records == []
    assert answer == b"" or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/1.1 200"))
    assert sandbox.outbox.sent == 0
    assert (await ask("GET", "/v2/issuers"))[0] == 200
    assert sandbox.counters.in_flight == 0


JUNK = [
    b"",
    b"null",
    b"[null]",
    b'{"name":"\\u0000","email":"\\u0000","issuerId":"\\u0000","newName":"\\u0000"}',
    b'{"limit":1' + b"0" * 400 + b"}",
    b'{"root":' + b'{"children":[' * 150 + b"]}" * 150 + b"}",
    b'{"extensions":' + b"[" * 900 + b"]" * 900 + b"}",
    b'{"recipient":[],"staff":{},"evidence":{},"alignments":[[]],"tags":[[]],"expires":[1]}',
    b'{"groupIdsToAdd":[null],"groupIdsToRemove":{},"assertion":[],"url":{},"image":[]}',
]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.id)
async def test_nothing_fails_when_junk_comes(sandbox, session, caplog, route):
    caplog.set_level(logging.WARNING)
    path = route.template.replace("/v2/issuers/{id}", f"/v2/issuers/{EXAMPLE_UNIVERSITY}")
    path = path.replace("/v2/badgeclasses/{id}", f"/v2/badgeclasses/{MATH_EXPERT}")
    path = path.replace("/v2/pathways/{id}", f"/v2/pathways/{LAB_ASSISTANT}")
    path = path.replace("{experience}", SAFETY_TRAINING)
    path = re.sub(r"\{[^}]+\}", "%00%FF%2F..", path)
    query = "?num=%00&page=%00&nameQuery=%FF&recipientIdentifier=%00:%FF&x&=&include_staff=%00"
    statuses = set()

    for body in JUNK if route.method != "GET" else [b""]:
        media_type = "text/csv" if path.endswith("csv") else "application/json"
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": media_type}
        url = URL(sandbox.url + path + query, encoded=True)
        async with session.request(route.method, url, data=body, headers=headers) as response:
            await response.read()
            statuses.add(response.status)

    assert max(statuses) < 500
    assert caplog.records == []


async def test_traceback_is_logged_when_the_sandbox_itself_is_at_fault(
    sandbox, send, caplog, monkeypatch
):
    monkeypatch.setattr(type(sandbox._state), "issuers_of", lambda *_: 1 / 0)

    answer = await send(
        b"GET /v2/issuers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox-token\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 500")
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]
