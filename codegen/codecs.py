"""Codecs: for each model a straight-line function that reads it and one that writes it.

They are hook factories: each fetches the hooks of its fields' types from the converter it is
registered with, so that a user's hook for any type wins.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from codegen.annotations import Annotation, Nullable
from codegen.api import Api
from codegen.names import constant_name, snake_case
from codegen.rendering import render
from codegen.schemas import EXTRA, Component, Field, Model, Variants

__all__ = ["write_codecs"]


@attrs.frozen(kw_only=True)
class _Hook:
    """A hook that a codec fetches: for a type, and at first use where the type leads back."""

    annotation: Annotation
    is_late: bool

    @property
    def name(self) -> str:
        """What its function is called, after ``read_`` or ``write_``."""
        return self.annotation.words

    @property
    def type_name(self) -> str:
        """What its type is called within a reader: itself, or a variable for what is composed."""
        text = self.annotation.text
        return text if text.isidentifier() else self.annotation.words

    @property
    def reader(self) -> str:
        """The expression that fetches its reader."""
        if self.is_late:
            return "late_reader(converter)"
        if isinstance(self.annotation, Nullable):
            return f"nullable_reader(converter, {self.type_name})"
        return f"converter.get_structure_hook({self.type_name})"

    @property
    def writer(self) -> str:
        """The expression that fetches its writer."""
        if self.is_late:
            return f"late_writer(converter, {self.annotation.text})"
        return f"converter.get_unstructure_hook({self.annotation.text})"


@attrs.frozen(kw_only=True)
class _Codec:
    """A model as the template needs it."""

    name: str
    function: str
    constant: str
    fields: tuple[tuple[Field, _Hook], ...]
    hooks: tuple[_Hook, ...]
    keeps_unknown: bool
    extra: str = EXTRA

    @property
    def may_lack(self) -> bool:
        """Whether a member of it may be missing."""
        return any(field.default for field, _ in self.fields)


def _hook(annotation: Annotation, model: Model, api: Api) -> _Hook:
    # A model that holds itself would otherwise be asked for while it is being built.
    is_late = any(
        name == model.name or api.reaches(name, model.name) for name in annotation.references
    )
    return _Hook(annotation=annotation, is_late=is_late)


def _codec(model: Model, api: Api) -> _Codec:
    fields = [(one, _hook(one.annotation, model, api)) for one in api.all_fields(model)]
    return _Codec(
        name=model.name,
        function=snake_case(model.name),
        constant=constant_name(model.name),
        fields=tuple(fields),
        hooks=tuple({hook.name: hook for _, hook in fields}.values()),
        keeps_unknown=api.keeps_unknown(model),
    )


def _unions(members: list[Component], api: Api) -> Iterator[Variants]:
    """Give the unions whose first variant stands here: by it they are found at run time."""
    for component in api.components.values():
        if isinstance(component, Variants):
            first = api.components[next(iter(component.members.values()))]
            if first in members:
                yield component


def _imports(codecs: list[_Codec], unions: list[Variants], api: Api) -> dict[str, list[str]]:
    """Give what is imported from each module of the models."""
    wanted = {codec.name for codec in codecs}
    for codec in codecs:
        for hook in codec.hooks:
            wanted.update(hook.annotation.references)
    for union in unions:
        wanted.update((union.name, *union.members.values()))
    modules: dict[str, list[str]] = {}
    for name in sorted(wanted):
        modules.setdefault(api.components[name].module, []).append(name)
    return modules


def write_codecs(api: Api, package: str) -> dict[str, str]:
    """Write the codecs of each module of the models.

    Args:
        api: what to write.
        package: the package in which ``models`` stands.

    Returns:
        The text of each module by its name, without header and not yet formatted.
    """
    modules = {"__init__": render("codecs_package.py.jinja")}
    for module, members in api.modules().items():
        codecs = [_codec(one, api) for one in members if isinstance(one, Model)]
        unions = list(_unions(members, api))
        modules[module] = render(
            "codecs.py.jinja",
            package=package,
            module=module,
            codecs=codecs,
            unions=unions,
            imports=_imports(codecs, unions, api),
        )
    return modules
