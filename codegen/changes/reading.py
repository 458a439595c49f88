"""Reading an OpenAPI document: references, and what in it is for people only.

Everything is read with tolerance, since the older of two documents may break today's rules; only a
reference that leads nowhere is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from codegen.document import DocumentError

__all__ = [
    "DOCUMENTATION",
    "NAMES",
    "SCHEMAS",
    "Tree",
    "components",
    "documentation",
    "mapping",
    "meaning",
    "reference",
    "resolve",
    "sent_by_itself",
    "sequence",
    "unruled",
]

Tree: TypeAlias = Mapping[str, object]
"""A document or an object in it. Nothing is taken for granted about what it holds."""

SCHEMAS: Final = "#/components/schemas/"
# Keys that only people read.
DOCUMENTATION: Final = frozenset(
    [
        "$comment",
        "description",
        "example",
        "examples",
        "externalDocs",
        "summary",
        "tags",
        "title",
        "x-evidence",
        "x-vendor-page",
    ]
)
# Below these, keys are names somebody chose: a property may well be called `description`.
NAMES: Final = frozenset(
    [
        "$defs",
        "content",
        "headers",
        "mapping",
        "patternProperties",
        "paths",
        "properties",
        "responses",
        "schemas",
    ]
)


def mapping(node: object) -> Tree:
    """Give the node if it is a mapping, else an empty one."""
    return node if isinstance(node, Mapping) else {}


def sequence(node: object) -> Sequence[object]:
    """Give the node if it is a list, else an empty one."""
    return node if isinstance(node, list | tuple) else ()


def reference(node: object) -> str:
    """Give the address a node refers to; empty when it does not."""
    return str(mapping(node).get("$ref", ""))


def components(document: Tree, kind: str) -> Tree:
    """Give the components of a kind, by name."""
    return mapping(mapping(document.get("components")).get(kind))


def resolve(document: Tree, node: object) -> Tree:
    """Follow references to what they lead to.

    Raises:
        DocumentError: one leads nowhere, or in a circle.
    """
    seen: list[str] = []
    while address := reference(node):
        if address in seen:
            raise DocumentError(f"{address} refers to itself")
        seen.append(address)
        node = document
        for part in address.removeprefix("#/").split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if key not in mapping(node):
                raise DocumentError(f"{address} is referred to, but is not in the document")
            node = mapping(node)[key]
    return mapping(node)


# ---- what people read, and what has a meaning


def documentation(node: object, *, names: bool = False) -> object:
    """Give the part of a node that only people read, None when there is none.

    Args:
        node: any part of a document.
        names: whether its keys are names somebody chose, not words of OpenAPI.
    """
    if isinstance(node, Mapping):
        found: dict[object, object] = {}
        for key, value in node.items():
            if key in DOCUMENTATION and not names:
                found[key] = value
            elif inner := documentation(value, names=key in NAMES and not names):
                found[key] = inner
        return found or None
    inner_nodes = [documentation(item) for item in sequence(node)]
    return inner_nodes if any(inner_nodes) else None


def meaning(node: object, *, names: bool = False) -> object:
    """Give a node without the part that only people read."""
    if isinstance(node, Mapping):
        return {
            key: meaning(value, names=key in NAMES and not names)
            for key, value in node.items()
            if names or key not in DOCUMENTATION
        }
    return [meaning(item) for item in sequence(node)] if isinstance(node, list | tuple) else node


def unruled(old: Tree, new: Tree, known: Iterable[str]) -> Iterator[str]:
    """Name the keys that differ though no rule is known for them."""
    ruled = {*known, *DOCUMENTATION}
    for key in sorted({str(key) for key in (*old, *new)} - ruled):
        if meaning(old.get(key)) != meaning(new.get(key)):
            yield key


def sent_by_itself(node: Tree) -> str:
    """Give what the client sends when the caller says nothing, as Python writes it; else nothing."""
    if "const" in node:
        return repr(node["const"])
    return repr(node.get("default")) if node.get("x-send-default") is True else ""
