"""The types of values, each of which knows itself: in Python, in JSON Schema, and in a name.

Templates print `text`; datamodel-code-generator reads `json_schema`; codecs call their hooks after
`words`. The three are said here only, side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

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
    "Constant",
    "ListOf",
    "MapOf",
    "Nullable",
    "Plain",
    "Reference",
    "is_nullable",
]


class Annotation(Protocol):
    """The type of a value."""

    @property
    def text(self) -> str:
        """The type in Python, as it stands in the models."""
        ...

    @property
    def words(self) -> str:
        """The type as a part of a name: ``list_of_evidence_or_none``."""
        ...

    @property
    def json_schema(self) -> dict[str, Any]:
        """The type for datamodel-code-generator."""
        ...

    def references(self) -> Iterator[str]:
        """Give the names of the components it speaks of."""
        ...


@attrs.frozen
class Plain:
    """A type that Python brings along."""

    text: str
    schema: dict[str, Any] = attrs.field(factory=dict, eq=False, hash=False)

    @property
    def words(self) -> str:
        """See `Annotation`."""
        return self.text.lower()

    @property
    def json_schema(self) -> dict[str, Any]:
        """See `Annotation`."""
        return dict(self.schema)

    def references(self) -> Iterator[str]:
        """See `Annotation`."""
        return iter(())


ANY = Plain("Any")
BOOL = Plain("bool", {"type": "boolean"})
DATETIME = Plain("datetime", {"type": "string", "format": "date-time"})
FLOAT = Plain("float", {"type": "number"})
INT = Plain("int", {"type": "integer"})
STR = Plain("str", {"type": "string"})


@attrs.frozen
class Constant:
    """A text that is always the same, such as the tag of a variant."""

    value: str

    @property
    def text(self) -> str:
        """See `Annotation`."""
        return f"Literal[{self.value!r}]"

    @property
    def words(self) -> str:
        """See `Annotation`."""
        return f"constant_{snake_case(self.value)}"

    @property
    def json_schema(self) -> dict[str, Any]:
        """See `Annotation`."""
        return {"type": "string", "const": self.value}

    def references(self) -> Iterator[str]:
        """See `Annotation`."""
        return iter(())


@attrs.frozen
class Reference:
    """A class or a union of the models, by name."""

    name: str

    @property
    def text(self) -> str:
        """See `Annotation`."""
        return self.name

    @property
    def words(self) -> str:
        """See `Annotation`."""
        return snake_case(self.name)

    @property
    def json_schema(self) -> dict[str, Any]:
        """See `Annotation`."""
        return {"$ref": f"#/components/schemas/{self.name}"}

    def references(self) -> Iterator[str]:
        """See `Annotation`."""
        yield self.name


@attrs.frozen
class ListOf:
    """A list."""

    item: Annotation

    @property
    def text(self) -> str:
        """See `Annotation`."""
        return f"list[{self.item.text}]"

    @property
    def words(self) -> str:
        """See `Annotation`."""
        # "list of x or none" is a list that may be None.
        if isinstance(self.item, Nullable):
            return f"list_of_optional_{self.item.inner.words}"
        return f"list_of_{self.item.words}"

    @property
    def json_schema(self) -> dict[str, Any]:
        """See `Annotation`."""
        return {"type": "array", "items": self.item.json_schema}

    def references(self) -> Iterator[str]:
        """See `Annotation`."""
        return self.item.references()


@attrs.frozen
class MapOf:
    """An object whose keys are not known beforehand."""

    value: Annotation

    @property
    def text(self) -> str:
        """See `Annotation`."""
        return f"dict[str, {self.value.text}]"

    @property
    def words(self) -> str:
        """See `Annotation`."""
        return f"dict_of_{self.value.words}"

    @property
    def json_schema(self) -> dict[str, Any]:
        """See `Annotation`."""
        return {"type": "object", "additionalProperties": self.value.json_schema or True}

    def references(self) -> Iterator[str]:
        """See `Annotation`."""
        return self.value.references()


@attrs.frozen
class Nullable:
    """A type beside which null is allowed."""

    inner: Annotation

    @property
    def text(self) -> str:
        """See `Annotation`."""
        return f"{self.inner.text} | None"

    @property
    def words(self) -> str:
        """See `Annotation`."""
        return f"{self.inner.words}_or_none"

    @property
    def json_schema(self) -> dict[str, Any]:
        """See `Annotation`."""
        return {"anyOf": [self.inner.json_schema, {"type": "null"}]}

    def references(self) -> Iterator[str]:
        """See `Annotation`."""
        return self.inner.references()


def is_nullable(annotation: Annotation) -> bool:
    """Say whether null is a value of the type."""
    return isinstance(annotation, Nullable) or annotation == ANY
