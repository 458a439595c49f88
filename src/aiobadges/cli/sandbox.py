"""``aiobadges sandbox``: a server on this machine that behaves like the real one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from aiobadges.settings import SANDBOX_PORT

__all__ = ["app"]

app = App(
    name="sandbox",
    help="Run a server on this machine that behaves like the real one, with state and an outbox.",
)

_NOT_NEGATIVE = validators.Number(gte=0)


@app.default
async def serve(
    *,
    port: Annotated[int, Parameter(validator=validators.Number(gte=0, lt=65536))] = SANDBOX_PORT,
    memory: Annotated[bool, Parameter(negative="")] = False,
    state: Path | None = None,
    latency: Annotated[float, Parameter(validator=_NOT_NEGATIVE)] = 0.0,
    rate_limit: str | None = None,
    public_url: str = "",
    token_lifetime: Annotated[float, Parameter(validator=_NOT_NEGATIVE)] = 86400.0,
    fault: list[str] | None = None,
) -> int:
    """Run until Ctrl-C.

    Parameters
    ----------
    port
        Where to listen on 127.0.0.1; 0 for any free port.
    memory
        Forget everything at the end, instead of keeping it in a file.
    state
        Keep it in this file instead of the usual one.
    latency
        Seconds each request waits.
    rate_limit
        Requests answered in a window, the others get 429: 50 a second, or 100/60 in a minute.
    public_url
        What links to further pages start with, behind a proxy.
    token_lifetime
        Seconds an access token works.
    fault
        A share of requests to go wrong, such as drop_after_work=0.05; may be given often.
    """
    from aiobadges.cli.sandbox_server import SandboxServerOptions, serve_sandbox  # noqa: PLC0415

    return await serve_sandbox(
        SandboxServerOptions(
            port=port,
            memory=memory,
            state=state,
            latency=latency,
            rate_limit=rate_limit,
            public_url=public_url,
            token_lifetime=token_lifetime,
            faults=tuple(fault or ()),
        )
    )


@app.command
async def reset() -> int:
    """Empty the sandbox: what it was told, its outbox, its faults."""
    from aiobadges.cli.sandbox_server import reset_sandbox  # noqa: PLC0415

    return await reset_sandbox()
