"""The Python type of a schema, and whether the values of one type are values of another.

A reference is a name and is never looked into, except where a name that is no class of its own (a
map, a list, a union) meets something else. So types are small, and recursion has no way in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

import attrs

from codegen.changes.members import members
from codegen.changes.reading import Tree, components, mapping, reference, sequence
from codegen.document import component_name

__all__ = [
    "NOTHING",
    "Kin",
    "Relation",
    "Shape",
    "Typed",
    "has_tag",
    "is_nullable",
    "kin",
    "relation",
    "shape_of",
    "unite",
]

Kin = Literal["class", "enumeration", "union", "alias"]
Relation = Literal["same", "wider", "narrower", "different"]

_SCALARS: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_ANY: Final = "Any"
_UNKNOWN: Final = "UnknownVariant"


@attrs.frozen
class Shape:
    """A Python type.

    Attributes:
        kind: ``plain`` for names such as ``str``, ``named`` for components, ``literal`` for one
            constant, the others for what they hold.
        name: of a plain or named type; the constant of a literal, as Python writes it.
        parts: what a list, map or union holds.
        null: whether None is among the values.
    """

    kind: Literal["plain", "named", "literal", "list", "dict", "union"]
    name: str = ""
    parts: tuple[Shape, ...] = ()
    null: bool = False

    def __str__(self) -> str:
        inner = [str(part) for part in self.parts]
        match self.kind:
            case "literal":
                text = f"Literal[{self.name}]"
            case "list":
                text = f"list[{inner[0]}]"
            case "dict":
                text = f"dict[str, {inner[0]}]"
            case "union":
                text = " | ".join(inner)
            case _:
                text = self.name
        return f"{text} | None" if self.null and self != NOTHING else text


NOTHING: Final = Shape("plain", "None", null=True)


@attrs.frozen
class Typed:
    """A type together with the document its names belong to."""

    shape: Shape
    document: Tree


def kin(node: Tree) -> Kin:
    """Say what a component becomes in Python; an alias is written out wherever it is used."""
    if "x-extensible-enum" in node or "enum" in node:
        return "enumeration"
    if "properties" in node or "allOf" in node:
        return "class"
    return "union" if "oneOf" in node else "alias"


def has_tag(node: Tree, part: object) -> bool:
    """Say whether a member of a tagged union is one of those its tags name."""
    tags = mapping(mapping(node.get("discriminator")).get("mapping"))
    return component_name(reference(part)) in {component_name(str(tag)) for tag in tags.values()}


def unite(shapes: Iterable[Shape]) -> Shape:
    """Give the union of types, in one order whatever order they came in."""
    flat: set[Shape] = set()
    null = False
    for shape in shapes:
        null = null or shape.null
        parts = shape.parts if shape.kind == "union" else (shape,)
        flat.update(attrs.evolve(part, null=False) for part in parts if part != NOTHING)
    if not flat:
        return NOTHING
    if len(flat) == 1:
        return attrs.evolve(flat.pop(), null=null)
    return Shape("union", parts=tuple(sorted(flat, key=str)), null=null)


def _literal(value: object) -> Shape:
    return NOTHING if value is None else Shape("literal", repr(value))


def _in_place(node: Tree) -> Shape:
    """Spell an object that is no component: any difference in it makes another type."""
    own = {key: node[key] for key in ("properties", "required") if key in node}
    inner = [
        f"{member.wire}{'' if member.is_always_there else '?'}: {shape_of(member.node)}"
        for member in members(own, own).values()
    ]
    return Shape("plain", f"{{{', '.join(sorted(inner))}}}")


def _of_type(node: Tree, name: object) -> Shape:
    shape = Shape("plain", _SCALARS.get(str(name), _ANY))
    if name == "null":
        shape = NOTHING
    elif "properties" in node:
        shape = _in_place(node)
    elif name == "array":
        shape = Shape("list", parts=(shape_of(node.get("items")),))
    elif name == "object":
        shape = Shape("dict", parts=(shape_of(node.get("additionalProperties")),))
    elif name == "string" and node.get("format") == "date-time":
        shape = Shape("plain", "datetime")
    return shape


def shape_of(given: object) -> Shape:
    """Give the Python type of a schema as it stands at its place."""
    node = mapping(given)
    if address := reference(node):
        return Shape("named", component_name(address))
    if "const" in node:
        return _literal(node["const"])
    if "enum" in node:
        return unite(_literal(value) for value in sequence(node["enum"]))
    if "discriminator" in node:
        tagged = (part for part in sequence(node.get("oneOf")) if has_tag(node, part))
        return unite([*map(shape_of, tagged), Shape("plain", _UNKNOWN)])
    for key in ("anyOf", "oneOf", "allOf"):
        parts = sequence(node.get(key))
        if parts and (key != "allOf" or (len(parts) == 1 and "properties" not in node)):
            return unite(shape_of(part) for part in parts)
    names = node.get("type")
    return unite(_of_type(node, name) for name in (sequence(names) or (names,)))


def _opened(typed: Typed, seen: frozenset[str]) -> Typed | None:
    """Give what an alias stands for; None for a class, an enumeration, or an alias met before."""
    name = typed.shape.name
    node = mapping(components(typed.document, "schemas").get(name))
    if typed.shape.kind != "named" or name in seen or kin(node) not in {"alias", "union"}:
        return None
    inner = shape_of(node)
    return Typed(attrs.evolve(inner, null=inner.null or typed.shape.null), typed.document)


def is_nullable(typed: Typed, seen: frozenset[str] = frozenset()) -> bool:
    """Say whether None is among the values of a type; any JSON includes it."""
    if typed.shape.null or typed.shape.name == _ANY:
        return True
    opened = _opened(typed, seen)
    return opened is not None and is_nullable(opened, seen | {typed.shape.name})


def _fits(inner: Typed, outer: Typed, seen: frozenset[str] = frozenset()) -> bool:
    """Say whether every value of one type, None apart, is a value of the other."""
    one, other = inner.shape, outer.shape
    if (one.kind, one.name, one.parts) == (other.kind, other.name, other.parts):
        return True
    if opened := _opened(inner, seen):
        return _fits(opened, outer, seen | {one.name})
    if opened := _opened(outer, seen):
        return _fits(inner, opened, seen | {other.name})
    if one.kind == "union":
        return all(_fits(Typed(part, inner.document), outer, seen) for part in one.parts)
    if other.kind == "union":
        return any(_fits(inner, Typed(part, outer.document), seen) for part in other.parts)
    return _fits_simply(inner, outer, seen)


def _fits_simply(inner: Typed, outer: Typed, seen: frozenset[str]) -> bool:
    """Do the same for two types of which neither is a union or stands for another."""
    one, other = inner.shape, outer.shape
    if one.kind == other.kind and one.kind in {"list", "dict"}:
        held = Typed(one.parts[0], inner.document), Typed(other.parts[0], outer.document)
        return (is_nullable(held[1]) or not is_nullable(held[0])) and _fits(*held, seen)
    is_text = one.kind == "literal" and one.name[0] in "'\""
    return (
        (other.kind == "plain" and other.name == _ANY and one != NOTHING)
        or (is_text and other.name == "str")
        or (one.name, other.name) == ("int", "float")
    )


def relation(old: Typed, new: Typed) -> Relation:
    """Say how the new type stands to the old one, None apart."""
    if _fits(old, new):
        return "same" if _fits(new, old) else "wider"
    return "narrower" if _fits(new, old) else "different"
