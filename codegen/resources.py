"""Resources: a constant for each operation, and classes whose methods are one expression each."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from codegen.annotations import ListOf
from codegen.api import Api, Resource
from codegen.method_docs import method_docstring
from codegen.names import constant_name
from codegen.operations import JSON, Operation
from codegen.rendering import quoted, render

__all__ = ["write_resources"]


@attrs.frozen(kw_only=True)
class _Method:
    """A method and its constant as they are printed."""

    constant: str
    result: str
    settings: list[tuple[str, str]]
    name: str
    is_pager: bool
    item: str
    arguments: list[str]
    options: list[str]
    call: list[str]
    docstring: str


def _constant(operation: Operation) -> str:
    """Name an operation within the module of its top-level resource: ``STAFF_ADD``."""
    return constant_name("_".join(operation.id.split(".")[1:]))


def _result_type(operation: Operation, list_name: str) -> str:
    result = operation.result
    if result.unwrap == "none":
        return "None"
    if not result.item:
        return "str"
    text = f"{list_name}[m.{result.item}]" if result.is_list else f"m.{result.item}"
    return f"{text} | None" if result.may_be_empty else text


def _settings(operation: Operation) -> Iterator[tuple[str, str]]:
    """Give the arguments of the constant; what equals the default of `Operation` is not said."""
    result = operation.result
    yield "id", quoted(operation.id)
    yield "method", quoted(operation.method)
    yield "template", quoted(operation.template)
    yield "idempotent", repr(operation.is_idempotent)
    if result.item:
        yield "result", quoted(result.item)
    if result.unwrap != "bare":
        yield "unwrap", quoted(result.unwrap)
    if result.member:
        yield "member", quoted(result.member)
    if result.may_be_empty:
        yield "may_be_empty", "True"
    if operation.page_parameter:
        yield "page_parameter", quoted(operation.page_parameter)
    if result.media_type != JSON:
        yield "accept", quoted(result.media_type)
    if operation.body and operation.body.media_type != JSON:
        yield "body", quoted(operation.body.media_type)
        yield "row", quoted(operation.body.row)


def _arguments(operation: Operation) -> Iterator[str]:
    for parameter in operation.path_parameters:
        yield f"{parameter.name}: {parameter.annotation.text}"
    if (body := operation.body) is not None:
        annotation = body.annotation
        # Any sequence will do to be sent; a list would refuse a list of a derived class.
        text = (
            f"Sequence[m.{annotation.inner.text}]"
            if isinstance(annotation, ListOf)
            else f"m.{annotation.text}"
        )
        yield f"{body.name}: {text}"


def _options(operation: Operation) -> Iterator[str]:
    for parameter in operation.query_parameters:
        text = parameter.annotation.text
        if parameter.is_required:
            yield f"{parameter.name}: {text}"
        else:
            yield f"{parameter.name}: {text} | None = {parameter.default}"


def _tuple(items: list[str]) -> str:
    # A comma at the end would make the formatter write an item a line.
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _call(operation: Operation) -> Iterator[str]:
    """Give the arguments of the `Call`."""
    yield f"operation={_constant(operation)}"
    if operation.path_parameters:
        values = [
            f"{one.encoding}({one.name})" if one.encoding else one.name
            for one in operation.path_parameters
        ]
        yield f"path={_tuple(values)}"
    if operation.query_parameters:
        pairs = [f"({quoted(one.wire)}, {one.name})" for one in operation.query_parameters]
        yield f"query={_tuple(pairs)}"
    if operation.body:
        yield f"body={operation.body.name}"


def _method(operation: Operation, list_name: str) -> _Method:
    return _Method(
        constant=_constant(operation),
        result=_result_type(operation, list_name),
        settings=list(_settings(operation)),
        name=operation.verb,
        is_pager=operation.gives_pager,
        item=operation.result.item,
        arguments=list(_arguments(operation)),
        options=list(_options(operation)),
        call=list(_call(operation)),
        docstring=method_docstring(operation),
    )


def _module(resource: Resource, package: str) -> str:
    groups = list(resource.everything())
    operations = [one for group in groups for one in group.operations]
    # In a class with a method `list` the name no longer means the type.
    has_list = any(operation.verb == "list" for operation in operations)
    list_name = "builtins.list" if has_list else "list"
    methods = {one.id: _method(one, list_name) for one in operations}
    return render(
        "resource.py.jinja",
        package=package,
        resource=resource,
        groups=groups[1:] + groups[:1],
        methods=methods,
        constants=sorted(methods.values(), key=lambda one: one.constant),
        names=sorted(
            [*(method.constant for method in methods.values()), *(g.class_name for g in groups)]
        ),
        encodings=sorted({p.encoding for one in operations for p in one.parameters} - {""}),
    )


def write_resources(api: Api, package: str) -> dict[str, str]:
    """Write one module for each top-level resource, and the class that holds them all.

    Args:
        api: what to write.
        package: the package in which ``models`` and ``resources`` stand.

    Returns:
        The text of each module by its name, without header and not yet formatted.
    """
    modules = {one.name: _module(one, package) for one in api.resources}
    modules["__init__"] = render("resources.py.jinja", package=package, api=api)
    return modules
