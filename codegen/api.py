"""The whole API, compiled: components, operations and resources, and who belongs to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from codegen.document import Document, DocumentError, component_name
from codegen.names import pascal_case
from codegen.operations import Operation, items_of, read_operation
from codegen.schemas import (
    Component,
    Direction,
    Field,
    Model,
    is_compiled,
    read_component,
)

__all__ = ["Api", "Resource", "directions", "module_names", "read_api"]


@attrs.frozen(kw_only=True)
class Resource:
    """A group of operations that becomes a class.

    Attributes:
        path: its name and those of the resources above: ``("issuers", "staff")``.
        class_name: the class.
        description: what it is.
        operations: its own operations, by verb.
        children: the resources below it, by name.
    """

    path: tuple[str, ...]
    class_name: str
    description: str
    operations: tuple[Operation, ...]
    children: tuple[Resource, ...]

    @property
    def name(self) -> str:
        """What the attribute that holds it is called."""
        return self.path[-1]

    def everything(self) -> Iterator[Resource]:
        """Give this resource and those below it."""
        yield self
        for child in self.children:
            yield from child.everything()


@attrs.frozen(kw_only=True)
class Api:
    """A compiled document.

    Attributes:
        components: the classes and unions of the models, by name, in the document's order.
        operations: all operations, by id.
        resources: the top-level resources, in the document's order of tags.
    """

    components: Mapping[str, Component]
    operations: tuple[Operation, ...]
    resources: tuple[Resource, ...]

    def modules(self) -> dict[str, list[Component]]:
        """Give the modules of the models with what stands in each."""
        modules: dict[str, list[Component]] = {resource.name: [] for resource in self.resources}
        for component in self.components.values():
            modules[component.module].append(component)
        return {name: members for name, members in modules.items() if members}

    def model(self, name: str) -> Model:
        """Give a component that is a model."""
        component = self.components[name]
        if not isinstance(component, Model):
            raise DocumentError(f"{name} is used as an object, but is none")
        return component

    def all_fields(self, model: Model) -> Iterator[Field]:
        """Give the fields of a model, those it inherits first."""
        for parent in model.parents:
            yield from self.all_fields(self.model(parent))
        yield from model.fields

    def keeps_unknown(self, model: Model) -> bool:
        """Say whether a model, or one it derives from, keeps members it does not know."""
        return model.keeps_unknown or any(
            self.keeps_unknown(self.model(parent)) for parent in model.parents
        )

    def reaches(self, name: str, wanted: str) -> bool:
        """Say whether a component speaks, over any others, of another."""
        seen: set[str] = set()
        waiting = list(self.components[name].references())
        while waiting:
            one = waiting.pop()
            if one == wanted:
                return True
            if one not in seen:
                seen.add(one)
                waiting += self.components[one].references()
        return False

    def shared(self) -> Iterator[str]:
        """Give the models that travel both ways: three states, also where they are only read."""
        for component in self.components.values():
            if isinstance(component, Model) and component.direction == ~Direction(0):
                yield component.name


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


def _resources(
    operations: Iterable[Operation],
    document: Document,
    above: tuple[str, ...] = (),
    prefix: str = "",
) -> tuple[Resource, ...]:
    groups: dict[str, list[Operation]] = {}
    for operation in operations:
        groups.setdefault(operation.resource[len(above)], []).append(operation)
    resources = []
    for name, members in sorted(groups.items()):
        path = (*above, name)
        tag = document.tags[".".join(path)]
        class_name = tag.get("x-class") or prefix + pascal_case(name)
        below = [one for one in members if one.resource != path]
        resources.append(
            Resource(
                path=path,
                class_name=class_name,
                description=tag["description"],
                operations=tuple(one for one in members if one.resource == path),
                children=_resources(below, document, path, class_name),
            )
        )
    return tuple(resources)


def read_api(document: Document) -> Api:
    """Compile a document that lint has passed."""
    travels, modules = directions(document), module_names(document)
    fallbacks = set(_fallbacks(document))
    components = {
        name: read_component(name, modules[name], travels[name], document)
        for name, schema in document.schemas.items()
        if name in travels and is_compiled(schema) and name not in fallbacks
    }
    operations = tuple(
        sorted(
            (read_operation(one, document) for one in document.operations()),
            key=lambda one: one.id,
        )
    )
    return Api(
        components=components,
        operations=operations,
        resources=_resources(operations, document),
    )


def _fallbacks(document: Document) -> Iterator[str]:
    """Give what stands in unions for variants that are not known: `UnknownVariant` does in Python."""
    for schema in document.schemas.values():
        known = set(schema.get("discriminator", {}).get("mapping", {}).values())
        for member in schema.get("oneOf", ()):
            if member["$ref"] not in known:
                yield component_name(member["$ref"])
