"""The way of one request: count it, hold it up, refuse it, do the work, let it go wrong.

This is the only module that breaks connections.
"""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from aiobadges.sandbox.exchange import Incoming
from aiobadges.sandbox.faults import WORKLESS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiobadges.sandbox.counters import Counters
    from aiobadges.sandbox.exchange import Answer, Operation, Service
    from aiobadges.sandbox.faults import Fault, FaultKind, Faults
    from aiobadges.sandbox.limits import RateWindow

__all__ = ["Pipeline", "respond"]

# How often a hung request looks whether its client has left. The server must not cancel handlers
# for that instead: the real one finishes the work of a client that is gone.
HANG_CHECK: Final = 0.02

# How long late work waits: longer than a client of a server on its own machine should.
LATE: Final = 3.0

# What a fault that does no work answers.
INSTEAD: Final[Mapping[FaultKind, HTTPStatus]] = {
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "unauthorized": HTTPStatus.UNAUTHORIZED,
    "refused": HTTPStatus.OK,  # a failure with 200 happened in production: badgr-server issue 179
}

HTML: Final = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Pipeline:
    """What all requests to operations go through.

    Args:
        counters: where requests are counted.
        faults: which go wrong.
        window: the rate limit; None for none.
        latency: seconds that each request waits first.
        public_url: what absolute links start with; empty for what the caller connected to.
    """

    def __init__(
        self,
        counters: Counters,
        faults: Faults,
        *,
        window: RateWindow | None,
        latency: float,
        public_url: str,
    ) -> None:
        self._counters = counters
        self._faults = faults
        self._window = window
        self._latency = latency
        self._public_url = public_url.rstrip("/")
        self._is_closing = False

    def close(self) -> None:
        """Let requests that hang come to an end."""
        self._is_closing = True

    def handler(
        self, service: Service, operation: Operation
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Make the handler of an operation."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if operation.signs_in:
                return await self._serve(service, operation, request)
            self._counters.entered()
            try:
                return await self._serve(service, operation, request)
            finally:
                self._counters.left()

        return handle

    async def _serve(
        self, service: Service, operation: Operation, request: web.Request
    ) -> web.StreamResponse:
        name = operation.id
        try:
            body = await request.read()
            name = operation.called_by(body)
        except web.HTTPRequestEntityTooLarge as error:
            return respond(service.refusal(error.status))
        except (HttpProcessingError, web.RequestPayloadError, ConnectionError):
            return _break_off(request)  # the client sent half a body, or nonsense
        finally:
            self._counters.arrived(name)
        if self._latency:
            await asyncio.sleep(self._latency)
        if self._window and not operation.signs_in and (seconds := self._window.admit()):
            return _come_back_later(service, HTTPStatus.TOO_MANY_REQUESTS, str(seconds))
        fault = self._faults.draw(name, signs_in=operation.signs_in)
        if fault is not None and (fault.kind in WORKLESS or await self._closes_before_work(fault)):
            return await self._instead_of_work(fault, service, request)
        answer = await operation.work(Incoming(request, body, self._public_url))
        if fault is not None:
            return await self._after_work(fault, answer, request)
        return respond(answer)

    async def _instead_of_work(
        self, fault: Fault, service: Service, request: web.Request
    ) -> web.StreamResponse:
        match fault.kind:
            case "drop_before_work" | "late_work":
                return _break_off(request)
            case "hang_before_work":
                return await self._hang(request)
            case "rate_limited" | "unavailable":
                return _come_back_later(service, INSTEAD[fault.kind], fault.retry_after)
            case "unauthorized" | "refused":
                return respond(service.refusal(INSTEAD[fault.kind]))
            case _:  # before_work
                return _page(HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _after_work(
        self, fault: Fault, answer: Answer, request: web.Request
    ) -> web.StreamResponse:
        match fault.kind:
            case "drop_after_work":
                return _break_off(request)
            case "hang" | "late_work":
                return await self._hang(request)
            case "cut_body":
                return await _cut(answer, request)
            case "html":
                return _page(answer.status)
            case _:  # after_work
                return _page(HTTPStatus.INTERNAL_SERVER_ERROR)

    async def _closes_before_work(self, fault: Fault) -> bool:
        """Hold late work up, its client may leave meanwhile; True when the server closes first."""
        ends = time.monotonic() + (LATE if fault.kind == "late_work" else 0.0)
        while time.monotonic() < ends and not self._is_closing:  # noqa: ASYNC110 - as below
            await asyncio.sleep(HANG_CHECK)
        return fault.kind == "late_work" and self._is_closing

    async def _hang(self, request: web.Request) -> web.StreamResponse:
        # aiohttp says by nothing but this that a client is gone.
        while request.transport is not None and not self._is_closing:  # noqa: ASYNC110
            await asyncio.sleep(HANG_CHECK)
        return _break_off(request)


def respond(answer: Answer) -> web.Response:
    """Turn an answer into what aiohttp writes."""
    headers = dict(answer.headers)
    if answer.content_type:
        headers["Content-Type"] = answer.content_type
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def _come_back_later(service: Service, status: int, retry_after: str) -> web.Response:
    response = respond(service.refusal(status))
    response.headers["Retry-After"] = retry_after
    return response


def _page(status: int) -> web.Response:
    # The open source server answers its errors with a page of HTML.
    title = f"{status} {HTTPStatus(status).phrase}"
    return web.Response(status=status, text=HTML.format(title), content_type="text/html")


def _break_off(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()  # for aiohttp, which finds the connection closed and drops it


async def _cut(answer: Answer, request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(status=answer.status, headers=dict(answer.headers))
    response.content_type = answer.content_type
    response.content_length = len(answer.body)
    await response.prepare(request)
    await response.write(answer.body[: len(answer.body) // 2])
    if request.transport is not None:
        request.transport.close()  # and not abort: the first half is to arrive
    return response
