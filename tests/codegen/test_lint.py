"""Every rule of the document, each with a document that breaks it."""

import pytest
from codegen.document import Document
from codegen.lint import RULES, lint

from .conftest import LIBRARY

BOOK = "#/components/schemas/Book"


def at(node, path):
    """Give the node at a path of names; ``/`` stands in names, so they are apart."""
    for name in path:
        node = node[name]
    return node


def put(*path):
    """Break a document by a value at a place: the last two are its name and the value."""
    *above, name, value = path
    return lambda root: at(root, above).__setitem__(name, value)


def drop(*path):
    """Break a document by leaving something out."""
    *above, name = path
    return lambda root: at(root, above).pop(name)


def add(*path):
    """Break a document by one more item of a list."""
    *above, value = path
    return lambda root: at(root, above).append(value)


LIST = ("paths", "/books", "get")
CREATE = ("paths", "/books", "post")
GET = ("paths", "/books/{id}", "get")
SHELVES = ("paths", "/shelves", "get")
SCHEMAS = ("components", "schemas")
BOOK_PROPERTIES = (*SCHEMAS, "Book", "properties")
REQUEST = (*SCHEMAS, "BookRequest", "properties")
STRING = {"type": ["string", "null"], "description": "A text."}

BROKEN = [
    # references and extensions
    ("references_lead_to_something", put(*BOOK_PROPERTIES, "loan", "$ref", "other.yaml#/x"), "loan"),
    ("references_lead_to_something", put(*BOOK_PROPERTIES, "loan", "$ref", "#/components/schemas/No"), "loan"),
    ("extensions_are_known", put(*GET, "x-unwarp", "one"), "paths./books/{id}.get"),
    ("extensions_are_known", put(*GET, "x-unwrap", "two"), "paths./books/{id}.get"),
    ("extensions_are_known", put(*GET, "x-idempotent", 1), "paths./books/{id}.get"),
    ("extensions_are_known", put(*GET, "x-evidence", "hearsay"), "paths./books/{id}.get"),
    ("extensions_are_known", put(*SCHEMAS, "Book", "x-preserve-unknown", False), "Book"),
    # operations
    ("path_items_hold_operations_only", put("paths", "/books", "parameters", []), "/books"),
    ("path_items_hold_operations_only", put("paths", "/books", "head", {}), "/books"),
    *(
        ("operations_say_how_they_work", drop(*GET, key), "GET /books/{id}")
        for key in ("operationId", "summary", "x-unwrap", "x-idempotent", "x-evidence", "x-vendor-page", "security")
    ),
    ("ids_are_resource_and_verb", put(*GET, "operationId", "getBook"), "GET /books/{id}"),
    ("ids_are_resource_and_verb", put(*GET, "operationId", "books.list"), "GET /books/{id}"),
    ("ids_are_resource_and_verb", put(*GET, "operationId", "books.by_address"), "GET /books/{id}"),
    ("tags_are_described", put(*GET, "tags", ["shelves"]), "GET /books/{id}"),
    ("tags_are_described", put(*GET, "operationId", "books.archive.get"), "GET /books/{id}"),
    ("summaries_fit_a_line", put(*GET, "summary", "Get a book."), "GET /books/{id}"),
    ("summaries_fit_a_line", put(*GET, "summary", "Get a book " * 10), "GET /books/{id}"),
    ("reads_and_replacements_are_idempotent", put(*GET, "x-idempotent", False), "GET /books/{id}"),
    ("scopes_are_alternatives", put(*GET, "security", [{"OAuth2": ["r:books", "rw:books"]}]), "GET /books/{id}"),
    ("usual_refusals_are_documented", drop(*GET, "responses", "429"), "GET /books/{id}"),
    ("bodies_are_components_with_examples", put(*CREATE, "requestBody", "required", False), "POST /books body"),
    (
        "bodies_are_components_with_examples",
        put(*CREATE, "requestBody", "content", "application/json", "schema", {"type": "object"}),
        "POST /books body",
    ),
    (
        "bodies_are_components_with_examples",
        drop(*CREATE, "requestBody", "content", "application/json", "examples"),
        "POST /books body",
    ),
    (
        "bodies_are_components_with_examples",
        drop("paths", "/shelves", "post", "requestBody", "content", "text/csv", "x-csv-row"),
        "POST /shelves body",
    ),
    ("answers_are_components_with_examples", drop(*GET, "responses", "200"), "GET /books/{id}"),
    (
        "answers_are_components_with_examples",
        drop(*GET, "responses", "200", "content", "application/json", "examples"),
        "GET /books/{id} 200",
    ),
    (
        "answers_are_components_with_examples",
        put(*GET, "responses", "200", "content", "application/json", "schema", {"type": "object"}),
        "GET /books/{id} 200",
    ),
    ("results_lie_where_unwrap_says", put(*GET, "x-unwrap", "bare"), "GET /books/{id} 200"),
    ("results_lie_where_unwrap_says", put("paths", "/shelves", "put", "x-unwrap", "one"), "PUT /shelves"),
    ("results_lie_where_unwrap_says", put("paths", "/shelves", "post", "x-unwrap", "many"), "POST /shelves 200"),
    ("lists_have_the_name_they_say", put(*SHELVES, "x-member", "boards"), "GET /shelves 200"),
    ("paging_can_be_followed", drop(*LIST, "responses", "200", "headers"), "GET /books"),
    ("paging_can_be_followed", drop(*SHELVES, "parameters"), "GET /shelves"),
    ("paging_can_be_followed", put(*GET, "x-pagination", "link"), "GET /books/{id}"),
    ("path_parameters_match_the_path", drop(*GET, "parameters"), "GET /books/{id}"),
    ("path_parameters_match_the_path", put("components", "parameters", "BookId", "description", ""), "/books/{id}"),
    (
        "path_parameters_match_the_path",
        add(*LIST, "parameters", {"name": "h", "in": "header", "description": "x", "schema": {"type": "string"}}),
        "GET /books",
    ),
    # names
    ("arguments_have_names", put("components", "parameters", "BookId", "x-name", "self"), "GET /books/{id}"),
    (
        "arguments_have_names",
        add(*LIST, "parameters", {"name": "only_new", "in": "query", "description": "x", "schema": {"type": "string"}}),
        "GET /books",
    ),
    ("arguments_have_names", put("components", "parameters", "BookId", "x-name", "body"), "PATCH /books/{id}"),
    ("components_have_names", put(*SCHEMAS, "class", {"description": "x"}), "class"),
    ("components_have_names", put(*SCHEMAS, "Exception", {"description": "x"}), "Exception"),
    ("components_have_names", put(*SCHEMAS, "Unset", {"description": "x"}), "Unset"),
    ("properties_have_names", put(*BOOK_PROPERTIES, "self", STRING), "Book.self"),
    ("properties_have_names", put(*BOOK_PROPERTIES, "datetime", STRING), "Book.datetime"),
    ("properties_have_names", put(*BOOK_PROPERTIES, "by_language", STRING), "Book.by_language"),
    ("properties_have_names", put(*BOOK_PROPERTIES, "nämē·", STRING | {"x-name": "a b"}), "Book"),
    ("modules_are_tags", put(*SCHEMAS, "Shelf", "x-module", "cellars"), "Shelf"),
    ("modules_form_no_circle", put(*SCHEMAS, "Chapter", "x-module", "shelves"), "the modules books and shelves"),
    # components
    ("components_are_described", drop(*SCHEMAS, "Book", "description"), "Book"),
    ("components_are_described", put(*SCHEMAS, "Book", "description", "A thing " * 20), "Book"),
    ("components_are_used", put(*SCHEMAS, "Lonely", {"description": "x"}), "Lonely"),
    ("enumerations_are_open", put(*SCHEMAS, "Genre", "enum", ["a"]), "Genre"),
    ("enumerations_are_open", put(*SCHEMAS, "Genre", "x-extensible-enum", ["a", "a"]), "Genre"),
    ("enumerations_are_open", put(*SCHEMAS, "Genre", "x-extensible-enum", ["a", None]), "Genre"),
    ("objects_are_open", put(*SCHEMAS, "Book", "additionalProperties", False), "Book"),
    ("objects_are_open", put(*SCHEMAS, "Book", "additionalProperties", {"type": "string"}), "Book"),
    ("objects_are_open", put(*SCHEMAS, "Notes", "x-preserve-unknown", True), "Notes"),
    ("rows_are_flat", put(*SCHEMAS, "FillRow", "properties", "count", "type", "array"), "POST /shelves count"),
    # unions and parents
    ("unions_have_tags", drop(*SCHEMAS, "Loan", "discriminator"), "Loan"),
    ("unions_have_tags", drop(*SCHEMAS, "ShortLoan", "required"), "ShortLoan"),
    ("unions_have_tags", put(*SCHEMAS, "LongLoan", "properties", "@type", "const", "lang"), "LongLoan"),
    ("unions_have_tags", put(*SCHEMAS, "Loan", "discriminator", "mapping", "thing", BOOK), "Loan"),
    ("parents_are_components", add(*SCHEMAS, "Book", "allOf", {"$ref": "#/components/schemas/Shelf"}), "Book"),
    ("parents_are_components", put(*SCHEMAS, "Book", "allOf", [{"type": "object"}]), "Book"),
    ("parents_are_components", put(*SCHEMAS, "Book", "allOf", [{"$ref": "#/components/schemas/Notes"}]), "Book"),
    # properties
    ("properties_are_described", drop(*BOOK_PROPERTIES, "pages", "description"), "Book.pages"),
    ("properties_have_plain_types", put(*BOOK_PROPERTIES, "pages", "enum", [1]), "Book.pages"),
    ("properties_have_plain_types", put(*BOOK_PROPERTIES, "pages", "type", ["integer", "string"]), "Book.pages"),
    ("properties_have_plain_types", drop(*BOOK_PROPERTIES, "pages", "type"), "Book.pages"),
    ("properties_have_plain_types", put(*BOOK_PROPERTIES, "pages", "type", "object"), "Book.pages"),
    ("properties_have_plain_types", drop(*BOOK_PROPERTIES, "chapters", "items"), "Book.chapters"),
    ("arguments_have_plain_types", put(*LIST, "parameters", 0, "schema", {}), "GET /books num"),
    ("defaults_are_sent_on_purpose", drop(*REQUEST, "quiet", "default"), "BookRequest.quiet"),
    (
        "defaults_are_sent_on_purpose",
        put(*BOOK_PROPERTIES, "lent", {"type": "boolean", "default": True, "x-send-default": True}),
        "Book.lent",
    ),
    ("defaults_are_sent_on_purpose", drop(*LIST, "parameters", 0, "schema", "default"), "GET /books num"),
    ("answers_promise_only_what_always_comes", put(*BOOK_PROPERTIES, "pages", "type", "integer"), "Book.pages"),
    ("answers_promise_only_what_always_comes", put(*SCHEMAS, "Book", "required", ["pages"]), "Book.pages"),
    ("answers_promise_only_what_always_comes", drop(*SCHEMAS, "Thing", "required"), "Thing.id"),
]  # fmt: skip


