"""What the paths are compiled into: operations with their parameters, bodies, results and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import attrs

from aiobadges.wire.operation import Unwrap
from aiobadges.wire.statuses import error_class
from codegen.annotations import Annotation, ListOf, list_of, reference
from codegen.document import Document, Node, OperationNode, component_name
from codegen.names import snake_case
from codegen.rendering import first_sentence
from codegen.schemas import annotation_of

__all__ = [
    "JSON",
    "Body",
    "Operation",
    "Parameter",
    "Refusal",
    "Result",
    "first_example",
    "items_of",
    "read_operation",
]

JSON = "application/json"

_SERVER_FAILED = 500


@attrs.frozen(kw_only=True)
class Parameter:
    """An argument that travels in the path or the query.

    Attributes:
        wire: its name on the wire.
        name: its name in Python.
        place: where it travels.
        annotation: its type; None is not among its values.
        is_required: whether it must be given.
        default: what the method sends when nobody says, as Python writes it; None is not sent.
        description: what it is.
        encoding: how it is written into the path; empty for as it is.
        example: a value of it on the wire; None when the document has none.
    """

    wire: str
    name: str
    place: Literal["path", "query"]
    annotation: Annotation
    is_required: bool
    default: str = "None"
    description: str
    encoding: str = ""
    example: Any = None


@attrs.frozen(kw_only=True)
class Body:
    """What a request carries.

    Attributes:
        annotation: its type; for rows, a list of them.
        media_type: how it is written.
        row: the model of one row of a text/csv body; empty for JSON.
        description: what it is.
        example: the example of the document, as it travels.
    """

    annotation: Annotation
    media_type: str
    row: str
    description: str
    example: Any

    @property
    def name(self) -> str:
        """What the argument is called."""
        return "rows" if self.row else "body"


@attrs.frozen(kw_only=True)
class Result:
    """What a good answer gives.

    Attributes:
        item: the model of it, or of each of its items; empty for nothing and for text.
        unwrap: where it lies in the body.
        member: the member of a body without envelope that holds the list; empty for none.
        is_list: whether it is a list of items.
        may_be_empty: whether the server may answer without a body.
        media_type: what the answer is written in.
        description: what it is.
        example: the example of the document.
    """

    item: str
    unwrap: Unwrap
    member: str = ""
    is_list: bool = False
    may_be_empty: bool = False
    media_type: str = JSON
    description: str = ""
    example: Any = None


@attrs.frozen(kw_only=True)
class Refusal:
    """An answer that is none: its statuses, the error raised for it, and when it comes."""

    statuses: tuple[int, ...]
    error: str
    description: str


@attrs.frozen(kw_only=True)
class Operation:
    """One operation of the API."""

    id: str
    method: str
    path: str
    template: str
    summary: str
    description: str
    is_idempotent: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    result: Result
    refusals: tuple[Refusal, ...]
    paging: Literal["", "link", "page"]
    scopes: tuple[str, ...]
    vendor_page: str
    evidence: str
    is_deprecated: bool

    @property
    def resource(self) -> tuple[str, ...]:
        """The resource it belongs to: ``("issuers", "staff")``."""
        return tuple(self.id.split(".")[:-1])

    @property
    def verb(self) -> str:
        """What the method is called."""
        return self.id.rpartition(".")[2]

    @property
    def gives_pager(self) -> bool:
        """Whether it lists: every list that is read is a `Pager`, paged by the API or not."""
        return self.method == "GET" and self.result.is_list

    @property
    def path_parameters(self) -> tuple[Parameter, ...]:
        """Those in the path, in the template's order."""
        return tuple(p for p in self.parameters if p.place == "path")

    @property
    def query_parameters(self) -> tuple[Parameter, ...]:
        """Those in the query, in the document's order."""
        return tuple(p for p in self.parameters if p.place == "query")

    @property
    def page_parameter(self) -> str:
        """The query parameter that names a page by number; empty for lists paged by links."""
        return "page" if self.paging == "page" else ""


def first_example(node: Node, document: Document) -> Any:
    """Give the first example of a media type object, None when there is none."""
    for example in node.get("examples", {}).values():
        return document.resolve(example).get("value")
    return None


def items_of(schema: Node, document: Document) -> Node | None:
    """Give the schema of the items an answer lists, wrapped or not; None when it lists nothing."""
    schema = document.resolve(schema)
    if schema.get("type") == "array":
        items: Node = schema["items"]
        return items
    if "anyOf" in schema:  # an undocumented shape: the wrapping or a bare list
        return next(filter(None, (items_of(one, document) for one in schema["anyOf"])), None)
    if "result" in schema.get("properties", {}):
        wrapped: Node = schema["properties"]["result"]["items"]
        return wrapped
    return next(
        filter(None, (items_of(part, document) for part in schema.get("allOf", ()))),
        None,
    )


