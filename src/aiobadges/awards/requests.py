"""From a row to the request that awards it."""

from __future__ import annotations

from typing import Any

from aiobadges.awards.roster.row import Row
from aiobadges.parchment.models import AwardRequest, Evidence, Recipient, RecipientType
from aiobadges.values import UNSET

__all__ = ["award_request", "recipient_profile"]


def recipient_profile(name: str) -> dict[str, Any]:
    """Write a recipient's name as the Open Badges extension that carries it.

    Source:
        https://openbadgespec.org/extensions/recipientProfile/
    """
    return {
        "extensions:recipientProfile": {
            "@context": "https://openbadgespec.org/extensions/recipientProfile/context.json",
            "type": ["Extension", "extensions:RecipientProfile"],
            "name": name,
        }
    }


def award_request(row: Row) -> AwardRequest:
    """Write the request of a row. What the row does not say is not sent."""
    return AwardRequest(
        recipient=Recipient(
            identity=row.identifier,
            type=RecipientType(row.identifier_type),
            hashed=row.identifier_type != "url",
        ),
        issued_on=row.issued_on or UNSET,
        expires=row.expires or UNSET,
        narrative=row.narrative or UNSET,
        evidence=[
            Evidence(url=item.url or UNSET, narrative=item.narrative or UNSET)
            for item in row.evidence
        ]
        or UNSET,
        extensions=recipient_profile(row.name) if row.name else UNSET,
    )
