"""Which way schemas travel, and so which of them are made into classes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from codegen.changes.change import Use
from codegen.changes.reading import (
    DOCUMENTATION,
    NAMES,
    SCHEMAS,
    Tree,
    components,
    mapping,
    reference,
    resolve,
    sequence,
)
from codegen.changes.results import result_of
from codegen.changes.shape import Shape, has_tag
from codegen.changes.signatures import Operation, operations
from codegen.document import component_name

__all__ = ["directions"]


def _addresses(node: object, *, names: bool = False) -> Iterator[str]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            if not names and key in {"$ref", "x-csv-row"}:
                yield str(value)
            elif not names and key == "mapping":
                yield from (str(target) for target in mapping(value).values())
            elif names or key not in DOCUMENTATION:
                yield from _addresses(value, names=key in NAMES and not names)
    for item in sequence(node):
        yield from _addresses(item)


def _reached(document: Tree, roots: Iterable[object]) -> set[str]:
    """Walk from address to address, each once: a schema that holds itself ends the walk."""
    reached: set[str] = set()
    waiting = [address for root in roots for address in _addresses(root)]
    while waiting:
        address = waiting.pop()
        if address not in reached:
            reached.add(address)
            waiting.extend(_addresses(resolve(document, {"$ref": address})))
    return {component_name(address) for address in reached if address.startswith(SCHEMAS)}


def _sent(document: Tree, call: Operation) -> Iterator[object]:
    yield from (each.node for each in call.parameters)
    for media in mapping(resolve(document, call.node.get("requestBody")).get("content")).values():
        row = mapping(media).get("x-csv-row")
        yield {"$ref": row} if row else mapping(media).get("schema")


def _variants_not_named(document: Tree) -> set[str]:
    """Name what stands in unions for variants nobody knows: in Python that is UnknownVariant."""
    return {
        component_name(reference(part))
        for node in components(document, "schemas").values()
        for part in sequence(mapping(node).get("oneOf"))
        if "discriminator" in mapping(node) and not has_tag(mapping(node), part)
    }


def _names(shape: Shape) -> Iterator[str]:
    if shape.kind == "named":
        yield shape.name
    for part in shape.parts:
        yield from _names(part)


def directions(document: Tree) -> dict[str, Use]:
    """Say of every schema which ways it travels.

    What only wraps a result, or says why there is none, travels no way: no method gives it.
    """
    calls = operations(document).values()
    sent = _reached(document, [part for call in calls for part in _sent(document, call)])
    given = {name for call in calls for name in _names(result_of(document, call).item.shape)}
    read = _reached(document, [{"$ref": f"{SCHEMAS}{name}"} for name in given])
    unnamed = _variants_not_named(document)
    return {
        name: Use(sent=name in sent - unnamed, read=name in read - unnamed)
        for name in components(document, "schemas")
    }
