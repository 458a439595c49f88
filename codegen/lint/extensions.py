"""Rules about references and extensions: a typing error in either would pass unseen otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from codegen.document import Document, DocumentError
from codegen.lint.finding import Finding, nodes

__all__ = ["extensions_are_known", "references_lead_to_something"]

_GRADES = ("V-now", "V-2019", "V-2024sw", "V-oss", "INF", "NF")


_Check = tuple[Callable[[Any], bool], str]
"""Whether a value means something, and what it may be."""


def _one_of(*values: str) -> _Check:
    return lambda value: value in values, " or ".join(values)


def _text(pattern: str, what: str) -> _Check:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None, what


_TRUE: _Check = (lambda value: value is True, "true, or is left out")

_EXTENSIONS: Mapping[str, _Check] = {
    "x-always": _TRUE,
    "x-base": _text(r"[a-z_]+(\.[a-z_]+)*\.[A-Z]\w*", "a class with its module"),
    "x-class": _text(r"[A-Z]\w*", "a class name"),
    "x-csv-row": _text(r"#/components/schemas/\w+", "a reference to a component"),
    "x-encoding": _one_of("base64url"),
    "x-evidence": _one_of(*_GRADES),
    "x-extensible-enum": (lambda value: isinstance(value, list), "a list of texts"),
    "x-idempotent": (lambda value: isinstance(value, bool), "true or false"),
    "x-member": _text(r".+", "the name of a member"),
    "x-module": _text(r"[a-z_]+", "the name of a tag"),
    "x-name": _text(r"[a-z]\w*", "a name in Python"),
    "x-pagination": _one_of("link", "page"),
    "x-preserve-unknown": _TRUE,
    "x-raises": (lambda value: isinstance(value, Mapping), "errors with when they are raised"),
    "x-send-default": _TRUE,
    "x-unwrap": _one_of("one", "many", "bare", "none"),
    "x-vendor-page": _text(r"https://\S+", "an https address"),
}


def references_lead_to_something(document: Document) -> Iterator[Finding]:
    """Find references that lead out of the document or to nothing."""
    for place, node in nodes(document.root):
        for key in ("$ref", "x-csv-row"):
            if isinstance(reference := node.get(key), str):
                try:
                    document.at(reference)
                except DocumentError as error:
                    yield Finding(place, str(error), "Name a component of this document")


def extensions_are_known(document: Document) -> Iterator[Finding]:
    """Find extensions that nothing reads, and values that mean nothing."""
    for place, node in nodes(document.root):
        for key, value in node.items():
            if not str(key).startswith("x-"):
                continue
            if place.endswith((".headers", ".properties")):
                continue  # names of others
            if key not in _EXTENSIONS:
                known = ", ".join(sorted(_EXTENSIONS))
                yield Finding(place, f"{key} is no extension", f"There are: {known}")
                continue
            is_valid, meaning = _EXTENSIONS[key]
            if not is_valid(value):
                yield Finding(place, f"{key} is {value!r}", f"It takes {meaning}")
