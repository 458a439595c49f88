"""Models to JSON and back: strictness, three states, open enums, unions, own hooks, error paths."""

# ruff: noqa: RUF009 - wire() makes an attrs field, as attrs.field does

import contextlib
import json
import math
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import attrs
import cattrs
import pytest
from cattrs.errors import ClassValidationError
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.values import UNSET, OpenStrEnum, Secret, UnknownVariant, Unset
from aiobadges.wire.codec import Codec, DecodingError, Problem, TaggedUnion, build_converter


class Colour(OpenStrEnum):
    RED = "red"
    SKY_BLUE = "skyBlue"


def wire(name: str, default: Any = attrs.NOTHING) -> Any:
    return attrs.field(default=default, metadata={"wire": name})


@attrs.define(slots=True, kw_only=True)
class Leaf:
    number: int = wire("theNumber")
    words: list[str] | None | Unset = wire("theWords", UNSET)


@attrs.define(slots=True, kw_only=True)
class Tree:
    name: str = wire("theName")
    ratio: float | None | Unset = wire("theRatio", UNSET)
    flag: bool | None | Unset = wire("theFlag", UNSET)
    moment: datetime | None | Unset = wire("theMoment", UNSET)
    colour: Colour | None | Unset = wire("theColour", UNSET)
    leaf: Leaf | None | Unset = wire("theLeaf", UNSET)
    leaves: list[Leaf] | None | Unset = wire("theLeaves", UNSET)
    table: dict[str, list[int]] | None | Unset = wire("theTable", UNSET)
    anything: dict[str, Any] | None | Unset = wire("theAnything", UNSET)
    children: "list[Tree] | None | Unset" = wire("theChildren", UNSET)


@attrs.define(slots=True, kw_only=True)
class Grandchild(Tree):
    age: int | None = wire("theAge", None)


@attrs.define(slots=True, kw_only=True)
class Circle:
    type: Literal["circle"] = wire("@type", "circle")
    radius: float | None | Unset = wire("theRadius", UNSET)


@attrs.define(slots=True, kw_only=True)
class Group:
    type: Literal["group"] = wire("@type", "group")
    members: "list[Circle | Group | UnknownVariant] | None" = wire("theMembers", None)


Shape = Circle | Group | UnknownVariant


@attrs.define(slots=True, kw_only=True)
class Drawing:
    main: Shape = wire("theMain")
    backdrop: Circle | Group | UnknownVariant | None | Unset = wire("theBackdrop", UNSET)
    by_name: dict[str, Shape] | None = wire("byName", None)


SHAPES = TaggedUnion(union=Shape, tag="@type", members={"circle": Circle, "group": Group})


def make_codec(**options):
    return Codec(build_converter(unions=[SHAPES], **options), lambda name: globals()[name])


CODEC = make_codec()
DETAILED = make_codec(detailed_validation=True)


def problems(value, model="Tree", **kwargs):
    with pytest.raises(DecodingError) as caught:
        CODEC.structure(value, model, **kwargs)
    return [str(problem) for problem in caught.value.problems]


# --- JSON -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "value"),
    [(b"{}", {}), (b' [1, 2.5, "a", null, true] ', [1, 2.5, "a", None, True]), (b'"\\u00e9"', "é"),
     (b"-0", 0), (b"null", None)],
)  # fmt: skip
def test_json_is_parsed_when_it_is_json(body, value):
    assert CODEC.parse(body) == value


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "is empty"),
        (b" \r\n\t", "is empty"),
        (b"<html>", "is not JSON"),
        (b'{"a": 1', "is not JSON"),
        (b"{'a': 1}", "is not JSON"),
        (b"NaN", "is not JSON"),
        (b"1e999", "is not JSON"),
        (b'"\xff"', "is not JSON"),
        (b'"\\ud800"', "is not JSON"),
        (b"{} {}", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"a":' * 100_000, "is not JSON"),
    ],
    ids=["empty", "blank", "html", "cut", "quotes", "nan", "infinite", "not-utf-8", "surrogate",
         "two", "deep-lists", "deep-objects"],
)  # fmt: skip
def test_bytes_are_refused_when_they_are_no_json(body, what):
    with pytest.raises(DecodingError) as caught:
        CODEC.parse(body)
    assert caught.value.problems == (Problem("$", what),)


