"""Reads the vendor's reference page as it was printed: requests, each with its bodies in JSON.

A request line and headers are followed by the body that is sent, if it names a Content-Type, and by
the body that comes back, with no sign between them.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUEST = re.compile(
    r"^(GET|POST|PUT|PATCH|DELETE) (/\S+) HTTP/1\.1\n((?:[\w-]+: .*\n?)*)", re.MULTILINE
)
DECODER = json.JSONDecoder()
# The page's own server hides what looks like an address.
HIDDEN = "[email\xa0protected]"


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; None where nothing is printed."""

    method: str
    path: str
    sent: Any = None
    received: Any = None

    def __str__(self):
        return f"{self.method} {self.path}"


def _bodies(text):
    """Give the JSON values that stand at the beginning of a text."""
    place = 0
    while found := re.compile(r'\s*(?=[{\["])').match(text, place):
        try:
            value, place = DECODER.raw_decode(text, found.end())
        except json.JSONDecodeError:
            return
        yield value


def exchanges(page: Path):
    """Give every exchange of a page."""
    text = page.read_text(encoding="utf-8").replace(HIDDEN, "someone@example.edu")
    requests = list(REQUEST.finditer(text))
    for request, following in zip(requests, [*requests[1:], None], strict=True):
        method, path, headers = request.groups()
        bodies = list(_bodies(text[request.end() : following.start() if following else None]))
        sent = bodies.pop(0) if "Content-Type:" in headers else None
        received = bodies.pop(0) if bodies and isinstance(bodies[0], dict | list) else None
        yield Exchange(method, path.partition("?")[0], sent, received)
