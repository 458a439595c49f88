"""What changed about a value: its type, None, limits, defaults, and how it is written.

A value is a property, an argument, a body, or a schema that is no class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from codegen.changes.change import Change, Kind, Use, judge
from codegen.changes.reading import (
    DOCUMENTATION,
    Tree,
    documentation,
    mapping,
    meaning,
    sequence,
    unruled,
)
from codegen.changes.shape import NOTHING, Typed, is_nullable, relation, shape_of
from codegen.document import component_name

__all__ = ["Pair", "both_ways", "compare_documentation", "compare_values"]

_LOWER_LIMITS: Final = frozenset(
    ["exclusiveMinimum", "minContains", "minItems", "minLength", "minProperties", "minimum"]
)
_UPPER_LIMITS: Final = frozenset(
    ["exclusiveMaximum", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum"]
)
# Keys other rules look at; any other key of JSON Schema counts as a limit on the values.
_RULED: Final = frozenset(
    [
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "contentEncoding",
        "default",
        "deprecated",
        "discriminator",
        "enum",
        "items",
        "oneOf",
        "properties",
        "required",
        "type",
        "x-always",
        "x-base",
        "x-encoding",
        "x-extensible-enum",
        "x-name",
        "x-preserve-unknown",
        "x-send-default",
    ]
)


@attrs.frozen
class Pair:
    """The two documents that are compared."""

    old: Tree
    new: Tree


def both_ways(where: str, use: Use, what: str, kind: Kind) -> Iterator[Change]:
    """Give one verdict that holds for what is sent and what is read."""
    return judge(where, use, what, sent=kind, read=kind)


def compare_documentation(where: str, old: object, new: object) -> Iterator[Change]:
    """Say that only words changed, and what is deprecated."""
    if documentation(old) != documentation(new):
        yield Change("neutral", where, "none", "is described in other words")
    before, after = (mapping(node).get("deprecated") is True for node in (old, new))
    if before != after:
        yield Change(
            "neutral", where, "none", "is deprecated" if after else "is no longer deprecated"
        )


# ---- limits


def _limits(node: Tree, path: str = "") -> dict[tuple[str, str], object]:
    """Give what limits the values of a schema beyond its type, by place in it and keyword."""
    found: dict[tuple[str, str], object] = {}
    for key, value in node.items():
        is_typed = key == "format" and value == "date-time"
        is_extension = str(key).startswith("x-")
        if key in _RULED or key in DOCUMENTATION or is_extension or is_typed or value is False:
            continue
        found[path, str(key)] = meaning(value)
    if node.get("additionalProperties") is False:
        found[path, "additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if inner := mapping(node.get(key)):
            found |= _limits(inner, f"{path}[]")
    for key in ("anyOf", "oneOf", "allOf"):
        parts = [mapping(part) for part in sequence(node.get(key))]
        real = [part for part in parts if shape_of(part) != NOTHING]
        for part in real:
            found |= _limits(part, path if len(real) == 1 else f"{path}<{shape_of(part)}>")
    return found


def _is_narrower(key: str, old: object, new: object) -> bool:
    if old is None or new is None:
        return old is None
    if isinstance(old, int | float) and isinstance(new, int | float):
        if key in _LOWER_LIMITS:
            return new > old
        if key in _UPPER_LIMITS:
            return new < old
    # Whether one pattern lets through what another does cannot be told: take it that it does not.
    return (key, old, new) != ("format", "int32", "int64")


def _compare_limits(where: str, use: Use, old: Tree, new: Tree) -> Iterator[Change]:
    before, after = _limits(old), _limits(new)
    for place, key in sorted({*before, *after}):
        one, other = before.get((place, key)), after.get((place, key))
        if one == other:
            continue
        spot = f"`{key}` of {place}" if place else f"`{key}`"
        words = (
            f"is no longer limited by {spot}"
            if other is None
            else f"is limited by {spot} {other}" + ("" if one is None else f", was {one}")
        )
        narrower = _is_narrower(key, one, other)
        yield from judge(
            where, use, words, sent="breaking" if narrower else "additive", read="neutral"
        )


# ---- tags of unions


def _compare_tags(
    where: str, use: Use, old: Tree, new: Tree, kept: frozenset[str]
) -> Iterator[Change]:
    before, after = mapping(old.get("discriminator")), mapping(new.get("discriminator"))
    keys = before.get("propertyName"), after.get("propertyName")
    if keys[0] != keys[1]:
        yield from both_ways(where, use, f"is tagged by `{keys[1]}`, was `{keys[0]}`", "breaking")
    tags, new_tags = mapping(before.get("mapping")), mapping(after.get("mapping"))
    for tag in sorted({str(tag) for tag in (*tags, *new_tags)}):
        target, new_target = tags.get(tag), new_tags.get(tag)
        # A tag that comes or goes with its schema is told by the type.
        names = {component_name(str(each)) for each in (target, new_target) if each}
        if target == new_target or not names <= kept:
            continue
        if target is None:
            words = f"knows the tag `{tag}`, which was an UnknownVariant"
            yield from judge(where, use, words, sent="additive", read="breaking")
        else:
            words = f"reads the tag `{tag}` differently"
            yield from both_ways(where, use, words, "breaking")


# ---- the value itself


def _written(node: Tree) -> str:
    return str(node.get("x-encoding") or node.get("contentEncoding") or "plain text")


def _compare_default(where: str, use: Use, old: Tree, new: Tree) -> Iterator[Change]:
    sends, sent = (node.get("x-send-default") is True for node in (new, old))
    one, other = repr(old.get("default")), repr(new.get("default"))
    if sends and (not sent or one != other):
        was = f", was {one}" if sent else ""
        yield from judge(
            where, use, f"sends {other} by itself{was}", sent="breaking", read="neutral"
        )
    elif sent and not sends:
        words = f"no longer sends {one} by itself"
        yield from judge(where, use, words, sent="breaking", read="neutral")
    elif one != other:
        words = f"is taken as {other} by the server when left out, was {one}"
        yield from both_ways(where, use, words, "neutral")


def _compare_none(
    where: str, use: Use, old: Typed, new: Typed, *, reads_none: bool
) -> Iterator[Change]:
    before, after = is_nullable(old), is_nullable(new)
    if before == after:
        return
    words = "may be None" if after else "can no longer be None"
    if reads_none:
        yield from judge(
            where, use, words, sent="additive" if after else "breaking", read="neutral"
        )
    else:
        yield from judge(
            where,
            use,
            words,
            sent="additive" if after else "breaking",
            read="breaking" if after else "additive",
        )


def compare_values(
    pair: Pair, where: str, use: Use, old: Tree, new: Tree, *, reads_none: bool = False
) -> Iterator[Change]:
    """Say what changed about a value.

    Args:
        pair: the documents the schemas belong to.
        where: the place to report it at.
        use: the ways the value travels.
        old: its schema before.
        new: its schema now.
        reads_none: whether readers meet None anyhow, whatever the schema says.
    """
    one, other = Typed(shape_of(old), pair.old), Typed(shape_of(new), pair.new)
    how = relation(one, other)
    if how != "same":
        loses_none = is_nullable(one) and not is_nullable(other)
        sent: Kind = "additive" if how == "wider" and not loses_none else "breaking"
        words = f"is {other.shape}, was {one.shape}"
        yield from judge(where, use, words, sent=sent, read="breaking")
    else:
        yield from _compare_none(where, use, one, other, reads_none=reads_none)
    if how != "different":
        yield from _compare_limits(where, use, old, new)
    if "discriminator" in old and "discriminator" in new:
        kept = _names(one) & _names(other)
        yield from _compare_tags(where, use, old, new, kept)
    if _written(old) != _written(new):
        words = f"travels as {_written(new)}, was {_written(old)}"
        yield from both_ways(where, use, words, "breaking")
    yield from _compare_default(where, use, old, new)
    yield from compare_documentation(where, old, new)
    extensions = [{k: v for k, v in each.items() if str(k).startswith("x-")} for each in (old, new)]
    for key in unruled(extensions[0], extensions[1], _RULED):
        yield Change("neutral", where, "none", f"has another `{key}`")


def _names(typed: Typed) -> frozenset[str]:
    parts = typed.shape.parts if typed.shape.kind == "union" else (typed.shape,)
    return frozenset(part.name for part in parts)