@given(st.binary())
def test_any_bytes_are_parsed_or_refused(body):
    with contextlib.suppress(DecodingError):
        assert CODEC.parse(body) == json.loads(body)


# --- wrong types ----------------------------------------------------------------------------------

SAMPLES = {
    "null": None,
    "a boolean": True,
    "a number": 7,
    "a fraction": 7.5,
    "a string": "text",
    "a list": ["a", "b"],
    "an object": {"a": 1},
}
TYPES = {
    "str": (str, "a string", {"a string"}),
    "bool": (bool, "a boolean", {"a boolean"}),
    "int": (int, "a whole number", {"a number"}),
    "float": (float, "a number", {"a number", "a fraction"}),
    "datetime": (datetime, "a timestamp", set()),
    "enum": (Colour, "a string", {"a string"}),
    "model": (Leaf, "an object", set()),
    "list": (list[str], "a list", {"a list"}),
    "dict": (dict[str, int], "an object", {"an object"}),
    "union": (Shape, "an object", {"an object"}),
}
WRAPPERS = {
    "bare": ("$", lambda t: t, lambda v: v),
    "nullable": ("$", lambda t: t | None, lambda v: v),
    "in-list": ("$[1]", lambda t: list[t], lambda v: [v, v]),
    "in-dict": ("$['k']", lambda t: dict[str, t], lambda v: {"k": v}),
    "in-list-in-dict": ("$['k'][0]", lambda t: dict[str, list[t]], lambda v: {"k": [v]}),
    "in-dict-in-list": ("$[0]['k']", lambda t: list[dict[str, t]], lambda v: [{"k": v}]),
}


def reason(type_name, sample):
    """Say how a refusal continues after the path."""
    if (type_name, sample) == ("model", "an object"):
        return ".theNumber: is missing"
    if (type_name, sample) == ("datetime", "a string"):
        return ": expected a timestamp, got another text"
    got = "a number" if sample == "a fraction" else sample
    return f": expected {TYPES[type_name][1]}, got {got}"


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("type_name", TYPES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_wrong_type_is_refused_and_named_with_its_path(type_name, sample, wrapper):
    cls, _, accepted = TYPES[type_name]
    path, wrap_type, wrap = WRAPPERS[wrapper]
    codec = Codec(build_converter(unions=[SHAPES]), {"X": wrap_type(cls)}.__getitem__)
    value = wrap(SAMPLES[sample])
    if sample in accepted or (wrapper, sample) == ("nullable", "null"):
        codec.structure(value, "X")
        return
    with pytest.raises(DecodingError) as caught:
        codec.structure(value, "X")
    assert str(caught.value.problems[-1]) == path + reason(type_name, sample)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, ["$.theName: is missing"]),
        ({"theName": None}, ["$.theName: expected a string, got null"]),
        ({"name": "x"}, ["$.theName: is missing"]),
        (
            {"theName": 1, "theFlag": 0},
            ["$.theName: expected a string, got a number",
             "$.theFlag: expected a boolean, got a number"],
        ),
        (
            {"theName": "x", "theLeaves": [{"theNumber": 1}, {"theNumber": "1"}, {}]},
            ["$.theLeaves[1].theNumber: expected a whole number, got a string",
             "$.theLeaves[2].theNumber: is missing"],
        ),
        ({"theName": "x", "theTable": {"a": [1, 2.0]}},
         ["$.theTable['a'][1]: expected a whole number, got a number"]),
        ({"theName": "x", "theLeaf": []}, ["$.theLeaf: expected an object, got a list"]),
        ({"theName": "x", "theLeaf": "text"}, ["$.theLeaf: expected an object, got a string"]),
        ({"theName": "x", "theLeaf": {"theNumber": 1, "theWords": "abc"}},
         ["$.theLeaf.theWords: expected a list, got a string"]),
        ({"theName": "x", "theChildren": [{"theName": "y", "theChildren": [{"theName": 1}]}]},
         ["$.theChildren[0].theChildren[0].theName: expected a string, got a number"]),
        ({"theName": "x", "theMoment": "yesterday"},
         ["$.theMoment: expected a timestamp, got another text"]),
        ([], ["$: expected an object, got a list"]),
        (object(), ["$: expected an object, got something else"]),
    ],
    ids=["missing", "null", "python-name", "two-at-once", "in-a-list", "fraction", "list-for-object",
         "text-for-object", "text-for-list", "recursive", "no-timestamp", "root", "no-json"],
)  # fmt: skip
def test_problems_carry_wire_names_when_a_model_does_not_fit(value, expected):
    assert problems(value) == expected


