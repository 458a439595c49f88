"""What an empty sandbox starts with: one account, one issuer, two badges. The ids never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiobadges.sandbox.parchment.records import BadgeClass, Issuer, StaffMember, Token, User
from aiobadges.sandbox.parchment.tokens import ALL_SCOPES

if TYPE_CHECKING:
    from aiobadges.sandbox.parchment.state import State

__all__ = [
    "CHEMISTRY_BASICS",
    "EXAMPLE_UNIVERSITY",
    "MATH_EXPERT",
    "PASSWORD",
    "REGISTRAR",
    "TOKEN",
    "USERNAME",
    "sow",
]

USERNAME: Final = "registrar@example.edu"
PASSWORD: Final = "sandbox"  # noqa: S105 - of an account that exists nowhere else
TOKEN: Final = "sandbox-token"  # noqa: S105 - the same

# Entity ids.
REGISTRAR: Final = "RegistrarUser00000000A"
EXAMPLE_UNIVERSITY: Final = "ExampleUniversity0000A"
MATH_EXPERT: Final = "MathExpertBadge000000A"
CHEMISTRY_BASICS: Final = "ChemistryBasics000000A"

CREATED_AT: Final = "2025-01-01T00:00:00.000Z"


def sow(state: State) -> None:
    """Put the first records in."""
    state.users.put(
        User(
            entity_id=REGISTRAR,
            id="5f0000000000000000000001",
            created_at=CREATED_AT,
            username=USERNAME,
            password=PASSWORD,
            first_name="Robin",
            last_name="Registrar",
        )
    )
    state.tokens.put(
        Token(access=TOKEN, refresh="", user=REGISTRAR, scopes=ALL_SCOPES, expires=None)
    )
    state.issuers.put(
        Issuer(
            entity_id=EXAMPLE_UNIVERSITY,
            id="5f0000000000000000000002",
            created_at=CREATED_AT,
            created_by=REGISTRAR,
            name="Example University",
            email=USERNAME,
            url="https://example.edu",
            description="A university that awards badges to nobody.",
            staff=(StaffMember(user=REGISTRAR, role="owner"),),
        )
    )
    for entity_id, mongo_id, name, subject in (
        (MATH_EXPERT, "5f0000000000000000000003", "Math Expert", "Math"),
        (CHEMISTRY_BASICS, "5f0000000000000000000004", "Chemistry Basics", "Chemistry"),
    ):
        state.badgeclasses.put(
            BadgeClass(
                entity_id=entity_id,
                id=mongo_id,
                created_at=CREATED_AT,
                created_by=REGISTRAR,
                issuer=EXAMPLE_UNIVERSITY,
                name=name,
                description=f"Awarded to students who have demonstrated mastery of {subject}.",
                image_type="png",
                criteria_narrative=f"Pass the final examination in {subject}.",
                achievement_type="Course",
            )
        )
