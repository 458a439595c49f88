"""Rules about operations: what they are called, what they carry, and what they answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from codegen.document import METHODS, Document, Node, OperationNode
from codegen.lint.finding import Finding
from codegen.operations import JSON, items_of

__all__ = [
    "answers_are_components_with_examples",
    "bodies_are_components_with_examples",
    "ids_are_resource_and_verb",
    "lists_have_the_name_they_say",
    "operations_say_how_they_work",
    "paging_can_be_followed",
    "path_items_hold_operations_only",
    "path_parameters_match_the_path",
    "reads_and_replacements_are_idempotent",
    "results_lie_where_unwrap_says",
    "scopes_are_alternatives",
    "summaries_fit_a_line",
    "tags_are_described",
    "usual_refusals_are_documented",
]

_REFUSALS = ("401", "403", "404", "429", "503")
_LONGEST_SUMMARY = 80


def path_items_hold_operations_only(document: Document) -> Iterator[Finding]:
    """Find what stands beside the operations of a path."""
    for path, item in document.root.get("paths", {}).items():
        for key in item:
            if key not in METHODS:
                yield Finding(path, f"{key} stands beside its operations", "Say it in each of them")


def operations_say_how_they_work(document: Document) -> Iterator[Finding]:
    """Find operations without what every other rule looks at."""
    needed = {
        "operationId": "resource path and verb, such as issuers.staff.add",
        "tags": "its top-level resource",
        "summary": "what it does, in our own words",
        "security": "the scopes, each an alternative",
        "x-unwrap": "where the result lies: one, many, bare or none",
        "x-idempotent": "whether doing it twice is the same as doing it once",
        "x-evidence": "how it is known",
        "x-vendor-page": "where the vendor describes it",
    }
    for found in document.operations():
        for key, meaning in needed.items():
            if key not in found.node:
                yield Finding(found.place, f"{key} is missing", f"Say {meaning}")


def ids_are_resource_and_verb(document: Document) -> Iterator[Finding]:
    """Find operations whose id is no path to a method, or is another's."""
    seen: dict[str, str] = {}
    for found in document.operations():
        name = found.node["operationId"]
        if not re.fullmatch(r"[a-z][a-z_]*(\.[a-z][a-z_]*)+", name):
            yield Finding(
                found.place,
                f"the id {name!r} is no resource path and verb",
                "Write it like issuers.staff.add",
            )
        if name in seen:
            yield Finding(
                found.place, f"the id {name} is also that of {seen[name]}", "Name one of them anew"
            )
        seen[name] = found.place
    resources = {tuple(name.split(".")[:-1]) for name in seen}
    for name, place in seen.items():
        if tuple(name.split(".")) in resources:
            yield Finding(
                place,
                f"{name} is a method, and a resource of others",
                "Make it a method of that resource",
            )


def tags_are_described(document: Document) -> Iterator[Finding]:
    """Find operations whose tag is not their resource, and resources that nobody describes."""
    for found in document.operations():
        *path, _ = found.node["operationId"].split(".")
        if not path:
            continue  # that is another rule's
        if list(found.node["tags"]) != path[:1]:
            yield Finding(found.place, "its tag is not its resource", f"Tag it {path[0]}")
        for end in range(1, len(path) + 1):
            name = ".".join(path[:end])
            if not document.tags.get(name, {}).get("description"):
                yield Finding(
                    found.place,
                    f"the resource {name} is not described",
                    f"Add a tag {name} with a description",
                )


def summaries_fit_a_line(document: Document) -> Iterator[Finding]:
    """Find summaries that cannot be the first line of a docstring."""
    for found in document.operations():
        summary = found.node["summary"]
        if "\n" in summary or len(summary) > _LONGEST_SUMMARY or summary.endswith("."):
            yield Finding(
                found.place,
                "its summary does not fit a line",
                f"Write at most {_LONGEST_SUMMARY} characters without a full stop",
            )


def reads_and_replacements_are_idempotent(document: Document) -> Iterator[Finding]:
    """Find GET, PUT and DELETE that say they are not: aiohttp itself repeats those once."""
    for found in document.operations():
        if found.method in {"get", "put", "delete"} and not found.node["x-idempotent"]:
            yield Finding(
                found.place,
                f"{found.method.upper()} is not idempotent",
                "It is repeated when a connection was stale: use POST, or say true",
            )


def scopes_are_alternatives(document: Document) -> Iterator[Finding]:
    """Find requirements of more than one scope: any one will do on the server."""
    for found in document.operations():
        for requirement in found.node["security"]:
            if len(requirement) != 1 or any(len(scopes) > 1 for scopes in requirement.values()):
                yield Finding(
                    found.place,
                    "a requirement asks for several scopes at once",
                    "Write one requirement for each",
                )


def usual_refusals_are_documented(document: Document) -> Iterator[Finding]:
    """Find operations that do not say what any of them may answer."""
    for found in document.operations():
        missing = [status for status in _REFUSALS if status not in found.node["responses"]]
        if missing:
            listed = ", ".join(missing)
            yield Finding(found.place, f"{listed} not documented", "Refer to the common responses")


def _is_components(schema: Node) -> bool:
    items = schema.get("items", {}) if schema.get("type") == "array" else schema
    return "$ref" in items


