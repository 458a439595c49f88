"""The envelope: what it holds, and what it complains of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.parchment.envelope import complaints, describes_duplicate, is_refusal, unwrap
from aiobadges.wire.codec import DecodingError

HELD = "A previous award of this badge already exists for this recipient."


def envelope(*, success=True, description="ok", **members):
    return {"status": {"success": success, "description": description}, **members}


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (envelope(success=False), True),
        (envelope(success=False, result=[]), True),
        (envelope(success=True, result=[]), False),
        (envelope(success=None, result=[]), False),
        (envelope(success=0, result=[]), False),
        ({"status": {"description": "ok"}, "result": []}, False),
        ({"status": "PENDING"}, False),
        ({"status": {}}, False),
        ({"success": False}, False),
        ([], False),
        (None, False),
        ("false", False),
    ],
    ids=["refused", "refused-with-result", "granted", "null", "zero", "not-said", "status-is-a-text",
         "status-is-empty", "no-envelope", "list", "nothing", "text"],
)  # fmt: skip
def test_a_body_is_a_refusal_only_when_its_envelope_says_false(body, answer):
    assert is_refusal(body) is answer


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"fieldErrors": {"recipient": ["This field is required"]}},
         {"recipient": ("This field is required",)}),
        ({"fieldErrors": {"name": "May not be blank"}}, {"name": ("May not be blank",)}),
        ({"fieldErrors": {"name": ["One", "Two", "One"]}}, {"name": ("One", "Two")}),
        ({"fieldErrors": {"recipient": {"identity": ["Bad"], "type": "Worse"}}},
         {"recipient.identity": ("Bad",), "recipient.type": ("Worse",)}),
        ({"fieldErrors": {"assertions": [{}, {"recipient": ["Bad"]}]}},
         {"assertions[1].recipient": ("Bad",)}),
        ({"fieldErrors": {"evidence": ["Whole", {"url": ["Part"]}]}},
         {"evidence": ("Whole",), "evidence[1].url": ("Part",)}),
        ({"fieldErrors": "Invalid cursor"}, {"": ("Invalid cursor",)}),
        ({"fieldErrors": ["One", "Two"]}, {"": ("One", "Two")}),
        ({"fieldErrors": {"name": ["May not be blank"], "description": "May not be blank"}},
         {"name": ("May not be blank",), "description": ("May not be blank",)}),
        ({"fieldErrors": {"description": ["May not be blank"]}},
         {"description": ("May not be blank",)}),
        ({"validationErrors": [HELD]}, {"": (HELD,)}),
        ({"validationErrors": [{"description": "Words"}]}, {"": ("Words",)}),
        ({"nonFieldErrors": ["Together wrong"]}, {"": ("Together wrong",)}),
        ({"validationErrors": ["A"], "nonFieldErrors": ["B", "A"], "fieldErrors": {"x": ["C"]}},
         {"x": ("C",), "": ("A", "B")}),
        ({"fieldErrors": {"name": [" padded "]}}, {"name": ("padded",)}),
        ({"fieldErrors": {}, "validationErrors": []}, {"": ("bad request",)}),
        ({"fieldErrors": False}, {"": ("bad request",)}),
        ({"fieldErrors": None, "validationErrors": None}, {"": ("bad request",)}),
        ({"fieldErrors": {"name": [3, None, True, ""]}}, {"": ("bad request",)}),
        ({"result": []}, {"": ("bad request",)}),
    ],
    ids=["list", "text", "several", "nested", "batch", "mixed-list", "only-a-text", "only-a-list",
         "field-named-description", "list-at-description", "validation", "validation-objects",
         "non-field", "all-three", "padded", "empty", "false", "null", "no-texts", "none"],
)  # fmt: skip
def test_complaints_are_collected_by_field_whatever_their_shape(members, expected):
    body = envelope(success=False, description="bad request", **members)
    assert complaints(body) == expected


@pytest.mark.parametrize(
    "body",
    [None, [], "no", 3, {}, {"status": {"success": False}}, envelope(success=False, description=" "),
     envelope(success=False, description=["x"]), {"detail": "Not found."}],
    ids=["nothing", "list", "text", "number", "empty", "no-description", "blank-description",
         "list-description", "another-shape"],
)  # fmt: skip
def test_there_are_no_complaints_when_the_body_has_none(body):
    assert complaints(body) == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["name", "description", "recipient", ""]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values, json_values)
def test_every_complaint_is_a_text_of_some_words_whatever_the_shape(fields, others):
    body = envelope(success=False, fieldErrors=fields, validationErrors=others)
    for name, texts in complaints(body).items():
        assert isinstance(name, str)
        assert texts
        assert all(isinstance(text, str) and text.strip() == text != "" for text in texts)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": [f"complaint {number}" for number in range(10_000)]},
        {f"field {number}": ["wrong"] for number in range(10_000)},
        [{"recipient": [f"complaint {number}"]} for number in range(10_000)],
    ],
    ids=["one-field", "many-fields", "batch"],
)
def test_complaints_are_bounded_when_the_server_has_many(fields):
    found = complaints(envelope(success=False, fieldErrors=fields))
    assert 1 <= sum(len(texts) for texts in found.values()) <= 50


@pytest.mark.parametrize(
    "body",
    [
        envelope(fieldErrors={"name": "x" * 100_000}),
        envelope(validationErrors=[{"description": "x" * 100_000}]),
        envelope(description="x" * 100_000),
    ],
    ids=["field", "object", "description"],
)
def test_a_complaint_is_cut_when_it_is_very_long(body):
    ((text,),) = complaints(body).values()
    assert len(text) == 500


@pytest.mark.parametrize("depth", [10, 500, 5_000])
def test_complaints_are_read_or_passed_over_when_they_are_deeply_nested(depth):
    fields = "at the bottom"
    for _ in range(depth):
        fields = [fields]
    found = complaints(envelope(success=False, fieldErrors={"x": fields}))
    assert sum(len(texts) for texts in found.values()) == 1


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"validationErrors": [HELD]}, True),
        ({"nonFieldErrors": [HELD.upper()]}, True),
        ({"fieldErrors": {"recipient": ["This person already holds the badge"]}}, True),
        ({"fieldErrors": {"recipient": ["The recipient already has this badge"]}}, True),
        ({"validationErrors": ["Badge has already been awarded"]}, True),
        ({"validationErrors": ["DUPLICATE_BADGE"]}, True),
        ({"validationErrors": [{"name": "DUPLICATE_BADGE", "description": "Refused"}]}, True),
        ({"fieldErrors": {"recipient": ["This field is required"]}}, False),
        ({"validationErrors": ["Issuer already exists"]}, False),
        ({}, False),
    ],
    ids=["open-source-words", "case", "holds", "has", "been-awarded", "code", "code-beside-words",
         "required", "something-else-exists", "nothing"],
)  # fmt: skip
def test_a_duplicate_is_recognised_by_its_words(members, answer):
    body = envelope(success=False, description="bad request", **members)
    assert describes_duplicate(complaints(body)) is answer


ONE = {"entityId": "a"}
TWO = [{"entityId": "a"}, {"entityId": "b"}]


@pytest.mark.parametrize(
    ("body", "how", "value", "path"),
    [
        (envelope(result=[ONE]), "one", ONE, "$.result[0]"),
        (envelope(result=ONE), "one", ONE, "$.result"),
        ([ONE], "one", ONE, "$[0]"),
        (ONE, "one", ONE, "$"),
        (envelope(result=TWO), "many", TWO, "$.result"),
        (envelope(result=[]), "many", [], "$.result"),
        (TWO, "many", TWO, "$"),
        (ONE, "bare", ONE, "$"),
        (TWO, "bare", TWO, "$"),
        (envelope(result=[ONE]), "bare", ONE, "$.result[0]"),
        (envelope(result=ONE), "bare", ONE, "$.result"),
        (envelope(result=TWO), "bare", TWO, "$.result"),
        ({"status": {}, "result": [ONE]}, "one", ONE, "$.result[0]"),
        ({"status": "COMPLETED", "result": "x"}, "bare", {"status": "COMPLETED", "result": "x"}, "$"),
        (None, "none", None, "$"),
    ],
    ids=["one", "one-without-list", "one-in-bare-list", "one-bare", "many", "many-empty",
         "many-bare", "bare", "bare-list", "bare-in-envelope", "bare-object-in-envelope",
         "bare-two-in-envelope", "empty-status", "status-of-its-own", "none"],
)  # fmt: skip
def test_the_documented_part_is_taken_out_with_its_path(body, how, value, path):
    assert unwrap(body, how) == (value, path)


@pytest.mark.parametrize(
    ("body", "how", "words"),
    [
        (envelope(result=[]), "one", "$.result: holds 0 items, not one"),
        (envelope(result=TWO), "one", "$.result: holds 2 items, not one"),
        ([], "one", "$: holds 0 items, not one"),
        (envelope(result=None), "many", "$.result: is no list"),
        (envelope(), "many", "$.result: is no list"),
        (envelope(result={}), "many", "$.result: is no list"),
        (ONE, "many", "$: is no list"),
        ("text", "many", "$: is no list"),
    ],
    ids=["none-for-one", "two-for-one", "bare-none", "null-for-many", "missing-for-many",
         "object-for-many", "bare-object", "text"],
)  # fmt: skip
def test_a_body_is_refused_with_its_path_when_the_number_of_items_is_wrong(body, how, words):
    with pytest.raises(DecodingError) as caught:
        unwrap(body, how)
    assert str(caught.value) == words
