"""The mails the platform would have sent: one for every assertion that was created.

This is how a double award is seen: nobody may be written to twice about one badge. Nothing is ever
taken out, so revoking an assertion does not unsend its mail.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Doubled", "Mail", "Outbox"]


class Mail(NamedTuple):
    """One mail.

    Attributes:
        to: the recipient's identity, as awarded.
        badge: the entity id of the badge class.
        badge_name: its name.
        assertion: the entity id of the assertion.
        at: when the assertion was created.
    """

    to: str
    badge: str
    badge_name: str
    assertion: str
    at: str


@dataclass(frozen=True, slots=True)
class Doubled:
    """A recipient who was written to more than once about one badge."""

    to: str
    badge: str
    times: int


class Outbox:
    """Every mail in the order of sending; written by the server's loop, read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mails: list[Mail] = []
        self._recipients: Counter[str] = Counter()
        self._awards: Counter[tuple[str, str]] = Counter()

    @property
    def sent(self) -> int:
        """How many mails went out."""
        return len(self._mails)

    @property
    def mails(self) -> tuple[Mail, ...]:
        """All of them, oldest first."""
        with self._lock:
            return tuple(self._mails)

    def by_recipient(self) -> dict[str, int]:
        """How many mails each recipient got."""
        with self._lock:
            return dict(self._recipients)

    def doubled(self) -> list[Doubled]:
        """Who was written to more than once about one badge; empty when all is well."""
        with self._lock:
            return [
                Doubled(to, badge, times)
                for (to, badge), times in self._awards.items()
                if times > 1
            ]

    def send(self, mail: Mail) -> None:
        """Put a mail in."""
        with self._lock:
            self._mails.append(mail)
            self._recipients[mail.to] += 1
            self._awards[mail.to, mail.badge] += 1

    def clear(self) -> None:
        """Forget every mail."""
        with self._lock:
            self._mails.clear()
            self._recipients.clear()
            self._awards.clear()

    def as_json(self) -> dict[str, object]:
        """A summary for the control surface."""
        doubled = self.doubled()
        with self._lock:
            return {
                "sent": len(self._mails),
                "recipients": len(self._recipients),
                "doubled": [{"to": d.to, "badge": d.badge, "times": d.times} for d in doubled],
            }