def test_problems_start_at_the_given_path_when_the_value_is_a_part():
    assert problems({}, path="$.result[3]") == ["$.result[3].theName: is missing"]


@given(st.text(min_size=4).filter(lambda text: text not in "expected a boolean, got a string"))
def test_no_value_is_told_when_it_does_not_fit(text):
    private = f"<{text}>"
    shown = problems({"theName": "x", "theFlag": private, "theMoment": private})
    assert private not in str(shown)


def test_the_text_of_an_error_is_short_when_there_are_many_problems():
    with pytest.raises(DecodingError) as caught:
        CODEC.structure({"theName": "x", "theLeaves": [{}] * 1000}, "Tree")
    assert len(caught.value.problems) == 1000
    assert len(str(caught.value)) < 200


# --- the fast and the detailed path ---------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
timestamps = st.sampled_from(
    ["2019-09-04T19:03:24Z", "2019-09-04T19:03:24.008+02:00", "2019-09-04T19:03:24.277836", "soon"]
)
leaves = st.fixed_dictionaries(
    {},
    optional={
        "theNumber": st.integers() | json_values,
        "theWords": st.lists(st.text()) | json_values,
    },
)
trees = st.recursive(
    st.fixed_dictionaries(
        {"theName": st.text()},
        optional={
            "theRatio": st.none() | st.floats(allow_nan=False) | json_values,
            "theFlag": st.booleans() | json_values,
            "theMoment": timestamps | json_values,
            "theColour": st.sampled_from(["red", "puce"]) | json_values,
            "theLeaf": leaves | json_values,
            "theLeaves": st.lists(leaves, max_size=2) | json_values,
            "theTable": st.dictionaries(st.text(max_size=2), st.lists(st.integers(), max_size=2))
            | json_values,
            "theAnything": st.dictionaries(st.text(max_size=2), json_values, max_size=2)
            | json_values,
            "unknown": json_values,
        },
    )
    | json_values,
    lambda inner: st.fixed_dictionaries(
        {"theName": st.text(max_size=2)}, optional={"theChildren": st.lists(inner, max_size=2)}
    ),
    max_leaves=3,
)


def fits_nothing_or(value, fits):
    return value is None or fits(value)


def is_list_of(fits):
    return lambda value: type(value) is list and all(map(fits, value))


def is_timestamp(value):
    return type(value) is str and value[:4] == "2019"


def is_leaf(value):
    return (
        type(value) is dict
        and type(value.get("theNumber")) is int
        and fits_nothing_or(value.get("theWords"), is_list_of(lambda v: type(v) is str))
    )


def is_tree(value):
    """Say in other words than the codec whether a value is a Tree."""
    fields = {
        "theRatio": lambda v: type(v) in {int, float},
        "theFlag": lambda v: type(v) is bool,
        "theMoment": is_timestamp,
        "theColour": lambda v: type(v) is str,
        "theLeaf": is_leaf,
        "theLeaves": is_list_of(is_leaf),
        "theTable": lambda v: (
            type(v) is dict and all(is_list_of(lambda i: type(i) is int)(row) for row in v.values())
        ),
        "theAnything": lambda v: type(v) is dict,
        "theChildren": is_list_of(is_tree),
    }
    return (
        type(value) is dict
        and type(value.get("theName")) is str
        and all(fits_nothing_or(value.get(name), fits) for name, fits in fields.items())
    )


@given(trees)
def test_both_paths_take_exactly_what_fits_and_make_the_same_of_it(value):
    read = []
    for codec in (CODEC, DETAILED):
        try:
            read.append(codec.converter.structure(value, Tree))
        except Exception:  # noqa: BLE001 - whatever kind it is, it is a refusal
            read.append(None)
    assert (read[0] is not None) == (read[1] is not None) == is_tree(value)
    assert read[0] == read[1]


