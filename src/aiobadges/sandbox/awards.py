"""What the owner of a sandbox sees of an award, whichever vendor it was made with."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["AwardSeen"]


@dataclass(frozen=True, slots=True)
class AwardSeen:
    """One assertion.

    Attributes:
        assertion: its entity id.
        badge: the entity id of the badge class.
        badge_name: the badge class' name.
        recipient: the identity as awarded.
        issued_on: the timestamp.
        is_revoked: whether it was revoked.
        is_expired: whether it has run out.
    """

    assertion: str
    badge: str
    badge_name: str
    recipient: str
    issued_on: str
    is_revoked: bool
    is_expired: bool

    @property
    def is_live(self) -> bool:
        """Whether the recipient holds it now."""
        return not self.is_revoked and not self.is_expired
