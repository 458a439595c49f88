"""Models: datamodel-code-generator writes them, with our two templates, into one module a tag.

It is given a document of its own that holds only what classes are made of, under names in Python:
so it decides nothing but how a class is written down. What it wrote is then held against what was
asked for, since a generator that changes its mind would otherwise change our types.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from codegen.annotations import reference
from codegen.api import Api
from codegen.document import DocumentError
from codegen.rendering import docstring, laid_out, render
from codegen.schemas import EXTRA, Component, Enumeration, Field, Model, Variants

__all__ = ["write_models", "write_models_package"]

TEMPLATES = Path(__file__).parent / "templates"

_ARGUMENTS = (
    "--input-file-type=openapi",
    "--output-model-type=dataclasses.dataclass",
    "--target-python-version=3.11",
    "--strict-nullable",
    "--enum-field-as-literal=none",
    "--use-standard-collections",
    "--use-union-operator",
    "--use-schema-description",
    "--use-field-description",
    "--output-datetime-class=datetime",
    "--disable-timestamp",
    "--formatters=builtin",
)

_EXTRA_DOCUMENTATION = "Members that this version does not know. They go back unchanged."


def _property(field: Field) -> dict[str, Any]:
    metadata = f'"wire": {json.dumps(field.wire)}'
    text = field.description
    if field.is_deprecated:
        metadata += ', "deprecated": True'
        text = f"{text} Deprecated by the vendor."
    return {
        **field.annotation.json_schema,
        "description": laid_out(text, indent=4),
        "x-metadata": metadata,
        "x-default": field.default,
    }


def _extra_property() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": True,
        "description": _EXTRA_DOCUMENTATION,
        "x-metadata": '"keeps": "unknown"',
        "x-factory": "dict",
    }


def _schema(component: Component) -> dict[str, Any]:
    """Write a component for datamodel-code-generator."""
    schema: dict[str, Any] = {"description": laid_out(component.description, indent=4)}
    if isinstance(component, Enumeration):
        values, names = list(component.members.values()), list(component.members)
        return schema | {"type": "string", "enum": values, "x-enum-varnames": names}
    if not isinstance(component, Model):
        variants = [reference(name).json_schema for name in component.members.values()]
        return schema | {
            "oneOf": [*variants, {"customTypePath": "aiobadges.values.UnknownVariant"}]
        }
    properties = {field.name: _property(field) for field in component.fields}
    if component.keeps_unknown:
        properties[EXTRA] = _extra_property()
    schema |= {"type": "object", "properties": properties}
    # Required here only means that the type is printed as it is; defaults come from `x-default`.
    schema["required"] = list(properties)
    if component.base:
        schema["customBasePath"] = component.base
    if component.parents:
        schema["allOf"] = [reference(parent).json_schema for parent in component.parents]
    return schema


def _generated(api: Api, folder: Path) -> str:
    """Run datamodel-code-generator over all components at once."""
    document = {
        "openapi": "3.1.0",
        "info": {"title": "models", "version": "1"},
        "paths": {},
        "components": {"schemas": {c.name: _schema(c) for c in api.components.values()}},
    }
    source, output = folder / "models.json", folder / "models.py"
    source.write_text(json.dumps(document), encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "datamodel_code_generator",
            *_ARGUMENTS,
            "--field-extra-keys",
            "x-metadata",
            "x-default",
            "x-factory",
            f"--custom-template-dir={TEMPLATES}",
            f"--input={source}",
            f"--output={output}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DocumentError(f"datamodel-code-generator failed:\n{done.stderr}")
    return output.read_text(encoding="utf-8")


def _same(annotation: ast.expr | None, text: str) -> bool:
    wanted = ast.parse(text, mode="eval").body
    return annotation is not None and ast.dump(annotation) == ast.dump(wanted)


def _check_class(found: ast.ClassDef, component: Component) -> Iterator[str]:
    """Say where a class differs from what was asked for."""
    if isinstance(component, Enumeration):
        members = {
            target.id: ast.literal_eval(statement.value)
            for statement in found.body
            if isinstance(statement, ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name)
        }
        if members != component.members:
            yield f"{found.name} has the members {members}"
    if isinstance(component, Model):
        fields = {field.name: field.text for field in component.fields}
        if component.keeps_unknown:
            fields[EXTRA] = "dict[str, Any]"
        for statement in found.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                wanted = fields.pop(statement.target.id, "nothing")
                if not _same(statement.annotation, wanted):
                    text = ast.unparse(statement.annotation)
                    yield f"{found.name}.{statement.target.id} is {text}, not {wanted}"
        for name in fields:
            yield f"{found.name}.{name} is missing"


def _statements(source: str, api: Api) -> dict[str, str]:
    """Take what was written apart: the text of each class and union by name."""
    texts: dict[str, str] = {}
    complaints: list[str] = []
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        match statement:
            case ast.ClassDef(name=name):
                start = min([statement.lineno, *(d.lineno for d in statement.decorator_list)])
                complaints += _check_class(statement, api.components[name])
                documentation = ""
            case ast.AnnAssign(target=ast.Name(id=name)):
                start = statement.lineno
                documentation = "\n" + docstring(api.components[name].description, indent=0)
            case _:
                continue
        texts[name] = "\n".join(lines[start - 1 : statement.end_lineno]) + documentation
    complaints += [f"{name} is missing" for name in api.components if name not in texts]
    if complaints:
        raise DocumentError(
            "datamodel-code-generator wrote something else than it was asked for:\n"
            + "\n".join(complaints)
        )
    return texts


def _preamble(module: str, api: Api, package: str) -> Iterator[str]:
    """Say what a module is, and import whatever it may use; ruff takes out what it does not."""
    yield f'"""The objects of {module}: see `{package}.models`."""'
    yield "from __future__ import annotations"
    yield "from datetime import datetime"
    yield "from typing import Any, Literal, TypeAlias"
    yield "import attrs"
    yield "from aiobadges.values import UNSET, OpenStrEnum, UnknownVariant, Unset"
    for name, component in api.components.items():
        if component.module != module:
            yield f"from {package}.models.{component.module} import {name}"
        elif isinstance(component, Model) and component.base:
            place, _, base = component.base.rpartition(".")
            yield f"from {place} import {base}"


def _ordered(members: list[Component], api: Api) -> Iterator[str]:
    """Give names in the document's order, parents before what derives from them, unions last."""
    seen: set[str] = set()

    def with_parents(component: Component) -> Iterator[str]:
        if component.name in seen or component not in members:
            return
        seen.add(component.name)
        for parent in component.parents if isinstance(component, Model) else ():
            yield from with_parents(api.components[parent])
        yield component.name

    for is_union in (False, True):
        for component in members:
            if isinstance(component, Variants) is is_union:
                yield from with_parents(component)


def write_models(api: Api, package: str) -> dict[str, str]:
    """Write the modules of the models.

    Args:
        api: what to write.
        package: where the models package will stand.

    Returns:
        The text of each module by its name, without header and not yet formatted.

    Raises:
        DocumentError: what was written is not what was asked for.
    """
    with TemporaryDirectory() as folder:
        texts = _statements(_generated(api, Path(folder)), api)
    modules = {}
    for module, members in api.modules().items():
        preamble = "\n".join(_preamble(module, api, package))
        body = "\n\n\n".join(texts[name] for name in _ordered(members, api))
        modules[module] = f"{preamble}\n\n\n{body}\n"
    return modules


def write_models_package(api: Api, package: str) -> str:
    """Write the module through which all models are reached."""
    modules = {
        module: [component.name for component in members]
        for module, members in api.modules().items()
    }
    return render("models.py.jinja", package=package, modules=modules, names=sorted(api.components))
