"""What is said of changes to a small schema and its operations."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from codegen.changes import main_diff, semver_step
from codegen.changes.graphql import compare_apis
from codegen.graphql.compiling import read_graphql_api
from codegen.graphql.source import GraphqlDocument

GIT = shutil.which("git") or "git"
SDL = """
directive @call(id: String!) on FIELD_DEFINITION
directive @resource(name: String!, description: String!) repeatable on SCHEMA
"A library"
schema @resource(name: "books", description: "What is read.") { query: Query mutation: Mutation }
type Query {
  "A book."
  Book("Its id." id: ID!, "Its shelf." shelf: ID!, "In which words." language: String): Book @call(id: "books.get")
}
type Mutation {
  "Puts one in."
  Add("What." book: NewBook!): Boolean! @call(id: "books.add")
}
"A book."
type Book { "Its id." id: ID! "Its title." title: String "Its kind." kind: Kind! "Its parts." parts: [Part!]! }
"A kind."
enum Kind { novel atlas }
"A part."
union Part = Chapter | Plate
"A chapter."
type Chapter { "Its number." number: Int! }
"A plate."
type Plate { "Its number." number: Int! }
"A new book."
input NewBook { "Its title." title: String! "Its kind." kind: Kind }
"""
OPERATIONS = """
fragment Card on Book { id title kind parts { ...PartCard } }
fragment PartCard on Part { __typename ... on Chapter { number } }
query Book($id: ID!, $shelf: ID!, $language: String) {
  Book(id: $id, shelf: $shelf, language: $language) { ...Card }
}
mutation Add($book: NewBook!) { Add(book: $book) }
"""


def api(sdl=SDL, operations=OPERATIONS):
    return read_graphql_api(GraphqlDocument.read(sdl.encode(), operations.encode()))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: String ", "title: String! ", "additive Card.title is never None any more"),
        ("kind: Kind! ", "kind: Kind ", "breaking Card.kind may be None"),
        ("title: String ", "title: Int ", "breaking Card.title is int | None, was str | None"),
        ("novel atlas", "novel atlas map", "additive Kind.MAP is new"),
        ("novel atlas", "novel", "breaking Kind.ATLAS is gone"),
        ("= Chapter | Plate", "= Chapter", "breaking PartCard no longer has the member Plate"),
        ("): Book @call", "): Book! @call", "additive books.get never gives None any more"),
        ("title: String! ", "title: String! pages: Int! ", "breaking NewBook.pages is new and must be given"),
        ("title: String! ", "title: String! pages: Int ", "additive NewBook.pages is new"),
        ('input NewBook { "Its title." title: String! ', 'input NewBook { "Its title." title: String ', "additive NewBook.title need not be given"),
        ('"Its kind." kind: Kind }', '"Its kind." kind: Kind! }', "breaking NewBook.kind must be given"),
        ('"A chapter."', '"One chapter."', "neutral Chapter is described in other words"),
        ('"Its shelf."', '"The shelf."', "neutral books.get(shelf) is described in other words"),
        ('"A book."\n  Book', '"One book."\n  Book', "neutral books.get is described in other words"),
        ('"books.get"', '"books.read"', "breaking books.get is gone"),
        ("language: String)", 'language: String) : Book @call(id: "books.get") @deprecated(reason: "old")#', "neutral books.get is deprecated"),
    ],
)  # fmt: skip
def test_change_of_the_schema_is_judged(old, new, said):
    assert old in SDL
    sdl = SDL.replace(old, new)
    if "pages" in new:
        sdl = sdl.replace("pages", '"How many." pages')
    assert said in told(api(), api(sdl))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{ id title kind", "{ id kind", "breaking Card.title is gone"),
        ("{ id title kind", "{ id kind", "neutral books.get costs 5 points, was 6"),
        ("{ id title kind", "{ id title name: title kind", "additive Card.name is new"),
        ("...Card }", "...Card id }", "breaking books.get gives Book, was Card"),
        ("($id: ID!, $shelf: ID!,", "($shelf: ID!, $id: ID!,", "breaking books.get takes shelf, id in this order"),
        ("$language: String)", "$language: String!)", "breaking books.get(language) must be given"),
        ("mutation Add($book: NewBook!) { Add(book: $book) }", "", "breaking books.add is gone"),
        (", $language: String)", ")", "breaking books.get(language) is gone"),
    ],
)  # fmt: skip
def test_change_of_the_operations_is_judged(old, new, said):
    assert old in OPERATIONS
    operations = OPERATIONS.replace(old, new)
    if "$language: String" not in operations:
        operations = operations.replace(", language: $language", "")
    assert said in told(api(), api(operations=operations))


def told(old, new):
    return [f"{one.kind} {one.where} {one.what}" for one in compare_apis(old, new)]


def test_nothing_is_said_when_nothing_changed():
    assert compare_apis(api(), api(operations=OPERATIONS + "# a word\n")) == []


def test_what_comes_is_additive_seen_from_the_other_side():
    fewer = api(
        operations=OPERATIONS.replace("mutation Add($book: NewBook!) { Add(book: $book) }", "")
    )

    changes = compare_apis(fewer, api())

    assert semver_step(changes) == "minor"
    assert "additive books.add is new" in told(fewer, api())


@pytest.fixture
def document(tmp_path):
    (tmp_path / "schema.graphql").write_text(SDL, encoding="utf-8")
    file = tmp_path / "operations.graphql"
    file.write_text(OPERATIONS, encoding="utf-8")
    settings = [
        "-c",
        "user.name=Ana",
        "-c",
        "user.email=ana@example.edu",
        "-c",
        "commit.gpgsign=false",
    ]
    for arguments in (["init", "--quiet"], ["add", "."], [*settings, "commit", "-qm", "Begin"]):
        subprocess.run([GIT, *arguments], cwd=tmp_path, check=True, capture_output=True)
    return file


def test_revision_is_compared_with_schema_and_operations(document, capsys):
    assert main_diff("HEAD", document) == 0
    assert capsys.readouterr() == ("", "")

    schema = document.with_name("schema.graphql")
    schema.write_text(SDL.replace("novel atlas", "novel"), encoding="utf-8")

    assert main_diff("HEAD", document) == 1
    assert "Kind.ATLAS is gone" in capsys.readouterr().out


def test_document_nobody_can_compile_gives_exit_code_2(document, capsys):
    document.write_text(OPERATIONS.replace("title", "subtitle"), encoding="utf-8")

    assert main_diff("HEAD", document) == 2
    assert "operations.graphql:2: Cannot query field 'subtitle'" in capsys.readouterr().err
