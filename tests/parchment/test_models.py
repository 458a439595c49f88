"""The models: three states where something is sent, names on the wire, and every field there and back."""

import enum
import json
import types
import typing
from datetime import UTC, datetime
from typing import Any, Literal, Union

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.parchment import make_converter, models
from aiobadges.values import UNSET, OpenStrEnum, UnknownVariant, Unset
from aiobadges.wire.codec import Codec, DecodingError

CODEC = Codec(make_converter(), lambda name: getattr(models, name))
CLASSES = {
    name: cls
    for name in models.__all__
    if isinstance(cls := getattr(models, name), type)  # the others are unions
}
MODELS = {name: cls for name, cls in CLASSES.items() if attrs.has(cls)}
ENUMS = {name: cls for name, cls in CLASSES.items() if issubclass(cls, OpenStrEnum)}
for _cls in MODELS.values():
    attrs.resolve_types(_cls)


def is_union(annotation):
    return typing.get_origin(annotation) in (Union, types.UnionType)


def alternatives(annotation):
    return typing.get_args(annotation) if is_union(annotation) else (annotation,)


def fields_of(cls):
    """The attributes that stand on the wire under a name of their own."""
    return [field for field in attrs.fields(cls) if field.metadata.get("keeps") != "unknown"]


def wire_name(field):
    return field.metadata.get("wire", field.name)


PLAIN = {
    str: "text",
    int: 7,
    float: 2.5,
    bool: True,
    datetime: "2025-12-06T11:35:48.008Z",
    Any: {"free": [1, None]},
    UnknownVariant: {"@type": "brandNew", "x": 1},
}


def sample(annotation, depth=0):
    """Make JSON that fits a type, with every optional key while it is not too deep."""
    annotation = next(a for a in alternatives(annotation) if a not in {type(None), Unset})
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is list:
        return [sample(args[0], depth)]
    if origin is dict:
        return {"key": sample(args[1], depth)}
    if origin is Literal:
        return args[0]
    if annotation in PLAIN:
        return PLAIN[annotation]
    if issubclass(annotation, enum.Enum):
        return next(iter(annotation)).value
    return sample_model(annotation, depth + 1)


def sample_model(cls, depth=0):
    return {
        wire_name(field): sample(field.type, depth)
        for field in fields_of(cls)
        if field.default is attrs.NOTHING or depth < 4
    }


def test_there_are_models_and_enumerations():
    assert {"Assertion", "AwardRequest", "BadgeClass", "Issuer", "Recipient"} <= set(MODELS)
    assert {"RecipientType", "StaffRole"} <= set(ENUMS)


@pytest.mark.parametrize("cls", MODELS.values(), ids=MODELS)
def test_every_field_has_one_name_on_the_wire(cls):
    names = [wire_name(field) for field in fields_of(cls)]
    assert len(set(names)) == len(names)
    assert all("wire" in field.metadata for field in fields_of(cls))


@pytest.mark.parametrize("cls", MODELS.values(), ids=MODELS)
def test_a_default_is_what_its_type_allows(cls):
    for field in fields_of(cls):
        if field.default is UNSET:
            assert Unset in alternatives(field.type), field.name
        elif field.default is None:
            assert type(None) in alternatives(field.type), field.name
            assert Unset not in alternatives(field.type), field.name


@pytest.mark.parametrize("name", MODELS)
def test_every_field_goes_there_and_back_when_all_are_given(name):
    body = sample_model(MODELS[name])
    model = CODEC.structure(body, name)
    assert isinstance(model, MODELS[name])
    written = json.loads(CODEC.encode(model))
    # What is only received has None where a nested object was cut short by the depth.
    assert CODEC.structure(written, name) == model
    assert {key: written[key] for key in body} == written


@pytest.mark.parametrize("name", MODELS)
def test_only_the_required_keys_are_needed_when_read(name):
    required = [f for f in fields_of(MODELS[name]) if f.default is attrs.NOTHING]
    body = {wire_name(field): sample(field.type) for field in required}
    assert isinstance(CODEC.structure(body, name), MODELS[name])
    for key in body:
        with pytest.raises(DecodingError, match="is missing"):
            CODEC.structure({k: v for k, v in body.items() if k != key}, name)


