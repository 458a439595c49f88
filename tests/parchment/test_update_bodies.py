"""What an update carries over: everything but the change, and nothing that is the server's own."""

import copy
import typing

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import InvalidCallError
from aiobadges.parchment import make_converter, update_bodies
from aiobadges.parchment.models import (
    Assertion,
    AssertionUpdate,
    BadgeClass,
    BadgeClassUpdate,
    BadgeUser,
    ClaimCode,
    ClaimCodeRequest,
    Collection,
    CollectionUpdate,
    Issuer,
    IssuerRequestStaff,
    IssuerStaff,
    IssuerUpdate,
    Pathway,
    PathwayDraftUpdate,
    StaffRole,
    UserUpdate,
)
from aiobadges.parchment.update_bodies import (
    assertion_body,
    badgeclass_body,
    claim_code_body,
    collection_body,
    issuer_body,
    pathway_draft_body,
    user_body,
)
from aiobadges.values import UNSET

CONVERTER = make_converter()
BODIES = [
    (Assertion, AssertionUpdate, assertion_body, update_bodies.AssertionChanges),
    (BadgeClass, BadgeClassUpdate, badgeclass_body, update_bodies.BadgeClassChanges),
    (BadgeUser, UserUpdate, user_body, update_bodies.UserChanges),
    (ClaimCode, ClaimCodeRequest, claim_code_body, update_bodies.ClaimCodeChanges),
    (Collection, CollectionUpdate, collection_body, update_bodies.CollectionChanges),
    (Issuer, IssuerUpdate, issuer_body, update_bodies.IssuerChanges),
    (Pathway, PathwayDraftUpdate, pathway_draft_body, update_bodies.PathwayDraftChanges),
]
each_body = pytest.mark.parametrize("case", BODIES, ids=[case[1].__name__ for case in BODIES])


def wire_names(cls):
    return {f.metadata["wire"] for f in attrs.fields(cls) if "wire" in f.metadata}


def read(cls, value):
    return CONVERTER.structure(value, cls)


def written(body):
    return CONVERTER.unstructure(body)


def badge_json(**members):
    return {
        "entityId": "b",
        "name": "Math Expert",
        "description": "Knows it",
        "image": "https://badges.example.edu/b/image",
    } | members


# Properties -----------------------------------------------------------------------------------

