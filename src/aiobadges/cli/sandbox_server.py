"""What ``aiobadges sandbox`` and ``aiobadges sandbox reset`` do."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import attrs
from rich.console import Console

from aiobadges.cli.exit_codes import ExitCode
from aiobadges.cli.interrupts import interrupts
from aiobadges.errors import InvalidCallError
from aiobadges.places import sandbox_state_file
from aiobadges.sandbox import (
    MATH_EXPERT,
    TOKEN,
    FaultKind,
    RateLimit,
    Sandbox,
    StateFileError,
    StateInUseError,
)
from aiobadges.sandbox.faults import fault_kind

__all__ = ["SandboxServerOptions", "reset_sandbox", "serve_sandbox"]


@attrs.frozen(kw_only=True)
class SandboxServerOptions:
    """The options of the command; see there."""

    port: int
    memory: bool
    state: Path | None
    latency: float
    rate_limit: str | None
    public_url: str
    token_lifetime: float
    faults: tuple[str, ...]


async def serve_sandbox(options: SandboxServerOptions) -> ExitCode:
    """Run a sandbox until a signal comes.

    Raises:
        InvalidCallError: an option makes no sense, the port is taken, or the state is in use.
    """
    if options.memory and options.state:
        raise InvalidCallError("--memory and --state contradict each other")
    out, talk = Console(highlight=False, soft_wrap=True), Console(stderr=True)
    try:
        sandbox = Sandbox(
            state=None if options.memory else options.state or sandbox_state_file(),
            latency=options.latency,
            rate_limit=_rate_limit(options.rate_limit) if options.rate_limit else None,
            public_url=options.public_url,
            token_lifetime=options.token_lifetime,
        )
        sandbox.faults.probability(dict(_fault(text) for text in options.faults))
    except ValueError as error:
        raise InvalidCallError(str(error)) from None
    try:
        await sandbox.start(port=options.port)
    except (StateInUseError, StateFileError, OSError) as error:
        raise InvalidCallError(
            f"the sandbox cannot start: {error}", remedy="--port 0 --memory always works"
        ) from None
    try:
        stopped = asyncio.Event()
        # Before it says that it listens: who reads that may send a signal at once.
        with interrupts(stopped.set, talk, "stopping: requests under way are finished"):
            out.print(_how_to(sandbox.url), markup=False)
            await stopped.wait()
    finally:
        await sandbox.aclose()
    return ExitCode.DONE


def _rate_limit(text: str) -> RateLimit:
    try:
        return RateLimit.parse(text)
    except ValueError:
        raise InvalidCallError(
            f"--rate-limit {text!r} is no limit", remedy="Write it as 50 or 100/60"
        ) from None


def _fault(text: str) -> tuple[FaultKind, float]:
    kind, _, share = text.partition("=")
    known = fault_kind(kind)
    try:
        return known, float(share)
    except ValueError:
        raise InvalidCallError(
            f"--fault {text!r} names no share", remedy=f"Write it as {kind}=0.05"
        ) from None


def _how_to(url: str) -> str:
    return f"""\
listening on {url}

  AIOBADGES_REGION=sandbox AIOBADGES_BASE_URL={url}

  ParchmentClient(region="sandbox", base_url="{url}")

  curl -H 'Authorization: Bearer {TOKEN}' {url}/v2/badgeclasses/{MATH_EXPERT}/assertions?num=10
  curl {url}/_sandbox/outbox

Ctrl-C stops it."""


async def reset_sandbox() -> ExitCode:
    """Empty the sandbox of this user, whether it runs or not.

    Raises:
        InvalidCallError: the one that runs does not answer.
    """
    file = sandbox_state_file()
    sandbox = Sandbox(state=file)
    try:
        await sandbox.start()
    except StateInUseError as error:
        await _reset_running(error)
    except StateFileError:
        await asyncio.to_thread(file.unlink)  # nobody can read it, and it was to go
    except OSError as error:
        raise InvalidCallError(f"the sandbox has no place for its state: {error}") from None
    else:
        sandbox.reset()
        await sandbox.aclose()
    Console(highlight=False).print("the sandbox is empty")
    return ExitCode.DONE


async def _reset_running(holder: StateInUseError) -> None:
    try:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{holder.url}/_sandbox/reset") as answer,
        ):
            answer.raise_for_status()
    except (aiohttp.ClientError, ValueError):
        raise InvalidCallError(str(holder)) from None
