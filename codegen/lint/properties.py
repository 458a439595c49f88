"""Rules about properties: their types, and what they promise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codegen.annotations import is_nullable
from codegen.document import Document, Node
from codegen.lint.finding import Finding, schema_properties
from codegen.schemas import Direction, annotation_of
from codegen.uses import directions

__all__ = [
    "answers_promise_only_what_always_comes",
    "arguments_have_plain_types",
    "defaults_are_sent_on_purpose",
    "properties_are_described",
    "properties_have_plain_types",
]

_PLAIN = {"string", "integer", "number", "boolean"}
_NAMED = ("enum", "properties", "allOf", "oneOf", "x-extensible-enum")
"""What makes a schema a class or a union, which must have a name."""


def properties_are_described(document: Document) -> Iterator[Finding]:
    """Find properties without a description."""
    for place, _, _, schema in schema_properties(document):
        if not schema.get("description"):
            yield Finding(place, "it has no description", "Say what it is, in our own words")


def _beside_null(schema: Node) -> Node | None:
    """Give what may stand where null may stand, None when that is more than one thing."""
    if "anyOf" in schema:
        others = [one for one in schema["anyOf"] if one != {"type": "null"}]
    else:
        others = [{**schema, "type": kind} for kind in schema["type"] if kind != "null"]
    return others[0] if len(others) == 1 else None


def _fault(schema: Node) -> str | None:
    """Say why a schema has no type in Python that reads well."""
    inline = [key for key in _NAMED if key in schema]
    if inline:
        return f"{inline[0]} stands inline"
    if "$ref" in schema or "const" in schema:
        return None
    kind = schema.get("type")
    if "anyOf" in schema or isinstance(kind, list):
        beside = _beside_null(schema)
        return "it is of several types" if beside is None else _fault(beside)
    if kind in {"array", "object"}:
        inside = schema.get("items" if kind == "array" else "additionalProperties")
        return (
            _fault(inside) if isinstance(inside, Mapping) else f"what its {kind} holds is not said"
        )
    return None if kind in _PLAIN else f"its type is {kind or 'not said'}"


def properties_have_plain_types(document: Document) -> Iterator[Finding]:
    """Find properties that would need a class without a name."""
    for place, _, _, schema in schema_properties(document):
        if fault := _fault(schema):
            yield Finding(place, fault, "Make it a component, or one type that may be null")


def arguments_have_plain_types(document: Document) -> Iterator[Finding]:
    """Find parameters that are no single plain values."""
    for found in document.operations():
        for reference in found.node.get("parameters", ()):
            parameter = document.resolve(reference)
            kind = parameter.get("schema", {}).get("type")
            if kind not in _PLAIN:
                yield Finding(
                    f"{found.place} {parameter['name']}", "it is no plain value", "Give it one type"
                )


def defaults_are_sent_on_purpose(document: Document) -> Iterator[Finding]:
    """Find defaults that are to be sent where there is none, or nothing is sent."""
    travels = directions(document)
    for place, component, _, schema in schema_properties(document):
        if schema.get("x-send-default") and (
            "default" not in schema
            or Direction.SENT not in travels.get(component, Direction.RECEIVED)
        ):
            yield Finding(place, "there is no default to send", "Say it in default, of a request")
    for found in document.operations():
        for reference in found.node.get("parameters", ()):
            parameter = document.resolve(reference)
            if parameter.get("x-send-default") and "default" not in parameter.get("schema", {}):
                yield Finding(
                    f"{found.place} {parameter['name']}", "there is no default to send", "Say it"
                )


def answers_promise_only_what_always_comes(document: Document) -> Iterator[Finding]:
    """Find members of answers that would break a reader when they are missing or null."""
    travels = directions(document)
    for place, component, wire, schema in schema_properties(document):
        travel = travels.get(component, Direction(0))
        always = bool(schema.get("x-always")) or "const" in schema
        is_required = wire in document.schemas[component].get("required", ())
        if schema.get("x-always") and (
            not is_required or is_nullable(annotation_of(schema, document))
        ):
            yield Finding(place, "it always comes, but may be missing or null", "Require it")
        if Direction.RECEIVED not in travel or always:
            continue
        if is_required:
            yield Finding(
                place, "answers are said to have it always", "Say x-always, or do not require it"
            )
        elif not is_nullable(annotation_of(schema, document)):
            yield Finding(place, "it comes in answers and may not be null", "Let it be null")
