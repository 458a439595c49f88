"""Who speaks of a component: which way it travels, and in which module of the models it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from codegen.document import Document, component_name
from codegen.operations import items_of
from codegen.schemas import Direction

__all__ = ["directions", "module_names", "unknown_variants"]


def directions(document: Document) -> dict[str, Direction]:
    """Say of each component that something is made of which way it travels.

    What only wraps a result is not among them: wrappings are opened before anything is decoded.
    """
    found: dict[str, Direction] = {}
    for name, direction, _ in _uses(document):
        found[name] = found.get(name, Direction(0)) | direction
    return found


def _uses(document: Document) -> Iterator[tuple[str, Direction, str]]:
    """Give each use of a component: its name, which way, and the module that use puts it in."""
    for operation in document.operations():
        node = operation.node
        for direction, root in _roots(node, document):
            for name in document.reachable(root):
                yield name, direction, _module_of(root, node["tags"][0], document)


def _roots(node: Mapping[str, Any], document: Document) -> Iterator[tuple[Direction, Any]]:
    """Give the schemas an operation sends and receives, without wrappings."""
    for content in node.get("requestBody", {}).get("content", {}).values():
        rows = content.get("x-csv-row")
        yield Direction.SENT, {"$ref": rows} if rows else content["schema"]
    if node.get("x-unwrap") == "none":
        return
    for status, answer in node["responses"].items():
        for content in document.resolve(answer).get("content", {}).values():
            if status.startswith("2"):
                schema = content["schema"]
                if member := node.get("x-member"):
                    schema = document.resolve(schema)["properties"][member]
                yield Direction.RECEIVED, items_of(schema, document) or schema


def _module_of(root: Mapping[str, Any], tag: str, document: Document) -> str:
    while "items" in root:
        root = root["items"]
    module: str = document.resolve(root).get("x-module", tag)
    return module


def module_names(document: Document) -> dict[str, str]:
    """Say in which module of the models each component stands: the first tag that it serves."""
    order = list(document.tags)
    found: dict[str, str] = {}
    for name, _, module in _uses(document):
        found[name] = min(found.get(name, module), module, key=order.index)
    return {name: document.schemas[name].get("x-module", module) for name, module in found.items()}


def unknown_variants(document: Document) -> Iterator[str]:
    """Give what stands in unions for all other variants: in Python, `UnknownVariant` does."""
    for schema in document.schemas.values():
        known = set(schema.get("discriminator", {}).get("mapping", {}).values())
        for member in schema.get("oneOf", ()):
            if member["$ref"] not in known:
                yield component_name(member["$ref"])
