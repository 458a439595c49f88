"""What changed about the methods: which there are, what they take and what they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from codegen.changes.answers import compare_answers
from codegen.changes.arguments import compare_arguments
from codegen.changes.bodies import compare_bodies
from codegen.changes.change import Change, Kind
from codegen.changes.reading import Tree, mapping, resolve, unruled
from codegen.changes.signatures import Operation, operations
from codegen.changes.values import Pair, compare_documentation

__all__ = ["compare_operations"]

_RULED: Final = frozenset(
    [
        "deprecated",
        "operationId",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "x-idempotent",
        "x-member",
        "x-pagination",
        "x-unwrap",
    ]
)


def _renamed(old: Mapping[str, Operation], new: Mapping[str, Operation]) -> dict[str, str]:
    """Pair operations that answer at the same place under another id."""
    added = {(each.method, each.path): name for name, each in new.items() if name not in old}
    return {
        name: added[each.method, each.path]
        for name, each in old.items()
        if name not in new and (each.method, each.path) in added
    }


def _compare_security(old: Operation, new: Operation) -> Iterator[Change]:
    """Say whether a token that was enough is still enough."""
    if old.security == new.security:
        return
    spelled = [
        " or ".join(sorted(" and ".join(sorted(each)) or "nothing" for each in call.security))
        for call in (new, old)
    ]
    is_enough = all(any(asked <= had for asked in new.security) for had in old.security)
    words = "lets other tokens in" if is_enough else "asks for other rights"
    kind: Kind = "additive" if is_enough else "breaking"
    yield Change(kind, new.id, "request", f"{words}: {spelled[0]}; was {spelled[1]}")


def _compare_repeating(old: Operation, new: Operation) -> Iterator[Change]:
    """Say whether a call that went wrong is made again.

    Either way callers meet another error: FailedError after the last attempt of what may be
    repeated, OutcomeUnknownError after the first of what may not.
    """
    may, might = (call.node.get("x-idempotent") is True for call in (new, old))
    if may != might:
        words = (
            "may be repeated: it is tried again by itself, and fails with FailedError"
            if may
            else "may not be repeated: it is tried once, and fails with OutcomeUnknownError"
        )
        yield Change("breaking", new.id, "none", words)


def _words(document: Tree, call: Operation, other: Operation) -> Tree:
    """Give what is described under an operation's own name, as far as the other has it too."""
    answers, other_answers = (mapping(each.node.get("responses")) for each in (call, other))
    parts = {key: node for key, node in call.node.items() if key != "parameters"}
    parts["responses"] = {key: node for key, node in answers.items() if key in other_answers}
    if "requestBody" in parts:
        body = resolve(document, parts.pop("requestBody"))
        parts |= {"requestBody": body} if "requestBody" in other.node else {}
    return {**parts, "x-item": call.item}


def _compare_operation(pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    if (old.method, old.path) != (new.method, new.path):
        # The wire is the client's affair: the method is called as before.
        words = f"is {new.method} {new.path}, was {old.method} {old.path}"
        yield Change("neutral", new.id, "request", words)
    yield from _compare_repeating(old, new)
    yield from _compare_security(old, new)
    yield from compare_arguments(pair, old, new)
    yield from compare_bodies(pair, old, new)
    yield from compare_answers(pair, old, new)
    words_of = (_words(pair.old, old, new), _words(pair.new, new, old))
    yield from compare_documentation(new.id, *words_of)
    for key in (*unruled(old.node, new.node, _RULED), *unruled(old.item, new.item, ())):
        yield Change("neutral", new.id, "none", f"has another `{key}`")


def compare_operations(pair: Pair) -> Iterator[Change]:
    """Say what changed about each operation of two documents."""
    old, new = operations(pair.old), operations(pair.new)
    renamed = _renamed(old, new)
    for name, call in old.items():
        if name in renamed:
            yield Change("breaking", name, "none", f"is called `{renamed[name]}`")
            yield from _compare_operation(pair, call, new[renamed[name]])
        elif name in new:
            yield from _compare_operation(pair, call, new[name])
        else:
            yield Change("breaking", name, "none", "is gone")
    for name in new:
        if name not in old and name not in renamed.values():
            yield Change("additive", name, "none", "is new")