texts = st.text(max_size=8)
unknown = st.dictionaries(
    st.sampled_from(["xSkills", "x_rank", "xNew"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
        max_leaves=4,
    ),
)


def shapes(**members):
    """Objects of which any member may be missing or null, with members of tomorrow among them."""
    known = st.fixed_dictionaries({}, optional={k: st.none() | v for k, v in members.items()})
    return st.builds(lambda a, b: a | b, known, unknown)


badges = st.builds(
    lambda required, rest: required | rest,
    st.fixed_dictionaries({"entityId": texts, "name": texts, "description": texts, "image": texts}),
    shapes(
        id=texts,
        entityType=texts,
        openBadgeId=texts,
        archived=st.booleans(),
        source=texts,
        achievementType=texts,
        criteriaUrl=texts,
        criteriaNarrative=texts,
        tags=st.lists(texts, max_size=2),
        alignments=st.lists(shapes(targetName=texts, displayAsSkill=st.booleans()), max_size=2),
        expires=shapes(amount=st.integers(1, 9), duration=st.sampled_from(["days", "moons"])),
        extensions=st.dictionaries(texts, unknown, max_size=2),
        ob3Properties=shapes(creditHours=st.integers(0, 9) | st.floats(0, 9), humanCode=texts),
        preferences=shapes(includeOnPublicPages=st.booleans()),
        imageAltText=texts,
    ),
)


@given(badges, texts)
def test_what_is_sent_is_what_was_stored_but_for_the_change_and_the_servers_own(stored, name):
    sent = written(badgeclass_body(read(BadgeClass, stored), name=name))
    own = wire_names(BadgeClass) - wire_names(BadgeClassUpdate)
    nullable = {"criteriaUrl", "criteriaNarrative", "expires"}
    expected = {
        key: value
        for key, value in stored.items()
        if key not in own and (value is not None or key in nullable or key.startswith("x"))
    }
    # Missing and null are one and the same in an answer, and to a PUT that replaces.
    expected |= {key: None for key in nullable if key not in expected}
    assert sent == expected | {"name": name}


@given(badges)
def test_what_was_read_is_not_touched_when_a_body_is_made_and_changed(stored):
    badge = read(BadgeClass, stored)
    before = copy.deepcopy(badge)
    body = badgeclass_body(badge)
    body.extra_["x"] = 1
    for value in (body.extensions, body.tags, body.alignments):
        if value:
            value.clear()
    assert badge == before


# Each kind of body ----------------------------------------------------------------------------


@each_body
def test_every_member_of_an_update_can_be_read_before(case):
    stored, kind, *_ = case
    names = {field.name for field in attrs.fields(kind)}
    assert names <= {field.name for field in attrs.fields(stored)}


@each_body
def test_every_member_of_an_update_can_be_changed(case):
    _, kind, _, changes = case
    assert set(changes.__annotations__) == {f.name for f in attrs.fields(kind)} - {"extra_"}


@each_body
def test_a_change_is_typed_as_the_member_is(case):
    _, kind, _, changes = case
    hints = typing.get_type_hints(changes, vars(update_bodies))
    fields = {field.name: field.type for field in attrs.fields(attrs.resolve_types(kind))}
    assert hints == {name: fields[name] for name in hints}


@each_body
def test_unknown_members_go_back(case):
    stored, kind, body_of, _ = case
    required = {
        f.metadata["wire"]: "x"
        for cls in (stored, kind)
        for f in attrs.fields(cls)
        if f.default is attrs.NOTHING
    }
    body = body_of(read(stored, required | {"xSkill": [{"a": None}], "xNull": None}))
    sent = written(body)
    assert (sent["xSkill"], sent["xNull"]) == ([{"a": None}], None)


@each_body
def test_a_change_of_something_else_is_refused_and_the_names_are_listed(case):
    stored, _, body_of, changes = case
    required = {f.metadata["wire"]: "x" for f in attrs.fields(stored) if f.default is attrs.NOTHING}
    with pytest.raises(InvalidCallError, match="colour cannot be changed") as caught:
        body_of(read(stored, required), colour="red")
    assert next(iter(changes.__annotations__)) in caught.value.remedy


def test_unknown_members_cannot_be_replaced_by_accident():
    with pytest.raises(InvalidCallError, match="extra_ cannot be changed"):
        badgeclass_body(read(BadgeClass, badge_json()), extra_={})


# Null, missing, required ----------------------------------------------------------------------


def test_null_goes_back_only_where_the_update_may_say_null():
    stored = read(BadgeClass, badge_json(criteriaUrl=None, tags=None, preferences=None))
    body = badgeclass_body(stored)
    assert (body.criteria_url, body.tags, body.preferences) == (None, UNSET, UNSET)


def test_a_member_is_left_out_when_the_change_says_unset():
    body = badgeclass_body(read(BadgeClass, badge_json(tags=["math"])), tags=UNSET)
    assert "tags" not in written(body)


def test_the_empty_expiry_goes_back_as_the_server_shows_it():
    stored = read(BadgeClass, badge_json(expires={"amount": None, "duration": None}))
    assert written(badgeclass_body(stored))["expires"] == {"amount": None, "duration": None}


def test_what_must_be_sent_is_asked_for_when_the_server_has_none():
    stored = read(BadgeClass, badge_json(description=None, image=None))
    with pytest.raises(InvalidCallError, match="has no description, image") as caught:
        badgeclass_body(stored, name="x")
    assert caught.value.remedy == "Give description=... and image=... with the change"
    assert badgeclass_body(stored, description="d", image="i").image == "i"


def test_the_servers_own_members_do_not_go_back():
    stored = read(BadgeClass, badge_json(createdAt="2026-01-01T00:00:00Z", archived=False))
    assert written(badgeclass_body(stored)).keys().isdisjoint({"entityId", "createdAt", "archived"})


def test_unknown_words_and_kinds_go_back_as_they_came():
    root = {"elementId": "e", "requirements": {"completion": {"@type": "byGrade", "least": 3}}}
    stored = read(Pathway, {"pathwayId": "p", "issuerId": "i", "root": root | {"xNew": 1}})
    assert written(pathway_draft_body(stored)) == {"issuerId": "i", "root": root | {"xNew": 1}}


def test_an_award_keeps_the_microseconds_of_its_date():
    stored = read(Assertion, {"entityId": "a", "issuedOn": "2019-09-04T19:03:24.277836+02:00"})
    assert written(assertion_body(stored))["issuedOn"] == "2019-09-04T17:03:24.277836Z"


def test_what_is_nested_too_deep_is_refused_by_an_error_of_this_library():
    deep = []
    for _ in range(900):
        deep = [deep]
    with pytest.raises(InvalidCallError, match="nested too deep"):
        badgeclass_body(read(BadgeClass, badge_json(xDeep=deep)))


# Staff ----------------------------------------------------------------------------------------


def issuer_with(*staff):
    return Issuer(
        entity_id="i", name="n", email="e", url="u", description="d", staff=list(staff) or None
    )


def test_staff_goes_back_as_user_and_role_without_the_profile():
    profile = BadgeUser(entity_id="ana", first_name="Ana")
    member = IssuerStaff(user="ana", role=StaffRole("auditor"), user_profile=profile)
    sent = written(issuer_body(issuer_with(member), name="New"))
    assert sent["staff"] == [{"user": "ana", "role": "auditor"}]


@pytest.mark.parametrize("missing", ["user", "role"])
def test_staff_is_asked_for_when_somebody_cannot_be_named(missing):
    member = attrs.evolve(IssuerStaff(user="ana", role=StaffRole.OWNER), **{missing: None})
    issuer = issuer_with(IssuerStaff(user="bo", role=StaffRole.STAFF), member)
    with pytest.raises(InvalidCallError, match="without user or role") as caught:
        issuer_body(issuer, name="New")
    assert "whole staff" in caught.value.remedy
    given_staff = [IssuerRequestStaff(user="bo", role=StaffRole.OWNER)]
    assert issuer_body(issuer, staff=given_staff).staff == given_staff


def test_staff_is_left_out_when_the_server_tells_of_none():
    assert issuer_body(issuer_with(), name="New").staff is UNSET
