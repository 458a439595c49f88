"""The GraphQL in it: reading documents, checking them against the SDL, and executing them.

Loaded at the first request to ``/helium``: it and `points` are what needs graphql-core.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from aiobadges.sandbox.thought_industries.points import cost_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from graphql import GraphQLResolveInfo, SelectionSetNode

    from aiobadges.sandbox.thought_industries.call import Call

__all__ = ["Document", "Language", "Result"]

SCHEMA: Final = files("aiobadges.sandbox.thought_industries").joinpath("schema.graphql")

# Documents that are kept read and checked: a program sends the same few over and over.
REMEMBERED: Final = 256


@dataclass(frozen=True, slots=True)
class Document:
    """A document as read.

    Attributes:
        node: its tree, None when it is no GraphQL.
        errors: what is wrong with it, as the API says it; empty for nothing.
    """

    node: DocumentNode | None
    errors: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of executing.

    Attributes:
        was_executed: whether it came to that: variables may be wrong.
        body: ``data`` and ``errors`` as the API says them.
    """

    was_executed: bool
    body: dict[str, Any]


class Language:
    """The schema with its resolvers.

    Args:
        resolvers: for each root field, by name.
    """

    def __init__(self, resolvers: Mapping[str, Callable[..., Any]]) -> None:
        self._schema = build_schema(SCHEMA.read_text("utf-8"))
        for root in (self._schema.query_type, self._schema.mutation_type):
            for name, field in root.fields.items() if root else ():
                field.resolve = _resolver(resolvers[name])
        self.document = lru_cache(maxsize=REMEMBERED)(self._document)

    def _document(self, text: str) -> Document:
        try:
            node = parse(text)
        except GraphQLError as error:
            return Document(None, (_said(error, "GRAPHQL_PARSE_FAILED"),))
        errors = validate(self._schema, node)
        return Document(node, tuple(_said(error, "GRAPHQL_VALIDATION_FAILED") for error in errors))

    def operation(self, document: Document, name: str | None) -> OperationDefinitionNode | None:
        """Give the operation that is meant, None when it is not clear."""
        if document.node is None:
            return None
        return get_operation_ast(document.node, name)

    def root_fields(self, document: Document, name: str | None) -> list[str]:
        """Give the names of the root fields of the operation that is meant."""
        operation = self.operation(document, name)
        if operation is None or document.errors or document.node is None:
            return []
        return list(_fields(operation.selection_set, _fragments(document.node)))

    def cost(self, document: Document, operation: OperationDefinitionNode) -> int:
        """Give the points of an operation of a document without errors."""
        if document.node is None:
            return 0
        return cost_of(operation, _fragments(document.node), self._schema)

    def execute(
        self, document: Document, call: Call, variables: dict[str, Any], name: str | None
    ) -> Result:
        """Execute an operation of a document without errors."""
        if document.node is None:
            raise ValueError("there is nothing to execute")
        result = execute_sync(
            self._schema,
            document.node,
            context_value=call,
            variable_values=variables,
            operation_name=name,
        )
        body: dict[str, Any] = {}
        if result.errors:
            body["errors"] = [_said(error, "INTERNAL_SERVER_ERROR") for error in result.errors]
        # An error without a path came before anything was executed: a variable was wrong.
        was_executed = not any(error.path is None for error in result.errors or ())
        if was_executed:
            body["data"] = result.data
        return Result(was_executed, body)


def _resolver(run: Callable[..., Any]) -> Callable[..., Any]:
    def resolve(_: object, info: GraphQLResolveInfo[Call], **arguments: Any) -> Any:
        return run(info.context, **arguments)

    return resolve


def _fragments(node: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}


def _fields(nodes: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> list[str]:
    found: list[str] = []
    for node in nodes.selections:
        match node:
            case FieldNode():
                found.append(node.name.value)
            case FragmentSpreadNode():
                found += _fields(fragments[node.name.value].selection_set, fragments)
            case InlineFragmentNode():
                found += _fields(node.selection_set, fragments)
    return found


def _said(error: GraphQLError, code: str) -> dict[str, Any]:
    """Word an error as Apollo's server does, of which the vendor's clients show traces."""
    said = dict(error.formatted)
    said["extensions"] = {"code": code, **(error.extensions or {})}
    return said