@given(trees.filter(lambda value: not is_tree(value)))
def test_every_refusal_names_a_path_and_a_reason(value):
    for problem in problems(value):
        assert problem.startswith("$")
        assert not problem.endswith("cannot be read")


def test_the_fast_problem_is_told_when_the_second_reading_finds_none():
    answers = iter([ValueError("once")])

    def moody(value, _):
        for error in answers:
            raise error
        return value

    codec = make_codec()
    codec.converter.register_structure_hook(Leaf, moody)
    with pytest.raises(DecodingError, match=r"\$\.x: cannot be read as Leaf \(ValueError\)"):
        codec.structure({}, "Leaf", path="$.x")


# --- three states ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [(UNSET, {}), (None, {"theWords": None}), ([], {"theWords": []}), (["a"], {"theWords": ["a"]})],
    ids=["unset", "null", "empty", "value"],
)
def test_a_field_has_three_states_when_written_and_read(value, written):
    leaf = Leaf(number=1, words=value)
    assert json.loads(CODEC.encode(leaf)) == {"theNumber": 1} | written
    assert CODEC.structure({"theNumber": 1} | written, "Leaf") == leaf


aware = st.datetimes(
    datetime(2, 1, 1),  # noqa: DTZ001 - the zone comes from the other strategy
    datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone),
)
int64 = st.integers(-(2**63), 2**63 - 1)
finite = st.floats(allow_nan=False, allow_infinity=False)
safe_json = st.recursive(
    st.none() | st.booleans() | int64 | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=4,
)


def three_state(values):
    return st.just(UNSET) | st.none() | values


whole_leaves = st.builds(
    Leaf, number=int64, words=three_state(st.lists(st.text(max_size=4), max_size=2))
)
whole_trees = st.builds(
    Tree,
    name=st.text(),
    ratio=three_state(finite),
    flag=three_state(st.booleans()),
    moment=three_state(aware),
    colour=three_state(st.builds(Colour, st.sampled_from(["red", "skyBlue", "puce"]))),
    leaf=three_state(whole_leaves),
    leaves=three_state(st.lists(whole_leaves, max_size=2)),
    table=three_state(
        st.dictionaries(st.text(max_size=2), st.lists(int64, max_size=2), max_size=2)
    ),
    anything=three_state(st.dictionaries(st.text(max_size=2), safe_json, max_size=2)),
    children=three_state(st.lists(st.builds(Tree, name=st.text(max_size=2)), max_size=2)),
)


@given(whole_trees)
def test_a_model_is_the_same_when_written_and_read_back(tree):
    again = CODEC.structure(CODEC.parse(CODEC.encode(tree)), "Tree")
    assert again == tree
    assert again.moment is tree.moment or again.moment == tree.moment


@given(whole_trees)
def test_nothing_unset_is_on_the_wire_when_a_model_is_written(tree):
    written = json.loads(CODEC.encode(tree))
    wire_names = {f.metadata["wire"]: getattr(tree, f.name) for f in attrs.fields(Tree)}
    assert set(written) == {name for name, value in wire_names.items() if value is not UNSET}
    assert {n for n, v in written.items() if v is None} == {
        name for name, value in wire_names.items() if value is None
    }


def test_a_list_of_models_is_written_when_it_is_the_body():
    assert json.loads(CODEC.encode([Leaf(number=1), Leaf(number=2, words=None)])) == [
        {"theNumber": 1},
        {"theNumber": 2, "theWords": None},
    ]


def test_plain_data_is_written_as_it_is():
    assert CODEC.encode({"a": [1, None, {"b": "é"}]}) == '{"a":[1,null,{"b":"é"}]}'.encode()


def test_the_fields_of_a_base_class_are_written_and_read_when_inherited():
    body = {"theName": "x", "theAge": 3}
    assert CODEC.structure(body, "Grandchild") == Grandchild(name="x", age=3)
    assert json.loads(CODEC.encode(Grandchild(name="x", age=3))) == body


def test_unknown_keys_are_passed_over_when_read():
    assert CODEC.structure({"theNumber": 1, "brandNew": {"x": []}}, "Leaf") == Leaf(number=1)


