"""What a small schema and its operations are compiled into, and what is refused, with its line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from codegen.__main__ import TARGETS
from codegen.document import DocumentError
from codegen.generate import Target, check, generate, write
from codegen.graphql.compiling import read_graphql_api
from codegen.graphql.cost import cost_of
from codegen.graphql.source import GraphqlDocument
from codegen.schemas import Direction, Enumeration, Model, Variants
from graphql import parse, validate

from aiobadges.sandbox.thought_industries.points import cost_of as charged

SDL = """
directive @call(id: String!, summary: String) on FIELD_DEFINITION | QUERY | MUTATION
directive @surcharge(points: Int!) on FIELD_DEFINITION
directive @resource(name: String!, description: String!) repeatable on SCHEMA
"A library"
schema
  @resource(name: "readers", description: "Who reads.")
  @resource(name: "books", description: "What is read.") {
  query: Query
  mutation: Mutation
}
scalar Slug
scalar Date
scalar JSON
type Query {
  "A book; null when there is none."
  Book("Its name." slug: Slug!): Book @call(id: "books.get")
  "What is on a shelf."
  Shelf("The shelf." id: ID!, "How many." first: Int): [Item] @surcharge(points: 4) @call(id: "books.shelf")
  "Who reads."
  Readers: [Reader!]! @call(id: "readers.all")
}
type Mutation {
  "Lends a book. Gives whether it did."
  Lend("What." slug: Slug!, "Until when." until: Date, "How." terms: [Terms!]!): Boolean!
    @call(id: "books.lend")
  "Gives a book back; null: not done."
  GiveBack("What." slug: Slug!): ID @call(id: "books.give_back")
}
interface Item { "Its id." id: ID! "When it came." since: Date }
"A book."
type Book implements Item {
  id: ID!
  since: Date
  "Its title."
  title: String!
  "Who reads it."
  reader: Reader
  "Whatever else."
  notes: JSON
  "What it is about."
  topics: [Topic]
  "How it is bound."
  binding: Binding!
}
"A map."
type Map implements Item {
  id: ID!
  since: Date
  "How many to one."
  scale: Int!
}
"Somebody."
type Reader {
  "The name."
  name: String!
  "What is read."
  books: [Book!]! @surcharge(points: 3)
}
"What something is about."
type Topic { "Its label." label: String! }
"How a book is bound."
enum Binding { hardCover paperback }
"How something is lent."
input Terms {
  "How many days."
  days: Int!
  "What for."
  purpose: String
}
""".replace("interface Item", '"Something on a shelf."\ninterface Item')
OPERATIONS = """
fragment BookCard on Book { id title binding topics { label } }
fragment BookDetail on Book { ...BookCard since notes reader { ...ReaderName } }
fragment ReaderName on Reader { name }
fragment Thing on Item {
  __typename
  id
  ... on Map { scale }
}
query Book($slug: Slug!) { Book(slug: $slug) { ...BookDetail } }
query Card($slug: Slug!) @call(id: "books.card", summary: "Get a card.") {
  Book(slug: $slug) { ...BookCard }
}
query Shelf($id: ID!, $first: Int) { Shelf(id: $id, first: $first) { ...Thing } }
query Readers { Readers { name books { ...BookCard } } }
mutation Lend($slug: Slug!, $until: Date, $terms: [Terms!]!) {
  Lend(slug: $slug, until: $until, terms: $terms)
}
mutation GiveBack($slug: Slug!) { GiveBack(slug: $slug) }
"""


def compiled(operations=OPERATIONS, sdl=SDL):
    return read_graphql_api(GraphqlDocument.read(sdl.encode(), operations.encode()))


def changed(old, new, text=OPERATIONS):
    assert old in text
    return text.replace(old, new)


def fields(api, name):
    model = api.components[name]
    assert isinstance(model, Model)
    return {field.name: (field.text, field.default) for field in model.fields}


def operation(api, of):
    return next(one for one in api.operations if one.id == of)


def test_classes_follow_what_is_selected():
    api = compiled()

    assert set(api.components) == {
        "Binding",
        "Book",
        "BookCard",
        "BookCardTopics",
        "BookDetail",
        "BookDetailTopics",
        "Map",
        "ReaderName",
        "Readers",
        "Terms",
        "Thing",
    }
    assert fields(api, "BookCard") == {
        "id": ("str", ""),
        "title": ("str", ""),
        "binding": ("Binding", ""),
        "topics": ("list[BookCardTopics | None] | None", "None"),
    }


def test_fragment_that_does_not_stand_alone_is_opened():
    assert fields(compiled(), "BookDetail") == {
        **fields(compiled(), "BookCard"),
        "topics": ("list[BookDetailTopics | None] | None", "None"),
        "since": ("datetime | None", "None"),
        "notes": ("Any", "None"),
        "reader": ("ReaderName | None", "None"),
    }


def test_several_types_become_a_union_told_apart_by_the_type_name():
    api = compiled()
    thing = api.components["Thing"]

    assert isinstance(thing, Variants)
    assert (thing.tag, thing.members) == ("__typename", {"Book": "Book", "Map": "Map"})
    assert fields(api, "Map") == {
        "typename": ("Literal['Map']", "'Map'"),
        "id": ("str", ""),
        "scale": ("int", ""),
    }
    assert "scale" not in fields(api, "Book")


def test_enumerations_and_inputs_are_compiled_when_something_leads_to_them():
    api = compiled()
    binding, terms = api.components["Binding"], api.components["Terms"]

    assert isinstance(binding, Enumeration)
    assert binding.members == {"HARD_COVER": "hardCover", "PAPERBACK": "paperback"}
    assert isinstance(terms, Model)
    assert terms.direction is Direction.SENT
    assert fields(api, "Terms") == {
        "days": ("int", ""),
        "purpose": ("str | None | Unset", "UNSET"),
    }


def test_class_stands_in_the_module_of_the_first_resource_that_needs_it():
    modules = {name: one.module for name, one in compiled().components.items()}

    assert (modules["BookCard"], modules["BookDetail"], modules["Readers"]) == (
        "readers",
        "books",
        "readers",
    )


@pytest.mark.parametrize(
    ("of", "item", "is_list", "may_be_empty", "is_query", "cost"),
    [
        ("books.get", "BookDetail", False, True, True, 9),
        ("books.card", "BookCard", False, True, True, 5),
        ("books.shelf", "Thing", True, True, True, 3 + 4),
        ("readers.all", "Readers", True, False, True, 7 + 3),
        ("books.lend", "bool", False, False, False, 0),
        ("books.give_back", "str", False, True, False, 0),
    ],
)
def test_operation_says_what_it_gives_and_costs(of, item, is_list, may_be_empty, is_query, cost):
    found = operation(compiled(), of)

    assert (found.result.item, found.result.is_list) == (item, is_list)
    assert (found.result.may_be_empty, found.is_idempotent) == (may_be_empty, is_query)
    assert found.cost == cost


def test_arguments_are_required_where_null_is_refused():
    lend = {one.name: one for one in operation(compiled(), "books.lend").parameters}

    assert {name: (one.annotation.text, one.is_required) for name, one in lend.items()} == {
        "slug": ("str", True),
        "until": ("datetime", False),
        "terms": ("list[Terms]", True),
    }


def test_what_is_sent_is_the_operation_with_its_fragments_and_nothing_of_ours():
    card, detail = (operation(compiled(), of).document for of in ("books.card", "books.get"))

    assert "@call" not in card
    assert [part.split()[1].split("(")[0] for part in detail.split("\n\n")] == [
        "Book",
        "BookDetail",
        "BookCard",
        "ReaderName",
    ]
    schema = GraphqlDocument.read(SDL.encode(), OPERATIONS.encode()).schema
    assert validate(schema, parse(detail)) == []


def test_key_may_be_missing_when_a_directive_decides():
    text = changed("__typename\n  id", "__typename\n  id @include(if: $whole)")
    text = text.replace("$first: Int)", "$first: Int, $whole: Boolean = true)")

    with pytest.raises(DocumentError, match=r"\$whole is no argument of Shelf"):
        compiled(text)
    text = changed("title binding", "title @skip(if: true) binding")
    assert fields(compiled(text), "BookCard")["title"] == ("str | None", "None")


def test_class_changes_when_the_selection_does():
    before, after = compiled(), compiled(changed("{ id title binding", "{ id name: title"))

    assert "binding" in fields(before, "BookCard")
    assert fields(after, "BookCard")["name"] == ("str", "")
    assert "Binding" not in after.components


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("{ name }\nfragment", "{ name born }\nfragment", "operations.graphql:4: Cannot query field 'born'"),
        ("GiveBack(slug: $slug)", "GiveBack(id: $slug)", "operations.graphql:19: Unknown argument 'id'"),
        ("query Readers {", "query Readers", "operations.graphql:15: Syntax Error"),
        ("query Readers { Readers", "query Readers { __typename Readers", "asks for one field"),
        ('@call(id: "books.card"', '@call(id: "books.get"', "two operations books.get"),
        ('@call(id: "books.card"', '@call(id: "card"', "nobody says what it is called"),
        ('@call(id: "books.card"', '@call(id: "cards.get"', "no @resource 'cards'"),
        ("  __typename\n", "", "select __typename"),
        ("fragment BookCard on Book", "fragment BookCard on Item", "Cannot query field 'title'"),
        ("  Book(slug: $slug) { ...BookCard }", "  Book(slug: $slug) { ...Thing }", "Thing stands alone for a Book"),
    ],
)  # fmt: skip
def test_document_is_refused_with_its_place(old, new, complaint):
    text = changed(old, new)
    with pytest.raises(DocumentError, match=complaint.replace("(", r"\(")) as refused:
        compiled(text)
    assert "operations.graphql" in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("scalar JSON", "scalar JSON\nscalar JSON", "schema.graphql is not valid"),
        ("type Query {", "type Query", "schema.graphql:16: Syntax Error"),
        ('"Its title."', "", "Book.title has no description"),
        ("notes: JSON", "notes: Hash", "schema.graphql is not valid: Unknown type"),
        ("scalar Date", "scalar Date scalar Hash", "what the scalar Hash is"),
        ("Readers: [Reader!]!", "Readers: [[Reader!]!]!", "lists in lists"),
        ('name: "books", description', 'name: "films", description', "no @resource 'books'"),
    ],
)  # fmt: skip
def test_schema_is_refused_with_its_place(old, new, complaint):
    sdl = SDL.replace(old, new)
    if "scalar Hash" in new:
        sdl = sdl.replace("notes: JSON", "notes: Hash")
    with pytest.raises(DocumentError, match=complaint.replace("[", r"\[")):
        compiled(sdl=sdl)


def test_operation_is_refused_when_it_costs_more_than_the_server_allows():
    many = " ".join(f"a{number}: name" for number in range(1_001))
    with pytest.raises(
        DocumentError, match=r"operations\.graphql:15: Readers costs 1001 points; 1,000 are allowed"
    ):
        compiled(changed("{ name books { ...BookCard } }", f"{{ {many} }}"))
    fitting = " ".join(f"a{number}: name" for number in range(1_000))
    api = compiled(changed("{ name books { ...BookCard } }", f"{{ {fitting} }}"))
    assert operation(api, "readers.all").cost == 1_000


# Files --------------------------------------------------------------------------------------------


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "schema.graphql").write_text(SDL, encoding="utf-8")
    (folder / "operations.graphql").write_text(OPERATIONS, encoding="utf-8")
    return Target(
        document=folder / "operations.graphql",
        output=tmp_path / "out",
        package="library",
        lock=folder / "operations.lock",
    )


def test_files_are_the_same_however_often_they_are_made(target):
    output = generate(target)

    assert output == generate(target)
    assert {
        "models/books.py",
        "codecs/books.py",
        "resources/books.py",
        "resources/readers.py",
        "catalog.json",
        "schema.graphql",
        "operations.graphql",
    } <= set(output.files)
    method = output.files["resources/books.py"].decode()
    assert "async def lend(" in method
    assert "self, slug: str, terms: Sequence[m.Terms], *, until: datetime | Unset = UNSET" in method


@pytest.mark.parametrize("name", ["schema.graphql", "operations.graphql"])
def test_check_notices_when_a_document_changed(target, name):
    write(target)
    assert list(check(target)) == []

    file = target.document.with_name(name)
    file.write_text(file.read_text(encoding="utf-8") + "# a word\n", encoding="utf-8")

    assert {Path(line.split()[0]).name for line in check(target)} == {name, "operations.lock"}


def test_check_notices_when_a_generated_file_was_edited(target):
    write(target)
    shutil.copy(target.output / "models" / "books.py", target.output / "models" / "extra.py")
    (target.output / "models" / "books.py").write_text("", encoding="utf-8")

    assert [line.partition("models")[2] for line in check(target)] == [
        "/books.py differs",
        "/extra.py is not generated",
    ]


def test_curated_operations_cost_what_the_sandbox_charges():
    document = GraphqlDocument.load(TARGETS[1].document)

    for node in document.operations:
        assert cost_of(node, document) == charged(node, dict(document.fragments), document.schema)


def test_other_form_of_milestone_input_compiles_when_it_is_switched():
    file = TARGETS[1].document
    sdl = file.with_name("schema.graphql").read_text(encoding="utf-8")
    before, ours, theirs, after = re.split(r"# form: \w+\n", sdl)
    commented = "".join(f"# {line}".rstrip() + "\n" for line in ours.splitlines())
    switched = before + commented + re.sub(r"(?m)^# ?", "", theirs) + after

    api = read_graphql_api(GraphqlDocument.read(switched.encode(), file.read_bytes()))

    assert fields(api, "MilestoneInput") == {
        "name": ("str", ""),
        "kind": ("MilestoneKind", ""),
        "requirement": ("MilestoneRequirement", ""),
        "course_ids": ("list[str]", ""),
    }
    assert "MilestoneCourseInput" not in api.components
