"""Regions, profiles and precedence: which server, as whom. Pure: nothing is read in here.

Arguments come before the environment, the environment before the profile. A region and a base URL
are one choice, and so are a token and a user name with its password: the first source that names
either of a pair decides the whole pair, and credentials are used only at the place their own source
names, if it names one: a token never travels to where another source points.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Mapping
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

import attrs

from aiobadges.errors import InsecureUrlError, InvalidCallError
from aiobadges.values import Secret

__all__ = [
    "REGIONS",
    "SANDBOX_PORT",
    "SANDBOX_TOKEN",
    "Region",
    "RegionKind",
    "RegionName",
    "Settings",
    "checked_base_url",
    "is_loopback",
    "resolve",
]

RegionName: TypeAlias = Literal[
    "us", "eu", "au", "ca", "sg", "demo", "test", "sandbox",
    "badgr-us", "badgr-eu", "badgr-au", "badgr-ca", "badgr-sg", "badgr-demo", "badgr-test",
]  # fmt: skip
RegionKind: TypeAlias = Literal["production", "test", "sandbox", "custom"]

SANDBOX_PORT = 8790
"""Where ``aiobadges sandbox`` listens when it is told nothing else."""
SANDBOX_TOKEN = "sandbox-token"  # noqa: S105 - opens nothing but the sandbox on this machine


@attrs.frozen(kw_only=True)
class Region:
    """One installation of the platform, with accounts of its own.

    Attributes:
        name: how it is chosen.
        base_url: scheme and host of its API.
        kind: what an award there means: production writes to real people.
    """

    name: str
    base_url: str
    kind: RegionKind


def _region(name: str, host: str, kind: RegionKind = "production") -> tuple[str, Region]:
    return name, Region(name=name, base_url=f"https://{host}", kind=kind)


REGIONS: Mapping[str, Region] = dict(
    [
        _region("us", "api.badges.parchment.com"),
        _region("eu", "api.badges.parchment.eu"),
        _region("au", "api.badges.parchment.au"),
        _region("ca", "api.badges.parchment.ca"),
        _region("sg", "api.badges.parchment.sg"),
        _region("demo", "api.demo.badges.parchment.com"),
        _region("test", "api.test.badges.parchment.com", "test"),
        # The hosts of before late 2025; when they go dark is not known.
        _region("badgr-us", "api.badgr.io"),
        _region("badgr-eu", "api.eu.badgr.io"),
        _region("badgr-au", "api.au.badgr.io"),
        _region("badgr-ca", "api.ca.badgr.io"),
        _region("badgr-sg", "api.sg.badgr.io"),
        _region("badgr-demo", "api.demo.badgr.com"),
        _region("badgr-test", "api.test.badgr.com", "test"),
        (
            "sandbox",
            Region(name="sandbox", base_url=f"http://127.0.0.1:{SANDBOX_PORT}", kind="sandbox"),
        ),
    ]
)
"""Every region by name."""


@attrs.frozen(kw_only=True)
class Settings:
    """Where to go and as whom, after precedence.

    Attributes:
        region: the region's name; empty when only a base URL was given.
        base_url: checked, without a slash at its end.
        kind: the region's kind; ``custom`` for a base URL without a region.
        token: an access token, used as it is.
        username: the account's e-mail address, for the password grant.
        password: its password.
        profile: the profile these came from; empty for none.
        ca_file: a file of certificate authorities to trust instead of the system's.
    """

    base_url: str
    region: str = ""
    kind: RegionKind = "custom"
    token: Secret | None = None
    username: str = ""
    password: Secret | None = None
    profile: str = ""
    ca_file: str = ""

    @property
    def origin_name(self) -> str:
        """What a run or a stored token is bound to: the region's name, else the base URL."""
        return self.region or self.base_url


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_base_url(url: str) -> str:
    """Give a base URL without a slash at its end.

    Raises:
        InvalidCallError: it is no absolute http(s) URL, or has a user name, a query or a fragment.
        InsecureUrlError: it is plain http to another machine: the token would travel readable.
    """
    try:
        # urlsplit drops or keeps what no address can hold; what is checked must be what is used.
        parts = urlsplit("" if any(c <= " " or c in "\\\x7f" for c in url) else url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host:
        raise InvalidCallError(
            f"base URL {url!r} is no http(s) address",
            remedy="Write it as https://api.example.org, or name a region",
        )
    if not url.isascii():
        raise InvalidCallError(
            f"base URL {url!r} holds letters beyond ASCII", remedy="Write the host in punycode"
        )
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise InvalidCallError(
            "the base URL holds a user name, a query or a fragment",
            remedy="Leave only scheme, host and path",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise InsecureUrlError(
            f"base URL {url!r} is plain http to another machine", remedy="Use https"
        )
    return url.rstrip("/")


def _text(source: Mapping[str, str | None], key: str) -> str:
    return (source.get(key) or "").strip()


def _unknown(what: str, given: str, known: Mapping[str, object]) -> InvalidCallError:
    near = difflib.get_close_matches(given, known, 1)
    return InvalidCallError(
        f"there is no {what} {given!r}",
        remedy=(f"Did you mean {near[0]!r}? " if near else "")
        + f"Known: {', '.join(known) or 'none'}",
    )


def _place(source: Mapping[str, str | None]) -> tuple[Region | None, str] | None:
    """Read the place one source names, None when it names none."""
    name, base_url = _text(source, "region"), _text(source, "base_url")
    if not (name or base_url):
        return None
    if not name:
        return None, checked_base_url(base_url)
    region = REGIONS.get(name)
    if region is None:
        raise _unknown("region", name, REGIONS)
    checked = checked_base_url(base_url or region.base_url)
    is_sandbox_elsewhere = region.kind == "sandbox" and is_loopback(
        urlsplit(checked).hostname or ""
    )
    if checked != region.base_url and not is_sandbox_elsewhere:
        raise InvalidCallError(
            f"region {name!r} and base URL {checked!r} contradict each other",
            remedy="Give one of them",
        )
    return region, checked


def _first_place(sources: list[Mapping[str, str | None]]) -> tuple[Region | None, str]:
    for source in sources:
        if place := _place(source):
            return place
    raise InvalidCallError(
        "no region is chosen, and there is no default: accounts belong to one region",
        remedy=f"Set AIOBADGES_REGION or give --region (in code, region=); one of {', '.join(REGIONS)}",
    )


def _may_be_used_at(source: Mapping[str, str | None], region: Region | None, base_url: str) -> bool:
    """Say whether a source's credentials are meant for this place.

    A source that points elsewhere brings a token for elsewhere. The sandbox takes credentials only
    from who names it: a real token that lies in the environment is not shown to a test server.
    """
    names_a_place = _text(source, "region") or _text(source, "base_url")
    if not names_a_place:
        return region is None or region.kind != "sandbox"
    return _place(source) == (region, base_url)


def _credentials(sources: list[Mapping[str, str | None]]) -> tuple[str, str, str]:
    for source in sources:
        token, username, password = (_text(source, k) for k in ("token", "username", "password"))
        if token and username:
            raise InvalidCallError(
                "both a token and a user name are given", remedy="Leave one of them out"
            )
        if password and not username:
            raise InvalidCallError(
                "a password is given without a user name", remedy="Set AIOBADGES_USERNAME, too"
            )
        if token or username:
            return token, username, password
    return "", "", ""


def resolve(
    arguments: Mapping[str, str | None],
    environ: Mapping[str, str],
    profiles: Mapping[str, Mapping[str, str]],
) -> Settings:
    """Settle region, base URL and credentials by precedence.

    Args:
        arguments: region, base_url, profile, token, username, password, ca_file; None or missing
            for what was not given.
        environ: the environment, for AIOBADGES_REGION, _BASE_URL, _PROFILE, _TOKEN, _USERNAME,
            _PASSWORD and _CA_FILE.
        profiles: the profiles of the configuration file by name.

    Raises:
        InvalidCallError: no region, an unknown one or an unknown profile, or a contradiction.
        InsecureUrlError: plain http to another machine.
    """
    prefix = "AIOBADGES_"
    from_environment = {
        key.removeprefix(prefix).lower(): value
        for key, value in environ.items()
        if key.startswith(prefix)
    }
    profile = _text(arguments, "profile") or _text(from_environment, "profile")
    if profile and profile not in profiles:
        raise _unknown("profile", profile, profiles)
    sources: list[Mapping[str, str | None]] = [
        arguments,
        from_environment,
        profiles.get(profile, {}),
    ]
    region, base_url = _first_place(sources)
    token, username, password = _credentials(
        [source for source in sources if _may_be_used_at(source, region, base_url)]
    )
    if region is not None and region.kind == "sandbox" and not (token or username):
        token = SANDBOX_TOKEN
    return Settings(
        region=region.name if region else "",
        base_url=base_url,
        kind=region.kind if region else "custom",
        token=Secret(token) if token else None,
        username=username,
        password=Secret(password) if password else None,
        profile=profile,
        ca_file=next((v for s in sources if (v := _text(s, "ca_file"))), ""),
    )
