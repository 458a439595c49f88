"""The client: one object that holds connections, token, limits and the resources."""

from __future__ import annotations

import copy
import hashlib
import os
import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, TypeVar, Unpack
from urllib.parse import urlsplit

import cattrs

from aiobadges.errors import InvalidCallError
from aiobadges.parchment.dialect import ParchmentDialect
from aiobadges.parchment.resources import Resources
from aiobadges.parchment.sign_in import BadgrSignIn
from aiobadges.places import profiles_file, read_profiles, tokens_folder
from aiobadges.settings import RegionKind, RegionName, Settings, is_loopback, resolve
from aiobadges.transport.auth.refreshing import RefreshingTokens
from aiobadges.transport.auth.stores import FileStore, MemoryStore, TokenStore
from aiobadges.transport.auth.tokens import StaticToken, TokenSource
from aiobadges.transport.clock import Clock
from aiobadges.transport.events import Hook
from aiobadges.transport.exchange import HttpExchange, Timeouts
from aiobadges.transport.limits import Limiter, LocalLimiter, Pace
from aiobadges.transport.session import Options, Session, broadcast
from aiobadges.values import UNSET
from aiobadges.wire.operation import Call, Operation, Reply
from aiobadges.wire.retry import RetryPolicy
from aiobadges.wire.url import matches

if TYPE_CHECKING:
    import aiohttp

__all__ = ["ClientOptions", "ParchmentClient", "token_file"]

T = TypeVar("T")

CONCURRENCY = 20
HOSTED_RATE = 5.0
"""Requests a second to a hosted region: other systems use the same account."""


class ClientOptions(TypedDict, total=False):
    """Everything about a client but where it goes and as whom.

    Attributes:
        tokens: a token source of your own, instead of a token or a user name.
        token_store: where tokens outlive the process; memory when nothing is given.
        session: an aiohttp session of the application whose connector is to be shared. It stays
            open, and nothing else of it is used.
        concurrency: requests in flight at most, over all tasks; 20.
        rate: requests a second over all tasks, None for no limit; 5 for hosted regions.
        pace: when requests may go, shared with other processes: `SharedPace`.
        limiter: a limiter of your own, instead of the two above.
        attempts: exchanges of a read, or of an idempotent write, at most; 3.
        timeouts: seconds to connect, to read, and for one exchange; 10, 30 and 60.
        deadline: seconds for a whole call, its waits and attempts included; no bound.
        hooks: are told of attempts, retries, pauses and new tokens.
        converter: a cattrs converter with hooks of yours, from `make_converter`.
        proxy: a proxy, instead of the one HTTPS_PROXY names.
        ssl_context: how to verify the server.
        clock: where time and chance come from, for tests.
    """

    tokens: TokenSource
    token_store: TokenStore
    session: aiohttp.ClientSession
    concurrency: int
    rate: float | None
    pace: Pace
    limiter: Limiter
    attempts: int
    timeouts: Timeouts
    deadline: float | None
    hooks: Iterable[Hook]
    converter: cattrs.Converter
    proxy: str
    ssl_context: ssl.SSLContext
    clock: Clock


