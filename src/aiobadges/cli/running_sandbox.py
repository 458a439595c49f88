"""The sandbox of this user, for a command: one that runs already, or one that ends with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from aiobadges.errors import BadgesError, InvalidCallError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.places import sandbox_state_file
from aiobadges.sandbox import Sandbox, StateFileError, StateInUseError

__all__ = ["Mails", "mails", "running_sandbox"]


@asynccontextmanager
async def running_sandbox() -> AsyncIterator[str]:
    """Give the address of the sandbox that keeps this user's state.

    Raises:
        InvalidCallError: its state file cannot be read, or is held by one that does not answer.
    """
    sandbox = Sandbox(state=sandbox_state_file())
    try:
        await sandbox.start()
    except StateInUseError as error:
        if not error.url:
            raise InvalidCallError(str(error)) from None
        yield error.url
        return
    except StateFileError as error:
        raise InvalidCallError(
            f"the sandbox cannot start: {error}", remedy="Empty it: aiobadges sandbox reset"
        ) from None
    except OSError as error:
        raise InvalidCallError(f"the sandbox cannot start: {error}") from None
    try:
        yield sandbox.url
    finally:
        await sandbox.aclose()


@attrs.frozen
class Mails:
    """What the outbox of a sandbox holds: mails sent, and people written to more than once."""

    sent: int
    doubled: int

    def since(self, before: Mails) -> str:
        """Say what was sent since `before`, and whether anybody was written to twice."""
        people = "1 person" if self.doubled == 1 else f"{self.doubled} people"
        twice = people if self.doubled else "nobody"
        return f"mails: {self.sent - before.sent} sent, {twice} written to twice"


async def mails(client: ParchmentClient) -> Mails | None:
    """Look into the outbox; None when the client does not speak to a sandbox."""
    if client.settings.kind != "sandbox":
        return None
    try:
        outbox = (await client.request("GET", "/_sandbox/outbox")).result
        return Mails(outbox["sent"], len(outbox["doubled"]))
    except (BadgesError, KeyError, TypeError):
        return None  # something else listens there, and has no outbox
