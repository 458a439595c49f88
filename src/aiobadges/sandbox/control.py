"""The control surface, ``/_sandbox/``: lets another process watch and steer a sandbox.

It asks for no token and is counted nowhere. ::

    GET  /_sandbox/counters                   requests, in flight, sign-ins
    GET  /_sandbox/outbox                     mails sent, recipients, who was written to twice
    GET  /_sandbox/learning                   points and requests of /helium, cookies that came
    GET  /_sandbox/awards?recipient=ADDRESS   every assertion of a recipient
    POST /_sandbox/faults                     {"clear": true, "next": [...], "probability": {...}}
    POST /_sandbox/reset                      as it was at the first start
    POST /_sandbox/expire-tokens              every access token that could expire has expired

and does for it what people and other systems do on the real platform, outside the API. ::

    POST /_sandbox/groups    {"name": "Spring", "members": [ADDRESS, ...]}
    POST /_sandbox/claims    {"code": "1000001", "recipient": ADDRESS}
    POST /_sandbox/courses   {"recipient": ADDRESS, "domain": "lms.example", "course": "7"}
"""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from aiobadges.sandbox.faults import fault_kind

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from aiobadges.sandbox.server import Sandbox

__all__ = ["PREFIX", "add_routes"]

PREFIX = "/_sandbox/"


class NextFault(msgspec.Struct, forbid_unknown_fields=True):
    """Arguments of `Faults.next`."""

    operation: str
    kind: str
    times: int = 1
    retry_after: float | str = 1


class FaultOrder(msgspec.Struct, forbid_unknown_fields=True):
    """The body of ``POST /_sandbox/faults``; clearing comes first.

    ``operation``, ``seed`` and ``retry_after`` belong to ``probability``.
    """

    clear: bool = False
    next: list[NextFault] = []
    probability: dict[str, float] | None = None
    operation: str = "*"
    seed: int | None = None
    retry_after: float | str = 1


class NewGroup(msgspec.Struct, forbid_unknown_fields=True):
    """Arguments of `Sandbox.add_group`."""

    name: str
    members: list[str]


class Claim(msgspec.Struct, forbid_unknown_fields=True):
    """Arguments of `Sandbox.claim`."""

    code: str
    recipient: str


class CompletedCourse(msgspec.Struct, forbid_unknown_fields=True):
    """Arguments of `Sandbox.complete_course`."""

    recipient: str
    domain: str
    course: str


def add_routes(app: web.Application, sandbox: Sandbox) -> None:
    """Add the control surface to an application."""

    async def counters(_: web.Request) -> web.Response:
        return _json(sandbox.counters.as_json())

    async def outbox(_: web.Request) -> web.Response:
        return _json(sandbox.outbox.as_json())

    async def learning(_: web.Request) -> web.Response:
        return _json({**sandbox.learning.meter.as_json(), "api_key": sandbox.learning.api_key})

    async def awards(request: web.Request) -> web.Response:
        seen = sandbox.awards(request.query.get("recipient", ""))
        return _json({"awards": [{**asdict(award), "is_live": award.is_live} for award in seen]})

    async def faults(request: web.Request) -> web.Response:
        _order_faults(sandbox, msgspec.json.decode(await request.read(), type=FaultOrder))
        return _json({"pending": sandbox.faults.pending()})

    async def reset(_: web.Request) -> web.Response:
        sandbox.reset()
        return _json({})

    async def expire_tokens(_: web.Request) -> web.Response:
        return _json({"expired": sandbox.expire_tokens()})

    app.router.add_get(f"{PREFIX}counters", counters)
    app.router.add_get(f"{PREFIX}outbox", outbox)
    app.router.add_get(f"{PREFIX}learning", learning)
    app.router.add_get(f"{PREFIX}awards", awards)
    for name, handler in {
        "faults": faults,
        "reset": reset,
        "expire-tokens": expire_tokens,
        **_doings(sandbox),
    }.items():
        app.router.add_post(f"{PREFIX}{name}", _explained(handler))


def _doings(sandbox: Sandbox) -> dict[str, Handler]:
    """Make the handlers for what is done outside the API."""

    async def groups(request: web.Request) -> web.Response:
        group = msgspec.json.decode(await request.read(), type=NewGroup)
        return _json({"group": sandbox.add_group(group.name, group.members)})

    async def claims(request: web.Request) -> web.Response:
        claim = msgspec.json.decode(await request.read(), type=Claim)
        return _json({"assertion": sandbox.claim(claim.code, claim.recipient)})

    async def courses(request: web.Request) -> web.Response:
        done = msgspec.json.decode(await request.read(), type=CompletedCourse)
        sandbox.complete_course(done.recipient, done.domain, done.course)
        return _json({})

    return {"groups": groups, "claims": claims, "courses": courses}


def _explained(handler: Handler) -> Handler:
    """Let what is wrong with an order be answered with 400 and the reason."""

    async def explained(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except (msgspec.DecodeError, ValueError) as error:
            return _json({"error": str(error)}, HTTPStatus.BAD_REQUEST)

    return explained


def _order_faults(sandbox: Sandbox, order: FaultOrder) -> None:
    if order.clear:
        sandbox.faults.clear()
    for fault in order.next:
        kind = fault_kind(fault.kind)
        sandbox.faults.next(fault.operation, kind, fault.times, retry_after=fault.retry_after)
    if order.probability is not None:
        sandbox.faults.probability(
            {fault_kind(kind): share for kind, share in order.probability.items()},
            operation=order.operation,
            seed=order.seed,
            retry_after=order.retry_after,
        )


def _json(body: dict[str, Any], status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/json"
    )
