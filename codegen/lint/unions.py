"""Rules about schemas that are made of others: unions by a tag, and objects that extend one."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.document import Document, Node, component_name
from codegen.lint.finding import Finding

__all__ = ["parents_are_components", "unions_have_tags"]


def _tag_of(schema: Node, tag: str) -> object:
    """Give the constant value of a variant's tag."""
    return schema.get("properties", {}).get(tag, {}).get("const")


def unions_have_tags(document: Document) -> Iterator[Finding]:
    """Find unions whose members cannot be told apart by one look at a tag."""
    seen: dict[frozenset[str], str] = {}
    for name, schema in document.schemas.items():
        if "oneOf" not in schema:
            continue
        discriminator = schema.get("discriminator", {})
        tag, mapping = discriminator.get("propertyName"), discriminator.get("mapping", {})
        members = [one.get("$ref", "") for one in schema["oneOf"]]
        if not tag or not mapping or "" in members:
            yield Finding(name, "its members have no tag", "Name components, and a discriminator")
            continue
        for value, reference in mapping.items():
            variant = document.at(reference)
            if reference not in members:
                yield Finding(name, f"{value} is mapped to no member", "List it in oneOf")
            elif _tag_of(variant, tag) != value or tag not in variant.get("required", ()):
                yield Finding(
                    component_name(reference),
                    f"{tag} is not always {value}",
                    "Require it, with that const",
                )
        variants = frozenset(mapping.values())
        if variants in seen:
            yield Finding(name, f"it has the members of {seen[variants]}", "Use that one")
        seen[variants] = name


def parents_are_components(document: Document) -> Iterator[Finding]:
    """Find objects that are made of more than their own members and one other object's."""
    for name, schema in document.schemas.items():
        parents = schema.get("allOf", [])
        if len(parents) > 1 or any("$ref" not in one for one in parents):
            yield Finding(
                name,
                "it is made of several objects",
                "Let it extend one component, and add members",
            )
        elif parents and "properties" not in document.resolve(parents[0]):
            yield Finding(
                name, "it extends what is no object", "Extend one with members of its own"
            )
