"""Docstrings of generated methods: what it gives, arguments, what is raised, the vendor's page."""

from __future__ import annotations

from collections.abc import Iterator

from codegen.operations import Operation
from codegen.rendering import closed, wrapped

__all__ = ["method_docstring"]

_INDENT = 8
_ENTRY = _INDENT + 4


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _entry(name: str, text: str) -> str:
    return wrapped(f"{name}: {text}", indent=_ENTRY, hanging=4)


def _arguments(operation: Operation) -> Iterator[tuple[str, str]]:
    for parameter in operation.path_parameters:
        yield parameter.name, parameter.description
    if operation.body:
        yield operation.body.name, operation.body.description
    for parameter in operation.query_parameters:
        yield parameter.name, parameter.description


def _sections(operation: Operation) -> Iterator[tuple[str, list[str]]]:
    if arguments := [_entry(name, text) for name, text in _arguments(operation)]:
        yield "Args", arguments
    if operation.result.may_be_empty:
        text = f"{operation.result.description} None when the server answers without a body."
        yield "Returns", [wrapped(text, indent=_ENTRY)]
    yield "Raises", [_entry(one.error, one.description) for one in operation.refusals]
    yield "Source", [" " * _ENTRY + operation.vendor_page]


def method_docstring(operation: Operation) -> str:
    """Write the docstring of the method of an operation."""
    pad = " " * _INDENT
    summary = _sentence(operation.summary)
    if operation.is_deprecated:
        summary = f"{summary} Deprecated by the vendor."
    parts = [summary]
    if operation.description:
        parts.append(wrapped(operation.description, indent=_INDENT))
    for title, entries in _sections(operation):
        parts.append("\n".join([f"{pad}{title}:", *entries]))
    return closed("\n\n".join(parts), indent=_INDENT)
