"""The client: one object that holds connections, key, budget and the resources."""

from __future__ import annotations

import copy
import os
import re
import ssl
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict, TypeVar, Unpack

import cattrs

from aiobadges.errors import InvalidCallError
from aiobadges.settings import TenantSettings, resolve_tenant
from aiobadges.thought_industries.converter import make_converter
from aiobadges.thought_industries.dialect import ThoughtIndustriesDialect
from aiobadges.thought_industries.resources import Resources
from aiobadges.transport.auth.tokens import NoToken
from aiobadges.transport.budget import WindowBudget
from aiobadges.transport.clock import Clock
from aiobadges.transport.events import Hook
from aiobadges.transport.exchange import HttpExchange, Timeouts
from aiobadges.transport.limits import Limiter
from aiobadges.transport.session import Options, Session, broadcast
from aiobadges.values import Secret
from aiobadges.wire.codec import Codec
from aiobadges.wire.operation import Call, Operation, Reply
from aiobadges.wire.retry import RetryPolicy

if TYPE_CHECKING:
    import aiohttp

__all__ = ["ClientOptions", "ThoughtIndustriesClient"]

T = TypeVar("T")

CONCURRENCY: Final = 20
MOST_POINTS: Final = 1_000
"""More than this the vendor refuses in one document."""


class ClientOptions(TypedDict, total=False):
    """Everything about a client but where it goes and as whom.

    Attributes:
        session: an aiohttp session of the application whose connector is to be shared. It stays
            open, and nothing else of it is used.
        concurrency: requests in flight at most, over all tasks; 20.
        limiter: a limiter of your own. When nothing is given, the vendor's limits are kept: 100,000
            points and 2,500 requests a minute.
        attempts: exchanges of a query at most; 3.
        timeouts: seconds to connect, to read, and for one exchange; 10, 30 and 60.
        deadline: seconds for a whole call, its waits and attempts included; no bound.
        hooks: are told of attempts, retries and pauses.
        converter: a cattrs converter with hooks of yours, from `make_converter`.
        proxy: a proxy, instead of the one HTTPS_PROXY names.
        ssl_context: how to verify the server.
        clock: where time and chance come from, for tests.
    """

    session: aiohttp.ClientSession
    concurrency: int
    limiter: Limiter
    attempts: int
    timeouts: Timeouts
    deadline: float | None
    hooks: Iterable[Hook]
    converter: cattrs.Converter
    proxy: str
    ssl_context: ssl.SSLContext
    clock: Clock


