"""What changed about the body a method takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from codegen.changes.change import Change, Use
from codegen.changes.reading import (
    Tree,
    mapping,
    meaning,
    resolve,
    unruled,
)
from codegen.changes.signatures import Operation
from codegen.changes.values import Pair, compare_values
from codegen.document import component_name

__all__ = ["compare_bodies"]

_RULED: Final = frozenset(["content", "required"])
_MEDIA_RULED: Final = frozenset(["schema", "x-csv-row"])


def _compare_media(pair: Pair, where: str, old: Tree, new: Tree) -> Iterator[Change]:
    row, new_row = (component_name(str(node.get("x-csv-row", ""))) or "text" for node in (old, new))
    if row != new_row:
        words = f"takes rows of `{new_row}`, was `{row}`"
        yield Change("breaking", where, "request", words)
    # Other words are told of the operation as a whole.
    schemas = (mapping(meaning(node.get("schema"))) for node in (old, new))
    for change in compare_values(pair, where, Use(sent=True), *schemas):
        yield Change(change.kind, where, "request", f"takes a body that {change.what}")
    for key in unruled(old, new, _MEDIA_RULED):
        yield Change("neutral", where, "request", f"has another `{key}` of the body")


def compare_bodies(pair: Pair, old: Operation, new: Operation) -> Iterator[Change]:
    """Say what changed about the body of one operation; its schema is told at the schema."""
    body, new_body = (
        resolve(document, call.node.get("requestBody"))
        for document, call in ((pair.old, old), (pair.new, new))
    )
    must, had_to = (node.get("required") is True for node in (new_body, body))
    if not body or not new_body:
        if body:
            yield Change("breaking", new.id, "request", "takes no body any more")
        elif new_body:
            # It is given by position, whether the server insists on it or not.
            yield Change("breaking", new.id, "request", "takes a body")
        return
    if must and not had_to:
        yield Change("breaking", new.id, "request", "takes a body that must be given now")
    elif had_to and not must:
        yield Change("additive", new.id, "request", "takes a body that may be left out now")
    before, after = mapping(body.get("content")), mapping(new_body.get("content"))
    for media in sorted({*before, *after}):
        if media not in after:
            yield Change("breaking", new.id, "request", f"takes a body of {media} no longer")
        elif media not in before:
            yield Change("additive", new.id, "request", f"takes a body of {media} too")
        else:
            yield from _compare_media(pair, new.id, mapping(before[media]), mapping(after[media]))
    for key in unruled(body, new_body, _RULED):
        yield Change("neutral", new.id, "request", f"has another `{key}` of the body")