def _contents(found: OperationNode, document: Document) -> Iterator[tuple[str, str, Any]]:
    """Give the bodies of good answers: place, media type and content."""
    for status, answer in found.node["responses"].items():
        if status.startswith("2"):
            for media_type, content in document.resolve(answer).get("content", {}).items():
                yield f"{found.place} {status}", media_type, content


def bodies_are_components_with_examples(document: Document) -> Iterator[Finding]:
    """Find bodies that no class can be made for, or that nobody shows."""
    for found in document.operations():
        body = found.node.get("requestBody")
        if body is None:
            continue
        contents = body.get("content", {})
        place = f"{found.place} body"
        if len(contents) != 1 or not body.get("required"):
            yield Finding(place, "it is not one required media type", "Split the operation")
        for media_type, content in contents.items():
            if not content.get("examples"):
                yield Finding(place, "it has no example", "Write one of our own")
            if media_type == JSON and not _is_components(content.get("schema", {})):
                yield Finding(place, "its schema stands inline", "Make it a component")
            if media_type != JSON and (media_type != "text/csv" or "x-csv-row" not in content):
                yield Finding(
                    place,
                    f"{media_type} cannot be written",
                    "Use JSON, or text/csv whose rows x-csv-row names",
                )


def answers_are_components_with_examples(document: Document) -> Iterator[Finding]:
    """Find answers that no class can be made for, or that nobody shows."""
    for found in document.operations():
        if not any(status.startswith("2") for status in found.node["responses"]):
            yield Finding(found.place, "no answer is a success", "Document a status 2xx")
        for place, media_type, content in _contents(found, document):
            if not content.get("examples"):
                yield Finding(place, "it has no example", "Write one of our own")
            schema = content.get("schema", {})
            if media_type == JSON and not _is_components(schema):
                yield Finding(place, "its schema stands inline", "Make it a component")
            if media_type != JSON and schema.get("type") != "string":
                yield Finding(place, f"{media_type} is no text", "Give it the type string")


def _is_envelope(schema: Node, document: Document) -> bool:
    schema = document.resolve(schema)
    branches = schema.get("anyOf", [schema])
    return any("result" in document.resolve(branch).get("properties", {}) for branch in branches)


def lists_have_the_name_they_say(document: Document) -> Iterator[Finding]:
    """Find answers without the list that x-member names."""
    for found in document.operations():
        member = found.node.get("x-member")
        for place, _, content in _contents(found, document) if member else ():
            listed = document.resolve(content["schema"]).get("properties", {}).get(member, {})
            if found.node["x-unwrap"] != "many" or "$ref" not in listed.get("items", {}):
                yield Finding(
                    place,
                    f"x-member names no list of components, {member}",
                    "Name one, and unwrap many",
                )


def results_lie_where_unwrap_says(document: Document) -> Iterator[Finding]:
    """Find answers whose shape is not the one that x-unwrap speaks of."""
    for found in document.operations():
        unwrap = found.node["x-unwrap"]
        full = list(_contents(found, document))
        if unwrap != "none" and not full:
            yield Finding(found.place, f"x-unwrap is {unwrap}, but nothing comes back", "Say none")
        for place, media_type, content in full:
            schema = content.get("schema", {})
            if media_type != JSON or unwrap == "none" or "x-member" in found.node:
                continue
            if unwrap in {"one", "many"} and not (
                _is_envelope(schema, document) and items_of(schema, document)
            ):
                yield Finding(place, f"x-unwrap is {unwrap}, but nothing is wrapped", "Say bare")
            elif unwrap == "bare" and _is_envelope(schema, document):
                yield Finding(place, "x-unwrap is bare, but it is wrapped", "Say one or many")


def paging_can_be_followed(document: Document) -> Iterator[Finding]:
    """Find lists that come in pages without a way to the next one."""
    for found in document.operations():
        paging = found.node.get("x-pagination")
        if paging is None:
            continue
        if found.method != "get" or found.node["x-unwrap"] != "many":
            yield Finding(found.place, "only lists that are read come in pages", "Unwrap many")
        answer = document.resolve(found.node["responses"].get("200", {}))
        if paging == "link" and "Link" not in answer.get("headers", {}):
            yield Finding(found.place, "no header names the next page", "Document the Link header")
        names = {document.resolve(p)["name"] for p in found.node.get("parameters", ())}
        if paging == "page" and "page" not in names:
            yield Finding(
                found.place, "no parameter asks for a page", "Document the parameter page"
            )


def path_parameters_match_the_path(document: Document) -> Iterator[Finding]:
    """Find placeholders without a parameter, and parameters without a placeholder, in order."""
    for found in document.operations():
        parameters = [document.resolve(p) for p in found.node.get("parameters", ())]
        given = [p["name"] for p in parameters if p["in"] == "path"]
        if given != re.findall(r"{(\w+)}", found.path):
            yield Finding(
                found.place,
                f"its path parameters are {', '.join(given) or 'none'}",
                "List those of the path, in its order",
            )
        for parameter in parameters:
            if parameter["in"] not in {"path", "query"}:
                yield Finding(
                    found.place,
                    f"{parameter['name']} travels in {parameter['in']}",
                    "Parameters travel in the path or the query",
                )
            if not parameter.get("description"):
                yield Finding(
                    found.place, f"{parameter['name']} has no description", "Say what it is"
                )
