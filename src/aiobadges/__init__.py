"""Asyncio-first client for Parchment Digital Badges and Thought Industries learning paths.

Bulk awards never award twice.

This is a face: every name is loaded from its own module when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiobadges.errors import (
        AlreadyHeldError as AlreadyHeldError,
    )
    from aiobadges.errors import (
        BadgesError as BadgesError,
    )
    from aiobadges.errors import (
        BadRequestError as BadRequestError,
    )
    from aiobadges.errors import (
        BadResponseError as BadResponseError,
    )
    from aiobadges.errors import (
        CertificateError as CertificateError,
    )
    from aiobadges.errors import (
        ConflictError as ConflictError,
    )
    from aiobadges.errors import (
        ConnectError as ConnectError,
    )
    from aiobadges.errors import (
        DeadlineError as DeadlineError,
    )
    from aiobadges.errors import (
        DisconnectedError as DisconnectedError,
    )
    from aiobadges.errors import (
        FailedError as FailedError,
    )
    from aiobadges.errors import (
        ForbiddenError as ForbiddenError,
    )
    from aiobadges.errors import (
        InsecureUrlError as InsecureUrlError,
    )
    from aiobadges.errors import (
        InvalidCallError as InvalidCallError,
    )
    from aiobadges.errors import (
        NotFoundError as NotFoundError,
    )
    from aiobadges.errors import (
        NotSentError as NotSentError,
    )
    from aiobadges.errors import (
        OutcomeUnknownError as OutcomeUnknownError,
    )
    from aiobadges.errors import (
        RateLimitedError as RateLimitedError,
    )
    from aiobadges.errors import (
        RefusedError as RefusedError,
    )
    from aiobadges.errors import (
        RejectedError as RejectedError,
    )
    from aiobadges.errors import (
        ServerError as ServerError,
    )
    from aiobadges.errors import (
        SignInError as SignInError,
    )
    from aiobadges.errors import (
        TimeoutFailedError as TimeoutFailedError,
    )
    from aiobadges.errors import (
        UnauthorizedError as UnauthorizedError,
    )
    from aiobadges.errors import (
        UnexpectedStatusError as UnexpectedStatusError,
    )
    from aiobadges.errors import (
        UnsafeLinkError as UnsafeLinkError,
    )
    from aiobadges.parchment.client import ParchmentClient as ParchmentClient
    from aiobadges.parchment.models import (
        AwardRequest as AwardRequest,
    )
    from aiobadges.parchment.models import (
        Recipient as Recipient,
    )
    from aiobadges.thought_industries.client import (
        ThoughtIndustriesClient as ThoughtIndustriesClient,
    )
    from aiobadges.transport.auth.stores import (
        FileStore as FileStore,
    )
    from aiobadges.transport.auth.stores import (
        MemoryStore as MemoryStore,
    )
    from aiobadges.transport.auth.stores import (
        TokenStore as TokenStore,
    )
    from aiobadges.transport.auth.tokens import (
        StaticToken as StaticToken,
    )
    from aiobadges.transport.auth.tokens import (
        TokenSet as TokenSet,
    )
    from aiobadges.transport.auth.tokens import (
        TokenSource as TokenSource,
    )
    from aiobadges.transport.exchange import Timeouts as Timeouts
    from aiobadges.transport.limits import Limiter as Limiter
    from aiobadges.transport.pager import Page as Page
    from aiobadges.transport.pager import Pager as Pager
    from aiobadges.transport.session import Options as Options
    from aiobadges.values import (
        UNSET as UNSET,
    )
    from aiobadges.values import (
        OpenStrEnum as OpenStrEnum,
    )
    from aiobadges.values import (
        Secret as Secret,
    )
    from aiobadges.values import (
        UnknownVariant as UnknownVariant,
    )
    from aiobadges.values import (
        Unset as Unset,
    )
    from aiobadges.wire.codec import Undecodable as Undecodable
    from aiobadges.wire.operation import Call as Call
    from aiobadges.wire.operation import Operation as Operation
    from aiobadges.wire.operation import Reply as Reply

_PLACES = {
    "aiobadges.errors": (
        "AlreadyHeldError", "BadRequestError", "BadResponseError", "BadgesError", "CertificateError", "ConflictError",
        "ConnectError", "DeadlineError", "DisconnectedError", "FailedError", "ForbiddenError",
        "InsecureUrlError", "InvalidCallError", "NotFoundError", "NotSentError",
        "OutcomeUnknownError", "RateLimitedError", "RefusedError", "RejectedError", "ServerError",
        "SignInError", "TimeoutFailedError", "UnauthorizedError", "UnexpectedStatusError",
        "UnsafeLinkError",
    ),
    "aiobadges.parchment.client": ("ParchmentClient",),
    "aiobadges.parchment.models": ("AwardRequest", "Recipient"),
    "aiobadges.thought_industries.client": ("ThoughtIndustriesClient",),
    "aiobadges.transport.auth.stores": ("FileStore", "MemoryStore", "TokenStore"),
    "aiobadges.transport.auth.tokens": ("StaticToken", "TokenSet", "TokenSource"),
    "aiobadges.transport.exchange": ("Timeouts",),
    "aiobadges.transport.limits": ("Limiter",),
    "aiobadges.transport.pager": ("Page", "Pager"),
    "aiobadges.transport.session": ("Options",),
    "aiobadges.values": ("UNSET", "OpenStrEnum", "Secret", "UnknownVariant", "Unset"),
    "aiobadges.wire.codec": ("Undecodable",),
    "aiobadges.wire.operation": ("Call", "Operation", "Reply"),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "UNSET",
    "AlreadyHeldError",
    "AwardRequest",
    "BadRequestError",
    "BadResponseError",
    "BadgesError",
    "Call",
    "CertificateError",
    "ConflictError",
    "ConnectError",
    "DeadlineError",
    "DisconnectedError",
    "FailedError",
    "FileStore",
    "ForbiddenError",
    "InsecureUrlError",
    "InvalidCallError",
    "Limiter",
    "MemoryStore",
    "NotFoundError",
    "NotSentError",
    "OpenStrEnum",
    "Operation",
    "Options",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "ParchmentClient",
    "RateLimitedError",
    "Recipient",
    "RefusedError",
    "RejectedError",
    "Reply",
    "Secret",
    "ServerError",
    "SignInError",
    "StaticToken",
    "ThoughtIndustriesClient",
    "TimeoutFailedError",
    "Timeouts",
    "TokenSet",
    "TokenSource",
    "TokenStore",
    "UnauthorizedError",
    "Undecodable",
    "UnexpectedStatusError",
    "UnknownVariant",
    "UnsafeLinkError",
    "Unset",
]


def __getattr__(name: str) -> object:
    from importlib import import_module, metadata  # noqa: PLC0415 - at first use

    if name == "__version__":
        return metadata.version("aiobadges")
    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
