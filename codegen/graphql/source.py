"""The documents as they were written: a schema and operations, parsed and held against each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Node,
    OperationDefinitionNode,
    Source,
    build_ast_schema,
    parse,
    validate,
    validate_schema,
    value_from_ast_untyped,
)

from codegen.document import DocumentError

__all__ = ["SCHEMA", "GraphqlDocument", "arguments_of", "fail", "place"]

SCHEMA = "schema.graphql"
"""Stands beside the operations."""


def place(node: Node) -> str:
    """Say where a node stands: ``operations.graphql:12``."""
    location = node.loc
    return f"{location.source.name}:{location.start_token.line}" if location else "somewhere"


def fail(node: Node, words: str) -> DocumentError:
    """Give the error for a place in one of the documents."""
    return DocumentError(f"{place(node)}: {words}")


def arguments_of(directives: Iterable[DirectiveNode] | None, name: str) -> list[dict[str, Any]]:
    """Give the arguments of each directive of a name."""
    return [
        {one.name.value: value_from_ast_untyped(one.value) for one in found.arguments or ()}
        for found in directives or ()
        if found.name.value == name
    ]


def _line(error: GraphQLError) -> str:
    if error.source is None or not error.locations:
        return error.message
    return f"{error.source.name}:{error.locations[0].line}: {error.message}"


def _refuse(errors: Iterable[GraphQLError], what: str) -> None:
    if found := sorted(map(_line, errors)):
        listed = "\n".join(found)
        raise DocumentError(f"{what}:\n{listed}")


def _parse(source: bytes, name: str) -> DocumentNode:
    try:
        return parse(Source(source.decode(), name))
    except GraphQLError as error:
        raise DocumentError(_line(error)) from None


@attrs.frozen(kw_only=True)
class GraphqlDocument:
    """A schema with the operations that are asked of it, valid together.

    Attributes:
        name: the name of the file with the operations.
        sources: both files by name, as they were written.
        schema: the schema.
        operations: what is asked, in the order of the file.
        fragments: what operations are made of, by name.
    """

    name: str
    sources: Mapping[str, bytes]
    schema: GraphQLSchema
    operations: tuple[OperationDefinitionNode, ...]
    fragments: Mapping[str, FragmentDefinitionNode]

    @classmethod
    def load(cls, file: Path) -> GraphqlDocument:
        """Read the operations, and the schema beside them.

        Raises:
            DocumentError: one is no GraphQL, or they do not fit; the text says where, line by line.
        """
        return cls.read(file.with_name(SCHEMA).read_bytes(), file.read_bytes(), file.name)

    @classmethod
    def read(
        cls, sdl: bytes, operations: bytes, name: str = "operations.graphql"
    ) -> GraphqlDocument:
        """Parse both; see `load`."""
        try:
            schema = build_ast_schema(_parse(sdl, SCHEMA))
        except TypeError as error:
            raise DocumentError(f"{SCHEMA} is not valid: {error}") from None
        _refuse(validate_schema(schema), f"{SCHEMA} is not valid")
        document = _parse(operations, name)
        _refuse(validate(schema, document), f"{name} does not fit {SCHEMA}")
        nodes = document.definitions
        return cls(
            name=name,
            sources={SCHEMA: sdl, name: operations},
            schema=schema,
            operations=tuple(one for one in nodes if isinstance(one, OperationDefinitionNode)),
            fragments={
                one.name.value: one for one in nodes if isinstance(one, FragmentDefinitionNode)
            },
        )

    @property
    def title(self) -> str:
        """What the API is called: the schema's own description."""
        return self.schema.description or ""

    @property
    def resources(self) -> dict[str, str]:
        """What each resource is, by name, in the order of their modules."""
        node = self.schema.ast_node
        found = arguments_of(node.directives if node else (), "resource")
        return {one["name"]: one["description"] for one in found}