@pytest.mark.parametrize(
    "body",
    [UNSET, {"name": UNSET}, [UNSET], {"a": {"b": [UNSET]}}, Tree(name="x", anything={"a": UNSET})],
    ids=["bare", "in-object", "in-list", "deep", "in-a-free-field"],
)
def test_unset_is_refused_where_no_key_can_be_left_out(body):
    # Written as a text it would set a name to "UNSET".
    with pytest.raises((TypeError, ValueError)):
        CODEC.encode(body)


@pytest.mark.parametrize(
    "body",
    [Secret("hunter2"), {"a": Secret("hunter2")}, {"a": object()}, {"a": "\ud800"}],
    ids=["secret", "nested-secret", "object", "surrogate"],
)
def test_a_value_is_refused_when_json_has_no_place_for_it(body):
    with pytest.raises((TypeError, ValueError)) as caught:
        CODEC.encode(body)
    assert "hunter2" not in str(caught.value)


# --- timestamps -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2019-09-04T19:03:24Z", datetime(2019, 9, 4, 19, 3, 24, tzinfo=UTC)),
        ("2019-09-04T19:03:24.008Z", datetime(2019, 9, 4, 19, 3, 24, 8000, tzinfo=UTC)),
        ("2019-09-04T19:03:24.277836Z", datetime(2019, 9, 4, 19, 3, 24, 277836, tzinfo=UTC)),
        ("2019-09-04T19:03:24.277836999Z", datetime(2019, 9, 4, 19, 3, 24, 277836, tzinfo=UTC)),
        ("2019-09-04T21:03:24+02:00", datetime(2019, 9, 4, 19, 3, 24, tzinfo=UTC)),
        ("2019-09-04T09:33:24.5-09:30", datetime(2019, 9, 4, 19, 3, 24, 500000, tzinfo=UTC)),
        ("2019-09-04T19:03:24", datetime(2019, 9, 4, 19, 3, 24, tzinfo=UTC)),
        ("2019-09-04", datetime(2019, 9, 4, tzinfo=UTC)),
    ],
    ids=[
        "seconds",
        "milliseconds",
        "microseconds",
        "nanoseconds",
        "east",
        "west",
        "no-zone",
        "day",
    ],
)
def test_a_timestamp_is_an_instant_with_a_zone_when_read(text, moment):
    read = CODEC.structure({"theName": "x", "theMoment": text}, "Tree").moment
    assert read == moment
    assert read.tzinfo is not None


@pytest.mark.parametrize("text", ["", "now", "2019-13-04T00:00:00Z", "2019-09-04T25:00:00Z", "1e9"])
def test_a_timestamp_is_refused_when_it_is_another_text(text):
    assert problems({"theName": "x", "theMoment": text}) == [
        "$.theMoment: expected a timestamp, got another text"
    ]


def test_a_datetime_without_a_zone_is_refused_when_written():
    with pytest.raises(ValueError, match="no time zone"):
        CODEC.encode(Tree(name="x", moment=datetime(2026, 1, 2)))  # noqa: DTZ001 - on purpose


# --- open enumerations ----------------------------------------------------------------------------


@pytest.mark.parametrize("detailed", [False, True], ids=["fast", "detailed"])
@pytest.mark.parametrize(("text", "known"), [("red", True), ("puce", False), ("", False)])
def test_an_enum_field_holds_a_member_when_read(text, known, detailed):
    codec = DETAILED if detailed else CODEC
    colour = codec.structure({"theName": "x", "theColour": text}, "Tree").colour
    assert isinstance(colour, Colour)
    assert colour == text
    assert colour.is_known is known


def test_an_enum_is_a_member_when_it_stands_alone_or_in_containers():
    codec = Codec(build_converter(), {"X": dict[str, list[Colour]]}.__getitem__)
    (colour,) = codec.structure({"a": ["puce"]}, "X")["a"]
    assert isinstance(colour, Colour)


@pytest.mark.parametrize("text", ["red", "puce"], ids=["known", "unknown"])
def test_an_enum_goes_back_unchanged_when_written(text):
    tree = CODEC.structure({"theName": "x", "theColour": text}, "Tree")
    again = pickle.loads(pickle.dumps(tree))  # noqa: S301
    assert json.loads(CODEC.encode(again)) == {"theName": "x", "theColour": text}
    assert json.loads(CODEC.encode({"free": Colour(text)})) == {"free": text}


