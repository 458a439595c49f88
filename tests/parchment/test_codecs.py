"""The generated codecs: they read and write exactly as the strict converter does, for any input."""

import types
import typing
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Literal, Union

import attrs
import cattrs
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiobadges.parchment import make_converter, models
from aiobadges.values import OpenStrEnum, UnknownVariant, Unset
from aiobadges.wire.codec import Codec, DecodingError, build_converter

MODELS = {
    name: cls
    for name in models.__all__
    if attrs.has(cls := getattr(models, name)) and isinstance(cls, type)
}
for _cls in MODELS.values():
    attrs.resolve_types(_cls)
UNIONS = [
    union
    for module in {cls.__module__ for cls in MODELS.values()}
    for union in import_module(module.replace(".models.", ".codecs.")).UNIONS
]
GENERATED = make_converter()
DETAILED = make_converter(detailed_validation=True)
GENERIC = build_converter(unions=UNIONS)


def modules():
    return {
        name: import_module(cls.__module__.replace(".models.", ".codecs."))
        for name, cls in MODELS.items()
    }


# ---- JSON for a type, right and wrong

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
MOMENTS = st.sampled_from(
    ["2025-12-06T11:35:48.008Z", "2025-12-06", "2025-12-06T11:35:48+02:00", "not a date", ""]
)
DEEPEST = 3


PLAIN = {
    Any: ANYTHING,
    datetime: MOMENTS,
    str: st.text(max_size=5),
    bool: st.booleans(),
    int: st.integers(-(2**53), 2**53),
    float: st.floats(allow_nan=False, allow_infinity=False),
}


