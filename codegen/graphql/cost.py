"""What an operation costs: a point for each selected property, none for the root, and surcharges."""

from __future__ import annotations

from typing import Any, Final

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from codegen.graphql.source import GraphqlDocument, arguments_of, fail

__all__ = ["MOST_POINTS", "cost_of"]

MOST_POINTS: Final = 1_000
"""More than this the server refuses."""


def cost_of(operation: OperationDefinitionNode, document: GraphqlDocument) -> int:
    """Count the points of an operation. Lists count once, whatever they hold.

    Raises:
        DocumentError: it costs more than the server allows.
    """
    root = document.schema.get_root_type(operation.operation)
    points = _selected(operation.selection_set, root, document) - 1
    if points > MOST_POINTS:
        name = operation.name.value if operation.name else "an operation"
        raise fail(operation, f"{name} costs {points} points; {MOST_POINTS:,} are allowed")
    return points


def _selected(selected: SelectionSetNode, parent: Any, document: GraphqlDocument) -> int:
    points = 0
    for node in selected.selections:
        match node:
            case FieldNode(name=name) if name.value == "__typename":
                points += 1
            case FieldNode(name=name, selection_set=inner):
                field: GraphQLField = parent.fields[name.value]
                points += 1 + _surcharge(field)
                points += _selected(inner, get_named_type(field.type), document) if inner else 0
            case FragmentSpreadNode(name=name):
                fragment = document.fragments[name.value]
                type_ = document.schema.type_map[fragment.type_condition.name.value]
                points += _selected(fragment.selection_set, type_, document)
            case InlineFragmentNode(type_condition=condition, selection_set=inner):
                type_ = document.schema.type_map[condition.name.value] if condition else parent
                points += _selected(inner, type_, document)
    return points


def _surcharge(field: GraphQLField) -> int:
    directives = field.ast_node.directives if field.ast_node else ()
    return sum(int(one["points"]) for one in arguments_of(directives, "surcharge"))