# --- tagged unions --------------------------------------------------------------------------------

DRAWING = {
    "theMain": {"@type": "circle", "theRadius": 1},
    "theBackdrop": {"@type": "spiral", "turns": [1, {"deep": None}]},
    "byName": {
        "a": {"@type": "group", "theMembers": [{"@type": "circle"}, {"@type": "blob"}, {"no": 1}]},
        "b": {"@type": 7},
    },
}


def test_each_member_of_a_union_is_read_by_its_tag():
    drawing = CODEC.structure(DRAWING, "Drawing")
    assert drawing.main == Circle(radius=1.0)
    assert drawing.backdrop == UnknownVariant(tag="spiral", raw=DRAWING["theBackdrop"])
    assert drawing.by_name["a"] == Group(
        members=[
            Circle(),
            UnknownVariant(tag="blob", raw={"@type": "blob"}),
            UnknownVariant(tag=None, raw={"no": 1}),
        ]
    )
    assert drawing.by_name["b"] == UnknownVariant(tag=None, raw={"@type": 7})


def test_a_union_goes_back_unchanged_when_written():
    assert json.loads(CODEC.encode(CODEC.structure(DRAWING, "Drawing"))) == DRAWING


@pytest.mark.parametrize("tag", ["spiral", "", None, 7, ["circle"]], ids=repr)
@given(
    rest=st.dictionaries(st.text(min_size=1, max_size=4).filter(lambda k: k != "@type"), safe_json)
)
def test_an_unknown_member_survives_whatever_it_holds(tag, rest):
    raw = {"@type": tag, **rest}
    drawing = CODEC.structure({"theMain": raw}, "Drawing")
    assert drawing.main.raw == raw
    assert json.loads(CODEC.encode(drawing))["theMain"] == raw


def test_the_tag_is_written_when_the_member_was_made_by_hand():
    assert json.loads(CODEC.encode(Drawing(main=Circle(), backdrop=None))) == {
        "theMain": {"@type": "circle"},
        "theBackdrop": None,
        "byName": None,
    }


def test_a_nullable_union_is_null_when_the_wire_says_so():
    drawing = CODEC.structure({"theMain": {"@type": "circle"}, "theBackdrop": None}, "Drawing")
    assert drawing.backdrop is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"theMain": None}, "$.theMain: expected an object, got null"),
        ({"theMain": "circle"}, "$.theMain: expected an object, got a string"),
        (
            {"theMain": {"@type": "circle", "theRadius": "1"}},
            "$.theMain.theRadius: expected a number, got a string",
        ),
        (
            {"theMain": {"@type": "group", "theMembers": [{"@type": "group", "theMembers": [3]}]}},
            "$.theMain.theMembers[0].theMembers[0]: expected an object, got a number",
        ),
        (
            {"theMain": {"@type": "circle"}, "byName": {"k": []}},
            "$.byName['k']: expected an object, got a list",
        ),
    ],
    ids=["null", "text", "in-a-member", "deep", "in-a-mapping"],
)
def test_problems_in_a_union_carry_their_path(value, expected):
    assert problems(value, "Drawing") == [expected]


def test_a_lone_unknown_variant_is_read_when_a_field_has_only_that():
    codec = Codec(build_converter(), {"X": list[UnknownVariant]}.__getitem__)
    assert codec.structure([{"a": 1}], "X") == [UnknownVariant(tag=None, raw={"a": 1})]


# --- hooks of the user's own ----------------------------------------------------------------------


