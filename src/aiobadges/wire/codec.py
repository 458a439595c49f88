"""JSON and attrs models: building a strict cattrs converter, and saying where a value is wrong.

What the converter does beyond cattrs' defaults: wire names from ``metadata["wire"]``; UNSET is not
written; wrong types are refused instead of converted (plain cattrs makes ``"1"`` of ``1``); open
enumerations and tagged unions keep what they do not know. The fast path says only that something
is wrong; the value is then read a second time with validation notes, to name its JSON path.
"""

from __future__ import annotations

import contextlib
import threading
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, Union, get_args, get_origin

import attrs
import cattrs
import msgspec
from cattrs.cols import is_mapping, is_sequence, list_structure_factory
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    IterableValidationNote,
)
from cattrs.gen import (
    make_dict_structure_fn_from_attrs,
    make_dict_unstructure_fn_from_attrs,
    make_mapping_structure_fn,
    override,
)

from aiobadges.values import UNSET, OpenStrEnum, UnknownVariant, Unset
from aiobadges.wire.csv_rows import csv_bytes
from aiobadges.wire.url import timestamp

__all__ = [
    "Codec",
    "DecodingError",
    "Problem",
    "TaggedUnion",
    "build_converter",
    "read_model",
    "read_union",
    "refuse",
    "unknown_members",
    "write_model",
    "write_union",
]

_UNIONS = (Union, types.UnionType)
_JSON_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


@attrs.frozen
class Problem:
    """One thing that is wrong with a decoded value: where (``$.result[0].issuedOn``) and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class DecodingError(ValueError):
    """Bytes or JSON that do not fit the model. ``problems`` says where; never shows the values."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems[:3])))


class _WrongTypeError(TypeError):
    """Raised by the strict hooks; its text names types only, for a value can hold an address."""


@attrs.frozen(kw_only=True)
class TaggedUnion:
    """A union whose members are told apart by a key, such as ``@type``.

    Attributes:
        union: the union type itself, ``A | B | UnknownVariant``.
        tag: the discriminating key on the wire.
        members: the class for each value of that key.
    """

    union: Any
    tag: str
    members: Mapping[str, type]


def refuse(expected: str, value: object) -> NoReturn:
    """Refuse a value, naming types only."""
    raise _WrongTypeError(
        f"expected {expected}, got {_JSON_NAMES.get(type(value), 'something else')}"
    )


def _structure_str(value: object, _: object) -> str:
    return value if type(value) is str else refuse("a string", value)


def _structure_bool(value: object, _: object) -> bool:
    return value if type(value) is bool else refuse("a boolean", value)


def _structure_int(value: object, _: object) -> int:
    return value if type(value) is int else refuse("a whole number", value)


def _structure_float(value: object, _: object) -> float:
    if type(value) is int or type(value) is float:
        return float(value)
    refuse("a number", value)


