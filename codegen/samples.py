"""Examples of calls: in Python as a user writes them, and as they travel."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from codegen.annotations import DATETIME, Annotation, ListOf, MapOf, Nullable
from codegen.api import Api
from codegen.names import snake_case
from codegen.operations import JSON, Operation, Parameter
from codegen.schemas import Enumeration, Model, Variants

__all__ = ["python_samples", "raw_sample"]


def _plain(parameter: Parameter) -> str:
    """Give the example of a path parameter as the caller writes it."""
    text = str(parameter.example if parameter.example is not None else f"{parameter.name}")
    return base64.urlsafe_b64decode(text).decode() if parameter.encoding else text


class _Writer:
    """Writes JSON of the document as Python that makes the same."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def write(self, value: Any, annotation: Annotation) -> str:
        """Write a value of a type."""
        if isinstance(annotation, Nullable) and value is not None:
            annotation = annotation.inner
        match annotation:
            case _ if value is None:
                return "None"
            case ListOf(inner=inner) if isinstance(value, list):
                return f"[{', '.join(self.write(one, inner) for one in value)}]"
            case MapOf(inner=inner) if isinstance(value, Mapping):
                pairs = (f"{key!r}: {self.write(one, inner)}" for key, one in value.items())
                return f"{{{', '.join(pairs)}}}"
            case Annotation(references=[name]):
                return self._component(value, name)
            case _ if annotation == DATETIME and isinstance(value, str):
                return _moment(value)
        return repr(value)

    def _component(self, value: Any, name: str) -> str:
        match self._api.components[name]:
            case Enumeration(members=members):
                known = (f"{name}.{one}" for one, text in members.items() if text == value)
                return next(known, f"{name}({value!r})")
            case Variants(tag=tag, members=members):
                return self._component(value, members[value[tag]])
            case Model() as model:
                arguments = (
                    f"{field.name}={self.write(value[field.wire], field.annotation)}"
                    for field in self._api.all_fields(model)
                    # What the class says by itself is not said again.
                    if field.wire in value and repr(value[field.wire]) != field.default
                )
                return f"{name}({', '.join(arguments)})"


def _moment(text: str) -> str:
    moment = datetime.fromisoformat(text).astimezone(UTC)
    parts = [moment.year, moment.month, moment.day, moment.hour, moment.minute]
    parts += [moment.second] if moment.second or moment.microsecond else []
    parts += [moment.microsecond] if moment.microsecond else []
    return f"datetime({', '.join(map(str, parts))}, tzinfo=UTC)"


def _rows(example: str, annotation: Annotation, writer: _Writer) -> str:
    """Write the rows of an example in CSV."""
    header, *lines = str(example).splitlines()
    meanings: dict[str, Any] = {"true": True, "false": False}
    rows = [
        {
            column: meanings.get(cell, cell)
            for column, cell in zip(header.split(","), line.split(","), strict=True)
        }
        for line in lines
        if line
    ]
    return writer.write(rows, annotation)


def _arguments(operation: Operation, writer: _Writer) -> Iterator[str]:
    for parameter in operation.path_parameters:
        yield repr(_plain(parameter))
    if body := operation.body:
        if body.row:
            yield _rows(body.example, body.annotation, writer)
        else:
            yield writer.write(body.example, body.annotation)
    for parameter in operation.query_parameters:
        if parameter.is_required:
            yield f"{parameter.name}={parameter.example!r}"


def python_samples(api: Api) -> dict[str, str]:
    """Write a call of each operation, by id, for a `client` and not yet formatted."""
    writer = _Writer(api)
    samples = {}
    for operation in api.operations:
        call = f"client.{operation.id}({', '.join(_arguments(operation, writer))})"
        item = operation.result.item
        name = snake_case(item) if item else "text"
        if operation.gives_pager:
            sample = f"async for {name} in {call}:\n    print({name})"
        elif operation.result.unwrap == "none":
            sample = f"await {call}"
        elif operation.result.is_list:
            sample = f"for {name} in await {call}:\n    print({name})"
        else:
            sample = f"{name} = await {call}"
        samples[operation.id] = sample
    return samples


def raw_sample(operation: Operation, host: str) -> str:
    """Write the request of an operation as it travels."""
    path = operation.path
    for parameter in operation.path_parameters:
        text = str(parameter.example if parameter.example is not None else parameter.name)
        path = path.replace("{" + parameter.wire + "}", quote(text, safe=""))
    query = "&".join(
        f"{one.wire}={quote(str(one.example), safe='')}"
        for one in operation.query_parameters
        if one.is_required
    )
    lines = [
        f"{operation.method} {path}{'?' if query else ''}{query} HTTP/1.1",
        f"Host: {host}",
        "Authorization: Bearer ...",
        f"Accept: {operation.result.media_type}",
    ]
    if body := operation.body:
        lines.append(f"Content-Type: {body.media_type}")
        is_json = body.media_type == JSON
        text = json.dumps(body.example, indent=2, ensure_ascii=False) if is_json else body.example
        lines += ["", text]
    return "\n".join(lines)
