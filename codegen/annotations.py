"""The types of values: each says what it is in Python, in JSON Schema, and in a name.

Templates print `text`; datamodel-code-generator reads `json_schema`; codecs call their hooks after
`words`. The three are said here only, side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from codegen.names import snake_case

__all__ = [
    "ANY",
    "BOOL",
    "DATETIME",
    "FLOAT",
    "INT",
    "STR",
    "Annotation",
    "ListOf",
    "MapOf",
    "Nullable",
    "constant",
    "is_nullable",
    "list_of",
    "map_of",
    "nullable",
    "reference",
]


@attrs.frozen(kw_only=True)
class Annotation:
    """The type of a value.

    Attributes:
        text: the type in Python, as it stands in the models.
        words: the type as a part of a name: ``list_of_evidence_or_none``.
        json_schema: the type for datamodel-code-generator.
        references: the names of the components it speaks of.
    """

    text: str
    words: str
    json_schema: Mapping[str, Any] = attrs.field(eq=False, repr=False)
    references: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class _Composed(Annotation):
    """A type made of another."""

    inner: Annotation


class ListOf(_Composed):
    """A list; `inner` is the type of its items."""


class MapOf(_Composed):
    """An object whose keys are not known beforehand; `inner` is the type of its values."""


class Nullable(_Composed):
    """Something or null; `inner` is the type of something."""


def _plain(text: str, schema: Mapping[str, Any]) -> Annotation:
    return Annotation(text=text, words=text.lower(), json_schema=schema)


ANY = _plain("Any", {})
BOOL = _plain("bool", {"type": "boolean"})
DATETIME = _plain("datetime", {"type": "string", "format": "date-time"})
FLOAT = _plain("float", {"type": "number"})
INT = _plain("int", {"type": "integer"})
STR = _plain("str", {"type": "string"})


def constant(value: str) -> Annotation:
    """Give the type of a text that is always the same, such as the tag of a variant."""
    return Annotation(
        text=f"Literal[{value!r}]",
        words=f"constant_{snake_case(value)}",
        json_schema={"type": "string", "const": value},
    )


def reference(name: str) -> Annotation:
    """Give the type that is a component."""
    return Annotation(
        text=name,
        words=snake_case(name),
        json_schema={"$ref": f"#/components/schemas/{name}"},
        references=(name,),
    )


def list_of(inner: Annotation) -> ListOf:
    """Give the type of lists of a type."""
    return ListOf(
        text=f"list[{inner.text}]",
        words=f"list_of_{inner.words}",
        json_schema={"type": "array", "items": inner.json_schema},
        references=inner.references,
        inner=inner,
    )


def map_of(inner: Annotation) -> MapOf:
    """Give the type of objects whose values are of a type."""
    return MapOf(
        text=f"dict[str, {inner.text}]",
        words=f"dict_of_{inner.words}",
        json_schema={"type": "object", "additionalProperties": inner.json_schema or True},
        references=inner.references,
        inner=inner,
    )


def nullable(inner: Annotation) -> Annotation:
    """Give the type that is another or null."""
    if is_nullable(inner):
        return inner
    return Nullable(
        text=f"{inner.text} | None",
        words=f"{inner.words}_or_none",
        json_schema={"anyOf": [inner.json_schema, {"type": "null"}]},
        references=inner.references,
        inner=inner,
    )


def is_nullable(annotation: Annotation) -> bool:
    """Say whether null is a value of the type."""
    return isinstance(annotation, Nullable) or annotation == ANY