@pytest.mark.parametrize("name", MODELS)
def test_unset_is_never_written(name):
    required = [f for f in fields_of(MODELS[name]) if f.default is attrs.NOTHING]
    model = CODEC.structure({wire_name(f): sample(f.type) for f in required}, name)
    written = json.loads(CODEC.encode(model))
    for field in fields_of(MODELS[name]):
        assert (wire_name(field) in written) is (getattr(model, field.name) is not UNSET)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("body", [[], "text", 3, None, True], ids=repr)
def test_a_model_is_refused_when_the_body_is_no_object(name, body):
    with pytest.raises(DecodingError, match=r"^\$: expected an object"):
        CODEC.structure(body, name)


@pytest.mark.parametrize(("name", "cls"), ENUMS.items(), ids=ENUMS)
@given(text=st.text())
def test_an_enumeration_keeps_what_it_does_not_know(name, cls, text):
    member = CODEC.structure(text, name)
    assert isinstance(member, cls)
    assert member == text
    assert json.loads(CODEC.encode({"x": member})) == {"x": text}


@pytest.mark.parametrize(
    ("body", "kind", "known"),
    [("email", "EMAIL", True), ("openBadgeId", "OPEN_BADGE_ID", True), ("did", None, False)],
)
def test_the_kind_of_a_recipient_is_a_member_when_an_award_is_read(body, kind, known):
    award = CODEC.structure({"entityId": "a", "recipient": {"type": body}}, "Assertion")
    assert award.recipient.type.is_known is known
    if kind:
        assert award.recipient.type is models.RecipientType[kind]


@pytest.mark.parametrize(
    ("recipient", "written"),
    [
        (
            models.Recipient.email("Ana@Example.edu"),
            {"identity": "Ana@Example.edu", "type": "email", "hashed": True},
        ),
        (
            models.Recipient.email("a@b.c", hashed=False),
            {"identity": "a@b.c", "type": "email", "hashed": False},
        ),
        (
            models.Recipient.telephone("+4930123456"),
            {"identity": "+4930123456", "type": "telephone", "hashed": True},
        ),
        (
            models.Recipient.url("https://example.org/ana"),
            {"identity": "https://example.org/ana", "type": "url", "hashed": False},
        ),
        (models.Recipient(identity="ana@example.edu"), {"identity": "ana@example.edu"}),
    ],
    ids=["email", "public-email", "telephone", "url", "by-hand"],
)
def test_a_recipient_says_what_it_is_and_whether_it_is_hashed(recipient, written):
    assert json.loads(CODEC.encode(recipient)) == written
    assert CODEC.structure(written, "Recipient") == recipient


def test_an_award_forbids_duplicates_when_nothing_is_said():
    award = models.AwardRequest(recipient=models.Recipient.email("a@b.c"))
    assert json.loads(CODEC.encode(award))["allowDuplicateAwards"] is False


def test_an_award_writes_its_date_in_utc_when_it_has_one():
    award = models.AwardRequest(
        recipient=models.Recipient.email("a@b.c"),
        issued_on=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        expires=None,
    )
    written = json.loads(CODEC.encode(award))
    assert written["issuedOn"] == "2026-01-02T03:04:05.000Z"
    assert written["expires"] is None
    assert "narrative" not in written


def test_extensions_pass_through_untouched():
    extensions = {"extensions:x": {"@context": "https://w3id.org", "type": ["a"], "n": None}}
    award = CODEC.structure({"entityId": "a", "extensions": extensions}, "Assertion")
    assert award.extensions == extensions
    assert json.loads(CODEC.encode(award))["extensions"] == extensions


def test_the_nulls_the_server_really_sends_are_taken():
    badge = CODEC.structure(
        {"entityId": "b", "criteriaUrl": None, "expires": {"amount": None, "duration": None}},
        "BadgeClass",
    )
    assert badge.expires.amount is None
    assert badge.expires.duration is None
