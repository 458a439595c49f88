"""The catalog: what each operation is, in JSON, for reference pages, tools and tests."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from codegen.api import Api
from codegen.document import Document
from codegen.formatting import format_text
from codegen.operations import Operation, Parameter
from codegen.samples import python_samples, raw_sample

__all__ = ["write_catalog"]

_MARK = "# operation: "


def _formatted(samples: dict[str, str]) -> dict[str, str]:
    """Format all samples in one go."""
    text = "\n\n".join(f"{_MARK}{name}\n{sample}" for name, sample in samples.items())
    parts = re.split(rf"^{_MARK}(.+)\n", format_text(text), flags=re.MULTILINE)
    return {name: sample.strip() for name, sample in zip(parts[1::2], parts[2::2], strict=True)}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "wire": parameter.wire,
        "in": parameter.place,
        "type": parameter.annotation.text,
        "required": parameter.is_required,
        "default": parameter.default,
        "encoding": parameter.encoding,
        "description": parameter.description,
    }


def _operation(operation: Operation, sample: str, host: str) -> dict[str, Any]:
    body, result = operation.body, operation.result
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "template": operation.template,
        "summary": operation.summary,
        "description": operation.description,
        "deprecated": operation.is_deprecated,
        "idempotent": operation.is_idempotent,
        "scopes": list(operation.scopes),
        "parameters": [_parameter(one) for one in operation.parameters],
        "body": body
        and {
            "name": body.name,
            "type": body.annotation.text,
            "media_type": body.media_type,
            "description": body.description,
        },
        "result": {
            "model": result.item,
            "unwrap": result.unwrap,
            "list": result.is_list,
            "pager": operation.gives_pager,
            "paging": operation.paging,
            "may_be_empty": result.may_be_empty,
            "media_type": result.media_type,
            "description": result.description,
        },
        "raises": [
            {
                "error": one.error,
                "statuses": list(one.statuses),
                "description": one.description,
            }
            for one in operation.refusals
        ],
        "vendor_page": operation.vendor_page,
        "evidence": operation.evidence,
        "examples": {
            "python": sample,
            "request": raw_sample(operation, host),
            "answer": result.example,
        },
    }


def write_catalog(api: Api, document: Document) -> bytes:
    """Write the catalog of an API."""
    samples = _formatted(python_samples(api))
    host = urlsplit(document.root["servers"][0]["url"]).netloc
    catalog = {
        "title": document.root["info"]["title"],
        "version": document.root["info"]["version"],
        "resources": [
            {
                "name": ".".join(resource.path),
                "class": resource.class_name,
                "description": resource.description,
                "operations": [one.id for one in resource.operations],
            }
            for top in api.resources
            for resource in top.everything()
        ],
        "operations": [
            _operation(operation, samples[operation.id], host) for operation in api.operations
        ],
    }
    return json.dumps(catalog, indent=1, ensure_ascii=False).encode() + b"\n"
