"""The API reference, written when the documentation is built, from the catalog of operations.

``write_pages`` makes one Markdown page for each resource, one for the objects of each module, and an
index. What is on them is what the generated code was made of, so the two cannot differ.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module, resources
from pathlib import Path
from typing import Any, TypeAlias

__all__ = ["load_catalog", "make_pages", "write_pages"]

WIDTH = 76
"""Columns of code that are seen without scrolling."""

Catalog: TypeAlias = Mapping[str, Any]
Operation: TypeAlias = Mapping[str, Any]

GRADES = {
    "V-now": "documented by the vendor for the service as it is now",
    "V-2019": "seen in recorded traffic of 2019",
    "V-2024sw": "in the vendor's own document of 2024, since withdrawn",
    "V-oss": "done so by the open source server of 2021, an ancestor",
    "INF": "inferred",
    "NF": "looked for and not found",
}
ENCODINGS = {"base64url": "Give the plain text: it is sent in base64."}
PAGING = {
    "link": "Pages are followed by the address that the server gives in its `Link` header.",
    "page": "Pages have numbers; an empty one is the last.",
    "": "The list comes whole; a next page, should the server name one, is followed.",
}


def load_catalog() -> Catalog:
    """Read the catalog of the installed package."""
    text = resources.files("aiobadges.parchment").joinpath("catalog.json").read_text("utf-8")
    catalog: Catalog = json.loads(text)
    return catalog


def write_pages(folder: Path) -> None:
    """Write the pages into a folder, and take away what is no page any more.

    A page that stays the same is left alone, so that a second build is quick.
    """
    folder.mkdir(exist_ok=True)
    pages = make_pages(load_catalog())
    for stale in {page.name for page in folder.glob("*.md")} - pages.keys():
        (folder / stale).unlink()
    for name, text in pages.items():
        page = folder / name
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def make_pages(catalog: Catalog) -> dict[str, str]:
    """Make all pages: the text of each by the name of its file."""
    tops: dict[str, list[Mapping[str, Any]]] = {}
    for resource in catalog["resources"]:
        tops.setdefault(resource["name"].partition(".")[0], []).append(resource)
    operations = {operation["id"]: operation for operation in catalog["operations"]}
    homes = {name: module for module in tops for name in _names_of(module)}
    pages = {"index.md": _index(catalog, tops, operations)}
    for top, parts in tops.items():
        pages[f"{top}.md"] = _page(top, parts, operations, homes)
        pages[f"objects-{top}.md"] = _objects(top)
    return pages


def _names_of(part: str) -> list[str]:
    """Name the classes that one module of the models defines."""
    module = import_module(f"aiobadges.parchment.models.{part}")
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]


def _index(
    catalog: Catalog,
    tops: Mapping[str, Iterable[Mapping[str, Any]]],
    operations: Mapping[str, Operation],
) -> str:
    """Write the page that leads to the others."""
    toctree = ["```{toctree}", ":hidden:", *tops, *(f"objects-{top}" for top in tops), "```"]
    lines = [
        "# API reference",
        "",
        f"All {len(operations)} operations of {catalog['title']}, as the client has them.",
        f"The document behind it is of version {catalog['version']}; where it differs from the",
        "vendor's pages, [Corrections](../corrections.md) says why and how sure that is.",
        "",
        "What an operation rests on is its **evidence**:",
        "",
        *_table(("grade", "means"), [(f"`{grade}`", means) for grade, means in GRADES.items()]),
        "",
        *toctree,
    ]
    for top, parts in tops.items():
        lines += ["", f"## [`client.{top}`]({top}.md)", ""]
        lines += _table(
            ("call", "what it does", "request"),
            [
                (
                    f"[`{name}`](#{_anchor(name)})",
                    operations[name]["summary"],
                    f"`{operations[name]['method']} {operations[name]['path']}`",
                )
                for part in parts
                for name in part["operations"]
            ],
        )
        lines += ["", f"What they take and give: [objects of {top}](objects-{top}.md)."]
    return "\n".join(lines) + "\n"


def _page(
    top: str,
    parts: Iterable[Mapping[str, Any]],
    operations: Mapping[str, Operation],
    homes: Mapping[str, str],
) -> str:
    """Write the page of a resource, with the resources below it."""
    lines = [f"# client.{top}"]
    for part in parts:
        if part["name"] != top:
            lines += ["", f"## client.{part['name']}"]
        lines += ["", part["description"]]
        for name in part["operations"]:
            lines += ["", *_section(operations[name], homes)]
    return "\n".join(lines) + "\n"


def _objects(top: str) -> str:
    """Write the page of the objects that live in one module of the models."""
    module = f"aiobadges.parchment.models.{top}"
    return "\n".join(
        [
            f"# Objects of {top}",
            "",
            "All of them are in `aiobadges.parchment.models`. What is only received has `None` for",
            "whatever the server left out; in what is sent, `UNSET` means that a member is not sent",
            "and `None` sends null.",
            "",
            "```{eval-rst}",
            f".. automodule:: {module}",
            "   :members:",
            "   :undoc-members:",
            "```",
            "",
        ]
    )


def _section(operation: Operation, homes: Mapping[str, str]) -> Iterator[str]:
    """Write what there is to know of one operation."""
    depth = "##" if operation["id"].count(".") == 1 else "###"
    yield f"({_anchor(operation['id'])})="
    yield f"{depth} {operation['summary']}"
    yield ""
    yield from _fenced("python", _signature(operation))
    yield f"`{operation['method']} {operation['path']}`"
    yield ""
    if operation["description"]:
        yield operation["description"]
        yield ""
    yield from _arguments(operation, homes)
    yield from _rest(operation, homes)
    examples = operation["examples"]
    yield "**In Python**"
    yield ""
    yield from _fenced("python", examples["python"])
    yield "**The request**"
    yield ""
    yield from _fenced("http", examples["request"])
    yield from _answer(examples["answer"])
    yield "**Errors**"
    yield ""
    yield from _table(
        ("error", "status", "when"),
        [
            (
                f"{{py:class}}`~aiobadges.errors.{one['error']}`",
                ", ".join(map(str, one["statuses"])) or "",
                one["description"],
            )
            for one in operation["raises"]
        ],
    )
    yield ""
    grade = operation["evidence"]
    yield f"[The vendor's page]({operation['vendor_page']}). Evidence: `{grade}`, {GRADES[grade]}."


def _signature(operation: Operation) -> str:
    """Write the call with its arguments, on one line where they fit."""
    parameters = operation["parameters"]
    arguments = [one["name"] for one in parameters if one["in"] == "path"]
    if body := operation["body"]:
        arguments.append(body["name"])
    arguments += [
        f"{one['name']}={'...' if one['required'] else one['default']}"
        for one in parameters
        if one["in"] != "path"
    ]
    before, after = "await ", ""
    if operation["result"]["pager"]:
        before, after = "async for item in ", ": ..."
    call = f"{before}client.{operation['id']}"
    line = f"{call}({', '.join(arguments)}){after}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{call}(", *(f"    {one}," for one in arguments), f"){after}"])


def _arguments(operation: Operation, homes: Mapping[str, str]) -> Iterator[str]:
    rows = [
        (
            f"`{one['name']}`",
            f"{_type(one['type'], homes)}{'' if one['required'] else ', optional'}",
            f"`{one['wire']}` in the {one['in']}",
            " ".join(filter(None, (one["description"], ENCODINGS.get(one["encoding"], "")))),
        )
        for one in operation["parameters"]
    ]
    if body := operation["body"]:
        row = (
            f"`{body['name']}`",
            _type(body["type"], homes),
            f"the body, `{body['media_type']}`",
            body["description"],
        )
        rows.append(row)
    if rows:
        yield from _table(("argument", "type", "sent as", "what it is"), rows)
        yield ""


def _rest(operation: Operation, homes: Mapping[str, str]) -> Iterator[str]:
    """Write what it gives, which scope it needs, and whether it may be repeated."""
    result = operation["result"]
    model = result["model"] or ("" if result["unwrap"] == "none" else "str")
    if not model:
        gives = "Nothing."
    elif result["pager"]:
        gives = f"Pages of {_type(model, homes)}. {PAGING[result['paging']]}"
    elif result["list"]:
        gives = f"A list of {_type(model, homes)}."
    else:
        gives = f"{_type(model, homes)}{' or `None`' if result['may_be_empty'] else ''}."
    described = result["description"] if model and not result["pager"] else ""
    yield f"Gives\n: {gives} {described}".rstrip()
    yield ""
    scopes = [f"`{scope}`" for scope in operation["scopes"]]
    yield f"Scopes\n: {' or '.join(scopes) or 'None is documented; a token is needed.'}"
    yield ""
    repeats = "Yes" if operation["idempotent"] else "No: a second one may do it a second time"
    tried = "it is tried again when no good answer comes" if operation["idempotent"] else ""
    yield f"Repeatable\n: {'; '.join(filter(None, (repeats, tried)))}."
    yield ""


def _answer(answer: object) -> Iterator[str]:
    """Write the answer, closed: it is long, and Python gives objects."""
    if answer is None:
        return
    yield "<details><summary>The answer</summary>"
    yield ""
    if isinstance(answer, str):
        yield from _fenced("text", answer)
    else:
        yield from _fenced("json", json.dumps(answer, indent=2, ensure_ascii=False))
    yield "</details>"
    yield ""


def _type(text: str, homes: Mapping[str, str]) -> str:
    """Write a type; the objects in it lead to their descriptions."""

    def link(found: re.Match[str]) -> str:
        name = found.group()
        if name not in homes:
            return f"`{name}`"
        module = f"aiobadges.parchment.models.{homes[name]}"
        return f"{{py:class}}`~{module}.{name}`"

    inner = re.fullmatch(r"list\[(\w+)\]", text)
    if inner:
        return f"a list of {re.sub(r'.+', link, inner.group(1))}"
    return re.sub(r"\w+", link, text)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    columns = list(head)
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        cells = (re.sub(r"\s+", " ", cell).replace("|", r"\|") for cell in row)
        yield f"| {' | '.join(cells)} |"


def _fenced(language: str, text: str) -> Iterator[str]:
    longest = max(map(len, re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    yield f"{fence}{language}"
    yield text.rstrip("\n")
    yield fence
    yield ""


def _anchor(name: str) -> str:
    return f"operation-{name.replace('.', '-').replace('_', '-')}"
