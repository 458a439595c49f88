"""What a query costs: a point for each selected property, none for the root field, and surcharges.

Whether lists multiply is not documented; here they do not. ``__typename`` counts as a property.
"""

from __future__ import annotations

from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

__all__ = ["cost_of"]

INTROSPECTION: Final = {"__schema": "__Schema", "__type": "__Type"}


def cost_of(
    operation: OperationDefinitionNode,
    fragments: dict[str, FragmentDefinitionNode],
    schema: GraphQLSchema,
) -> int:
    """Give the points of an operation that was found valid."""
    counting = _Counting(schema, fragments)
    root = schema.get_root_type(operation.operation)
    return counting.selections(operation.selection_set, root, is_root=True)


class _Counting:
    """Counts one document; a fragment is counted once and remembered, however often it is spread."""

    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._counted: dict[str, int] = {}

    def selections(self, nodes: SelectionSetNode, parent: Any, *, is_root: bool = False) -> int:
        total = 0
        for node in nodes.selections:
            match node:
                case FieldNode():
                    total += self._field(node, parent) - (1 if is_root else 0)
                case FragmentSpreadNode():
                    total += self._fragment(node.name.value, is_root=is_root)
                case InlineFragmentNode(type_condition=condition):
                    type_ = self._schema.type_map[condition.name.value] if condition else parent
                    total += self.selections(node.selection_set, type_, is_root=is_root)
        return total

    def _fragment(self, name: str, *, is_root: bool) -> int:
        if name not in self._counted:
            fragment = self._fragments[name]
            parent = self._schema.type_map[fragment.type_condition.name.value]
            self._counted[name] = self.selections(fragment.selection_set, parent, is_root=is_root)
        return self._counted[name]

    def _field(self, node: FieldNode, parent: Any) -> int:
        name = node.name.value
        if name == "__typename":
            return 1
        if name in INTROSPECTION:
            type_, surcharge = self._schema.type_map[INTROSPECTION[name]], 0
        else:
            field = parent.fields[name]
            type_, surcharge = get_named_type(field.type), _surcharge(field)
        nested = self.selections(node.selection_set, type_) if node.selection_set else 0
        return 1 + surcharge + nested


def _surcharge(field: Any) -> int:
    for directive in (field.ast_node and field.ast_node.directives) or ():
        if directive.name.value == "surcharge":
            return int(directive.arguments[0].value.value)
    return 0
