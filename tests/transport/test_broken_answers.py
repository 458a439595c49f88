"""What bytes can do: answers that are cut, garbled, endless, or no HTTP at all."""

import asyncio
import gzip
import os
import resource
import sys
import zlib

import aiohttp
import pytest

from aiobadges.errors import (
    BadResponseError,
    ConnectError,
    DisconnectedError,
    FailedError,
    OutcomeUnknownError,
    TimeoutFailedError,
)
from aiobadges.transport.exchange import LARGEST_BODY, Timeouts

EMPTY_LIST = b'{"status": {"success": true}, "result": []}'
SHORT = Timeouts(connect=2, read=0.2, total=2)


def peak_rss():
    """Give the most memory this process has had, in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def rss():
    """Give the memory this process has now, in bytes."""
    with open(f"/proc/{os.getpid()}/statm") as figures:  # noqa: PTH123 - no file system
        return int(figures.read().split()[1]) * resource.getpagesize()


BROKEN = {
    "closed-without-a-word": (lambda s: s.cut(b""), DisconnectedError),
    "cut-in-the-headers": (lambda s: s.cut(b"HTTP/1.1 200 OK\r\nContent-Le"), DisconnectedError),
    "cut-after-the-headers": (lambda s: s.cut(s.reply(body=b"", length=50)), DisconnectedError),
    "cut-in-the-body": (lambda s: s.cut(s.reply(body=b'{"a', length=50)), DisconnectedError),
    "cut-in-a-chunk": (
        lambda s: s.cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"),
        DisconnectedError,
    ),
    "no-http": (lambda s: s.cut(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), FailedError),
    "huge-header": (
        lambda s: s.cut(s.reply(200, b"{}", ("X-Long", "x" * 100_000))),
        FailedError,
    ),
    "html": (lambda s: s.reply(200, b"<html>hello</html>", kind="text/html"), BadResponseError),
    "empty": (lambda s: s.reply(200, b""), BadResponseError),
    "half-of-the-json": (lambda s: s.reply(200, b'{"status": {'), BadResponseError),
    "gzip-that-is-none": (
        lambda s: s.reply(200, b"{} no gzip at all", ("Content-Encoding", "gzip")),
        BadResponseError,
    ),
    "gzip-with-a-flipped-byte": (
        lambda s: s.reply(200, b"\x1f\x8b\x08\x00" + b"\xff" * 40, ("Content-Encoding", "gzip")),
        BadResponseError,
    ),
    "deflate-that-is-none": (
        lambda s: s.reply(200, b"\x00\xff{} nothing", ("Content-Encoding", "deflate")),
        BadResponseError,
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_read_fails_when_the_answer_is(kind, serve, client_of, speak):
    make, expected = BROKEN[kind]
    server = await serve(make(speak))

    error = await speak.error_of(client_of(server, attempts=1).users.get_self())

    assert isinstance(error, expected)
    assert isinstance(error, FailedError)


@pytest.mark.parametrize("kind", BROKEN)
async def test_award_is_unknown_and_sent_once_when_the_answer_is(kind, serve, client_of, speak):
    make, expected = BROKEN[kind]
    server = await serve(make(speak))

    error = await speak.error_of(speak.award(client_of(server)))

    assert isinstance(error, OutcomeUnknownError)
    assert isinstance(error.__cause__, expected)
    assert len(server.requests) == 1


async def test_read_is_not_repeated_when_the_answer_cannot_be_read(serve, client_of, speak):
    server = await serve(speak.reply(200, b"{} no gzip", ("Content-Encoding", "gzip")))

    await speak.error_of(client_of(server).users.get_self())

    assert len(server.requests) == 1


async def test_nothing_was_sent_when_nobody_listens(dead_url, client_of, speak, clock):
    client = client_of(dead_url, clock=clock)

    error = await speak.error_of(speak.award(client))

    assert isinstance(error, ConnectError)
    assert len(clock.slept) == 2


async def test_award_is_unknown_when_the_server_closes_a_kept_connection_under_it(
    serve, client_of, speak
):
    """The server closes while the award is on its way: nobody can tell whether it read it."""
    server = await serve(speak.envelope(), speak.cut(b""))
    client = client_of(server)
    await client.issuers.list()

    error = await speak.error_of(speak.award(client))

    assert isinstance(error, OutcomeUnknownError)
    assert isinstance(error.__cause__, DisconnectedError)
    assert server.connections == 1
    assert len(server.requests) == 2


async def test_read_is_answered_when_the_server_closes_a_kept_connection_under_it(
    serve, client_of, speak
):
    server = await serve(speak.envelope(), speak.cut(b""), speak.envelope())
    client = client_of(server, attempts=1)
    await client.issuers.list()

    assert list(await client.issuers.list()) == []


async def test_award_takes_a_new_connection_when_the_kept_one_was_closed_before(
    serve, client_of, speak
):
    server = await serve(
        speak.cut(speak.envelope()), speak.envelope({"entityId": "A1"}, status=201)
    )
    client = client_of(server)
    await client.issuers.list()
    await asyncio.sleep(0.05)  # until the end of the connection has come through

    assert (await speak.award(client)).entity_id == "A1"
    assert server.connections == 2


async def test_answer_is_refused_in_little_memory_when_gzip_unpacks_to_very_much(
    serve, client_of, speak
):
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(b" " * 2**20) for _ in range(300)) + bomb.flush()
    server = await serve(speak.cut(speak.reply(200, packed, ("Content-Encoding", "gzip"))))
    client = client_of(server)
    before = max(peak_rss(), rss())

    error = await speak.error_of(client.users.get_self())

    assert isinstance(error, BadResponseError)
    assert "32 MiB" in str(error)
    assert peak_rss() - before < 120 * 2**20
    assert len(server.requests) == 1


async def test_answer_is_refused_when_it_never_ends(serve, client_of, speak):
    async def endless(request):
        request.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        for _ in range(LARGEST_BODY // 0x100000 + 16):
            request.writer.write(chunk)
            await request.writer.drain()

    server = await serve(endless)

    error = await speak.error_of(client_of(server, attempts=1).users.get_self())

    assert "larger than 32 MiB" in str(error)


async def test_answer_is_taken_when_it_is_exactly_as_large_as_allowed(
    serve, client_of, speak, monkeypatch
):
    monkeypatch.setattr("aiobadges.transport.exchange.LARGEST_BODY", 1000)
    body = EMPTY_LIST.ljust(1000)
    server = await serve(speak.reply(200, body), speak.reply(200, body + b" "))
    client = client_of(server)

    assert list(await client.issuers.list()) == []
    assert isinstance(await speak.error_of(client.issuers.list()._first()), BadResponseError)


async def test_answer_is_unpacked_when_it_is_compressed(serve, client_of, speak):
    packed = gzip.compress(EMPTY_LIST)
    server = await serve(speak.reply(200, packed, ("Content-Encoding", "gzip")))

    assert list(await client_of(server).issuers.list()) == []


@pytest.mark.parametrize("how", ["read", "award"])
async def test_call_ends_in_time_when_the_server_says_nothing(how, serve, client_of, speak):
    server = await serve(speak.silence)
    client = client_of(server, timeouts=SHORT, attempts=1)

    call = client.users.get_self() if how == "read" else speak.award(client)
    error = await speak.error_of(call)

    cause = error if how == "read" else error.__cause__
    assert isinstance(cause, TimeoutFailedError)
    assert len(server.requests) == 1


async def test_call_ends_in_time_when_the_body_stops_in_the_middle(serve, client_of, speak):
    async def stops(request):
        request.writer.write(speak.reply(200, b"{", length=9))
        await speak.silence(request)

    server = await serve(stops)

    error = await speak.error_of(client_of(server, timeouts=SHORT, attempts=1).users.get_self())

    assert isinstance(error, TimeoutFailedError)
    assert error.status == 200


async def test_call_ends_in_time_when_the_body_drips(serve, client_of, speak):
    """Each byte comes soon enough for the read timeout; the total one ends it."""

    async def drips(request):
        request.writer.write(speak.reply(200, b"", length=10_000))
        while not request.writer.is_closing():
            request.writer.write(b" ")
            await request.writer.drain()
            await asyncio.sleep(0.02)

    server = await serve(drips)
    client = client_of(server, timeouts=Timeouts(connect=2, read=1, total=0.3), attempts=1)

    assert isinstance(await speak.error_of(client.users.get_self()), TimeoutFailedError)


async def test_nothing_was_sent_when_the_connection_takes_too_long(client_of, speak, serve):
    server = await serve()
    resolver = speak.SlowResolver(30)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(resolver=resolver)) as lender:
        client = client_of(
            f"http://slow.localhost:{server.port}",
            session=lender,
            timeouts=Timeouts(total=0.2),
            attempts=1,
        )
        error = await speak.error_of(speak.award(client))

    assert isinstance(error, ConnectError)
    assert "in time" in str(error)
    assert server.requests == []


async def test_links_are_one_list_when_they_come_in_several_headers(serve, client_of, speak):
    links = (("Link", '</v2/issuers?p=1>; rel="prev"'), ("Link", '</v2/issuers?p=3>; rel="next"'))
    server = await serve(speak.envelope(headers=links))

    page = await client_of(server).issuers.list()

    assert page.reply.next_url == f"{server.url}/v2/issuers?p=3"


async def test_request_id_of_the_error_is_ours_when_the_server_names_none(serve, client_of, speak):
    server = await serve(speak.reply(500))

    error = await speak.error_of(client_of(server, attempts=1).users.get_self())

    assert error.request_id == server.requests[0].headers["x-request-id"]


async def test_request_id_of_the_error_is_the_servers_when_it_names_one(serve, client_of, speak):
    server = await serve(speak.reply(500, b"{}", ("X-Request-ID", "srv-1")))

    error = await speak.error_of(client_of(server, attempts=1).users.get_self())

    assert error.request_id == "srv-1"
    assert "srv-1" in str(error)


async def test_every_attempt_bears_the_same_request_id_when_a_read_is_repeated(
    serve, client_of, speak, clock
):
    server = await serve(speak.reply(500))

    await speak.error_of(client_of(server, clock=clock).users.get_self())

    assert len({request.headers["x-request-id"] for request in server.requests}) == 1
    assert len(server.requests) == 3