def test_the_small_document_keeps_every_rule(library_root):
    assert list(lint(Document(library_root))) == []


@pytest.mark.parametrize(
    ("rule", "breaking", "place"),
    BROKEN,
    ids=[f"{number}-{case[0]}" for number, case in enumerate(BROKEN)],
)
def test_a_rule_finds_the_place_when_a_document_breaks_it(library_root, rule, breaking, place):
    breaking(library_root)
    document = Document(library_root)
    found = [finding for one in RULES if one.__name__ == rule for finding in one(document)]
    assert found, f"{rule} finds nothing"
    assert any(place in finding.place for finding in found), found
    assert all(finding.problem and finding.remedy for finding in found)
    assert list(lint(document)), "the document passes"


def test_every_rule_has_a_document_that_breaks_it():
    assert {rule.__name__ for rule in RULES} == {case[0] for case in BROKEN}


def test_a_finding_says_where_what_and_what_to_do(library_root):
    put(*GET, "x-idempotent", False)(library_root)
    (finding,) = lint(Document(library_root))
    assert str(finding) == (
        "GET /books/{id}: GET is not idempotent. "
        "It is repeated when a connection was stale: use POST, or say true."
    )


def test_the_document_is_read_from_a_file():
    assert Document.load(LIBRARY).name == "library.yaml"