class ThoughtIndustriesClient(Resources):
    """A client of a Thought Industries tenant. One for the whole application; use ``async with``.

    It can be made before the event loop runs and serves any number of tasks. `acting_as` gives a
    client for a learner; all clients made from one share connections and limits, and nothing of a
    learner passes from one to another.

    Args:
        host: the tenant's host, ``acme.thoughtindustries.com``; https unless it is on this machine
            and written as ``http://127.0.0.1:8790``.
        api_key: the tenant's key.
        auth_token: the token of a learner to act as; nobody when nothing is given.
        ca_file: a PEM file of certificate authorities to trust instead of the system's.
        settings: host, key and file, settled before.
        options: see `ClientOptions`.

    Raises:
        InvalidCallError: host or key are missing or no good.
        InsecureUrlError: plain http to another machine.
    """

    def __init__(
        self,
        *,
        host: str | None = None,
        api_key: str | None = None,
        auth_token: str | None = None,
        ca_file: str | None = None,
        settings: TenantSettings | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        if settings is None:
            settings = resolve_tenant({"host": host, "api_key": api_key, "ca_file": ca_file}, {})
        self.settings = settings
        self._is_derived = False
        self._dialect = _dialect(settings, auth_token, options.get("converter"))
        self.session = _session(settings, self._dialect, options)

    @classmethod
    def from_env(
        cls,
        *,
        host: str | None = None,
        auth_token: str | None = None,
        environ: Mapping[str, str] | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Make a client from AIOBADGES_TI_HOST, AIOBADGES_TI_API_KEY and AIOBADGES_CA_FILE.

        Args:
            host: as for the class; it comes before the environment, whose key is then used only if
                the environment names the same host, or none.
            auth_token: as for the class.
            environ: the environment; None for the process's own.
            options: see `ClientOptions`.

        Raises:
            InvalidCallError: host or key are missing or no good.
        """
        source = os.environ if environ is None else environ
        settings = resolve_tenant({"host": host}, source)
        return cls(settings=settings, auth_token=auth_token, **options)

    def acting_as(self, auth_token: str | Secret) -> Self:
        """Give a client that acts as a learner and shares connections and limits with this one.

        It need not be closed, and cannot be. Nothing of the learner is kept here.

        Args:
            auth_token: the learner's token, as the vendor's Login gives it.

        Raises:
            InvalidCallError: the token is empty or cannot be sent.
        """
        learner = auth_token if isinstance(auth_token, Secret) else Secret(auth_token)
        derived = copy.copy(self)
        derived._is_derived = True  # noqa: SLF001 - its own class
        derived._dialect = self._dialect.acting_as(learner)  # noqa: SLF001 - as above
        derived.session = self.session.speaking(derived._dialect)  # noqa: SLF001 - as above
        return derived

    def with_options(
        self,
        *,
        attempts: int | None = None,
        deadline: float | None = None,
        timeouts: Timeouts | None = None,
    ) -> Self:
        """Give a client with other options that shares connections, limits and the learner.

        It need not be closed, and cannot be.

        Args:
            attempts: exchanges of one call at most.
            deadline: seconds for a whole call.
            timeouts: seconds for one exchange.
        """
        options = Options(attempts=attempts, deadline=deadline, timeouts=timeouts)
        derived = copy.copy(self)
        derived._is_derived = True  # noqa: SLF001 - its own class
        derived.session = self.session.derive(options)
        return derived

    async def send(self, call: Call[T], options: Options | None = None) -> Reply[T]:
        """Make a call and give the whole reply: status, headers, request id; raises as methods do."""
        return await self.session.send(call, options)

    async def execute(
        self,
        document: str,
        variables: Mapping[str, object] | None = None,
        *,
        points: int | None = None,
    ) -> dict[str, Any]:
        """Send any GraphQL document, with the same safety as any other call.

        A document without a mutation is repeated when it fails; one with a mutation is not.

        Args:
            document: one operation, with its fragments.
            variables: by name; what is UNSET is not sent.
            points: what it costs; when nothing is given, it is taken to cost a point for each name
                in it, which is rather too much.

        Returns:
            What stands under ``data``, as it came.

        Raises:
            InvalidCallError: the document is empty, or a variable cannot be written as JSON.
            RejectedError: the server did not execute it.
            FailedError: a query got no good answer, or only a part of one.
            OutcomeUnknownError: a mutation may or may not have happened.
        """
        if not document.strip():
            raise InvalidCallError("the document is empty", remedy="Give a query or a mutation")
        if points is not None and points < 0:
            raise InvalidCallError("points must not be less than 0")
        names = re.findall(r"\w+", document)
        operation: Operation[dict[str, Any]] = Operation(
            id="execute",
            method="POST",
            template="/helium",
            # The word may stand in a text or a comment: then it is merely not repeated.
            idempotent=not {"mutation", "subscription"} & set(names),
            cost=min(len(names), MOST_POINTS) if points is None else points,
            document=document,
        )
        call = Call(operation=operation, body=dict(variables or {}))
        return (await self.session.send(call)).result

    async def aclose(self) -> None:
        """Close the connections and end what is under way. Closing twice does nothing.

        Raises:
            InvalidCallError: it was derived from another client: close that.
        """
        if self._is_derived:
            raise InvalidCallError(
                "a derived client is not closed", remedy="Close the client it was made from"
            )
        await self.session.aclose()

    async def __aenter__(self) -> Self:
        await self.session.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if not self._is_derived:
            await self.aclose()

    def __repr__(self) -> str:
        return f"<ThoughtIndustriesClient {self.settings.base_url}>"


def _dialect(
    settings: TenantSettings, auth_token: str | None, converter: cattrs.Converter | None
) -> ThoughtIndustriesDialect:
    def make_codec() -> Codec:
        models = import_module("aiobadges.thought_industries.models")
        return Codec(converter or make_converter(), lambda name: getattr(models, name))

    return ThoughtIndustriesDialect(
        settings.base_url,
        settings.api_key,
        make_codec,
        learner=None if auth_token is None else Secret(auth_token),
    )


def _session(
    settings: TenantSettings, dialect: ThoughtIndustriesDialect, options: ClientOptions
) -> Session:
    """Put the parts of a client together."""
    concurrency, attempts = options.get("concurrency", CONCURRENCY), options.get("attempts", 3)
    if concurrency < 1 or attempts < 1:
        raise InvalidCallError("concurrency and attempts must be at least 1")
    hook = broadcast(options.get("hooks", ()))
    clock = options.get("clock") or Clock()
    return Session(
        dialect=dialect,
        http=HttpExchange(
            base_url=settings.base_url,
            connector_of=options.get("session"),
            timeouts=options.get("timeouts"),
            proxy=options.get("proxy"),
            ssl_context=options.get("ssl_context"),
            ca_file=settings.ca_file,
        ),
        tokens=NoToken(),
        limiter=options.get("limiter")
        or WindowBudget(concurrency=concurrency, clock=clock, hook=hook),
        policy=RetryPolicy(attempts=attempts),
        hook=hook,
        clock=clock,
        options=Options(deadline=options.get("deadline")),
        prepare=lambda: dialect.codec,
    )
