"""Rules about names: what is on the wire must have a name in Python that nobody else has."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Iterator

from codegen.document import Document
from codegen.lint.finding import Finding, schema_properties
from codegen.names import is_class_name, snake_case
from codegen.schemas import is_compiled
from codegen.uses import module_names

__all__ = [
    "arguments_have_names",
    "components_have_names",
    "modules_are_tags",
    "modules_form_no_circle",
    "properties_have_names",
]

_OF_ANNOTATIONS = {
    "Any",
    "Literal",
    "Unset",
    "datetime",
    "attrs",
    "bool",
    "dict",
    "float",
    "int",
} | {
    "list",
    "str",
}
"""An attribute of this name would hide the type from those that follow it in the class."""

_OF_MODELS = {
    "Any",
    "Literal",
    "OpenStrEnum",
    "TypeAlias",
    "UnknownVariant",
    "Unset",
    "Bool",
    "Datetime",
} | {
    "Float",
    "Int",
    "Str",
}
"""Names that the modules of the models and codecs use themselves."""


def _fault(name: str) -> str | None:
    """Say why a text cannot be a name in Python."""
    if not name.isidentifier() or keyword.iskeyword(name):
        return "is no name in Python"
    return "means something to Python" if name in {"self", "cls"} else None


def arguments_have_names(document: Document) -> Iterator[Finding]:
    """Find parameters whose names are none, or are those of other arguments."""
    for found in document.operations():
        taken = {"self", "rows" if "text/csv" in str(found.node.get("requestBody")) else "body"}
        for reference in found.node.get("parameters", ()):
            parameter = document.resolve(reference)
            name = parameter.get("x-name") or snake_case(parameter["name"])
            fault = "is the name of another argument" if name in taken else _fault(name)
            if fault:
                yield Finding(
                    found.place, f"{parameter['name']} becomes {name}, which {fault}", "Say x-name"
                )
            taken.add(name)


def components_have_names(document: Document) -> Iterator[Finding]:
    """Find components that cannot be classes as they are called."""
    for name in document.schemas:
        if not is_class_name(name) or name in _OF_MODELS or hasattr(builtins, name):
            yield Finding(name, "it cannot be a class of that name", "Name it anew, in CamelCase")


def properties_have_names(document: Document) -> Iterator[Finding]:
    """Find properties whose names are none, hide a type, or are those of others in their class."""
    taken: dict[tuple[str, str], str] = {}
    for place, component, wire, schema in schema_properties(document):
        name = schema.get("x-name") or snake_case(wire)
        fault = _fault(name)
        if name in _OF_ANNOTATIONS:
            fault = "hides a type"
        if (component, name) in taken:
            fault = f"is the name of {taken[component, name]}"
        if fault:
            yield Finding(place, f"it becomes {name}, which {fault}", "Say x-name")
        taken[component, name] = wire


def modules_are_tags(document: Document) -> Iterator[Finding]:
    """Find components that would stand in a module of no part of the API."""
    for name, schema in document.schemas.items():
        module = schema.get("x-module")
        if module is not None and module not in document.tags:
            yield Finding(name, f"its module {module} is no tag", "Name one in x-module")


def modules_form_no_circle(document: Document) -> Iterator[Finding]:
    """Find modules of the models that would import each other."""
    modules = module_names(document)
    imports: dict[str, set[str]] = {}
    for name, module in modules.items():
        schema = document.schemas[name]
        used = document.reachable(*(v for k, v in schema.items() if k != "discriminator"))
        imports.setdefault(module, set()).update(
            modules[one] for one in used if one in modules and is_compiled(document.schemas[one])
        )
    for module, used in imports.items():
        for other in sorted(used - {module}):
            if module in imports.get(other, set()) and module < other:
                yield Finding(
                    f"the modules {module} and {other}",
                    "they need each other",
                    "Say x-module where a component stands in the wrong one",
                )