class ParchmentClient(Resources):
    """A client of Parchment Digital Badges. One for the whole application; use ``async with``.

    It can be made before the event loop runs and serves any number of tasks: it bounds by itself
    what is in flight.

    Args:
        region: us, eu, au, ca, sg, demo, test, sandbox, or a legacy ``badgr-`` host. There is no
            default.
        base_url: another installation, instead of a region; https unless it is on this machine.
        token: an access token, used as it is.
        username: the account's e-mail address, to sign in with `password`.
        password: its password.
        ca_file: a PEM file of certificate authorities to trust instead of the system's.
        settings: all of the above, settled before.
        options: see `ClientOptions`.

    Raises:
        InvalidCallError: the arguments name no server, contradict each other, or are not secure.
    """

    def __init__(
        self,
        *,
        region: RegionName | None = None,
        base_url: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        ca_file: str | None = None,
        settings: Settings | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        if settings is None:
            arguments = {
                "region": region,
                "base_url": base_url,
                "token": token,
                "username": username,
                "password": password,
                "ca_file": ca_file,
            }
            settings = resolve(arguments, {}, {})
        self.settings = settings
        self._is_derived = False
        self.session = _session(settings, options)

    @classmethod
    def from_env(
        cls,
        *,
        region: RegionName | None = None,
        base_url: str | None = None,
        profile: str | None = None,
        environ: Mapping[str, str] | None = None,
        **options: Unpack[ClientOptions],
    ) -> Self:
        """Make a client from AIOBADGES_REGION, _BASE_URL, _PROFILE, _TOKEN, _USERNAME, ....

        Arguments come before the environment, the environment before the profile. Tokens that
        were signed in for are kept in a file that only this user can read.

        Args:
            region: as for the class.
            base_url: as for the class.
            profile: a profile of the configuration file.
            environ: the environment; None for the process's own.
            options: see `ClientOptions`.

        Raises:
            InvalidCallError: no region is named, or an unknown one, or they contradict each other.
        """
        source = os.environ if environ is None else environ
        arguments = {"region": region, "base_url": base_url, "profile": profile}
        settings = resolve(arguments, source, read_profiles(profiles_file()))
        options.setdefault("token_store", FileStore(token_file(settings)))
        return cls(settings=settings, **options)

    @property
    def region_kind(self) -> RegionKind:
        """What an award means here: production writes to real people."""
        return self.settings.kind

    def with_options(
        self,
        *,
        attempts: int | None = None,
        deadline: float | None = None,
        timeouts: Timeouts | None = None,
    ) -> Self:
        """Give a client with other options that shares connections, limits and tokens.

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

    async def request(
        self,
        method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"],
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = UNSET,
    ) -> Reply[Any]:
        """Ask for what the document lacks, with the same safety as any other call.

        Args:
            method: the HTTP method. GET, PUT and DELETE are taken to be idempotent.
            path: the path below the base URL, ``/v2/...``, encoded.
            query: names and values.
            body: JSON-ready data or a model.

        Returns:
            The reply; its result is the parsed body, opened when it is an envelope.

        Raises:
            InvalidCallError: the path is none, or could leave the API.
        """
        is_plain = all("!" <= c <= "~" and c not in "\\?#{}" for c in path)
        if not path.startswith("/") or path.startswith("//") or not is_plain:
            raise InvalidCallError(
                f"{path!r} is no path of the API", remedy="Write it as /v2/..., query apart"
            )
        if not matches(path, path):
            raise InvalidCallError(f"{path!r} climbs out of its place with dots or slashes")
        operation: Operation[Any] = Operation(
            id=f"request.{method.lower()}",
            method=method,
            template=path,
            idempotent=method in {"GET", "PUT", "DELETE"},
            may_be_empty=True,
            label="(the path of client.request)",
        )
        return await self.session.send(
            Call(operation=operation, query=tuple((query or {}).items()), body=body)
        )

    async def aclose(self) -> None:
        """Close the connections and end what is under way. Closing twice does nothing.

        Raises:
            InvalidCallError: it was derived by `with_options`: close the client it came from.
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
        return f"<ParchmentClient {self.settings.origin_name}>"


def token_file(settings: Settings) -> Path:
    """Give the file of a place's and account's tokens; the address is not readable in its name."""
    path = urlsplit(settings.base_url).path
    account = hashlib.sha256((settings.username + path).encode()).hexdigest()[:12]
    place = urlsplit(settings.base_url).netloc.replace(":", "-")
    return tokens_folder() / f"{settings.region or place}-{settings.profile or account}.json"


def _session(settings: Settings, options: ClientOptions) -> Session:
    """Put the parts of a client together."""
    concurrency, attempts = options.get("concurrency", CONCURRENCY), options.get("attempts", 3)
    if concurrency < 1 or attempts < 1:
        raise InvalidCallError("concurrency and attempts must be at least 1")
    host = urlsplit(settings.base_url).hostname or ""
    rate = options.get("rate", None if is_loopback(host) else HOSTED_RATE)
    if rate is not None and rate <= 0:
        raise InvalidCallError("rate must be more than 0; None sets no limit")
    hook = broadcast(options.get("hooks", ()))
    clock = options.get("clock") or Clock()
    policy = RetryPolicy(attempts=attempts)
    http = HttpExchange(
        base_url=settings.base_url,
        connector_of=options.get("session"),
        timeouts=options.get("timeouts"),
        proxy=options.get("proxy"),
        ssl_context=options.get("ssl_context"),
        ca_file=settings.ca_file,
    )
    tokens = options.get("tokens")
    if tokens is None and settings.token is not None:
        tokens = StaticToken(settings.token)
    if tokens is None:
        tokens = RefreshingTokens(
            http=http,
            sign_in=BadgrSignIn(settings.base_url, settings.username, settings.password),
            store=options.get("token_store") or MemoryStore(),
            clock=clock,
            policy=policy,
            hook=hook,
        )
    dialect = ParchmentDialect(settings.base_url, options.get("converter"))
    return Session(
        dialect=dialect,
        http=http,
        tokens=tokens,
        limiter=options.get("limiter")
        or LocalLimiter(
            concurrency=concurrency, rate=rate, clock=clock, hook=hook, pace=options.get("pace")
        ),
        policy=policy,
        hook=hook,
        clock=clock,
        options=Options(deadline=options.get("deadline")),
        prepare=lambda: dialect.codec,
    )
