"""Finding the badge class a person means."""

import pytest

from aiobadges.awards.badges import BadgeChoiceError, choose_badge, choose_issuer, find_badges
from aiobadges.parchment.models import BadgeClass, BadgeClassRequest, Issuer, IssuerRequest
from aiobadges.sandbox import CHEMISTRY_BASICS, EXAMPLE_UNIVERSITY, MATH_EXPERT

PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="
BADGES = [
    BadgeClass(entity_id="e1", id="m1", name="Math Expert", issuer="i1"),
    BadgeClass(entity_id="e2", id="m2", name="Chemistry", issuer="i1"),
    BadgeClass(entity_id="e3", id="m3", name="Chemistry", issuer="i2"),
    BadgeClass(entity_id="e4", name="physics", issuer="i2"),
    BadgeClass(entity_id="e5", name="Physics", issuer="i2"),
    BadgeClass(entity_id="e6", name=None, issuer="i2"),
    BadgeClass(entity_id="e7", name="e1", issuer="i2"),
]
ISSUERS = [
    Issuer(entity_id="i1", id="n1", name="Example University"),
    Issuer(entity_id="i2", id="n2", name="Example College"),
    Issuer(entity_id="i3", id="n3", name="Example College"),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("e2", "e2"),
        ("m3", "e3"),
        ("Math Expert", "e1"),
        ("MATH expert", "e1"),
        ("physics", "e4"),
        ("Physics", "e5"),
        ("e1", "e1"),
    ],
    ids=[
        "id",
        "other id",
        "name",
        "name in another case",
        "one of two that differ in case",
        "the other of them",
        "an id before a name",
    ],
)
def test_badge_is_found_when_it_is_named_by(wanted, found):
    assert choose_badge(wanted, BADGES).entity_id == found


@pytest.mark.parametrize(
    ("wanted", "badges", "message"),
    [
        ("Math Exprt", BADGES, "Did you mean 'Math Expert'?"),
        ("Zoology", BADGES, "This account sees: "),
        ("Zoology", [], "This account sees: none"),
    ],
    ids=["near", "far", "no badges"],
)
def test_what_there_is_is_named_when_no_badge_is_called_so(wanted, badges, message):
    with pytest.raises(BadgeChoiceError) as caught:
        choose_badge(wanted, badges)

    assert str(caught.value).startswith(f"there is no badge class {wanted!r}. ")
    assert message in str(caught.value)


@pytest.mark.parametrize("wanted", ["Chemistry", "PHYSICS"], ids=["same name", "same but for case"])
def test_issuer_is_asked_for_when_several_badges_are_called_so(wanted):
    with pytest.raises(BadgeChoiceError, match=f"there are 2 badge classes {wanted!r}") as caught:
        choose_badge(wanted, BADGES)

    assert " of issuer i2" in str(caught.value)
    assert str(caught.value).endswith("Say which with --issuer, or give its id")


@pytest.mark.parametrize("wanted", ["i1", "n1", "Example University", "EXAMPLE university"])
def test_issuer_is_found_when_it_is_named(wanted):
    assert choose_issuer(wanted, ISSUERS).entity_id == "i1"


def test_nearest_issuer_is_named_when_none_is_called_so():
    with pytest.raises(BadgeChoiceError) as caught:
        choose_issuer("Exmple University", ISSUERS)

    assert str(caught.value) == (
        "there is no issuer 'Exmple University'. Did you mean 'Example University'?"
    )


def test_ids_are_named_when_several_issuers_are_called_so():
    with pytest.raises(BadgeChoiceError) as caught:
        choose_issuer("Example College", ISSUERS)

    assert str(caught.value) == "there are 2 issuers 'Example College'. Give the id: i2, i3"


async def test_all_badges_are_found_in_one_walk_when_several_are_wanted(sandbox, connect):
    client = await connect(sandbox.url)

    found = await find_badges(client, ["chemistry basics", MATH_EXPERT])

    assert {name: badge.entity_id for name, badge in found.items()} == {
        "chemistry basics": CHEMISTRY_BASICS,
        MATH_EXPERT: MATH_EXPERT,
    }
    assert sandbox.counters.by_operation == {"badgeclasses.list": 1}


@pytest.fixture
async def twins(sandbox, connect):
    """A client that sees two badge classes 'Math Expert', and the second one's issuer."""
    client = await connect(sandbox.url)
    college = await client.issuers.create(
        IssuerRequest(
            name="Example College",
            email="registrar@example.edu",
            url="https://college.example.edu",
            description="Another one.",
        )
    )
    twin = await client.badgeclasses.create(
        BadgeClassRequest(
            issuer=college.entity_id,
            name="Math Expert",
            description="The same.",
            image=PNG,
            criteria_narrative="Pass.",
        )
    )
    return client, college, twin


async def test_badges_are_refused_when_two_issuers_have_one_of_that_name(twins):
    client, college, _ = twins

    with pytest.raises(BadgeChoiceError, match="--issuer") as caught:
        await find_badges(client, ["Math Expert"])

    assert f"{MATH_EXPERT} of issuer {EXAMPLE_UNIVERSITY}" in str(caught.value)
    assert f"of issuer {college.entity_id}" in str(caught.value)


@pytest.mark.parametrize("by", ["entity_id", "id", "name"])
async def test_badge_is_that_issuers_when_the_issuer_is_given(twins, by):
    client, college, twin = twins

    found = await find_badges(client, ["Math Expert"], issuer=getattr(college, by))

    assert found["Math Expert"].entity_id == twin.entity_id


async def test_badge_is_not_found_when_it_is_another_issuers(twins):
    client, _, _ = twins

    with pytest.raises(BadgeChoiceError, match="there is no badge class 'Chemistry Basics'"):
        await find_badges(client, ["Chemistry Basics"], issuer="Example College")
