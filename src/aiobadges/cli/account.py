"""``aiobadges login``, ``logout``, ``whoami``: who awards."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from aiobadges.cli.place import Place

__all__ = ["add_commands"]


async def login(
    *,
    place: Place | None = None,
    username: str | None = None,
    with_token: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Sign in, and keep the token in a file that only you can read.

    The password is asked for, and not kept. What signs in is tried before anything is kept.

    Parameters
    ----------
    username
        The account's e-mail address; asked for when it is not given.
    with_token
        Read an access token from stdin instead: aiobadges login --region us --with-token < file
    """
    from aiobadges.cli.account_work import sign_in  # noqa: PLC0415 - it is heavy

    return await sign_in(place or Place(), username=username, with_token=with_token)


async def logout(*, place: Place | None = None) -> int:
    """Forget the token that 'aiobadges login' kept."""
    from aiobadges.cli.account_work import sign_out  # noqa: PLC0415 - it is heavy

    return await sign_out(place or Place())


async def whoami(*, place: Place | None = None) -> int:
    """Say where commands go, as whom, and where the token comes from."""
    from aiobadges.cli.account_work import tell_account  # noqa: PLC0415 - it is heavy

    return await tell_account(place or Place())


def add_commands(app: App) -> None:
    """Add these commands to the application."""
    for command in (login, logout, whoami):
        app.command(command)
