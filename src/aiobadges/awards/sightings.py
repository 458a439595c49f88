"""Awards as the platform shows them, read through a narrow model of the ledger's own.

Four fields decide: the id, the recipient, ``issuedOn`` and ``revoked``; ``expires`` says whether an
old award still counts, and the public address is passed on. Nothing else in a body is looked at, so
a field that a new server version writes in a new way cannot turn an award into a doubt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

import attrs

from aiobadges.parchment.resources import badgeclasses
from aiobadges.wire.operation import Operation

__all__ = [
    "AWARD",
    "LISTING",
    "Sighting",
    "UnreadableAwardError",
    "read_sighting",
    "read_sightings",
]

AWARD: Final[Operation[Any]] = attrs.evolve(badgeclasses.AWARD, result="")
LISTING: Final[Operation[list[Any]]] = attrs.evolve(badgeclasses.ASSERTIONS, result="")


class UnreadableAwardError(ValueError):
    """An award that does not show what decides. ``str`` names the field, never its value."""


@attrs.frozen(kw_only=True)
class Sighting:
    """One award on the platform.

    Attributes:
        assertion_id: its entity id.
        identity: the recipient in plain text; empty when only a hash is shown.
        hashed_identity: the salted hash; empty when the plain text is shown.
        salt: of the hash.
        issued_on: the moment it says it was issued, None when it says none.
        is_revoked: whether it was taken back.
        expires: when it runs out, None for never.
        url: its public address; empty when it shows none.
    """

    assertion_id: str
    identity: str = attrs.field(default="", repr=False)
    hashed_identity: str = attrs.field(default="", repr=False)
    salt: str = attrs.field(default="", repr=False)
    issued_on: datetime | None = None
    is_revoked: bool = False
    expires: datetime | None = None
    url: str = ""

    @property
    def names_somebody(self) -> bool:
        """Whether it shows whose it is at all."""
        return bool(self.identity or self.hashed_identity)

    def is_of(self, recipient: str) -> bool:
        """Say whether it was awarded to this identity, in whatever case it is written."""
        if self.identity:
            return self.identity.casefold() == recipient.casefold()
        # The open source server hashes lower case; Open Badges says "as it is".
        return any(
            hashlib.sha256((text + self.salt).encode("utf-8", "surrogatepass")).hexdigest()
            == self.hashed_identity
            for text in (recipient, recipient.lower())
        )

    def has_expired(self, now: datetime) -> bool:
        """Say whether it has run out."""
        return self.expires is not None and self.expires <= now

    def is_live(self, now: datetime) -> bool:
        """Say whether the recipient holds it."""
        return not self.is_revoked and not self.has_expired(now)


def read_sighting(value: object) -> Sighting:
    """Read one award from parsed JSON.

    Raises:
        UnreadableAwardError: the id is missing, or a field that decides is of a wrong type.
    """
    if not isinstance(value, dict):
        raise UnreadableAwardError("the award is no object")
    assertion_id = _text(value, "entityId")
    if not assertion_id:
        raise UnreadableAwardError("entityId is missing")
    recipient = value.get("recipient") or {}
    if not isinstance(recipient, dict):
        raise UnreadableAwardError("recipient is no object")
    identity, shown = _text(recipient, "plaintextIdentity"), _text(recipient, "identity")
    is_hash = shown.startswith("sha256$")
    revoked = value.get("revoked")
    if not isinstance(revoked, bool | None):
        raise UnreadableAwardError("revoked is neither true nor false")
    return Sighting(
        assertion_id=assertion_id,
        identity=identity or ("" if is_hash else shown),
        hashed_identity=shown.removeprefix("sha256$") if is_hash and not identity else "",
        salt=_text(recipient, "salt"),
        issued_on=_moment(value, "issuedOn"),
        is_revoked=bool(revoked),
        expires=_moment(value, "expires"),
        url=_text(value, "openBadgeId"),
    )


def read_sightings(values: Iterable[object]) -> list[Sighting]:
    """Read the awards of a listing; each must show whose it is.

    Raises:
        UnreadableAwardError: one of them does not, so that the listing proves nothing.
    """
    sightings = [read_sighting(value) for value in values]
    if not all(sighting.names_somebody for sighting in sightings):
        raise UnreadableAwardError("an award shows no recipient")
    return sightings


def _text(value: dict[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str | None):
        raise UnreadableAwardError(f"{name} is no text")
    return text or ""


def _moment(value: dict[str, Any], name: str) -> datetime | None:
    text = _text(value, name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UnreadableAwardError(f"{name} is no timestamp") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
