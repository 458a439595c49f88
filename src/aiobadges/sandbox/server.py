"""The sandbox itself: the services, what they share, and the server in front of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self, TypedDict

from aiohttp import web

from aiobadges.sandbox import control, moments
from aiobadges.sandbox.awards import AwardSeen
from aiobadges.sandbox.counters import Counters
from aiobadges.sandbox.faults import Faults
from aiobadges.sandbox.junk import LOGGER
from aiobadges.sandbox.limits import RateWindow
from aiobadges.sandbox.outbox import Outbox
from aiobadges.sandbox.ownership import Ownership
from aiobadges.sandbox.parchment import seed
from aiobadges.sandbox.parchment.call import Tenant
from aiobadges.sandbox.parchment.service import Parchment
from aiobadges.sandbox.parchment.state import State
from aiobadges.sandbox.pipeline import Pipeline, respond
from aiobadges.sandbox.store import Store
from aiobadges.sandbox.thought_industries.meter import PointLimits
from aiobadges.sandbox.thought_industries.service import ThoughtIndustries

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path

    from aiohttp.typedefs import Middleware

    from aiobadges.sandbox.exchange import Service
    from aiobadges.sandbox.limits import RateLimit
    from aiobadges.sandbox.parchment.paging import CursorNames

__all__ = ["Sandbox", "SandboxOptions"]

# Above the largest documented field: two million characters that may take six bytes each.
MAX_BODY: Final = 16 * 1024 * 1024

# Thousands may connect at once.
BACKLOG: Final = 4096

# How long requests under way may take to end when the sandbox closes.
CLOSING_SECONDS: Final = 2.0


class SandboxOptions(TypedDict, total=False):
    """The options of a `Sandbox`, for those who pass them on."""

    state: Path | None
    latency: float
    rate_limit: RateLimit | None
    public_url: str
    token_lifetime: float
    cursor_names: CursorNames
    work_seconds: float
    point_limits: PointLimits


class Sandbox:
    """A server on this machine that behaves like the real ones, with memory.

    Args:
        state: a file that keeps what is remembered; in memory only without one.
        latency: seconds that each request waits before it is worked on.
        rate_limit: how many requests are served in a window; the others get 429.
        public_url: what absolute links start with; empty for what the caller connected to.
        token_lifetime: of access tokens, in seconds.
        cursor_names: what the query parameters of the pages after and before a cursor are called.
        work_seconds: how long an award takes between the look for a previous one and the new one.
        point_limits: how much may be asked of ``/helium``; the vendor's limits by default.

    Attributes:
        token: an access token that is always good and may do everything.
        learning: the learning paths behind ``/helium``: their key, learners and limits.
        faults: what goes wrong.
        outbox: the mails that would have been sent.
        counters: what was asked.
    """

    def __init__(
        self,
        *,
        state: Path | None = None,
        latency: float = 0.0,
        rate_limit: RateLimit | None = None,
        public_url: str = "",
        token_lifetime: float = 86400.0,
        cursor_names: CursorNames = ("after", "before"),
        work_seconds: float = 0.0,
        point_limits: PointLimits | None = None,
    ) -> None:
        self.token: Final = seed.TOKEN
        self.outbox: Final = Outbox()
        self.counters: Final = Counters()
        self._store = Store()
        self._state = State(self._store)
        self._parchment = Parchment(
            Tenant(
                state=self._state,
                outbox=self.outbox,
                counters=self.counters,
                token_lifetime=token_lifetime,
                cursor_names=cursor_names,
                work_seconds=work_seconds,
            )
        )
        self.learning: Final = ThoughtIndustries(self._store, point_limits or PointLimits())
        self._services: tuple[Service, ...] = (self._parchment, self.learning)
        self.faults: Final = Faults(
            name for s in self._services for o in s.operations for name in (o.id, *o.names)
        )
        self._latency = latency
        self._rate_limit = rate_limit
        self._public_url = public_url
        self._state_file = state
        self._ownership = Ownership(state) if state is not None else None
        self._pipeline: Pipeline | None = None
        self._runner: web.AppRunner | None = None
        self._url = ""
        self._wake()

    @property
    def url(self) -> str:
        """Where it listens: scheme, host and port.

        Raises:
            RuntimeError: it was not started.
        """
        if not self._url:
            raise RuntimeError("the sandbox was not started")
        return self._url

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen.

        Args:
            host: the address.
            port: 0 for any free one.

        Raises:
            StateInUseError: another sandbox holds the state file.
            StateFileError: the state file cannot be read.
            OSError: the port is taken.
        """
        if self._runner is not None:
            raise RuntimeError("the sandbox runs already")
        if self._ownership is not None:
            self._ownership.take()
        try:
            if self._state_file is not None:
                self._store.open(self._state_file)
                self._wake()
            self._runner = web.AppRunner(
                self._application(),
                access_log=None,
                logger=LOGGER,
                shutdown_timeout=CLOSING_SECONDS,
            )
            await self._runner.setup()
            await web.TCPSite(self._runner, host, port, backlog=BACKLOG).start()
            self._url = _url_of(self._runner)
            if self._ownership is not None:
                self._ownership.announce(self._url)
        except BaseException:
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Stop listening; requests under way are given a moment. Closing twice is fine."""
        if self._pipeline is not None:
            self._pipeline.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        self._url = ""
        self._store.close()
        if self._ownership is not None:
            self._ownership.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def awards(self, address: str) -> list[AwardSeen]:
        """Give every assertion of a recipient, oldest first, revoked and expired ones too."""
        now = moments.now()
        return [
            AwardSeen(
                assertion=award.key,
                badge=award.badgeclass,
                badge_name=self._state.badgeclasses.rows[award.badgeclass].name,
                recipient=award.recipient,
                issued_on=award.issued_on,
                is_revoked=award.revoked,
                is_expired=award.is_expired(now),
            )
            for award in self._state.awards_to(address)
        ]

    def add_user(self, username: str, password: str) -> str:
        """Add an account that may sign in and has no role in any issuer yet; give its entity id.

        Raises:
            ValueError: there is one of that name.
        """
        return self._parchment.add_user(username, password)

    def add_group(
        self, name: str, members: Iterable[str], *, issuer: str = seed.EXAMPLE_UNIVERSITY
    ) -> str:
        """Add a group of recipients, which may follow pathways of the issuer; give its id.

        The API has no operation for that: groups are made in the web application.

        Args:
            name: its name.
            members: e-mail addresses.
            issuer: the issuer, by an id in either form.

        Raises:
            ValueError: there is no such issuer.
        """
        return self._parchment.add_group(name, members, issuer)

    def claim(self, code: str, address: str) -> str:
        """Use a claim code, as somebody does on its page; give the entity id of the award.

        Raises:
            ValueError: the code does not work, or the person holds the badge.
        """
        return self._parchment.claim(code, address)

    def complete_course(self, address: str, domain: str, course: str) -> None:
        """Let somebody have completed a course now, as a learning system would report it.

        Args:
            address: who, by e-mail address.
            domain: the host name of the learning system.
            course: the id of the course there.
        """
        self._parchment.complete_course(address, domain, course)

    def reset(self) -> None:
        """Make everything as it was at the first start: records, outbox, counters, faults."""
        self._store.clear()
        self.counters.clear()
        self.faults.clear()
        self._wake()

    def expire_tokens(self) -> int:
        """Let every access token expire now, but for `token`; give their number."""
        return sum(service.expire_tokens() for service in self._services)

    def _wake(self) -> None:
        self.outbox.clear()
        for service in self._services:
            service.wake()

    def _application(self) -> web.Application:
        self._pipeline = pipeline = Pipeline(
            self.counters,
            self.faults,
            window=RateWindow(self._rate_limit) if self._rate_limit else None,
            latency=self._latency,
            public_url=self._public_url,
        )
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._word_refusals()])
        for service in self._services:
            for operation in service.operations:
                app.router.add_route(
                    operation.method, operation.template, pipeline.handler(service, operation)
                )
        control.add_routes(app, self)
        return app

    def _word_refusals(self) -> Middleware:
        """Let requests that no operation answers be refused in the words of a service."""

        @web.middleware
        async def word_refusals(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            refusal = request.match_info.http_exception
            if refusal is None or request.path.startswith(control.PREFIX):
                return await handler(request)
            self.counters.arrived("unknown")
            response = respond(self._service_at(request.path).refusal(refusal.status))
            if "Allow" in refusal.headers:
                response.headers["Allow"] = refusal.headers["Allow"]
            return response

        return word_refusals

    def _service_at(self, path: str) -> Service:
        """Give the service that has a path of that very text, else the first one."""
        for service in self._services:
            if any(operation.template == path for operation in service.operations):
                return service
        return self._services[0]


def _url_of(runner: web.AppRunner) -> str:
    host, port, *_ = runner.addresses[0]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
