"""Comparing what two states of a GraphQL document are compiled into: methods and classes.

It sees what users of the client see. What a field means, and what the server does, it cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from codegen.annotations import Annotation, Nullable
from codegen.api import Api
from codegen.changes.change import DIRECTIONS, KINDS, Change
from codegen.changes.change import Direction as Way
from codegen.operations import Operation, Parameter
from codegen.schemas import Component, Direction, Enumeration, Field, Model, Variants

__all__ = ["compare_apis"]

_OTHER_WORDS: Final = "is described in other words"


def compare_apis(old: Api, new: Api) -> list[Change]:
    """Say what changed for who uses the client, the worst first and then by place."""
    found = {*_compare_operations(old, new), *_compare_components(old, new)}
    return sorted(
        found,
        key=lambda one: (
            KINDS.index(one.kind),
            one.where,
            DIRECTIONS.index(one.direction),
            one.what,
        ),
    )


def _names(old: Mapping[str, object], new: Mapping[str, object], where: str) -> Iterator[Change]:
    """Say which names are gone and which are new."""
    for name in old.keys() - new.keys():
        yield Change("breaking", where.format(name), "none", "is gone")
    for name in new.keys() - old.keys():
        yield Change("additive", where.format(name), "none", "is new")


# Methods ------------------------------------------------------------------------------------------


def _compare_operations(old: Api, new: Api) -> Iterator[Change]:
    before, after = ({one.id: one for one in api.operations} for api in (old, new))
    yield from _names(before, after, "{}")
    for name in before.keys() & after.keys():
        yield from _compare_operation(before[name], after[name])


def _compare_operation(old: Operation, new: Operation) -> Iterator[Change]:
    yield from _compare_arguments(old, new)
    yield from _compare_results(old, new)
    if old.is_idempotent != new.is_idempotent:
        words = "is a query now, and repeated" if new.is_idempotent else "is a mutation now"
        yield Change("breaking", new.id, "none", words)
    if old.is_deprecated != new.is_deprecated:
        words = "is deprecated" if new.is_deprecated else "is no longer deprecated"
        yield Change("neutral", new.id, "none", words)
    if old.cost != new.cost:
        yield Change("neutral", new.id, "request", f"costs {new.cost} points, was {old.cost}")
    elif old.document != new.document:
        yield Change("neutral", new.id, "request", "is asked for in another document")
    if (old.summary, old.description) != (new.summary, new.description):
        yield Change("neutral", new.id, "none", _OTHER_WORDS)


def _compare_arguments(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = ({one.wire: one for one in each.variables} for each in (old, new))
    for name in before.keys() - after.keys():
        yield Change("breaking", f"{new.id}({name})", "request", "is gone")
    for name in after.keys() - before.keys():
        place = f"{new.id}({name})"
        if after[name].is_required:
            yield Change("breaking", place, "request", "is new and must be given")
        else:
            yield Change("additive", place, "request", "is new")
    for name in before.keys() & after.keys():
        yield from _compare_argument(f"{new.id}({name})", before[name], after[name])
    orders = [
        [
            one.wire
            for one in each.variables
            if one.is_required and one.wire in before.keys() & after
        ]
        for each in (old, new)
    ]
    if sorted(orders[0]) == sorted(orders[1]) and orders[0] != orders[1]:
        yield Change("breaking", new.id, "request", f"takes {', '.join(orders[1])} in this order")


def _compare_argument(place: str, old: Parameter, new: Parameter) -> Iterator[Change]:
    if old.annotation.text != new.annotation.text:
        words = f"is {new.annotation.text}, was {old.annotation.text}"
        yield Change("breaking", place, "request", words)
    if old.is_required != new.is_required:
        # What must be given is positional, the rest goes by name: code breaks either way.
        words = "must be given" if new.is_required else "need not be given, and goes by name only"
        yield Change("breaking", place, "request", words)
    if old.description != new.description:
        yield Change("neutral", place, "none", _OTHER_WORDS)


def _result_text(operation: Operation) -> str:
    result = operation.result
    return f"list[{result.item}]" if result.is_list else result.item


def _compare_results(old: Operation, new: Operation) -> Iterator[Change]:
    before, after = _result_text(old), _result_text(new)
    if before != after:
        yield Change("breaking", new.id, "response", f"gives {after}, was {before}")
    if new.result.may_be_empty and not old.result.may_be_empty:
        yield Change("breaking", new.id, "response", "may give None")
    if old.result.may_be_empty and not new.result.may_be_empty:
        yield Change("additive", new.id, "response", "never gives None any more")


# Classes ------------------------------------------------------------------------------------------


def _compare_components(old: Api, new: Api) -> Iterator[Change]:
    yield from _names(old.components, new.components, "{}")
    for name in old.components.keys() & new.components.keys():
        yield from _compare_component(old.components[name], new.components[name])


def _compare_component(old: Component, new: Component) -> Iterator[Change]:
    match old, new:
        case Model(), Model():
            yield from _compare_models(old, new)
        case Enumeration(), Enumeration():
            yield from _names(old.members, new.members, f"{new.name}.{{}}")
            for name in old.members.keys() & new.members.keys():
                if old.members[name] != new.members[name]:
                    words = f"is {new.members[name]!r}, was {old.members[name]!r}"
                    yield Change("breaking", f"{new.name}.{name}", "none", words)
        case Variants(), Variants():
            for name in old.members.keys() - new.members.keys():
                yield Change("breaking", new.name, "response", f"no longer has the member {name}")
            for name in new.members.keys() - old.members.keys():
                words = f"has the new member {name}, which was an UnknownVariant"
                yield Change("breaking", new.name, "response", words)
        case _:
            words = f"is a {type(new).__name__.lower()}, was a {type(old).__name__.lower()}"
            yield Change("breaking", new.name, "none", words)
    if old.description != new.description:
        yield Change("neutral", new.name, "none", _OTHER_WORDS)


def _compare_models(old: Model, new: Model) -> Iterator[Change]:
    is_sent = new.direction is Direction.SENT
    way: Way = "request" if is_sent else "response"
    if old.direction is not new.direction:
        yield Change("breaking", new.name, "none", "is sent now" if is_sent else "is read now")
        return
    before, after = ({one.wire: one for one in each.fields} for each in (old, new))
    for name in before.keys() - after.keys():
        yield Change("breaking", f"{new.name}.{name}", way, "is gone")
    for name in after.keys() - before.keys():
        if is_sent and not after[name].default:
            yield Change("breaking", f"{new.name}.{name}", way, "is new and must be given")
        else:
            yield Change("additive", f"{new.name}.{name}", way, "is new")
    for name in before.keys() & after.keys():
        yield from _compare_fields(f"{new.name}.{name}", way, before[name], after[name])


def _beside_none(annotation: Annotation) -> Annotation:
    return annotation.inner if isinstance(annotation, Nullable) else annotation


def _compare_fields(place: str, way: Way, old: Field, new: Field) -> Iterator[Change]:
    if old.description != new.description or old.is_deprecated != new.is_deprecated:
        yield Change("neutral", place, "none", _OTHER_WORDS)
    if old.text == new.text and bool(old.default) == bool(new.default):
        return
    if _beside_none(old.annotation) != _beside_none(new.annotation):
        yield Change("breaking", place, way, f"is {new.text}, was {old.text}")
        return
    is_wider = isinstance(new.annotation, Nullable) or (bool(new.default) and not old.default)
    if way == "response":
        words = "may be None" if is_wider else "is never None any more"
        yield Change("breaking" if is_wider else "additive", place, way, words)
    else:
        words = "need not be given" if is_wider else "must be given"
        yield Change("additive" if is_wider else "breaking", place, way, words)
