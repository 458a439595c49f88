"""Link headers (RFC 8288), and whether the next page may be followed with our token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from aiobadges.errors import CallSite, UnsafeLinkError
from aiobadges.wire.url import matches, origin_of

__all__ = ["is_page_of", "link", "next_page"]

# One link-value: <URI-Reference> and its parameters; a quoted string may hold commas and ">".
_LINK = re.compile(
    r"""<(?P<target>[^>]*)>
        (?P<params>(?:\s*;\s*[^\s=;,]+\s*(?:=\s*(?:"(?:\\.|[^"\\])*"|[^\s;,"]*))?)*)""",
    re.VERBOSE,
)
_PARAM = re.compile(
    r""";\s*(?P<name>[^\s=;,]+)\s*(?:=\s*(?:"(?P<quoted>(?:\\.|[^"\\])*)"|(?P<plain>[^\s;,"]*)))?"""
)


def _links(header: str) -> Iterator[tuple[str, list[str]]]:
    for found in _LINK.finditer(header):
        for param in _PARAM.finditer(found["params"]):
            if param["name"].lower() == "rel":
                value = param["quoted"] if param["quoted"] is not None else param["plain"] or ""
                yield found["target"], value.lower().split()
                break  # RFC 8288 3.3: a second rel of one link is ignored


def link(header: str, relation: str) -> str | None:
    """Give the target of the first link with this relation, whatever the order of the links."""
    # The vendor's own sample folds the header over two lines.
    unfolded = re.sub(r"[\r\n]+\s*", " ", header)
    return next((target for target, rels in _links(unfolded) if relation in rels), None)


def next_page(
    header: str, *, requested: str, base_url: str, template: str, site: CallSite
) -> str | None:
    """Give the address of the next page, None when there is none.

    The server chooses this URL and we would send our token to it, so it must lie on the pinned
    origin and be a path of the same operation. Its query, cursor names and all, is the server's.

    Args:
        header: the Link header, possibly empty.
        requested: the URL that was asked, for a relative reference.
        base_url: the pinned base, ``https://api.badges.parchment.com``.
        template: the operation's path template.
        site: the call, for the error.

    Raises:
        UnsafeLinkError: the link leads anywhere else.
    """
    target = link(header, "next")
    if target is None:
        return None
    url = _joined(requested, target.strip())
    if url is None or not is_page_of(url, base_url=base_url, template=template):
        raise UnsafeLinkError(
            "the next page lies outside the origin or the operation it belongs to; not followed",
            site=site,
            remedy="A proxy that rewrites Host can cause this: set the server's public address",
        )
    return url


def _joined(requested: str, target: str) -> str | None:
    try:
        return urljoin(requested, target).partition("#")[0]
    except ValueError:
        return None


def is_page_of(url: str, *, base_url: str, template: str) -> bool:
    """Say whether a URL is on the pinned origin and a path of that operation."""
    try:
        path, own = urlsplit(url).path, urlsplit(base_url).path
        is_own_origin = origin_of(url) == origin_of(base_url)
    except ValueError:
        return False
    return (
        is_own_origin
        # urlsplit drops some control characters: what was checked would not be what is sent.
        and all("!" <= c <= "~" and c != "\\" for c in url)
        and path.startswith(own)
        and matches(template, path[len(own) :])
    )
