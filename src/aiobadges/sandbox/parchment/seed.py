"""What an empty sandbox starts with. The ids never change.

Two accounts, an organization with one issuer, two badges, a claim code, a pathway with two
experiences that one group follows and another does not, and a backpack. Nothing is awarded: the
people of the groups are on the pathway only, so no award of a test moves anybody along it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiobadges.sandbox.parchment.pathway_records import Group, Pathway
from aiobadges.sandbox.parchment.pathways import publish_draft
from aiobadges.sandbox.parchment.public import badge_url
from aiobadges.sandbox.parchment.records import (
    BadgeClass,
    ClaimCode,
    Collection,
    Import,
    Issuer,
    Organization,
    StaffMember,
    Token,
    User,
)
from aiobadges.sandbox.parchment.tokens import ALL_SCOPES

if TYPE_CHECKING:
    from aiobadges.sandbox.parchment.state import State

__all__ = [
    "AUTUMN_GROUP",
    "CHEMISTRY_BASICS",
    "CLAIM_CODE",
    "COLLEAGUE",
    "COLLEAGUE_USERNAME",
    "EXAMPLE_ORGANIZATION",
    "EXAMPLE_UNIVERSITY",
    "LAB_ASSISTANT",
    "LAB_WEEK",
    "MATH_EXPERT",
    "OLD_DIPLOMA",
    "PASSWORD",
    "REGISTRAR",
    "SAFETY_TRAINING",
    "SHOWCASE",
    "SPRING_GROUP",
    "TOKEN",
    "USERNAME",
    "sow",
]

USERNAME: Final = "registrar@example.edu"
COLLEAGUE_USERNAME: Final = "bruno@example.edu"  # with the same password
PASSWORD: Final = "sandbox"  # noqa: S105 - of an account that exists nowhere else
TOKEN: Final = "sandbox-token"  # noqa: S105 - the same

# Entity ids.
REGISTRAR: Final = "RegistrarUser00000000A"
EXAMPLE_UNIVERSITY: Final = "ExampleUniversity0000A"
MATH_EXPERT: Final = "MathExpertBadge000000A"
CHEMISTRY_BASICS: Final = "ChemistryBasics000000A"

COLLEAGUE: Final = "ColleagueUser00000000A"
OLD_DIPLOMA: Final = "OldDiploma000000000000"  # in the registrar's backpack
SHOWCASE: Final = "ShowcaseCollection000A"  # a collection of the registrar

# Ids of another form: Mongo's, UUIDs, a code.
EXAMPLE_ORGANIZATION: Final = "5f0000000000000000000005"
SPRING_GROUP: Final = "5f0000000000000000000006"  # follows the pathway
AUTUMN_GROUP: Final = "5f0000000000000000000007"  # does not
LAB_ASSISTANT: Final = "5f0000000000000000000009"  # a pathway
SAFETY_TRAINING: Final = "11111111-1111-4111-8111-111111111111"  # an experience on it
LAB_WEEK: Final = "22222222-2222-4222-8222-222222222222"  # another
CLAIM_CODE: Final = "1000001"

CREATED_AT: Final = "2025-01-01T00:00:00.000Z"


def sow(state: State) -> None:
    """Put the first records in."""
    _sow_people(state)
    _sow_issuer(state)
    _sow_backpack(state)
    _sow_pathway(state)


def _sow_people(state: State) -> None:
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
    state.users.put(
        User(
            entity_id=COLLEAGUE,
            id="5f000000000000000000000a",
            created_at=CREATED_AT,
            username=COLLEAGUE_USERNAME,
            password=PASSWORD,
            first_name="Bruno",
            last_name="Costa",
        )
    )
    state.tokens.put(
        Token(access=TOKEN, refresh="", user=REGISTRAR, scopes=ALL_SCOPES, expires=None)
    )
    state.organizations.put(
        Organization(
            id=EXAMPLE_ORGANIZATION,
            name="Example Organization",
            url="https://example.org",
            email=USERNAME,
            description="An organization of one university.",
            admins=(REGISTRAR,),
        )
    )


def _sow_issuer(state: State) -> None:
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
            organization_id=EXAMPLE_ORGANIZATION,
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
    state.claim_codes.put(
        ClaimCode(
            code=CLAIM_CODE,
            badgeclass=MATH_EXPERT,
            created_at=CREATED_AT,
            created_by=REGISTRAR,
            label="Open day",
        )
    )


def _sow_backpack(state: State) -> None:
    state.imports.put(
        Import(
            entity_id=OLD_DIPLOMA,
            id="5f000000000000000000000b",
            created_at=CREATED_AT,
            owner=REGISTRAR,
            identity="https://badges.example.org/assertions/1",
            issued_on="2020-06-30T12:00:00.000Z",
            source_url="https://badges.example.org/assertions/1",
        )
    )
    state.collections.put(
        Collection(
            entity_id=SHOWCASE,
            id="5f000000000000000000000c",
            created_at=CREATED_AT,
            owner=REGISTRAR,
            name="Showcase",
            share_hash="5a1e",
        )
    )


def _sow_pathway(state: State) -> None:
    for name, group, members in (
        ("Spring", SPRING_GROUP, ("lena@example.edu", "mo@example.edu")),
        ("Autumn", AUTUMN_GROUP, ("nia@example.edu",)),
    ):
        state.groups.put(
            Group(
                id=group,
                issuer=EXAMPLE_UNIVERSITY,
                name=name,
                created_at=CREATED_AT,
                members=members,
            )
        )
    state.groups.put(
        Group(
            id="5f0000000000000000000008",
            issuer=EXAMPLE_UNIVERSITY,
            name="Past",
            created_at=CREATED_AT,
            members=(),
            expires="2025-07-01T00:00:00.000Z",
            archived=True,
        )
    )
    steps = [
        _step("5f0000000000000000000011", "Safety", SAFETY_TRAINING, "Safety training"),
        _step("5f0000000000000000000012", "Practice", LAB_WEEK, "A week in the laboratory"),
    ]
    pathway = Pathway(
        id=LAB_ASSISTANT,
        issuer=EXAMPLE_UNIVERSITY,
        created_at=CREATED_AT,
        created_by=REGISTRAR,
        draft={
            "elementId": "5f0000000000000000000010",
            "name": "Laboratory Assistant",
            "completionBadge": badge_url(CHEMISTRY_BASICS),
            "requirements": {
                "childElementRequirements": {
                    "countRule": {"@type": "allButN", "notRequiredCount": 0}
                }
            },
            "children": steps,
        },
        draft_version=1,
        draft_updated_at=CREATED_AT,
        preferences={"includeOnPublicPages": True},
        groups=(SPRING_GROUP,),
    )
    state.pathways.put(publish_draft(pathway, CREATED_AT))


def _step(element: str, name: str, experience: str, title: str) -> dict[str, Any]:
    return {
        "elementId": element,
        "name": name,
        "requirements": {
            "experienceRequirements": {"requiredExperiences": [{"id": experience, "name": title}]}
        },
        "requiredForParentCompletion": True,
        "children": [],
    }
