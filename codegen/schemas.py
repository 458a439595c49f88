"""What the component schemas are compiled into: models, enumerations and tagged unions.

A component that is only another name for a plain type (any JSON, a map) becomes no class: it is
written out where it is used.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping

import attrs

from codegen.annotations import (
    ANY,
    BOOL,
    DATETIME,
    FLOAT,
    INT,
    STR,
    Annotation,
    constant,
    list_of,
    map_of,
    nullable,
    reference,
)
from codegen.document import Document, Node, component_name
from codegen.names import constant_name, snake_case

__all__ = [
    "EXTRA",
    "Component",
    "Direction",
    "Enumeration",
    "Field",
    "Model",
    "Variants",
    "annotation_of",
    "is_compiled",
    "read_component",
]

EXTRA = "extra_"
"""The attribute for members a model does not know. `snake_case` makes this of no name on the wire."""

_PLAIN = {"string": STR, "integer": INT, "number": FLOAT, "boolean": BOOL}


class Direction(enum.Flag):
    """Which way a component travels."""

    SENT = enum.auto()
    RECEIVED = enum.auto()


@attrs.frozen(kw_only=True)
class Field:
    """An attribute of a model.

    Attributes:
        wire: its name on the wire.
        name: its name in Python.
        annotation: its type on the wire; UNSET is not among its values.
        default: what it is when nobody says, as Python writes it; empty when it must be said.
        description: what it is.
        is_deprecated: whether the vendor wants it no longer.
    """

    wire: str
    name: str
    annotation: Annotation
    default: str
    description: str
    is_deprecated: bool = False

    @property
    def may_be_unset(self) -> bool:
        """Whether it has the third state, not sent."""
        return self.default == "UNSET"

    @property
    def text(self) -> str:
        """The type as it stands in the model."""
        return self.annotation.text + (" | Unset" if self.may_be_unset else "")


@attrs.frozen(kw_only=True)
class Model:
    """An object with known members.

    Attributes:
        name: the class.
        description: what it is.
        module: the module of models it stands in.
        direction: which way it travels.
        parents: the models it derives from.
        base: a hand-written class it derives from, with its module; empty for none.
        fields: its own attributes.
        keeps_unknown: whether members it does not know are kept and go back.
    """

    name: str
    description: str
    module: str
    direction: Direction
    parents: tuple[str, ...] = ()
    base: str = ""
    fields: tuple[Field, ...] = ()
    keeps_unknown: bool = False

    def references(self) -> Iterator[str]:
        """Give the names of the components it speaks of."""
        yield from self.parents
        for field in self.fields:
            yield from field.annotation.references


@attrs.frozen(kw_only=True)
class Enumeration:
    """Texts of which some are known: members by their name in Python."""

    name: str
    description: str
    module: str
    members: Mapping[str, str]

    def references(self) -> Iterator[str]:
        """Give nothing: it speaks of no component."""
        return iter(())


@attrs.frozen(kw_only=True)
class Variants:
    """A union whose members are told apart by a tag: the model for each value of it."""

    name: str
    description: str
    module: str
    tag: str
    members: Mapping[str, str]

    def references(self) -> Iterator[str]:
        """Give the names of the components it speaks of."""
        return iter(self.members.values())


Component = Model | Enumeration | Variants


def is_compiled(schema: Node) -> bool:
    """Say whether a component becomes a class or a union, and is not written out where it is used."""
    return bool({"properties", "allOf", "oneOf", "x-extensible-enum"} & set(schema))


def annotation_of(schema: Node, document: Document) -> Annotation:
    """Give the type of a schema that stands where a value is described."""
    if "$ref" in schema:
        target = document.resolve(schema)
        is_class = is_compiled(target)
        name = component_name(schema["$ref"])
        return reference(name) if is_class else annotation_of(target, document)
    kind = schema.get("type")
    if "anyOf" in schema or isinstance(kind, list):  # lint: something and null
        return nullable(annotation_of(_but_null(schema), document))
    if "const" in schema:
        return constant(schema["const"])
    if kind == "array":
        return list_of(annotation_of(schema["items"], document))
    if kind == "object":
        values = schema.get("additionalProperties")
        return map_of(annotation_of(values, document) if isinstance(values, Mapping) else ANY)
    return DATETIME if schema.get("format") == "date-time" else _PLAIN.get(kind or "", ANY)


def _but_null(schema: Node) -> Node:
    """Give what stands beside null."""
    if "anyOf" in schema:
        beside: Node = next(one for one in schema["anyOf"] if one.get("type") != "null")
        return beside
    return {**schema, "type": next(kind for kind in schema["type"] if kind != "null")}


def _default(schema: Node, *, is_required: bool, direction: Direction) -> str:
    if "const" in schema:
        return repr(schema["const"])
    if schema.get("x-send-default"):
        return repr(schema["default"])
    if is_required:
        return ""
    # What the server assumes is not repeated here: a PATCH would then change what nobody named.
    return "UNSET" if Direction.SENT in direction else "None"


def _field(
    wire: str, schema: Node, *, is_required: bool, direction: Direction, document: Document
) -> Field:
    return Field(
        wire=wire,
        name=schema.get("x-name") or snake_case(wire),
        annotation=annotation_of(schema, document),
        default=_default(schema, is_required=is_required, direction=direction),
        description=schema["description"],
        is_deprecated=schema.get("deprecated", False),
    )


def _members(values: list[str]) -> dict[str, str]:
    """Name the values of an enumeration; names that collide are told apart by number."""
    members: dict[str, str] = {}
    for value in values:
        name = wanted = constant_name(value)
        number = 1
        while name in members:
            number += 1
            name = f"{wanted}_{number}"
        members[name] = value
    return members


def read_component(name: str, module: str, direction: Direction, document: Document) -> Component:
    """Compile one component schema that `is_compiled`."""
    schema = document.schemas[name]
    description = schema["description"]
    if "x-extensible-enum" in schema:
        members = _members(schema["x-extensible-enum"])
        return Enumeration(name=name, description=description, module=module, members=members)
    if "oneOf" in schema:
        discriminator = schema["discriminator"]
        return Variants(
            name=name,
            description=description,
            module=module,
            tag=discriminator["propertyName"],
            members={t: component_name(ref) for t, ref in discriminator["mapping"].items()},
        )
    required = schema.get("required", ())
    return Model(
        name=name,
        description=description,
        module=module,
        direction=direction,
        parents=tuple(component_name(part["$ref"]) for part in schema.get("allOf", ())),
        base=schema.get("x-base", ""),
        fields=tuple(
            _field(
                wire,
                property_,
                is_required=wire in required,
                direction=direction,
                document=document,
            )
            for wire, property_ in schema.get("properties", {}).items()
        ),
        keeps_unknown=schema.get("x-preserve-unknown", False),
    )
