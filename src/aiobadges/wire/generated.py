"""Generated codecs: finding them, loading them when they are needed, and what they stand on.

A package of codecs mirrors a package of models, module by module. Each of its modules has READERS
and WRITERS, a hook factory for each model, and UNIONS. They are loaded with the first value of one
of their models: a program that only awards badges never pays for pathways.

The factories work on cattrs' usual path only. A converter that validates in detail gets the generic
hooks of `aiobadges.wire.codec`, which read the same and name the place of a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeAlias, get_args

import attrs
import cattrs

from aiobadges.values import UnknownVariant, Unset
from aiobadges.wire.codec import TaggedUnion, read_model, read_union, write_union

__all__ = ["GeneratedCodecs", "Hook", "late_reader", "late_writer", "nullable_reader"]

Hook: TypeAlias = Callable[..., Any]

_PLAIN_OPTIONAL: Any = getattr(cattrs.BaseConverter, "_structure_optional", None)


def nullable_reader(converter: cattrs.Converter, annotation: Any) -> Hook:
    """Give the reader of ``T | None``.

    cattrs' own looks for the hook of T with each value; this finds it once, unless a hook of the
    user's reads the nullable type as a whole.
    """
    hook = converter.get_structure_hook(annotation)
    if _PLAIN_OPTIONAL is None or getattr(hook, "__func__", None) is not _PLAIN_OPTIONAL:
        return hook
    inner = next(member for member in get_args(annotation) if member is not type(None))
    read = converter.get_structure_hook(inner)
    return lambda value, _: None if value is None else read(value, inner)


def late_reader(converter: cattrs.Converter) -> Hook:
    """Give a reader that asks for the hook of its type with each value, for types in a circle."""
    return lambda value, annotation: converter.get_structure_hook(annotation)(value, annotation)


def late_writer(converter: cattrs.Converter, annotation: Any) -> Hook:
    """Give a writer that asks for the hook of that type with each value, for types in a circle."""
    return lambda value: converter.get_unstructure_hook(annotation)(value)  # noqa: PLW0108 - late


@attrs.frozen
class GeneratedCodecs:
    """The codecs of a package of models.

    Attributes:
        models: the full name of the package of models.
        codecs: the full name of the package of codecs.
    """

    models: str
    codecs: str

    def register(self, converter: cattrs.Converter) -> None:
        """Let a converter use these codecs. Hooks that are registered later win over them."""
        converter.register_structure_hook_factory(self._has_reader, self._reader)
        converter.register_unstructure_hook_factory(self._has_reader, self._writer)
        converter.register_structure_hook_factory(self._is_union, self._union_reader)
        converter.register_unstructure_hook_factory(
            self._is_union, lambda _, conv: write_union(conv)
        )

    def _module(self, cls: Any) -> Any:
        """Give the module with the codecs of the module a class stands in, None for strangers."""
        package, _, module = (getattr(cls, "__module__", None) or "").rpartition(".")
        return import_module(f"{self.codecs}.{module}") if package == self.models else None

    def _has_reader(self, cls: Any) -> bool:
        module = self._module(cls)
        return module is not None and cls in module.READERS

    def _reader(self, cls: Any, converter: cattrs.Converter) -> Hook:
        if converter.detailed_validation:
            return read_model(cls, converter)
        hook: Hook = self._module(cls).READERS[cls](converter)
        return hook

    def _writer(self, cls: Any, converter: cattrs.Converter) -> Hook:
        hook: Hook = self._module(cls).WRITERS[cls](converter)
        return hook

    def _union(self, annotation: Any) -> TaggedUnion | None:
        """Give the tagged union an annotation means, also where null or UNSET is allowed beside."""
        members = frozenset(get_args(annotation)) - {type(None), Unset}
        if UnknownVariant not in members:
            return None
        module = self._module(get_args(annotation)[0])
        unions = () if module is None else module.UNIONS
        return next((one for one in unions if members == frozenset(get_args(one.union))), None)

    def _is_union(self, annotation: Any) -> bool:
        return self._union(annotation) is not None

    def _union_reader(self, annotation: Any, converter: cattrs.Converter) -> Hook:
        tagged = self._union(annotation)
        if tagged is None:
            msg = f"{annotation} is no union of {self.models}"
            raise TypeError(msg)
        return read_union(tagged, annotation, converter)
