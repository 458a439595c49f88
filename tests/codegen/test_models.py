"""Generated models: names, types, states and defaults."""

import typing
from datetime import datetime
from typing import Any, Literal

import attrs
import pytest
import yaml
from codegen.generate import write
from codegen.names import constant_name, pascal_case, snake_case

from aiobadges.values import UNSET, UnknownVariant, Unset
from aiobadges.wire.codec import build_converter
from aiobadges.wire.generated import GeneratedCodecs

from .conftest import LIBRARY, target_of


@pytest.fixture
def converter(library):  # noqa: ARG001 - its package is there to be imported
    made = build_converter()
    GeneratedCodecs("library.models", "library.codecs").register(made)
    return made


def types_of(cls):
    attrs.resolve_types(cls)
    return {field.name: field.type for field in attrs.fields(cls)}


def test_a_sent_field_has_as_many_states_as_the_document_gives_it(library):
    types = types_of(library.models.BookRequest)
    assert types["title"] is str
    assert types["subtitle"] == str | None
    assert types["index"] == str | Unset
    assert types["motto"] == str | None | Unset


def test_a_received_field_has_two_states_and_an_id_has_one(library):
    types = types_of(library.models.Book)
    assert types["id"] is str
    assert types["pages"] == int | None
    assert types["from_"] == datetime | None
    assert types["notes"] == dict[str, Any] | None
    assert types["anything"] is Any
    assert library.models.Book(id="b").pages is None


def test_a_class_has_the_fields_of_what_it_extends(library):
    assert issubclass(library.models.Book, library.models.Thing)
    assert library.models.Book(id="b", context_="c").context_ == "c"


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("entityId", "entity_id"),
        ("ob3AwardProperties", "ob3_award_properties"),
        ("ISBNCode", "isbn_code"),
        ("share_url", "share_url"),
        ("class", "class_"),
        ("from", "from_"),
        ("@type", "type_"),
        ("type", "type"),
        ("1x", "n1x"),
        ("a-b c", "a_b_c"),
    ],
)
def test_a_name_on_the_wire_has_one_in_python(wire, name):
    assert snake_case(wire) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("novel", "NOVEL"),
        ("", "EMPTY"),
        ("1x", "VALUE_1X"),
        ("+", "VALUE_2B"),
        ("openBadgeId", "OPEN_BADGE_ID"),
    ],
)
def test_a_value_has_a_name_when_it_is_odd(value, name):
    assert constant_name(value) == name


def test_a_class_name_keeps_the_case_it_has():
    assert pascal_case("by_open_badge_id") == "ByOpenBadgeId"
    assert pascal_case("claimCodes") == "ClaimCodes"


def test_every_value_of_an_enumeration_is_a_member_when_names_collide(library):
    genre = library.models.Genre
    assert [member.value for member in genre] == [
        "novel", "", "1x", "short-story", "short_story", "@home", "+", "None",
    ]  # fmt: skip
    assert genre("brand new").is_known is False
    assert list(library.models.Binding) == ["hardCover"]


def test_defaults_of_the_server_are_not_sent_by_a_patch(library, converter):
    assert converter.unstructure(library.models.BookUpdate()) == {}
    assert converter.unstructure(library.models.BookUpdate(motto=None)) == {"motto": None}
    assert library.models.BookUpdate().title is UNSET


def test_a_default_of_the_document_is_sent_when_it_says_so(library, converter):
    request = library.models.BookRequest(
        title="t", subtitle=None, binding=library.models.Binding.HARD_COVER
    )
    assert converter.unstructure(request) == {
        "title": "t", "subtitle": None, "binding": "hardCover", "quiet": True,
    }  # fmt: skip


def test_a_tag_is_sent_and_need_not_be_given(library, converter):
    assert converter.unstructure(library.models.ShortLoan(hours=3)) == {
        "@type": "short",
        "hours": 3,
    }
    assert types_of(library.models.ShortLoan)["type_"] == Literal["short"]


def test_a_union_names_its_variants_and_the_unknown_one(library):
    models = library.models
    assert set(typing.get_args(models.Loan)) == {models.ShortLoan, models.LongLoan, UnknownVariant}
    assert "UnknownLoan" not in models.__all__


@pytest.mark.parametrize(
    "raw", [{"@type": "yearly", "n": 1}, {"n": 1}, {"@type": 5}], ids=["new", "none", "odd"]
)
def test_a_variant_goes_back_unchanged_when_its_tag_is_not_known(library, converter, raw):
    book = converter.structure({"id": "b", "loan": raw}, library.models.Book)
    assert book.loan.raw == raw
    assert converter.unstructure(book)["loan"] == raw


def test_unknown_members_are_kept_where_the_document_says_so(library, converter):
    raw = {"id": "b", "new": {"x": 1}, "loan": {"@type": "long", "type": "t", "y": 2}}
    book = converter.structure(raw, library.models.Book)
    written = converter.unstructure(book)
    assert written["new"] == {"x": 1}
    assert written["loan"] == raw["loan"]
    chapter = converter.structure({"title": "t", "new": 1}, library.models.Chapter)
    assert "new" not in converter.unstructure(chapter)


@pytest.mark.parametrize("generated", [True, False], ids=["generated", "generic"])
def test_what_holds_itself_is_read_and_written_when_nothing_is_null_between(
    library, converter, generated
):
    used = converter if generated else build_converter()
    outline = {"heading": "a", "below": [{"heading": "b", "below": []}, {}]}
    model = used.structure(outline, library.models.Outline)
    assert model.below[0].heading == "b"
    assert used.unstructure(model) == outline


def test_wrappings_are_no_models(library):
    assert not {"Envelope", "BookEnvelope", "ShelfList", "JsonValue", "Notes"} & set(
        library.models.__all__
    )


def test_a_module_loads_when_one_of_its_models_is_asked_for(library):
    loaded = dir(library.models)
    assert "Shelf" in loaded
    assert library.models.Shelf.__module__ == "library.models.shelves"
    with pytest.raises(AttributeError, match="Nothing"):
        _ = library.models.Nothing


def test_a_property_is_an_attribute_when_the_document_gets_it(tmp_path, library_root, imported):
    library_root["components"]["schemas"]["Book"]["properties"]["shelfMark"] = {
        "type": ["string", "null"],
        "description": "Where it stands.",
    }
    document = tmp_path / LIBRARY.name
    document.write_text(yaml.safe_dump(library_root, sort_keys=False))
    target = target_of(document, tmp_path)
    write(target)
    (target.output / "__init__.py").touch()
    models = imported(tmp_path).models
    converter = build_converter()
    GeneratedCodecs("library.models", "library.codecs").register(converter)
    book = converter.structure({"id": "b", "shelfMark": "X 1"}, models.Book)
    assert book.shelf_mark == "X 1"
    assert converter.unstructure(book)["shelfMark"] == "X 1"
