"""What lint finds, and how it walks a document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from codegen.document import Document, Node

__all__ = ["Finding", "Rule", "nodes", "schema_properties"]


@attrs.frozen
class Finding:
    """One thing that is wrong.

    Attributes:
        place: where: an operation, or names with dots between.
        problem: what is wrong there.
        remedy: what to do about it.
    """

    place: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}. {self.remedy}."


Rule: TypeAlias = Callable[[Document], Iterator[Finding]]


def nodes(node: Any, place: str = "") -> Iterator[tuple[str, Node]]:
    """Give every object of a document with its place; what stands in examples is not looked at."""
    if isinstance(node, Mapping):
        yield place or "the document", node
        for key, value in node.items():
            if key not in {"example", "examples", "default", "value"} or "$ref" in node:
                yield from nodes(value, f"{place}.{key}" if place else str(key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from nodes(value, f"{place}[{number}]")


def schema_properties(document: Document) -> Iterator[tuple[str, str, str, Node]]:
    """Give every property: its place, the component, its name on the wire, and its schema."""
    for name, schema in document.schemas.items():
        for wire, property_ in schema.get("properties", {}).items():
            yield f"{name}.{wire}", name, wire, property_
