"""The operations of a document, with their arguments in the order callers give them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import attrs

from codegen.changes.reading import Tree, mapping, reference, resolve, sequence
from codegen.document import component_name
from codegen.names import snake_case

__all__ = ["Operation", "Parameter", "operations"]

_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@attrs.frozen
class Parameter:
    """An argument of an operation that is no body.

    Attributes:
        component: the name of the shared parameter it refers to; empty when written in place.
        name: what it is called in Python.
        wire: what it is called on the wire.
        place: ``path``, ``query``, ``header`` or ``cookie``.
        node: the parameter object.
    """

    component: str
    name: str
    wire: str
    place: str
    node: Tree

    @property
    def is_positional(self) -> bool:
        """Whether callers give it by place."""
        return self.place == "path"


@attrs.frozen
class Operation:
    """One operation, with what its path says for all of its methods.

    Attributes:
        id: the ``operationId``.
        method: in capitals.
        path: the template.
        node: the operation object.
        item: the path item without its operations and parameters.
        parameters: path parameters first, in the template's order.
        security: the alternatives, each the schemes and scopes it asks for together.
    """

    id: str
    method: str
    path: str
    node: Tree
    item: Tree
    parameters: tuple[Parameter, ...]
    security: frozenset[frozenset[str]]


def _parameters(document: Tree, path: str, nodes: Iterable[object]) -> tuple[Parameter, ...]:
    order = re.findall(r"{([^{}]*)}", path)
    found: dict[tuple[str, str], Parameter] = {}
    for given in nodes:
        node = resolve(document, given)
        wire, place = str(node.get("name", "")), str(node.get("in", ""))
        found[place, wire] = Parameter(
            component=component_name(reference(given)),
            name=str(node.get("x-name") or snake_case(wire)),
            wire=wire,
            place=place,
            node=node,
        )

    def rank(parameter: Parameter) -> int:
        if not parameter.is_positional:
            return len(order) + 1
        return order.index(parameter.wire) if parameter.wire in order else len(order)

    return tuple(sorted(found.values(), key=rank))


def _security(document: Tree, node: Tree) -> frozenset[frozenset[str]]:
    alternatives = {
        frozenset(
            part
            for scheme, scopes in mapping(alternative).items()
            for part in (str(scheme), *(f"{scheme}: {scope}" for scope in sequence(scopes)))
        )
        for alternative in sequence(node.get("security", document.get("security")))
    }
    return frozenset(alternatives or {frozenset()})


def operations(document: Tree) -> dict[str, Operation]:
    """Give the operations by id, in the document's order."""
    found: dict[str, Operation] = {}
    for path, given in mapping(document.get("paths")).items():
        item = resolve(document, given)
        shared = sequence(item.get("parameters"))
        for method in _METHODS:
            if method not in item:
                continue
            node = mapping(item[method])
            name = str(node.get("operationId") or f"{method.upper()} {path}")
            found[name] = Operation(
                id=name,
                method=method.upper(),
                path=str(path),
                node=node,
                item={k: v for k, v in item.items() if k not in {*_METHODS, "parameters"}},
                parameters=_parameters(
                    document, str(path), [*shared, *sequence(node.get("parameters"))]
                ),
                security=_security(document, node),
            )
    return found