def _structure_datetime(value: object, _: object) -> datetime:
    if type(value) is not str:
        refuse("a timestamp", value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _WrongTypeError("expected a timestamp, got another text") from None
    # Every instant seen from the vendors is in UTC; one without a zone is read so.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _structure_enum(value: object, enumeration: type[OpenStrEnum]) -> OpenStrEnum:
    return enumeration(value) if type(value) is str else refuse("a string", value)


def _refuse_unset(_: Unset) -> NoReturn:
    raise ValueError("UNSET can only be left out as the field of a model; leave the key out")


def _strip_unset(annotation: Any) -> Any:
    """``T | Unset`` -> ``T``: UNSET never stands on the wire."""
    if get_origin(annotation) in _UNIONS:
        kept = tuple(arg for arg in get_args(annotation) if arg is not Unset)
        if len(kept) != len(get_args(annotation)):
            return Union[kept]  # noqa: UP007 - the members are known at run time only
    return annotation


def _wire_fields(cls: type) -> list[Any]:
    attrs.resolve_types(cls)
    return [
        field.evolve(type=_strip_unset(field.type))
        for field in attrs.fields(cls)
        if not _keeps_unknown(field)
    ]


def _wire_name(field: Any) -> str:
    name: str = field.metadata.get("wire", field.name)
    return name


def _keeps_unknown(field: Any) -> bool:
    """Say whether an attribute is where a model keeps the members it does not know."""
    return bool(field.metadata.get("keeps") == "unknown")


def unknown_members(value: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Give those members of an object that a model does not know."""
    if value.keys() <= known:
        return {}
    return {name: member for name, member in value.items() if name not in known}


_under_way = threading.local()


@contextlib.contextmanager
def _building(task: tuple[type, str]) -> Iterator[None]:
    """Notice a model that holds itself: cattrs takes a RecursionError as a wish to bind late."""
    tasks: set[tuple[type, str]] = _under_way.__dict__.setdefault("tasks", set())
    if task in tasks:
        raise RecursionError
    tasks.add(task)
    try:
        yield
    finally:
        tasks.remove(task)


def read_model(cls: type, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    """Make the hook that reads a model by its attributes, with notes if the converter wants them."""
    fields = _wire_fields(cls)
    names: dict[str, Any] = {f.name: override(rename=_wire_name(f)) for f in fields}
    with _building((cls, "read")):
        read: Callable[[Any, Any], Any] = make_dict_structure_fn_from_attrs(
            fields, cls, converter, **names
        )
    known = frozenset(map(_wire_name, fields))
    extra = next((f.name for f in attrs.fields(cls) if _keeps_unknown(f)), None)

    def structure(value: Any, target: Any) -> Any:
        # Without this check a list or a text passes for an object whose keys are all missing.
        if type(value) is not dict:
            refuse("an object", value)
        model = read(value, target)
        if extra is not None:
            setattr(model, extra, unknown_members(value, known))
        return model

    return structure


def write_model(cls: type, converter: cattrs.Converter) -> Callable[[Any], dict[str, Any]]:
    """Make the hook that writes a model by its attributes."""
    fields = _wire_fields(cls)
    names: dict[str, Any] = {
        f.name: override(rename=_wire_name(f), omit_if_default=f.default is UNSET) for f in fields
    }
    with _building((cls, "write")):
        write: Callable[[Any], dict[str, Any]] = make_dict_unstructure_fn_from_attrs(
            fields, cls, converter, **names
        )
    known = frozenset(map(_wire_name, fields))
    extra = next((f.name for f in attrs.fields(cls) if _keeps_unknown(f)), None)
    if extra is None:
        return write
    return lambda model: write(model) | unknown_members(getattr(model, extra), known)


def _structure_list(cls: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    read: Callable[[Any, Any], Any] = list_structure_factory(cls, converter)

    def structure(value: Any, target: Any) -> Any:
        return read(value, target) if type(value) is list else refuse("a list", value)

    return structure


def _structure_dict(cls: Any, converter: cattrs.Converter) -> Callable[[Any, Any], Any]:
    read: Callable[[Any, Any], Any] = make_mapping_structure_fn(
        cls, converter, detailed_validation=converter.detailed_validation
    )

    def structure(value: Any, target: Any) -> Any:
        return read(value, target) if type(value) is dict else refuse("an object", value)

    return structure


def read_union(
    tagged: TaggedUnion, annotation: Any, converter: cattrs.Converter
) -> Callable[[Any, Any], Any]:
    """Make the hook that reads a tagged union, beside which the annotation may allow null."""
    is_nullable = type(None) in get_args(annotation)

    def structure(value: Any, _: Any) -> Any:
        if value is None and is_nullable:
            return None
        if type(value) is not dict:
            refuse("an object", value)
        tag = value.get(tagged.tag)
        member = tagged.members.get(tag) if type(tag) is str else None
        if member is None:
            return UnknownVariant(tag=tag if type(tag) is str else None, raw=value)
        return converter.get_structure_hook(member)(value, member)

    return structure


def write_union(converter: cattrs.Converter) -> Callable[[Any], Any]:
    """Make the hook that writes a tagged union: each value as what it is."""
    return lambda value: converter.unstructure(value, unstructure_as=type(value))


def _register_union(converter: cattrs.Converter, tagged: TaggedUnion) -> None:
    members = frozenset(get_args(tagged.union)) - {type(None), Unset}

    def is_union(annotation: Any) -> bool:
        """Whether it is this union, also where null or UNSET is allowed beside it."""
        if get_origin(annotation) not in _UNIONS:
            return False
        return frozenset(get_args(annotation)) - {type(None), Unset} == members

    converter.register_structure_hook_factory(
        is_union, lambda cls, conv: read_union(tagged, cls, conv)
    )
    converter.register_unstructure_hook_factory(is_union, lambda _, conv: write_union(conv))


def build_converter(
    *, unions: Iterable[TaggedUnion] = (), detailed_validation: bool = False
) -> cattrs.Converter:
    """Build a strict converter for models whose fields carry their wire names.

    Args:
        unions: the tagged unions among the models.
        detailed_validation: read slower and with notes; the codec does it by itself on failure.
    """
    converter = cattrs.Converter(detailed_validation=detailed_validation)
    converter.register_structure_hook(str, _structure_str)
    converter.register_structure_hook(bool, _structure_bool)
    converter.register_structure_hook(int, _structure_int)
    converter.register_structure_hook(float, _structure_float)
    converter.register_structure_hook(datetime, _structure_datetime)
    converter.register_unstructure_hook(datetime, timestamp)
    converter.register_unstructure_hook(Unset, _refuse_unset)
    # By class, not by predicate: cattrs asks the hooks of classes first, and an enumeration of
    # texts is a subclass of str.
    converter.register_structure_hook(OpenStrEnum, _structure_enum)
    converter.register_structure_hook_factory(attrs.has, read_model)
    converter.register_unstructure_hook_factory(attrs.has, write_model)
    converter.register_structure_hook_factory(is_sequence)(_structure_list)
    converter.register_structure_hook_factory(is_mapping)(_structure_dict)
    converter.register_structure_hook(
        UnknownVariant, lambda raw, _: UnknownVariant(tag=None, raw=raw)
    )
    converter.register_unstructure_hook(UnknownVariant, lambda variant: variant.raw)
    for tagged in unions:
        _register_union(converter, tagged)
    return converter


def _note_of(error: BaseException) -> AttributeValidationNote | IterableValidationNote | None:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, (AttributeValidationNote, IterableValidationNote)):
            return note
    return None


def _problems(error: BaseException, path: str) -> Iterable[Problem]:
    """Walk cattrs' tree of errors, turning Python names into the names on the wire."""
    if not isinstance(error, BaseValidationError):
        if isinstance(error, KeyError):
            yield Problem(path, "is missing")
        else:
            yield Problem(
                path, str(error) if isinstance(error, _WrongTypeError) else "cannot be read"
            )
        return
    for inner in error.exceptions:
        note = _note_of(inner)
        if isinstance(note, IterableValidationNote):
            step = f"[{note.index!r}]"
        elif isinstance(note, AttributeValidationNote):
            step = f".{_wire_name_of(error, note.name)}"
        else:
            step = ""
        yield from _problems(inner, path + step)


def _wire_name_of(error: BaseValidationError, attribute: str) -> str:
    cls = error.cl
    field = attrs.fields_dict(cls).get(attribute) if attrs.has(cls) else None
    return attribute if field is None else _wire_name(field)


class Codec:
    """Models to bytes and back, by name.

    Args:
        converter: a cattrs converter, the user's own hooks included.
        resolve: gives the class of a model name; it is asked late, so that models load lazily.
    """

    def __init__(self, converter: cattrs.Converter, resolve: Callable[[str], Any]) -> None:
        self.converter = converter
        self._resolve = resolve

    def parse(self, body: bytes) -> Any:
        """Parse JSON.

        Raises:
            DecodingError: it is none.
        """
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            what = "is empty" if not body.strip() else "is not JSON"
            raise DecodingError([Problem("$", what)]) from None

    def structure(self, value: object, model: str, *, path: str = "$") -> Any:
        """Make a model of parsed JSON.

        Args:
            value: parsed JSON.
            model: the name of the model.
            path: where the value stands in the body, for errors.

        Raises:
            DecodingError: it does not fit; each problem has its JSON path.
        """
        cls = self._resolve(model)
        try:
            return self.converter.structure(value, cls)
        except Exception as error:  # noqa: BLE001 - a user's hook may raise anything
            problem = Problem(path, f"cannot be read as {model} ({type(error).__name__})")
        try:
            self.converter.copy(detailed_validation=True).structure(value, cls)
        except Exception as error:  # noqa: BLE001 - as above
            raise DecodingError(_problems(error, path)) from None
        raise DecodingError([problem])

    def encode(self, body: object) -> bytes:
        """Write a model, a list of models or JSON-ready data as JSON.

        Raises:
            ValueError: a value cannot be written, such as a datetime without a time zone.
            TypeError: a value is of a type that JSON does not know.
        """
        return msgspec.json.encode(self.converter.unstructure(body))

    def encode_rows(self, rows: Any, model: str) -> bytes:
        """Write models as CSV in UTF-8, a column for each attribute and a header with their names.

        Args:
            rows: instances of the model.
            model: the name of the model; it has plain attributes only.

        Raises:
            ValueError: a value cannot be written, such as a list.
            TypeError: the rows are none.
        """
        columns = [_wire_name(field) for field in attrs.fields(self._resolve(model))]
        return csv_bytes(columns, self.converter.unstructure(list(rows)))
