"""Methods for operations: their arguments, what they give, what they cost, what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    get_named_type,
    is_leaf_type,
    print_ast,
    type_from_ast,
    visit,
)

from codegen.annotations import ListOf, Nullable, is_reference
from codegen.graphql.cost import cost_of
from codegen.graphql.selections import Classes
from codegen.graphql.source import GraphqlDocument, arguments_of, fail
from codegen.names import snake_case
from codegen.operations import Operation, Parameter, Refusal, Result
from codegen.rendering import first_sentence

__all__ = ["Root", "read_operation", "root_of"]

PATH: Final = "/helium"

_REFUSALS: Final = (
    Refusal(
        statuses=(),
        error="InvalidCallError",
        description="An argument is empty or breaks a rule of the vendor's; nothing was sent.",
    ),
    Refusal(
        statuses=(),
        error="UnauthorizedError",
        description="The API key or the learner's token is not valid, or nobody acts.",
    ),
    Refusal(
        statuses=(),
        error="RejectedError",
        description="The server says that it did not do it; which kind says why.",
    ),
)
_QUERY_FAILED: Final = Refusal(
    statuses=(),
    error="FailedError",
    description="No good answer came, or only a part of one.",
)
_MUTATION_FAILED: Final = Refusal(
    statuses=(),
    error="OutcomeUnknownError",
    description="It may or may not have been done: look before you repeat it.",
)


@attrs.frozen(kw_only=True)
class Root:
    """An operation with its only root field, and what people call it.

    Attributes:
        node: the operation.
        asked: the root field as it is asked for.
        field: the root field in the schema.
        id: resource and verb: ``learning_paths.by_slug``.
        summary: what it does; empty for what the field says.
    """

    node: OperationDefinitionNode
    asked: FieldNode
    field: GraphQLField
    id: str
    summary: str

    @property
    def resource(self) -> str:
        """The resource it belongs to."""
        return self.id.rpartition(".")[0]


def root_of(node: OperationDefinitionNode, document: GraphqlDocument) -> Root:
    """Find what an operation asks for.

    Raises:
        DocumentError: that is not one field with a name for people.
    """
    (asked, *others) = node.selection_set.selections
    if others or not isinstance(asked, FieldNode):
        raise fail(node, "an operation asks for one field, and no fragment")
    root: Any = document.schema.get_root_type(node.operation)
    field: GraphQLField = root.fields[asked.name.value]
    own = arguments_of(node.directives, "call")
    given = own or arguments_of(field.ast_node.directives if field.ast_node else (), "call")
    if not given or not given[0]["id"].count("."):
        raise fail(node, "nobody says what it is called: @call(id: ...) with a resource and a verb")
    return Root(
        node=node,
        asked=asked,
        field=field,
        id=given[0]["id"],
        summary=given[0].get("summary") or "",
    )


def read_operation(root: Root, document: GraphqlDocument, classes: Classes) -> Operation:
    """Compile an operation, and the classes that it needs.

    Raises:
        DocumentError: it costs too much, or is written in a way that makes no method.
    """
    is_query = root.node.operation is OperationType.QUERY
    description = root.summary or " ".join((root.field.description or "").split())
    summary = first_sentence(description)
    return Operation(
        id=root.id,
        method="POST",
        path=PATH,
        template=PATH,
        summary=summary,
        description=description[len(summary) :].strip(),
        is_idempotent=is_query,
        parameters=tuple(_parameters(root, document, classes)),
        body=None,
        result=_result(root, classes),
        refusals=(*_REFUSALS, _QUERY_FAILED if is_query else _MUTATION_FAILED),
        paging="",
        scopes=(),
        vendor_page=f"{root.asked.name.value}, in the vendor's GraphQL API",
        evidence="",
        is_deprecated=root.field.deprecation_reason is not None,
        cost=cost_of(root.node, document),
        document=_printed(root.node, document),
    )


def _parameters(root: Root, document: GraphqlDocument, classes: Classes) -> Iterator[Parameter]:
    feeds = {
        one.value.name.value: root.field.args[one.name.value]
        for one in root.asked.arguments or ()
        if isinstance(one.value, VariableNode)
    }
    for variable in root.node.variable_definitions or ():
        name = variable.variable.name.value
        if name not in feeds:
            raise fail(variable, f"${name} is no argument of {root.asked.name.value}")
        type_ = type_from_ast(document.schema, variable.type)
        annotation = classes.argument(type_, root.resource)
        if not (description := feeds[name].description):
            raise fail(variable, f"the argument behind ${name} has no description")
        yield Parameter(
            wire=name,
            name=snake_case(name),
            place="variable",
            annotation=annotation.inner if isinstance(annotation, Nullable) else annotation,
            is_required=isinstance(type_, GraphQLNonNull) and variable.default_value is None,
            default="UNSET",
            description=" ".join(description.split()),
            example=_example(feeds[name]),
        )


def _example(argument: GraphQLArgument) -> Any:
    directives = argument.ast_node.directives if argument.ast_node else ()
    return next((one["value"] for one in arguments_of(directives, "example")), None)


def _result(root: Root, classes: Classes) -> Result:
    type_: Any = root.field.type
    may_be_empty = not isinstance(type_, GraphQLNonNull)
    annotation = classes.result(
        type_, [root.asked], root.resource, root.node.name.value if root.node.name else "Result"
    )
    inner = annotation.inner if isinstance(annotation, Nullable) else annotation
    is_list = isinstance(type_ if may_be_empty else type_.of_type, GraphQLList)
    if isinstance(inner, ListOf):
        item = inner.inner.inner if isinstance(inner.inner, Nullable) else inner.inner
    else:
        item = inner
    is_plain = is_leaf_type(get_named_type(type_))
    if is_plain and (is_list or item.text not in {"bool", "int", "str"}):
        raise fail(root.asked, f"{root.id} gives {inner.text}, for which there is no method yet")
    if not is_plain and not is_reference(item):
        raise fail(root.asked, f"{root.id} gives lists in lists, for which there is no method yet")
    return Result(
        item=item.text,
        unwrap="many" if is_list else "one",
        is_list=is_list,
        is_plain=is_plain,
        may_be_empty=may_be_empty,
    )


class _WithoutCall(Visitor):
    """Takes our own directive out of what is sent."""

    def enter_directive(self, node: Any, *_: Any) -> Any:
        return self.REMOVE if node.name.value == "call" else self.IDLE


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.names.append(node.name.value)


def _spread_by(node: Node) -> list[str]:
    spreads = _Spreads()
    visit(node, spreads)
    return spreads.names


def _printed(node: OperationDefinitionNode, document: GraphqlDocument) -> str:
    """Print an operation with the fragments it needs, each once."""
    needed: dict[str, FragmentDefinitionNode] = {}
    waiting = _spread_by(node)
    while waiting:
        name = waiting.pop(0)
        if name not in needed:
            needed[name] = document.fragments[name]
            waiting += _spread_by(needed[name])
    parts: list[Node] = [visit(node, _WithoutCall()), *needed.values()]
    return "\n\n".join(map(print_ast, parts))
