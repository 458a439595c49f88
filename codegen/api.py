"""The whole API, compiled: components, operations and resources, and who belongs to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from codegen.document import Document, DocumentError
from codegen.names import pascal_case
from codegen.operations import Operation, read_operation
from codegen.schemas import (
    Component,
    Direction,
    Field,
    Model,
    is_compiled,
    read_component,
)
from codegen.uses import directions, module_names, unknown_variants

__all__ = ["Api", "Resource", "read_api"]


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
    fallbacks = set(unknown_variants(document))
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
