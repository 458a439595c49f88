"""What changed about what a method gives back, and about the refusals it may meet."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.changes.change import Change, Kind
from codegen.changes.reading import Tree, components, mapping, meaning, reference, resolve
from codegen.changes.results import Result, result_of
from codegen.changes.shape import NOTHING, relation
from codegen.changes.signatures import Operation
from codegen.changes.values import Pair, compare_documentation

__all__ = ["compare_answers", "compare_shared_answers"]


def _compare_results(
    old: Operation, new: Operation, one: Result, other: Result
) -> Iterator[Change]:
    where = new.id
    words = f"gives {other}, was {one}"
    same_item = relation(one.item, other.item) == "same"
    same_list = (one.is_list, one.is_paged) == (other.is_list, other.is_paged)
    if one.item.shape == NOTHING != other.item.shape and not other.is_paged:
        # Nobody does anything with the None there was.
        yield Change("additive", where, "response", words)
    elif not same_item or not same_list:
        yield Change("breaking", where, "response", words)
    elif one.media != other.media:
        kinds = [" or ".join(sorted(each.media)) or "nothing" for each in (other, one)]
        words = f"is answered with {kinds[0]}, was {kinds[1]}"
        yield Change("breaking", where, "response", words)
    elif one.may_be_none != other.may_be_none:
        kind: Kind = "breaking" if other.may_be_none else "additive"
        yield Change(kind, where, "response", words)
    elif one.opening != other.opening or (
        NOTHING not in {one.body.shape, other.body.shape}
        and relation(one.body, other.body) != "same"
    ):
        yield Change("neutral", where, "response", "gives the same out of another wrapping")
    way, new_way = (call.node.get("x-pagination") for call in (old, new))
    if way != new_way and same_list:
        if way is None:
            yield Change("additive", where, "response", f"follows further pages ({new_way})")
        else:
            words = f"comes in pages by {new_way}, was {way}" if new_way else "gives one page only"
            yield Change("breaking", where, "response", words)


def _compare_statuses(pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    before, after = (
        {str(status): node for status, node in mapping(call.node.get("responses")).items()}
        for call in (old, new)
    )
    for status in sorted({*before, *after}):
        if status not in after:
            words = f"is no longer documented to answer {status}"
            yield Change("neutral", new.id, "response", words)
        elif status not in before:
            # What a new success means for the result is told by the result.
            kind: Kind = "neutral" if status.startswith("2") else "additive"
            yield Change(kind, new.id, "response", f"is documented to answer {status}")
        elif reference(before[status]) != reference(after[status]) or not reference(after[status]):
            one, other = resolve(pair.old, before[status]), resolve(pair.new, after[status])
            yield from _compare_answer(new.id, status, one, other)


def _compare_answer(where: str, status: str, old: Tree, new: Tree) -> Iterator[Change]:
    """Say what no result tells: headers, and the bodies of refusals, which no method returns."""
    keys = ("headers",) if status.startswith("2") else ("content", "headers")
    for key in keys:
        if meaning(old.get(key), names=True) != meaning(new.get(key), names=True):
            yield Change("neutral", where, "response", f"has other {key} in its answer {status}")


def compare_answers(pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    """Say what changed about what one operation gives; its schemas are told at the schemas."""
    one, other = result_of(pair.old, old), result_of(pair.new, new)
    yield from _compare_results(old, new, one, other)
    yield from _compare_statuses(pair, old, new)


def compare_shared_answers(pair: Pair) -> Iterator[Change]:
    """Say what changed about the answers that operations share, once for all of them."""
    old, new = (components(document, "responses") for document in (pair.old, pair.new))
    for name in sorted(old.keys() & new.keys()):
        one, other = mapping(old[name]), mapping(new[name])
        where = f"responses.{name}"
        yield from compare_documentation(where, one, other)
        yield from _compare_answer(where, "", one, other)
