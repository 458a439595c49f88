"""Comparing two documents as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from codegen.changes.answers import compare_shared_answers
from codegen.changes.arguments import compare_shared_arguments
from codegen.changes.change import DIRECTIONS, KINDS, Change, Kind, Use
from codegen.changes.directions import directions
from codegen.changes.operations import compare_operations
from codegen.changes.reading import Tree, components, mapping, sequence
from codegen.changes.renames import rename, renamed_schemas
from codegen.changes.schemas import compare_schemas
from codegen.changes.shape import kin
from codegen.changes.values import Pair

__all__ = ["compare"]

# Compared above; the other parts of a document do not reach the generated signatures.
_RULED: Final = frozenset({"components", "paths", "security", "tags"})
_RULED_COMPONENTS: Final = frozenset({"parameters", "requestBodies", "responses", "schemas"})


def _compare_names(pair: Pair, names: Mapping[str, str]) -> Iterator[Change]:
    uses = directions(pair.old)
    for name, other in names.items():
        has_name = (
            uses[name] != Use() and kin(mapping(components(pair.old, "schemas")[name])) != "alias"
        )
        kind: Kind = "breaking" if has_name else "neutral"
        yield Change(kind, name, "none", f"is called `{other}`")


def _with_new_names(pair: Pair, names: Mapping[str, str]) -> Pair:
    old = mapping(rename(pair.old, names))
    schemas = {names.get(name, name): node for name, node in components(old, "schemas").items()}
    parts = {**mapping(old.get("components")), "schemas": schemas}
    return Pair({**old, "components": parts}, pair.new)


def _compare_tags(pair: Pair) -> Iterator[Change]:
    """Compare resources; their operations tell when one comes or goes."""
    old, new = (
        {str(mapping(tag).get("name")): mapping(tag) for tag in sequence(document.get("tags"))}
        for document in (pair.old, pair.new)
    )
    for name in sorted({*old, *new}):
        one, other = old.get(name, {}), new.get(name, {})
        if one and other and one.get("x-class") != other.get("x-class"):
            named = other.get("x-class") or "what its name says"
            words = f"has its resource in a class of another name: {named}"
            yield Change("breaking", f"tags.{name}", "none", words)
        elif one != other:
            yield Change("neutral", f"tags.{name}", "none", "is described in other words")


def _compare_rest(pair: Pair) -> Iterator[Change]:
    words = "is described in other words"
    for key in sorted({*pair.old, *pair.new} - _RULED):
        if pair.old.get(key) != pair.new.get(key):
            yield Change("neutral", key, "none", words)
    kinds = [mapping(document.get("components")) for document in (pair.old, pair.new)]
    for kind in sorted({*kinds[0], *kinds[1]} - _RULED_COMPONENTS):
        old, new = (mapping(each.get(kind)) for each in kinds)
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                yield Change("neutral", f"{kind}.{name}", "none", words)


def _rank(change: Change) -> tuple[int, str, int, str]:
    direction = DIRECTIONS.index(change.direction)
    return KINDS.index(change.kind), change.where, direction, change.what


def compare(old: Tree, new: Tree) -> list[Change]:
    """Say what changed between two documents, for who uses the client generated from them.

    Returns:
        the changes, the worst first and then by place, each told once.

    Raises:
        DocumentError: one of the documents refers to what it does not hold.
    """
    pair = Pair(old, new)
    names = renamed_schemas(old, new)
    found = {*_compare_names(pair, names), *_compare_tags(pair), *_compare_rest(pair)}
    pair = _with_new_names(pair, names)
    for rule in (
        compare_operations,
        compare_shared_arguments,
        compare_shared_answers,
        compare_schemas,
    ):
        found.update(rule(pair))
    return sorted(found, key=_rank)
