"""What went over the wire, seen from inside the client: every answer, with Prism's verdict on it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from http import HTTPStatus
from typing import Any, TypeVar

import attrs

from aiobadges.errors import BadgesError
from aiobadges.wire.exchange import Answer, Request, Response
from aiobadges.wire.operation import Call, Dialect, Reply
from aiobadges.wire.retry import Again

__all__ = ["Seen", "Watched"]

T = TypeVar("T")

VERDICT = "sl-violations"
"""The header in which Prism says what was not as documented."""

OF_PRISM = b"https://stoplight.io/prism/errors#"
"""Is in answers that Prism gives itself: a wrong request is not let through, and has no header."""


@attrs.define
class Seen:
    """What each operation was answered, and what Prism found wrong.

    Attributes:
        statuses: how often each operation was answered with each status.
        succeeded: the last call of each operation that was answered with a 2xx.
        violations: one line each.
        links: how many pages were asked for by the address that the server gave.
    """

    statuses: defaultdict[str, Counter[int]] = attrs.field(factory=lambda: defaultdict(Counter))
    succeeded: dict[str, Call[Any]] = attrs.field(factory=dict)
    violations: list[str] = attrs.field(factory=list)
    links: int = 0

    def note(self, call: Call[Any], answer: Answer) -> None:
        """Take down one answer."""
        name = call.operation.id
        if not isinstance(answer, Response):
            self.violations.append(f"{name}: no answer, {answer.by}: {answer.detail}")
            return
        self.statuses[name][answer.status] += 1
        self.links += call.url is not None
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            self.succeeded[name] = call
        found = _violations(answer)
        self.violations += [f"{name}, {answer.status}: {one}" for one in found]

    def rows(self, names: list[str]) -> list[str]:
        """Write the table: operation, and how often it was answered with what."""
        width = max(map(len, names))
        return [
            f"{name:{width}}  "
            + (", ".join(f"{s} x{n}" for s, n in sorted(self.statuses[name].items())) or "never")
            for name in names
        ]


def _violations(answer: Response) -> list[str]:
    """Say where and what; of a union that fails, Prism lists every branch after the first line."""
    verdict = answer.headers.get(VERDICT, "")
    if not verdict and OF_PRISM not in answer.body:
        return []
    try:
        found = json.loads(verdict) if verdict else json.loads(answer.body)["validation"]
        return [
            f"{'.'.join(map(str, one['location']))} ({one['severity']}): {one['message']}"
            for one in found[:3]
        ]
    except (ValueError, KeyError, TypeError):
        return [verdict or answer.body.decode(errors="replace")[:300]]


class Watched:
    """A dialect that also takes down every answer, those included that become errors.

    Args:
        dialect: the one of the client.
        seen: where to write.
    """

    def __init__(self, dialect: Dialect, seen: Seen) -> None:
        self._dialect = dialect
        self._seen = seen

    @property
    def origin(self) -> str:
        """The only origin that is spoken to."""
        return self._dialect.origin

    def build(self, call: Call[Any]) -> Request:
        """Write the request of a call."""
        return self._dialect.build(call)

    def read(self, call: Call[T], answer: Answer, attempt: int) -> Reply[T] | Again | BadgesError:
        """Say what an answer means."""
        self._seen.note(call, answer)
        return self._dialect.read(call, answer, attempt)
