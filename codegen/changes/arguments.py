"""What changed about the arguments of the methods, bodies apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from codegen.changes.change import Change, Use
from codegen.changes.reading import Tree, mapping, sent_by_itself, unruled
from codegen.changes.signatures import Operation, Parameter, operations
from codegen.changes.values import Pair, compare_documentation, compare_values

__all__ = ["compare_arguments", "compare_shared_arguments"]

_SENT: Final = Use(sent=True)
_RULED: Final = frozenset(
    ["deprecated", "in", "name", "required", "schema", "x-encoding", "x-name", "x-send-default"]
)


def _value(node: Tree) -> Tree:
    """Give the schema with what the parameter itself says about the value."""
    extras = {key: node[key] for key in ("x-encoding", "x-send-default") if key in node}
    return {**mapping(node.get("schema")), **extras}


def _must_be_given(parameter: Parameter) -> bool:
    if parameter.is_positional:
        return True
    return parameter.node.get("required") is True and not sent_by_itself(_value(parameter.node))


def _pairs(old: Operation, new: Operation) -> list[tuple[Parameter, Parameter]]:
    """Find which argument is which: by shared component, by name, on the wire, by position."""
    left, right = list(old.parameters), list(new.parameters)
    found: list[tuple[Parameter, Parameter]] = []

    def pair(ones: Sequence[Parameter], others: Sequence[Parameter]) -> None:
        for one, other in zip(ones, others, strict=True):
            found.append((one, other))
            left.remove(one)
            right.remove(other)

    def is_match(rule: int, one: Parameter, other: Parameter) -> bool:
        match rule:
            case 0:
                return one.component != "" and one.component == other.component
            case 1:
                return one.name == other.name
            case _:
                return (one.wire, one.place) == (other.wire, other.place)

    for rule in range(3):
        for one in list(left):
            match = next((other for other in right if is_match(rule, one, other)), None)
            if match:
                pair([one], [match])
    paths = [[each for each in side if each.is_positional] for side in (left, right)]
    if len(paths[0]) == len(paths[1]):
        pair(*paths)
    return found


def _compare_argument(pair: Pair, where: str, old: Parameter, new: Parameter) -> Iterator[Change]:
    if old.name != new.name:
        yield Change("breaking", where, "request", f"is called `{new.name}`, was `{old.name}`")
    if old.is_positional != new.is_positional:
        words = "is given by position now" if new.is_positional else "is given by name now"
        yield Change("breaking", where, "request", words)
    elif old.place != new.place:
        yield Change("neutral", where, "request", f"travels in the {new.place}, was {old.place}")
    elif _must_be_given(old) != _must_be_given(new):
        if _must_be_given(new):
            yield Change("breaking", where, "request", "must be given now")
        else:
            yield Change("additive", where, "request", "may be left out now")
    if old.wire != new.wire and not new.is_positional:
        words = f"travels under the name `{new.wire}`, was `{old.wire}`"
        yield Change("neutral", where, "request", words)
    yield from compare_values(pair, where, _SENT, _value(old.node), _value(new.node))
    keys = [{**each.node, "schema": None} for each in (old, new)]
    yield from compare_documentation(where, *keys)
    for key in unruled(old.node, new.node, _RULED):
        yield Change("neutral", where, "request", f"has another `{key}`")


def compare_arguments(pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    """Say what changed about the arguments of one operation, shared ones apart."""
    pairs = _pairs(old, new)
    for one, other in pairs:
        if not one.component or one.component != other.component:
            yield from _compare_argument(pair, f"{new.id}({one.name})", one, other)
    for each in old.parameters:
        if each not in [one for one, _ in pairs]:
            yield Change("breaking", f"{new.id}({each.name})", "request", "is gone")
    for each in new.parameters:
        if each in [other for _, other in pairs]:
            continue
        spot = f"{new.id}({each.name})"
        if _must_be_given(each):
            yield Change("breaking", spot, "request", "is new and must be given")
        elif default := sent_by_itself(_value(each.node)):
            yield Change("breaking", spot, "request", f"is new and sends {default} by itself")
        else:
            yield Change("additive", spot, "request", "is new")
    order = [one for one in old.parameters if one in [first for first, _ in pairs]]
    now = sorted(
        (couple for couple in pairs if couple[1].is_positional and couple[0].is_positional),
        key=lambda couple: new.parameters.index(couple[1]),
    )
    if [order.index(one) for one, _ in now] != sorted(order.index(one) for one, _ in now):
        names = ", ".join(other.name for _, other in now)
        yield Change("breaking", new.id, "request", f"takes its arguments in the order {names}")


def compare_shared_arguments(pair: Pair) -> Iterator[Change]:
    """Say what changed about the arguments that operations share, once for all of them."""
    old, new = (
        {each.component: each for call in operations(document).values() for each in call.parameters}
        for document in (pair.old, pair.new)
    )
    for name in sorted((old.keys() & new.keys()) - {""}):
        yield from _compare_argument(pair, f"parameters.{name}", old[name], new[name])
