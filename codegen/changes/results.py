"""What a method gives back: the items of its answers, out of what wraps them."""

from __future__ import annotations

import attrs

from codegen.changes.members import members
from codegen.changes.reading import Tree, components, mapping, resolve
from codegen.changes.shape import NOTHING, Shape, Typed, kin, shape_of, unite
from codegen.changes.signatures import Operation

__all__ = ["Result", "result_of"]


@attrs.frozen
class Result:
    """What a method gives back.

    Attributes:
        item: the type of it, or of each of its items.
        body: the type of the body it lies in.
        opening: how it is taken out of there.
        is_list: whether it is a list of items.
        is_paged: whether that comes as a pager, as it does where it is only read.
        may_be_none: whether there may be nothing.
        media: the media types of the body.
    """

    item: Typed
    body: Typed
    opening: tuple[str, str]
    is_list: bool
    is_paged: bool
    may_be_none: bool
    media: frozenset[str]

    def __str__(self) -> str:
        item = str(attrs.evolve(self.item.shape, null=False))
        if self.is_list:
            item = f"Pager[{item}]" if self.is_paged else f"list[{item}]"
        return f"{item} | None" if self.may_be_none else item


def _items(
    document: Tree, shape: Shape, member: str, seen: frozenset[str] = frozenset()
) -> Shape | None:
    """Give the type of what an answer lists, wrapped or not; None when it lists nothing."""
    if shape.kind == "list":
        return shape.parts[0]
    if shape.kind == "union":
        inner = [_items(document, part, member, seen) for part in shape.parts]
        return unite(part for part in inner if part) if any(inner) else None
    if shape.kind != "named" or shape.name in seen:
        return None
    node = mapping(components(document, "schemas").get(shape.name))
    if kin(node) != "class":
        return _items(document, shape_of(node), member, seen | {shape.name})
    found = {each.wire: each for each in members(document, node).values()}
    if member not in found:
        return None
    return _items(document, shape_of(found[member].node), member, seen | {shape.name})


def result_of(document: Tree, call: Operation) -> Result:
    """Say what the method of an operation gives back."""
    answers = [
        mapping(resolve(document, node).get("content"))
        for status, node in mapping(call.node.get("responses")).items()
        if str(status).startswith("2")
    ]
    contents = [(str(media), mapping(node)) for each in answers for media, node in each.items()]
    body = unite(shape_of(node.get("schema")) for _, node in contents)
    unwrap, member = (str(call.node.get(key) or "") for key in ("x-unwrap", "x-member"))
    gives_nothing = unwrap == "none" or not contents
    items = _items(document, body, member or "result")
    is_list = not gives_nothing and items is not None and unwrap != "one"
    item = NOTHING if gives_nothing else (items or body)
    return Result(
        item=Typed(item, document),
        body=Typed(body, document),
        opening=(unwrap, member),
        is_list=is_list,
        is_paged=is_list and call.method == "GET",
        may_be_none=not gives_nothing and (not all(answers) or (item.null and not is_list)),
        media=frozenset() if gives_nothing else frozenset(media for media, _ in contents),
    )