def fitting(annotation, depth):
    """JSON that fits a type, mostly."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        return union_json(args, depth)
    if origin is Literal:
        return st.sampled_from([*args, "another"])
    if origin is list:
        return st.lists(json_of(args[0], depth + 1), max_size=2)
    if origin is dict:
        return st.dictionaries(st.text(max_size=3), json_of(args[1], depth + 1), max_size=2)
    if annotation in PLAIN:
        return PLAIN[annotation]
    is_enum = isinstance(annotation, type) and issubclass(annotation, OpenStrEnum)
    return enum_json(annotation) if is_enum else object_json(annotation, depth)


def enum_json(enumeration):
    return st.sampled_from([*enumeration, "brand new", ""]).map(str)


def union_json(args, depth):
    """JSON of one of the members; of a tagged union, also with a tag nobody knows and with none."""
    plain = [a for a in args if a not in {type(None), Unset, UnknownVariant}]
    choices = [st.none()] if type(None) in args else []
    if UnknownVariant in args:
        choices.append(
            st.fixed_dictionaries({}, optional={"@type": st.sampled_from(["new", 5, None, []])})
        )
    return st.one_of(*choices, *(fitting(a, depth) for a in plain))


def object_json(cls, depth):
    if depth > DEEPEST:
        return st.just({})
    keys = {
        field.metadata["wire"]: json_of(field.type, depth + 1)
        for field in attrs.fields(cls)
        if "wire" in field.metadata
    }
    required = {f.metadata["wire"] for f in attrs.fields(cls) if f.default is attrs.NOTHING}
    return st.fixed_dictionaries(
        {key: value for key, value in keys.items() if key in required},
        optional={key: value for key, value in keys.items() if key not in required}
        | {"brandNew": ANYTHING},
    )


def json_of(annotation, depth=0):
    """JSON that fits a type nine times in ten."""
    return st.integers(0, 9).flatmap(
        lambda draw: ANYTHING if not draw else fitting(annotation, depth)
    )


CASES = st.sampled_from(sorted(MODELS)).flatmap(
    lambda name: st.tuples(st.just(MODELS[name]), st.one_of(fitting(MODELS[name], 0), ANYTHING))
)


def read(converter, value, cls):
    try:
        return converter.structure(value, cls)
    except Exception:  # noqa: BLE001 - whatever it is, the value is refused
        return None


def as_json(value):
    """JSON as it travels, whatever the order of members."""
    return msgspec.json.decode(msgspec.json.encode(value))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CASES)
def test_the_same_is_read_and_refused_when_it_is_read_fast_generically_or_in_detail(case):
    cls, value = case
    wanted = read(GENERIC, value, cls)
    assert read(GENERATED, value, cls) == wanted
    assert read(DETAILED, value, cls) == wanted
    if wanted is not None:
        written = as_json(GENERIC.unstructure(wanted))
        assert as_json(GENERATED.unstructure(wanted)) == written
        assert GENERIC.structure(written, cls) == wanted


def test_every_model_has_a_reader_and_a_writer():
    for name, module in modules().items():
        assert MODELS[name] in module.READERS, name
        assert MODELS[name] in module.WRITERS, name


def test_a_fault_has_its_path_when_it_lies_deep():
    codec = Codec(make_converter(), lambda name: getattr(models, name))
    value = {
        "pathwayId": "p",
        "root": {"children": [{}, {"requirements": {"shortcutBadges": [1]}}]},
    }
    with pytest.raises(DecodingError) as caught:
        codec.structure(value, "Pathway")
    (problem,) = caught.value.problems
    assert str(problem) == (
        "$.root.children[1].requirements.shortcutBadges[0]: expected a string, got a number"
    )


# ---- members that are not known


def test_unknown_members_go_back_when_the_model_keeps_them():
    badge = GENERATED.structure({"entityId": "b", "rank": 7, "deep": {"x": [1]}}, models.BadgeClass)
    assert badge.extra_ == {"rank": 7, "deep": {"x": [1]}}
    written = GENERATED.unstructure(badge)
    assert written["rank"] == 7
    assert written["deep"] == {"x": [1]}
    assert "extra_" not in written


def test_a_known_member_wins_when_it_stands_among_the_unknown_too():
    update = models.UserUpdate(first_name="Ana", extra_={"firstName": "Eve", "rank": 7})
    assert GENERATED.unstructure(update) == {"firstName": "Ana", "rank": 7}
    assert GENERIC.unstructure(update) == {"firstName": "Ana", "rank": 7}


def test_unknown_members_are_ignored_when_the_model_does_not_keep_them():
    user = GENERATED.structure({"entityId": "u", "rank": 7}, models.BadgeUser)
    assert "rank" not in GENERATED.unstructure(user)


def test_an_unknown_variant_goes_back_unchanged_when_its_tag_is_new_or_missing():
    for raw in ({"@type": "atLeast", "n": 2}, {"n": 2}, {"@type": None}):
        requirements = GENERATED.structure({"countRule": raw}, models.ChildElementRequirements)
        assert isinstance(requirements.count_rule, UnknownVariant)
        assert GENERATED.unstructure(requirements) == {"countRule": raw}


# ---- hooks of a user


def shouting(converter, cls):
    """Register a hook for a type that marks what it has read."""
    converter.register_structure_hook(cls, lambda value, _: ("mine", value))


@pytest.mark.parametrize("used_before", [False, True], ids=["before use", "after use"])
@pytest.mark.parametrize(
    ("cls", "value", "read_mine"),
    [
        pytest.param(str, {"entityId": "a"}, lambda a: a.entity_id, id="str"),
        pytest.param(
            datetime, {"entityId": "a", "issuedOn": 5}, lambda a: a.issued_on, id="datetime"
        ),
        pytest.param(
            datetime | None, {"entityId": "a", "issuedOn": 5}, lambda a: a.issued_on, id="nullable"
        ),
        pytest.param(bool, {"entityId": "a", "revoked": 1}, lambda a: a.revoked, id="bool"),
        pytest.param(
            models.AssertionRecipient,
            {"entityId": "a", "recipient": 5},
            lambda a: a.recipient,
            id="model",
        ),
        pytest.param(
            models.Acceptance,
            {"entityId": "a", "acceptance": "x"},
            lambda a: a.acceptance,
            id="enum",
        ),
        pytest.param(
            models.Evidence,
            {"entityId": "a", "evidence": [1]},
            lambda a: a.evidence[0],
            id="in a list",
        ),
    ],
)
def test_a_hook_of_the_user_reads_when_it_is_registered(cls, value, read_mine, used_before):
    converter = make_converter()
    if used_before:
        converter.structure({"entityId": "a", "recipient": {}, "evidence": [{}]}, models.Assertion)
    shouting(converter, cls)
    assert read_mine(converter.structure(value, models.Assertion))[0] == "mine"


@pytest.mark.parametrize("used_before", [False, True], ids=["before use", "after use"])
def test_a_hook_of_the_user_writes_when_it_is_registered(used_before):
    converter = make_converter()
    request = models.AwardRequest(
        recipient=models.Recipient.email("ana@example.edu"),
        issued_on=datetime(2026, 1, 1, tzinfo=UTC),
    )
    if used_before:
        converter.unstructure(request)
    converter.register_unstructure_hook(datetime, lambda moment: moment.year)
    converter.register_unstructure_hook(models.Recipient, lambda recipient: recipient.identity)
    written = converter.unstructure(request)
    assert written == {
        "recipient": "ana@example.edu",
        "issuedOn": 2026,
        "allowDuplicateAwards": False,
    }


def test_a_hook_for_a_step_reads_every_step_when_steps_hold_steps():
    converter = make_converter()
    seen = []
    generated = converter.get_structure_hook(models.PathwayElement)

    def watching(value, cls):
        seen.append(value["name"])
        return generated(value, cls)

    converter.register_structure_hook(models.PathwayElement, watching)
    tree = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}
    pathway = converter.structure({"pathwayId": "p", "root": tree}, models.Pathway)
    assert seen == ["a", "b", "c"]
    assert pathway.root.children[0].children[0].name == "c"


def test_a_tree_is_read_and_written_when_it_is_deep():
    tree: dict[str, Any] = {"name": "leaf"}
    for _ in range(60):
        tree = {"children": [tree]}
    read_tree = GENERATED.structure(tree, models.PathwayElement)
    assert GENERATED.unstructure(read_tree) == tree
    assert GENERIC.unstructure(GENERIC.structure(tree, models.PathwayElement)) == tree


def test_the_converter_is_one_of_cattrs():
    assert isinstance(make_converter(), cattrs.Converter)
    assert make_converter() is not make_converter()
