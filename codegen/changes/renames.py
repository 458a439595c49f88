"""Schemas that only got another name.

A new name is one change, told once; without this it would also be told wherever the schema is
referred to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from codegen.changes.reading import SCHEMAS, Tree, components, meaning, sequence
from codegen.document import component_name

__all__ = ["rename", "renamed_schemas"]


def _outline(node: object, names: set[str]) -> str:
    """Spell the meaning of a schema, any of the names in it left open."""
    if isinstance(node, Mapping):
        inner = sorted(f"{key!r}: {_outline(value, names)}" for key, value in node.items())
        return f"{{{', '.join(inner)}}}"
    if isinstance(node, list | tuple):
        return f"[{', '.join(_outline(item, names) for item in sequence(node))}]"
    if isinstance(node, str) and node.startswith(SCHEMAS) and component_name(node) in names:
        return "?"
    return repr(node)


def renamed_schemas(old: Tree, new: Tree) -> dict[str, str]:
    """Pair schemas that are gone with new ones that say the same.

    A pair is believed where both are the only ones that say it, and where the schemas they refer
    to are pairs as well.
    """
    schemas = components(old, "schemas"), components(new, "schemas")
    gone, added = set(schemas[0]) - set(schemas[1]), set(schemas[1]) - set(schemas[0])
    alike: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, names in enumerate((gone, added)):
        for name in names:
            alike[_outline(meaning(schemas[side][name]), names)][side].append(name)
    pairs = {
        before[0]: after[0] for before, after in alike.values() if len(before) == len(after) == 1
    }
    while True:
        wrong = [
            name
            for name, other in pairs.items()
            if rename(meaning(schemas[0][name]), pairs) != meaning(schemas[1][other])
        ]
        if not wrong:
            return pairs
        for name in wrong:
            del pairs[name]


def rename(node: object, names: Mapping[str, str]) -> object:
    """Give a part of a document with schemas called by their new names, where it refers to them."""
    if isinstance(node, Mapping):
        return {key: rename(value, names) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [rename(item, names) for item in node]
    if isinstance(node, str) and node.startswith(SCHEMAS) and component_name(node) in names:
        return SCHEMAS + names[component_name(node)]
    return node