@pytest.mark.parametrize("used_before", [False, True], ids=["before-use", "after-first-use"])
@pytest.mark.parametrize(
    ("cls", "field", "value"),
    [
        (str, "theName", "x"),
        (float, "theRatio", 1.0),
        (bool, "theFlag", True),
        (datetime, "theMoment", "2019-09-04T19:03:24Z"),
        (Colour, "theColour", "red"),
        (Leaf, "theLeaf", {"theNumber": 1}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_users_own_hook_reads_a_nested_value_whenever_it_is_registered(
    cls, field, value, used_before
):
    codec = make_codec()
    body = {"theName": "x", field: value, "theChildren": [{"theName": "y", field: value}]}
    if used_before:
        codec.structure(body, "Tree")
    mark = object()
    codec.converter.register_structure_hook(cls, lambda _value, _cls: mark)
    tree = codec.structure(body, "Tree")
    name = next(f.name for f in attrs.fields(Tree) if f.metadata["wire"] == field)
    assert getattr(tree, name) is mark
    assert getattr(tree.children[0], name) is mark


@pytest.mark.parametrize("used_before", [False, True], ids=["before-use", "after-first-use"])
@pytest.mark.parametrize(
    ("cls", "field"),
    [(datetime, "theMoment"), (Colour, "theColour"), (Leaf, "theLeaf")],
    ids=["datetime", "enum", "model"],
)
def test_a_users_own_hook_writes_a_nested_value_whenever_it_is_registered(cls, field, used_before):
    codec = make_codec()
    child = Tree(
        name="y", moment=datetime(2026, 1, 2, tzinfo=UTC), colour=Colour.RED, leaf=Leaf(number=1)
    )
    tree = Tree(name="x", children=[child])
    if used_before:
        codec.encode(tree)
    codec.converter.register_unstructure_hook(cls, lambda _value: "mine")
    assert json.loads(codec.encode(tree))["theChildren"][0][field] == "mine"


@pytest.mark.parametrize("used_before", [False, True], ids=["before-use", "after-first-use"])
def test_a_users_own_hook_reads_a_member_of_a_union_whenever_it_is_registered(used_before):
    codec = make_codec()
    if used_before:
        codec.structure(DRAWING, "Drawing")
    codec.converter.register_structure_hook(Circle, lambda value, _: ("mine", value))
    drawing = codec.structure(DRAWING, "Drawing")
    assert drawing.main == ("mine", DRAWING["theMain"])
    assert drawing.by_name["a"].members[0] == ("mine", {"@type": "circle"})


def test_a_users_own_hook_takes_part_when_the_path_of_a_problem_is_sought():
    codec = make_codec()

    def even(value, _):
        if value % 2:
            msg = f"{value} is odd and private"
            raise ValueError(msg)
        return value

    codec.converter.register_structure_hook(int, even)
    body = {"theName": "x", "theLeaves": [{"theNumber": 2}, {"theNumber": 3}]}
    with pytest.raises(DecodingError) as caught:
        codec.structure(body, "Tree")
    assert list(map(str, caught.value.problems)) == ["$.theLeaves[1].theNumber: cannot be read"]


def test_the_path_of_a_problem_is_found_when_a_users_own_hook_adds_notes_of_its_own():
    codec = make_codec()

    def read(value, _):
        error = ValueError(value)
        error.add_note("a note of the hook's own")
        raise error

    codec.converter.register_structure_hook(int, read)
    with pytest.raises(DecodingError, match=r"^\$\.theNumber: cannot be read$"):
        codec.structure({"theNumber": 1}, "Leaf")


def test_the_path_of_a_problem_ends_at_the_hook_when_a_users_own_hook_says_no_more():
    codec = make_codec()

    def read(_value, cls):
        raise ClassValidationError("private", [KeyError("k"), ValueError("private")], cls)

    codec.converter.register_structure_hook(Leaf, read)
    with pytest.raises(DecodingError) as caught:
        codec.structure({"theName": "x", "theLeaf": {}}, "Tree")
    assert list(map(str, caught.value.problems)) == [
        "$.theLeaf: is missing",
        "$.theLeaf: cannot be read",
    ]


def test_two_converters_share_no_hooks_when_one_is_changed():
    changed = make_codec()
    changed.converter.register_structure_hook(str, lambda _value, _cls: "mine")
    assert changed.structure({"theName": "x"}, "Tree").name == "mine"
    assert make_codec().structure({"theName": "x"}, "Tree").name == "x"


def test_a_plain_cattrs_converter_would_take_what_ours_refuses():
    # What the strict hooks are for; when this fails they may have become unnecessary.
    assert cattrs.Converter().structure(1, str) == "1"


def test_numbers_keep_their_kind_when_read():
    tree = CODEC.structure({"theName": "x", "theRatio": 3}, "Tree")
    assert type(tree.ratio) is float
    assert math.isclose(tree.ratio, 3.0)
