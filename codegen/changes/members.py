"""The members of an object, seen as the attributes they become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import attrs

from codegen.changes.reading import Tree, mapping, reference, resolve, sent_by_itself, sequence
from codegen.names import snake_case

__all__ = ["Member", "members"]


@attrs.frozen
class Member:
    """A property of an object, seen as the attribute it becomes.

    Attributes:
        name: what it is called in Python.
        wire: its key in JSON.
        node: its schema.
        marks: of ``required`` and ``x-always``, those it bears.
        is_inherited: whether a base schema declares it.
    """

    name: str
    wire: str
    node: Tree
    marks: frozenset[str]
    is_inherited: bool

    @property
    def is_always_there(self) -> bool:
        """Whether readers find it in every object."""
        return bool(self.marks)

    @property
    def must_be_given(self) -> bool:
        """Whether a caller has to give it: it has no default that is sent by itself."""
        return "required" in self.marks and not sent_by_itself(self.node)


def _layers(
    document: Tree, node: Tree, seen: frozenset[str] = frozenset()
) -> Iterator[tuple[Tree, bool]]:
    """Give the schemas an object is made of, bases first, and whether each is a base."""
    for part in sequence(node.get("allOf")):
        address = reference(part)
        if address in seen:
            continue
        for layer, _ in _layers(document, resolve(document, part), seen | {address}):
            yield layer, bool(address)
    yield node, False


def members(document: Tree, node: Tree) -> dict[str, Member]:
    """Give the attributes of an object by name, inherited ones too."""
    layers = list(_layers(document, node))
    required = {wire for layer, _ in layers for wire in sequence(layer.get("required"))}
    found: dict[str, tuple[Tree, bool]] = {}
    for layer, is_base in layers:
        for wire, schema in mapping(layer.get("properties")).items():
            found[str(wire)] = (mapping(schema), is_base)
    named = {
        wire: str(schema.get("x-name") or snake_case(wire)) for wire, (schema, _) in found.items()
    }
    count = Counter(named.values())
    return {
        key: Member(
            name=key,
            wire=wire,
            node=schema,
            marks=frozenset(
                mark
                for mark, is_borne in (
                    ("required", wire in required),
                    ("x-always", schema.get("x-always") is True),
                )
                if is_borne
            ),
            is_inherited=is_base,
        )
        for wire, (schema, is_base) in found.items()
        for key in (named[wire] if count[named[wire]] == 1 else wire,)
    }