def _parameter(node: Node, document: Document) -> Parameter:
    schema = node["schema"]
    return Parameter(
        wire=node["name"],
        name=node.get("x-name") or snake_case(node["name"]),
        place=node["in"],
        annotation=annotation_of(schema, document),
        is_required=node.get("required", False),
        default=repr(schema["default"]) if node.get("x-send-default") else "None",
        description=node["description"],
        encoding=node.get("x-encoding", ""),
        example=node.get("example"),
    )


def _body(node: Node, document: Document) -> Body:
    ((media_type, content),) = node["content"].items()
    row = component_name(content.get("x-csv-row", ""))
    annotation = list_of(reference(row)) if row else annotation_of(content["schema"], document)
    if isinstance(annotation, ListOf):
        described = document.schemas[annotation.references[0]]
        description = f"One each: {described['description']}"
    else:
        description = document.resolve(content["schema"])["description"]
    return Body(
        annotation=annotation,
        media_type=media_type,
        row=row,
        description=node.get("description", description),
        example=first_example(content, document),
    )


def _result(node: Node, document: Document) -> Result:
    unwrap: Unwrap = node["x-unwrap"]
    answers = [
        document.resolve(answer)
        for status, answer in node["responses"].items()
        if status.startswith("2")
    ]
    if unwrap == "none":
        return Result(item="", unwrap="none", description=answers[0]["description"])
    full = next(answer for answer in answers if answer.get("content"))
    ((media_type, content),) = full["content"].items()
    item, is_list, member = "", False, node.get("x-member", "")
    if media_type == JSON:
        schema: Node = content["schema"]
        if member:
            items: Node | None = document.resolve(schema)["properties"][member]["items"]
        else:
            items = items_of(schema, document)
        # A bare list is a list; the list inside a wrapping may stand for its one item.
        is_list = items is not None and unwrap != "one"
        item = component_name((items or schema)["$ref"])
    return Result(
        item=item,
        unwrap="many" if is_list else unwrap,
        member=member,
        is_list=is_list,
        may_be_empty=any(not answer.get("content") for answer in answers),
        media_type=media_type,
        description=full["description"],
        example=first_example(content, document),
    )


def _refusals(node: Node, document: Document, *, is_idempotent: bool) -> Iterator[Refusal]:
    """Give what can be raised, one entry an error class, in the order of statuses."""
    found: dict[str, Refusal] = {}
    for status, answer in sorted(node["responses"].items()):
        if status[0] not in "45":
            continue
        number = int(status)
        if number >= _SERVER_FAILED and not is_idempotent:
            continue  # the outcome is then unknown; said below
        error = error_class(number).__name__
        text = first_sentence(document.resolve(answer)["description"])
        before = found.get(error)
        found[error] = Refusal(
            statuses=(*(before.statuses if before else ()), number),
            error=error,
            description=f"{before.description} {text}" if before else text,
        )
    for error, text in node.get("x-raises", {}).items():
        found[error] = Refusal(statuses=(), error=error, description=text)
    if not is_idempotent:
        found["OutcomeUnknownError"] = Refusal(
            statuses=(),
            error="OutcomeUnknownError",
            description="It may or may not have been done: look before you repeat it.",
        )
    yield from found.values()


def _placeholders(path: str, parameters: tuple[Parameter, ...]) -> str:
    for parameter in parameters:
        if parameter.place == "path":
            path = path.replace("{" + parameter.wire + "}", "{" + parameter.name + "}")
    return path


def read_operation(found: OperationNode, document: Document) -> Operation:
    """Compile one operation that lint has passed."""
    node = found.node
    parameters = tuple(
        _parameter(document.resolve(one), document) for one in node.get("parameters", ())
    )
    is_idempotent: bool = node["x-idempotent"]
    return Operation(
        id=node["operationId"],
        method=found.method.upper(),
        path=found.path,
        template=_placeholders(found.path, parameters),
        summary=node["summary"],
        description=" ".join(node.get("description", "").split()),
        is_idempotent=is_idempotent,
        parameters=parameters,
        body=_body(node["requestBody"], document) if "requestBody" in node else None,
        result=_result(node, document),
        refusals=tuple(_refusals(node, document, is_idempotent=is_idempotent)),
        paging=node.get("x-pagination", ""),
        scopes=tuple(
            scope
            for requirement in node["security"]
            for scopes in requirement.values()
            for scope in scopes
        ),
        vendor_page=node["x-vendor-page"],
        evidence=node["x-evidence"],
        is_deprecated=node.get("deprecated", False),
    )
