"""Rules about component schemas as wholes."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.document import Document
from codegen.lint.finding import Finding
from codegen.rendering import first_sentence

__all__ = [
    "components_are_described",
    "components_are_used",
    "enumerations_are_open",
    "objects_are_open",
    "rows_are_flat",
]

_LONGEST_SENTENCE = 93
"""With its quotes and indent, the first line of a class's docstring."""


def components_are_described(document: Document) -> Iterator[Finding]:
    """Find components that say nothing of themselves, or too much at once."""
    for name, schema in document.schemas.items():
        description = schema.get("description", "")
        if not description:
            yield Finding(name, "it has no description", "Say what it is, in our own words")
        elif len(first_sentence(description)) > _LONGEST_SENTENCE:
            yield Finding(
                name,
                "the first sentence of its description does not fit a line",
                f"Begin with one of at most {_LONGEST_SENTENCE} characters",
            )


def components_are_used(document: Document) -> Iterator[Finding]:
    """Find components that no operation speaks of."""
    used = document.reachable(document.root.get("paths", {}))
    for name in document.schemas:
        if name not in used:
            yield Finding(name, "no operation speaks of it", "Remove it")


def enumerations_are_open(document: Document) -> Iterator[Finding]:
    """Find closed enumerations, and lists of values that are no distinct texts."""
    for name, schema in document.schemas.items():
        if "enum" in schema:
            yield Finding(name, "it is closed", "Write x-extensible-enum: servers add values")
        values = schema.get("x-extensible-enum", [])
        if "x-extensible-enum" in schema and (
            schema.get("type") != "string"
            or not values
            or not all(isinstance(value, str) for value in values)
            or len(set(values)) != len(values)
        ):
            yield Finding(name, "its values are no distinct texts", "List texts, each once")


def objects_are_open(document: Document) -> Iterator[Finding]:
    """Find objects that refuse, or carelessly drop, members they do not name."""
    for name, schema in document.schemas.items():
        if schema.get("additionalProperties") is False:
            yield Finding(
                name, "it is closed", "Leave additionalProperties out: servers add members"
            )
        elif "properties" in schema and "additionalProperties" in schema:
            yield Finding(
                name,
                "it has members of both known and unknown names",
                "Say x-preserve-unknown instead of additionalProperties",
            )
        if schema.get("x-preserve-unknown") and "properties" not in schema:
            yield Finding(name, "it names no members", "x-preserve-unknown is for those that do")


def rows_are_flat(document: Document) -> Iterator[Finding]:
    """Find rows of CSV with cells that are no plain values."""
    for found in document.operations():
        for content in found.node.get("requestBody", {}).get("content", {}).values():
            if "x-csv-row" not in content:
                continue
            row = document.at(content["x-csv-row"])
            for wire, schema in row.get("properties", {}).items():
                if schema.get("type") not in {"string", "integer", "number", "boolean"}:
                    yield Finding(
                        f"{found.place} {wire}", "it fits no cell", "Make it a plain value"
                    )
