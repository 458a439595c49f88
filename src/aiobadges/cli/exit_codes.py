"""What the exit code of a command says."""

from __future__ import annotations

import enum

from aiobadges.errors import BadgesError, InvalidCallError, SignInError, UnauthorizedError

__all__ = ["CommandRefusedError", "ExitCode", "exit_code_of"]


class CommandRefusedError(BadgesError):
    """A command that is not carried out, although it could be. Nothing was sent."""


class ExitCode(enum.IntEnum):
    """0 is good news, 3 is for a person, the others are for whoever wrote the cron job."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    LOOK_AT_THE_ROWS = 3
    SIGN_IN = 4
    REFUSED = 5
    DIFFERENCE = 6
    INTERRUPTED = 130


def exit_code_of(error: BadgesError) -> ExitCode:
    """Give the exit code of a command that ended with this error."""
    if isinstance(error, (SignInError, UnauthorizedError)):
        return ExitCode.SIGN_IN
    if isinstance(error, CommandRefusedError):
        return ExitCode.REFUSED
    return ExitCode.USAGE if isinstance(error, InvalidCallError) else ExitCode.ERROR
