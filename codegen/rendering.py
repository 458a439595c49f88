"""Templates: the environment they run in, and how text becomes Python in them."""

from __future__ import annotations

import json
import re
import textwrap
from functools import cache
from pathlib import Path

import jinja2

__all__ = [
    "closed",
    "docstring",
    "first_sentence",
    "laid_out",
    "quoted",
    "render",
    "wrapped",
]

_TEMPLATES = Path(__file__).parent / "templates"
_LINE = 100


def quoted(text: str) -> str:
    """Write a text as Python does, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def wrapped(text: str, *, indent: int, hanging: int = 0) -> str:
    """Wrap a text for a docstring at that indent; further lines stand `hanging` deeper."""
    return textwrap.fill(
        " ".join(text.split()),
        _LINE,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )


def first_sentence(text: str) -> str:
    """Give the first sentence of a text."""
    return re.split(r"(?<=[.?!])\s", " ".join(text.split()), maxsplit=1)[0]


def laid_out(text: str, *, indent: int) -> str:
    """Lay out a description for a docstring: its first sentence, then the rest as a paragraph."""
    first = first_sentence(text)
    rest = " ".join(text.split())[len(first) :].strip()
    return f"{first}\n\n{wrapped(rest, indent=indent)}" if rest else first


def docstring(text: str, *, indent: int) -> str:
    """Write a description as a docstring."""
    return closed(laid_out(text, indent=indent), indent=indent)


def closed(text: str, *, indent: int) -> str:
    """Put quotes round a text that is laid out."""
    end = f"\n{' ' * indent}" if "\n" in text else " " if text.endswith('"') else ""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{escaped}{end}"""'


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - it writes Python, not HTML
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"quoted": quoted, "docstring": docstring}
    return environment


def render(template: str, **values: object) -> str:
    """Fill a template of the folder beside this file."""
    return _environment().get_template(template).render(**values)
