"""What changed about the schemas: classes, enumerations, and names for other types.

Each is compared once, at its own place, whoever refers to it; a reference is compared by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from codegen.changes.change import Change, Kind, Use, judge
from codegen.changes.directions import directions
from codegen.changes.members import Member, members
from codegen.changes.reading import (
    Tree,
    components,
    mapping,
    meaning,
    reference,
    sent_by_itself,
    sequence,
    unruled,
)
from codegen.changes.shape import Kin, kin
from codegen.changes.values import Pair, both_ways, compare_documentation, compare_values
from codegen.document import component_name

__all__ = ["compare_schemas"]

_KIN: Final[dict[Kin, str]] = {
    "class": "a class",
    "enumeration": "an enumeration",
    "union": "a union",
    "alias": "written out where it is used",
}
# The keys of a class whose rules are below; the others are compared as those of any value.
_CLASS_KEYS: Final = frozenset(["allOf", "properties", "required", "x-base", "x-preserve-unknown"])
_ENUMERATION_KEYS: Final = frozenset(["deprecated", "enum", "type", "x-extensible-enum"])


@attrs.frozen
class _Ways:
    """Which ways a schema travelled before, and travels now."""

    old: Use
    new: Use

    @property
    def judged(self) -> Use:
        """The ways it goes on travelling: whoever used another way is told by the operations."""
        kept = Use(sent=self.old.sent and self.new.sent, read=self.old.read and self.new.read)
        if kept.sent or kept.read:
            return kept
        return self.old if self.old.sent else Use(read=True)


def _compare_direction(
    where: str, ways: _Ways, old: dict[str, Member], new: dict[str, Member]
) -> Iterator[Change]:
    """Say that the class changed its face to readers.

    A class that is sent has UNSET for what is left out, so that it can be told from null; a class
    that is only read has None.
    """
    loose = [name for name in {*old} & {*new} if not new[name].is_always_there]
    if not (ways.old.read and ways.new.read and ways.old.sent != ways.new.sent and loose):
        return
    words = (
        "is now sent too: what an answer leaves out reads as UNSET, was None"
        if ways.new.sent
        else "is no longer sent: what an answer leaves out reads as None, was UNSET"
    )
    yield Change("breaking", where, "response", words)


def _bases(node: Tree) -> list[str]:
    names = [
        component_name(address)
        for part in sequence(node.get("allOf"))
        if (address := reference(part))
    ]
    return [*names, *([str(node["x-base"])] if node.get("x-base") else [])]


def _compare_bases(where: str, old: Tree, new: Tree) -> Iterator[Change]:
    before, after = _bases(old), _bases(new)
    for name in before:
        if name not in after:
            yield Change("breaking", where, "none", f"is no longer a subclass of `{name}`")
    for name in after:
        if name not in before:
            yield Change("additive", where, "none", f"is now a subclass of `{name}`")


def _compare_new_member(where: str, use: Use, member: Member) -> Iterator[Change]:
    if member.must_be_given and use.sent:
        yield Change("breaking", where, "request", "is new and must be given")
        if use.read:
            yield Change("additive", where, "response", "is new")
    elif default := sent_by_itself(member.node):
        words = f"is new and sends {default} by itself"
        yield from judge(where, use, words, sent="breaking", read="additive")
    else:
        yield from both_ways(where, use, "is new", "additive")


def _compare_presence(where: str, use: Use, old: Member, new: Member) -> Iterator[Change]:
    if use.sent and old.must_be_given != new.must_be_given:
        kind: Kind = "breaking" if new.must_be_given else "additive"
        words = "must be given now" if new.must_be_given else "may be left out now"
        yield Change(kind, where, "request", words)
    use = Use(read=use.read)
    if old.marks - new.marks:
        # One mark that goes is enough: the document no longer stands by it.
        yield from both_ways(where, use, "may be missing now", "breaking")
    elif new.marks - old.marks and not old.is_always_there:
        yield from both_ways(where, use, "is always there now", "additive")
    elif new.marks - old.marks:
        yield Change("neutral", where, "none", "bears other marks of being there")


def _compare_member(
    pair: Pair, where: str, ways: _Ways, old: Member, new: Member
) -> Iterator[Change]:
    use = ways.judged
    if old.wire != new.wire:
        words = f"travels under the name `{new.wire}`, was `{old.wire}`"
        yield Change("neutral", where, "none", words)
    yield from _compare_presence(where, use, old, new)
    # Readers of a class that is never sent meet None wherever a member may be missing.
    reads_none = not ways.new.sent and not (old.is_always_there and new.is_always_there)
    yield from compare_values(pair, where, use, old.node, new.node, reads_none=reads_none)


def _compare_class(pair: Pair, where: str, ways: _Ways, old: Tree, new: Tree) -> Iterator[Change]:
    use = ways.judged
    before, after = members(pair.old, old), members(pair.new, new)
    yield from _compare_direction(where, ways, before, after)
    yield from _compare_bases(where, old, new)
    keeps, kept = (node.get("x-preserve-unknown") is True for node in (new, old))
    if keeps != kept:
        words = "keeps members it does not know" if keeps else "drops members it does not know"
        yield from both_ways(where, use, words, "additive" if keeps else "breaking")
    # An inherited member is told at the base, but for what this class makes of it.
    required, new_required = (sequence(node.get("required")) for node in (old, new))
    brought = {
        name
        for base in _bases(new)
        if base not in _bases(old)
        for name in members(pair.new, mapping(components(pair.new, "schemas").get(base)))
    }
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        spot = f"{where}.{name}"
        if all(member is None or member.is_inherited for member in (one, other)):
            if one and other and (one.wire in required) != (other.wire in new_required):
                yield from _compare_presence(spot, use, one, other)
            elif one is None and other and other.must_be_given and use.sent and name in brought:
                yield Change("breaking", spot, "request", "must be given: a new base asks for it")
        elif other is None:
            yield from both_ways(spot, use, "is gone", "breaking")
        elif one is None:
            yield from _compare_new_member(spot, use, other)
        else:
            yield from _compare_member(pair, spot, ways, one, other)
    own, new_own = (
        {key: value for key, value in node.items() if key not in _CLASS_KEYS} for node in (old, new)
    )
    yield from compare_values(pair, where, use, own, new_own)


def _compare_enumeration(where: str, use: Use, old: Tree, new: Tree) -> Iterator[Change]:
    if old.get("type") != new.get("type"):
        words = f"has members of type {new.get('type')}, was {old.get('type')}"
        yield from both_ways(where, use, words, "breaking")
    was_open, is_open = ("x-extensible-enum" in node for node in (old, new))
    if was_open and not is_open:
        yield from both_ways(where, use, "refuses values it does not know", "breaking")
    elif is_open and not was_open:
        words = "may hold values it does not know"
        yield from judge(where, use, words, sent="additive", read="breaking")
    before, after = (
        {str(value) for key in ("x-extensible-enum", "enum") for value in sequence(node.get(key))}
        for node in (old, new)
    )
    for value in sorted(before - after):
        yield Change("breaking", where, "none", f"no longer has the member `{value}`")
    for value in sorted(after - before):
        words = f"has the new member `{value}`"
        read: Kind = "additive" if was_open else "breaking"
        yield from judge(where, use, words, sent="additive", read=read)
    yield from compare_documentation(where, old, new)
    for key in unruled(old, new, _ENUMERATION_KEYS):
        yield from judge(where, use, f"has another `{key}`", sent="breaking", read="neutral")


def _compare_schema(pair: Pair, where: str, ways: _Ways, old: Tree, new: Tree) -> Iterator[Change]:
    before, after = kin(old), kin(new)
    if before != after:
        words = f"is {_KIN[after]}, was {_KIN[before]}"
        yield from both_ways(where, ways.judged, words, "breaking")
    elif before == "class":
        yield from _compare_class(pair, where, ways, old, new)
    elif before == "enumeration":
        yield from _compare_enumeration(where, ways.judged, old, new)
    else:
        yield from compare_values(pair, where, ways.judged, old, new)


def compare_schemas(pair: Pair) -> Iterator[Change]:
    """Say what changed about each schema of two documents, at its own place.

    A schema that travels no way, and one that is written out where it is used, has no name in
    Python that could come or go.
    """
    old, new = (components(document, "schemas") for document in (pair.old, pair.new))
    uses, new_uses = directions(pair.old), directions(pair.new)
    for name in sorted({*old, *new}):
        one, other = mapping(old.get(name)), mapping(new.get(name))
        ways = _Ways(uses.get(name, Use()), new_uses.get(name, Use()))
        had_name, has_name = (
            use != Use() and kin(node) != "alias"
            for node, use in ((one, ways.old), (other, ways.new))
        )
        if ways.old != Use() and ways.new != Use():
            yield from _compare_schema(pair, name, ways, one, other)
        elif had_name:
            yield Change("breaking", name, "none", "is gone")
        elif has_name:
            yield Change("additive", name, "none", "is new")
        elif meaning(one) != meaning(other):
            yield Change("neutral", name, "none", "changed, but has no name in Python")
        else:
            yield from compare_documentation(name, one, other)
