"""Asking before people are written to: not in the sandbox, and nobody without a terminal."""

from __future__ import annotations

import asyncio
import signal
import sys

from rich.console import Console

from aiobadges.cli.exit_codes import CommandRefusedError
from aiobadges.parchment.client import ParchmentClient

__all__ = ["asks", "banner", "confirm", "require_somebody", "type_count"]


def asks(client: ParchmentClient) -> bool:
    """Say whether what is done there reaches people, so that somebody must agree.

    A server on this machine that is not called the sandbox may be a tunnel to anywhere.
    """
    return client.settings.kind != "sandbox"


def banner(talk: Console, client: ParchmentClient) -> None:
    """Say in red that people are written to, where they are."""
    if client.settings.kind == "production":
        text = f" PRODUCTION  {client.settings.origin_name}: real people are written to "
        talk.print(text, style="bold white on red", markup=False, highlight=False)


def require_somebody() -> None:
    """Refuse what must be confirmed where nobody can be asked.

    Raises:
        CommandRefusedError: there is no terminal.
    """
    if not sys.stdin or not sys.stdin.isatty():
        raise CommandRefusedError(
            "this must be confirmed, and there is no terminal to ask on",
            remedy="Give --yes to go on unasked; nothing was sent",
        )


def type_count(talk: Console, count: int, what: str) -> None:
    """Have the number of rows typed.

    Raises:
        CommandRefusedError: another number was typed, or nobody is there to type.
    """
    if _answer(talk, f"Type {count} to {what}: ") != str(count):
        raise CommandRefusedError("not confirmed", remedy="Nothing was sent")


def confirm(talk: Console, question: str) -> bool:
    """Ask for a yes.

    Raises:
        CommandRefusedError: nobody is there to answer.
    """
    return _answer(talk, f"{question} [yes/no] ").casefold() in {"y", "yes"}


def _answer(talk: Console, question: str) -> str:
    require_somebody()
    talk.print(question, end="", markup=False, highlight=False)
    talk.file.flush()
    # The event loop only notes Ctrl-C while it runs, and here a person is waited for.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return sys.stdin.readline().strip()
    except KeyboardInterrupt:
        talk.print()
        raise asyncio.CancelledError from None
    finally:
        signal.signal(signal.SIGINT, earlier)
