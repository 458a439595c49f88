"""The client a command speaks through, and the way back to where a run was planned."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeGuard

from rich.console import Console

from aiobadges.awards.ledger.runs import RunRecord
from aiobadges.cli.place import Place
from aiobadges.cli.running_sandbox import running_sandbox
from aiobadges.errors import InvalidCallError
from aiobadges.parchment.client import ClientOptions, ParchmentClient
from aiobadges.settings import REGIONS, RegionName
from aiobadges.transport.events import Event, Hook, Paused

__all__ = ["connected", "place_of_run", "tell_pauses"]

_NAMING = ("AIOBADGES_REGION", "AIOBADGES_BASE_URL", "AIOBADGES_PROFILE")


@asynccontextmanager
async def connected(
    place: Place,
    *,
    concurrency: int | None = None,
    rate: float | None = None,
    hook: Hook = lambda _: None,
) -> AsyncIterator[ParchmentClient]:
    """Give an open client of a place.

    Args:
        place: the options of the command.
        concurrency: requests in flight at most; None for what fits.
        rate: requests a second at most; None for what fits.
        hook: is told of pauses and the like.

    Raises:
        InvalidCallError: no place is named, or two are.
    """
    limits: ClientOptions = {"hooks": [hook]}
    if concurrency is not None:
        limits["concurrency"] = concurrency
    if rate is not None:
        limits["rate"] = rate
    async with AsyncExitStack() as stack:
        if place.sandbox:
            if place.region or place.base_url or place.profile:
                raise InvalidCallError(
                    "--sandbox and another place are given", remedy="Leave one of them out"
                )
            url = await stack.enter_async_context(running_sandbox())
            client = ParchmentClient(region="sandbox", base_url=url, **limits)
        else:
            client = await asyncio.to_thread(
                lambda: ParchmentClient.from_env(
                    region=place.region, base_url=place.base_url, profile=place.profile, **limits
                )
            )
        yield await stack.enter_async_context(client)


def tell_pauses(talk: Console) -> Hook:
    """Give a hook that says when the platform asks for a pause."""

    def tell(event: Event) -> None:
        if isinstance(event, Paused):
            talk.print(f"the platform asks for a pause of {event.seconds:.0f} s")

    return tell


def place_of_run(place: Place, record: RunRecord, environ: Mapping[str, str] = os.environ) -> Place:
    """Give where a run was planned, when neither an option nor the environment names a place.

    What they name is left alone: whether it is the run's own is checked before anything is sent.
    """
    if place.is_named or any(environ.get(name) for name in _NAMING):
        return place
    if record.origin == "sandbox":
        return Place(sandbox=True)
    if _is_region(record.origin):
        return Place(region=record.origin)
    return Place(base_url=record.origin)


def _is_region(name: str) -> TypeGuard[RegionName]:
    return name in REGIONS
