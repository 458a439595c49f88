"""Signing in, signing out, and saying who we are."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys

import attrs
from rich.console import Console

from aiobadges.cli.connecting import connected
from aiobadges.cli.exit_codes import CommandRefusedError, ExitCode
from aiobadges.cli.place import Place
from aiobadges.errors import ForbiddenError, InvalidCallError, NotFoundError
from aiobadges.parchment.client import ParchmentClient, token_file
from aiobadges.places import profiles_file, read_profiles
from aiobadges.settings import Settings, resolve
from aiobadges.transport.auth.stores import FileStore, MemoryStore
from aiobadges.transport.auth.tokens import TokenSet
from aiobadges.values import Secret

__all__ = ["sign_in", "sign_out", "tell_account"]


async def sign_in(place: Place, *, username: str | None, with_token: bool) -> ExitCode:
    """Sign in and keep the token.

    Raises:
        InvalidCallError: no place is named, or a token is set that would come first.
        CommandRefusedError: nobody is there to ask.
        SignInError: the credentials do not work.
    """
    settings = _settings(place)
    if settings.kind == "sandbox":
        raise InvalidCallError("the sandbox needs no sign-in", remedy="Give --sandbox to commands")
    if settings.token is not None:
        raise InvalidCallError(
            "a token is set already, and comes before one that is kept",
            remedy="Unset AIOBADGES_TOKEN, or take the token out of the profile",
        )
    tokens = await _given_token(settings) if with_token else await _signed_in(settings, username)
    store = FileStore(token_file(settings))
    async with store.lock():
        await store.save(tokens)
    Console(stderr=True).print(
        f"signed in on {settings.origin_name}; the token is kept in {token_file(settings)}",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    return ExitCode.DONE


async def sign_out(place: Place) -> ExitCode:
    """Forget the token that was kept."""
    settings = _settings(place)
    store, talk = FileStore(token_file(settings)), Console(stderr=True)
    async with store.lock():
        is_there = token_file(settings).exists()
        await store.clear()
    talk.print(
        f"signed out on {settings.origin_name}"
        if is_there
        else f"nobody was signed in on {settings.origin_name}",
        markup=False,
    )
    return ExitCode.DONE


async def tell_account(place: Place) -> ExitCode:
    """Say where, as whom, and by which token.

    Raises:
        SignInError: nobody is signed in.
        UnauthorizedError: the token is not accepted.
    """
    out = Console(highlight=False, soft_wrap=True)
    async with connected(place) as client:
        settings = client.settings
        name = await _account(client)
    kind = "" if settings.kind == settings.origin_name else f" ({settings.kind})"
    out.print(f"{settings.origin_name}{kind}, {settings.base_url}", markup=False)
    out.print(name, markup=False)
    out.print(_source(settings), markup=False)
    return ExitCode.DONE


def _settings(place: Place) -> Settings:
    if place.sandbox:
        return Settings(base_url="http://127.0.0.1", region="sandbox", kind="sandbox")
    arguments = {"region": place.region, "base_url": place.base_url, "profile": place.profile}
    return resolve(arguments, os.environ, read_profiles(profiles_file()))


async def _given_token(settings: Settings) -> TokenSet:
    if sys.stdin.isatty():
        Console(stderr=True).print("paste the token, then Enter:")
    token = await asyncio.to_thread(_read_token)
    async with ParchmentClient(settings=attrs.evolve(settings, token=token, username="")) as client:
        await _account(client)
    return TokenSet(access=token)


def _read_token() -> Secret:
    token = Secret(sys.stdin.readline().strip())  # at once: a traceback may show variables
    if not _may_be_a_token(token):
        raise InvalidCallError("there is no token on stdin", remedy="Pipe it in, on one line")
    return token


def _may_be_a_token(secret: Secret) -> bool:
    text = secret.reveal()
    return bool(text) and text.isascii() and not any(c.isspace() for c in text)


async def _signed_in(settings: Settings, username: str | None) -> TokenSet:
    name, password = username or settings.username, settings.password
    if not (name and password) and not sys.stdin.isatty():
        raise CommandRefusedError(
            "there is no terminal to ask for the password on",
            remedy="Give a token on stdin with --with-token",
        )
    if not name:
        sys.stderr.write("E-mail address: ")
        sys.stderr.flush()
        name = sys.stdin.readline().strip()
    if password is None or name != settings.username:
        password = Secret(getpass.getpass(f"Password of {name}: "))
    store = MemoryStore()
    with_password = attrs.evolve(settings, username=name, password=password)
    async with ParchmentClient(settings=with_password, token_store=store) as client:
        await _account(client)
    tokens = await store.load()
    if tokens is None:
        raise AssertionError("a sign-in that works leaves a token")
    return tokens


async def _account(client: ParchmentClient) -> str:
    try:
        user = await client.users.get_self()
    except (ForbiddenError, NotFoundError):
        return "an account whose profile this token may not read"
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    addresses = [one.email for one in user.emails or [] if one.email]
    return f"{name} <{addresses[0]}>" if addresses else name or user.entity_id


def _source(settings: Settings) -> str:
    if settings.kind == "sandbox":
        return "the sandbox takes any token"
    if settings.token is not None:
        return f"token of {_of(settings)}"
    file = token_file(settings)
    return f"token kept in {file}" if file.exists() else f"password of {_of(settings)}"


def _of(settings: Settings) -> str:
    return f"profile {settings.profile}" if settings.profile else "the environment"
