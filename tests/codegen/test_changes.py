"""What is said of changes planted in a small document: nothing missed, nothing said in vain."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from codegen.changes import compare, report, semver_step
from codegen.document import DocumentError

Draft = dict[str, Any]
Plant = Callable[[Draft], None]

BASE = Path(__file__).with_name("test_changes.yaml")
CURATED = Path(__file__).parents[2] / "openapi" / "parchment.yaml"
METHODS = ("get", "put", "post", "delete")


@functools.cache
def base_text():
    return BASE.read_text(encoding="utf-8")


@functools.cache
def _base():
    return yaml.safe_load(base_text())


def base():
    return copy.deepcopy(_base())


@functools.cache
def curated():
    return yaml.safe_load(CURATED.read_text(encoding="utf-8"))


# ---- planting: a spot is an operation, a schema or a component, and the way down from there


def root_of(draft: Draft, name: str) -> Any:
    if name in draft:
        return draft[name]
    for kind in ("schemas", "parameters", "responses", "securitySchemes"):
        if name in draft["components"][kind]:
            return draft["components"][kind][name]
    operations = (
        item[method] for item in draft["paths"].values() for method in METHODS if method in item
    )
    return next(each for each in operations if each["operationId"] == name)


def at(draft: Draft, spot: str) -> Any:
    root, *way = spot.split(" > ")
    node = root_of(draft, root)
    for key in way:
        node = node[int(key)] if isinstance(node, list) else node[key]
    return node


def put(spot: str, value: Any) -> Plant:
    above, _, key = spot.rpartition(" > ")

    def plant(draft: Draft) -> None:
        node = at(draft, above)
        node[int(key) if isinstance(node, list) else key] = value

    return plant


def cut(spot: str) -> Plant:
    above, _, key = spot.rpartition(" > ")

    def plant(draft: Draft) -> None:
        node = at(draft, above)
        del node[int(key) if isinstance(node, list) else key]

    return plant


def add(spot: str, *values: Any) -> Plant:
    return lambda draft: at(draft, spot).extend(copy.deepcopy(values))


def also(*plants: Plant) -> Plant:
    def plant(draft: Draft) -> None:
        for each in plants:
            each(draft)

    return plant


def schema(name: str, node: Any) -> Plant:
    return lambda draft: draft["components"]["schemas"].__setitem__(name, copy.deepcopy(node))


def moved(old: str, new: str) -> Plant:
    return lambda draft: draft["paths"].__setitem__(new, draft["paths"].pop(old))


def no_path(path: str, method: str) -> Plant:
    return lambda draft: draft["paths"][path].pop(method)


def said(old: str, new: str) -> Plant:
    """Replace text everywhere: a new name."""

    def plant(draft: Draft) -> None:
        text = yaml.safe_dump(draft).replace(old, new)
        draft.clear()
        draft.update(yaml.safe_load(text))

    return plant


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


TEXT = {"type": "string", "description": "A text."}
NULL = {"type": "null"}
OPTION = {"name": "sort", "in": "query", "description": "Order.", "schema": {"type": "string"}}
DONE = {"description": "Done."}
NEW_OPERATION = {
    "operationId": "issuers.count",
    "tags": ["issuers"],
    "x-unwrap": "none",
    "x-idempotent": True,
    "responses": {"204": DONE},
}
ISSUERS = "issuers.list > responses > 200 > content"
NAME = "issuers.list > parameters > 1"
STAFF = "issuers.list > parameters > 2"
SHARED = ["breaking badges.award response", "breaking issuers.get response"]

PLANTED: dict[str, tuple[Plant, list[str]]] = {
    # ---- operations
    "operation removed": (no_path("/badges/{badgeId}", "delete"), ["breaking badges.delete none"]),
    "operation added": (
        lambda draft: draft["paths"].update({"/count": {"post": copy.deepcopy(NEW_OPERATION)}}),
        ["additive issuers.count none"],
    ),
    "operation renamed": (
        put("badges.delete > operationId", "badges.remove"),
        ["breaking badges.delete none"],
    ),
    "operation renamed and changed": (
        also(
            put("badges.delete > x-idempotent", False),
            put("badges.delete > operationId", "badges.remove"),
        ),
        ["breaking badges.delete none", "breaking badges.remove none"],
    ),
    "path changed": (moved("/issuers", "/v3/issuers"), ["neutral issuers.list request"]),
    "method changed": (
        lambda draft: draft["paths"]["/badges/{badgeId}"].update(
            post=draft["paths"]["/badges/{badgeId}"].pop("delete")
        ),
        ["neutral badges.delete request"],
    ),
    "list no longer read by GET": (
        lambda draft: draft["paths"]["/issuers"].update(post=draft["paths"]["/issuers"].pop("get")),
        ["breaking issuers.list response", "neutral issuers.list request"],
    ),
    "no longer idempotent": (
        put("issuers.update > x-idempotent", False),
        ["breaking issuers.update none"],
    ),
    "idempotent now": (put("badges.award > x-idempotent", True), ["breaking badges.award none"]),
    "deprecated": (put("issuers.get > deprecated", True), ["neutral issuers.get none"]),
    "other summary": (put("issuers.get > summary", "Read it"), ["neutral issuers.get none"]),
    "other evidence": (put("issuers.get > x-evidence", "NF"), ["neutral issuers.get none"]),
    "unknown extension": (put("issuers.get > x-cost", 3), ["neutral issuers.get none"]),
    # ---- rights
    "an alternative scope gone": (
        put("issuers.list > security", [{"OAuth2": ["rw:issuer"]}]),
        ["breaking issuers.list request"],
    ),
    "an alternative scope more": (
        add("issuers.get > security", {"OAuth2": ["rw:issuer"]}),
        ["additive issuers.get request"],
    ),
    "two scopes together": (
        put("issuers.get > security", [{"OAuth2": ["r:issuer", "rw:issuer"]}]),
        ["breaking issuers.get request"],
    ),
    "no scope needed": (put("issuers.get > security", []), ["additive issuers.get request"]),
    # ---- arguments
    "path argument renamed where it is shared": (
        put("IssuerId > x-name", "issuer"),
        ["breaking parameters.IssuerId request"],
    ),
    "path argument renamed in place": (
        put("issuers.staff > parameters > 1 > x-name", "address"),
        ["breaking issuers.staff(email) request"],
    ),
    "path arguments in another order": (
        moved("/issuers/{id}/staff/{email}", "/staff/{email}/of/{id}"),
        ["breaking issuers.staff request", "neutral issuers.staff request"],
    ),
    "path arguments listed in another order": (
        lambda draft: at(draft, "issuers.staff > parameters").reverse(),
        [],
    ),
    "path argument added": (
        also(
            moved("/badges/{badgeId}", "/{region}/badges/{badgeId}"),
            add("badges.delete > parameters", {"name": "region", "in": "path", "schema": TEXT}),
        ),
        ["breaking badges.delete(region) request", "neutral badges.delete request"],
    ),
    "path argument removed": (
        also(moved("/badges/{badgeId}", "/badges/last"), cut("badges.delete > parameters > 0")),
        ["breaking badges.delete(badge_id) request", "neutral badges.delete request"],
    ),
    "only the placeholder renamed": (
        also(
            moved("/issuers/{id}/staff/{email}", "/issuers/{id}/staff/{mail}"),
            put("issuers.staff > parameters > 1 > name", "mail"),
        ),
        ["neutral issuers.staff request"],
    ),
    "encoding changed": (
        cut("issuers.staff > parameters > 1 > x-encoding"),
        ["breaking issuers.staff(email) request"],
    ),
    "optional query argument added": (
        add("issuers.list > parameters", OPTION),
        ["additive issuers.list(sort) request"],
    ),
    "required query argument added": (
        add("issuers.list > parameters", OPTION | {"required": True}),
        ["breaking issuers.list(sort) request"],
    ),
    "always-sent query argument added": (
        add("issuers.list > parameters", OPTION | {"x-send-default": True}),
        ["breaking issuers.list(sort) request"],
    ),
    "query argument removed": (cut(STAFF), ["breaking issuers.list(include_staff) request"]),
    "query argument required now": (
        put(f"{NAME} > required", True),
        ["breaking issuers.list(name) request"],
    ),
    "query argument optional now": (
        put("badges.award > parameters > 1 > required", False),
        ["additive badges.award(notify) request"],
    ),
    "query argument of another type": (
        put(f"{STAFF} > schema > type", "string"),
        ["breaking issuers.list(include_staff) request"],
    ),
    "query argument renamed on the wire only": (
        put(f"{STAFF} > name", "include_staff"),
        ["neutral issuers.list(include_staff) request"],
    ),
    "query argument in a header": (
        put(f"{NAME} > in", "header"),
        ["neutral issuers.list(name) request"],
    ),
    "query argument in the path": (
        also(put(f"{NAME} > in", "path"), moved("/issuers", "/issuers/named/{name}")),
        ["breaking issuers.list(name) request", "neutral issuers.list request"],
    ),
    "unsent default of an argument": (
        put(f"{STAFF} > schema > default", True),
        ["neutral issuers.list(include_staff) request"],
    ),
    "sent default of a shared argument": (
        put("Num > schema > default", 50),
        ["breaking parameters.Num request"],
    ),
    "shared argument limited": (
        put("Num > schema > maximum", 500),
        ["breaking parameters.Num request"],
    ),
    "shared argument no longer limited": (
        cut("Num > schema > minimum"),
        ["additive parameters.Num request"],
    ),
    "argument longer": (
        put(f"{NAME} > schema > maxLength", 60),
        ["additive issuers.list(name) request"],
    ),
    "argument under another name in the same place": (
        also(
            moved("/badges/{badgeId}", "/badges/{badge}"),
            put("badges.delete > parameters > 0 > name", "badge"),
        ),
        ["breaking badges.delete(badge_id) request", "neutral badges.delete request"],
    ),
    "argument written in another style": (
        put(f"{NAME} > style", "spaceDelimited"),
        ["neutral issuers.list(name) request"],
    ),
    "argument described": (put(f"{NAME} > description", "!"), ["neutral issuers.list(name) none"]),
    "argument deprecated": (
        put(f"{NAME} > deprecated", True),
        ["neutral issuers.list(name) none"],
    ),
    # ---- bodies
    "body added": (
        put(
            "badges.delete > requestBody",
            {"required": True, "content": {"application/json": {"schema": ref("Row")}}},
        ),
        ["breaking badges.delete request"],
    ),
    "body removed": (
        cut("issuers.update > requestBody"),
        ["breaking IssuerRequest none", "breaking issuers.update request"],
    ),
    "body may be left out": (
        put("badges.award > requestBody > required", False),
        ["additive badges.award request"],
    ),
    "media type of the body": (
        lambda draft: at(draft, "badges.award > requestBody > content").update(
            {"text/json": at(draft, "badges.award > requestBody > content").pop("application/json")}
        ),
        ["additive badges.award request", "breaking badges.award request"],
    ),
    "body of another schema": (
        put(
            "badges.award > requestBody > content > application/json > schema",
            {"type": "array", "items": ref("AwardRequest")},
        ),
        ["breaking badges.award request"],
    ),
    "rows of another schema": (
        put(
            "pathways.submit > requestBody > content > text/csv > x-csv-row",
            "#/components/schemas/Recipient",
        ),
        ["breaking Row none", "breaking pathways.submit request"],
    ),
    "body limited in place": (
        put("pathways.submit > requestBody > content > text/csv > schema > maxLength", 9),
        ["breaking pathways.submit request"],
    ),
    "body with an unknown extension": (
        also(
            put("pathways.submit > requestBody > x-large", True),
            put("pathways.submit > requestBody > content > text/csv > x-header", True),
        ),
        ["neutral pathways.submit request", "neutral pathways.submit request"],
    ),
    # ---- results
    "one instead of many": (
        put("issuers.list > x-unwrap", "one"),
        ["breaking issuers.list response"],
    ),
    "the same out of no wrapping": (
        also(
            put(
                f"{ISSUERS} > application/json > schema", {"type": "array", "items": ref("Issuer")}
            ),
            put("issuers.list > x-unwrap", "bare"),
        ),
        ["neutral issuers.list response"],
    ),
    "result of another schema": (
        put("AssertionEnvelope > properties > result > items", ref("Issuer")),
        [
            "breaking Assertion none",
            "breaking badges.award response",
            "neutral AssertionEnvelope none",
        ],
    ),
    "result that may be nothing": (
        put("issuers.update > responses > 204", DONE),
        ["breaking issuers.update response", "neutral issuers.update response"],
    ),
    "result where there was none": (
        put(
            "badges.delete > responses > 200",
            {"description": "It.", "content": {"application/json": {"schema": ref("Issuer")}}},
        ),
        ["neutral badges.delete response"],
    ),
    "result given where there was none": (
        also(
            put("badges.delete > x-unwrap", "bare"),
            put(
                "badges.delete > responses",
                {
                    "200": {
                        "description": "Done.",
                        "content": {"application/json": {"schema": ref("Issuer")}},
                    }
                },
            ),
        ),
        ["additive badges.delete response"] + ["neutral badges.delete response"] * 2,
    ),
    "result in another format": (
        lambda draft: at(draft, "pathways.export > responses > 200 > content").update(
            {"text/tsv": at(draft, "pathways.export > responses > 200 > content").pop("text/csv")}
        ),
        ["breaking pathways.export response"],
    ),
    "pages no longer followed": (
        cut("issuers.list > x-pagination"),
        ["breaking issuers.list response"],
    ),
    "list under another name": (
        put("issuers.list > x-member", "result"),
        ["neutral issuers.list response"],
    ),
    "pages of a list that had none": (
        put("pathways.submit > x-pagination", "link"),
        ["additive pathways.submit response"],
    ),
    "pages of another kind": (
        put("issuers.list > x-pagination", "page"),
        ["breaking issuers.list response"],
    ),
    "success of another number": (
        lambda draft: at(draft, "badges.award > responses").update(
            {"200": at(draft, "badges.award > responses").pop("201")}
        ),
        ["neutral badges.award response", "neutral badges.award response"],
    ),
    "status added": (
        put("issuers.get > responses > 409", {"$ref": "#/components/responses/BadRequest"}),
        ["additive issuers.get response"],
    ),
    "status removed": (cut("issuers.get > responses > 400"), ["neutral issuers.get response"]),
    "body of a refusal": (
        put(
            "issuers.get > responses > 404 > content > application/json > schema > type", "integer"
        ),
        ["neutral issuers.get response"],
    ),
    "shared refusal described": (
        put("BadRequest > description", "No."),
        ["neutral responses.BadRequest none"],
    ),
    "header gone": (
        cut("issuers.list > responses > 200 > headers"),
        ["neutral issuers.list none", "neutral issuers.list response"],
    ),
    # ---- schemas
    "schema renamed": (said("StaffMember", "Colleague"), ["breaking StaffMember none"]),
    "recursive schema renamed": (said("Step", "Stage"), ["breaking Step none"]),
    "wrapping renamed": (
        said("AssertionEnvelope", "AwardsAnswer"),
        ["neutral AssertionEnvelope none"],
    ),
    "schema added, and a member that refers to it": (
        also(
            schema("Logo", {"type": "object", "properties": {"url": TEXT}}),
            put("Issuer > properties > logo", ref("Logo")),
        ),
        ["additive Issuer.logo response", "additive Logo none"],
    ),
    "schema added that nothing uses": (
        schema("Logo", {"type": "object", "properties": {"url": TEXT}}),
        ["neutral Logo none"],
    ),
    "schema removed": (
        also(
            put("AwardRequest > properties > recipient", TEXT),
            cut("components > schemas > Recipient"),
        ),
        [
            "breaking AwardRequest.recipient request",
            "breaking Recipient none",
            "neutral AwardRequest.recipient none",
        ],
    ),
    "wrapping changed": (
        put("Envelope > properties > success > type", "string"),
        ["neutral Envelope none"],
    ),
    "refusal changed": (
        cut("ErrorEnvelope > properties > complaints"),
        ["neutral ErrorEnvelope none"],
    ),
    "written out instead of named": (
        put(
            "Issuer > properties > extensions > anyOf > 0",
            {"type": "object", "additionalProperties": {}},
        ),
        [],
    ),
    "map of other values, behind a name": (
        put("Extensions > additionalProperties", {"type": "string"}),
        ["breaking Extensions response"],
    ),
    "a class becomes any JSON": (
        schema("StaffMember", {"description": "Somebody on the staff."}),
        ["breaking Role none", "breaking StaffMember response"],
    ),
    "base taken away": (
        cut("Assertion > allOf"),
        ["breaking Assertion none"],
    ),
    "base class taken away": (cut("Recipient > x-base"), ["breaking Recipient none"]),
    "another base class": (
        put("Recipient > x-base", "people.Maker"),
        ["additive Recipient none", "breaking Recipient none"],
    ),
    "base class given": (
        put("AwardRequest > x-base", "awards.Maker"),
        ["additive AwardRequest none"],
    ),
    "base given that asks for a member": (
        put("AwardRequest > allOf", [ref("Record")]),
        [
            "additive AwardRequest none",
            "breaking AwardRequest.entity_id request",
            "breaking Record response",
        ],
    ),
    "unknown members dropped": (cut("Issuer > x-preserve-unknown"), ["breaking Issuer response"]),
    "unknown members kept, both ways": (
        put("AllRule > x-preserve-unknown", True),
        ["additive AllRule both"],
    ),
    "read schema is sent too": (
        put("IssuerRequest > properties > staff", {"type": "array", "items": ref("StaffMember")}),
        ["additive IssuerRequest.staff request", "breaking StaffMember response"],
    ),
    "schema is no longer sent": (
        put(
            "pathways.update > requestBody > content > application/json > schema", ref("Recipient")
        ),
        [
            "breaking AllRule response",
            "breaking Step response",
            "breaking pathways.update request",
        ],
    ),
    # ---- members that are read
    "read member removed": (
        cut("Issuer > properties > members"),
        ["breaking Issuer.members response"],
    ),
    "read member added": (
        put("Issuer > properties > logo", TEXT),
        ["additive Issuer.logo response"],
    ),
    "read member always there now": (
        put("Issuer > required", ["slug", "url"]),
        ["additive Issuer.url response"],
    ),
    "read member may be missing": (
        also(put("Issuer > required", []), cut("Issuer > properties > slug > x-always")),
        ["breaking Issuer.slug response"],
    ),
    "inherited member may be missing": (
        also(put("Record > required", []), cut("Record > properties > entityId > x-always")),
        ["breaking Record.entity_id response"],
    ),
    "inherited member always there in one class": (
        put("Assertion > required", ["createdAt"]),
        ["additive Assertion.created_at response"],
    ),
    "read member that the document no longer stands by": (
        cut("Issuer > properties > slug > x-always"),
        ["breaking Issuer.slug response"],
    ),
    "read member marked twice": (
        put("AllRule > properties > @type > x-always", True),
        ["neutral AllRule.type_ none"],
    ),
    "member that is always there may be None": (
        put("Issuer > properties > slug > type", ["string", "null"]),
        ["breaking Issuer.slug response"],
    ),
    "member that may be missing may be None": (
        put("Issuer > properties > url > type", ["string", "null"]),
        ["neutral Issuer.url response"],
    ),
    "read text becomes a time": (
        put("StaffMember > properties > since > format", "date-time"),
        ["breaking StaffMember.since response"],
    ),
    "read integer becomes a number": (
        put("Issuer > properties > members > type", ["number", "null"]),
        ["breaking Issuer.members response"],
    ),
    "read list of others": (
        put("Issuer > properties > staff > items", ref("Role")),
        ["breaking Issuer.staff response"],
    ),
    "read map of others": (
        put("Issuer > properties > counts > additionalProperties > type", "string"),
        ["breaking Issuer.counts response"],
    ),
    "read member limited": (
        put("Issuer > properties > name > maxLength", 10),
        ["neutral Issuer.name response"],
    ),
    "member renamed on the wire only": (
        lambda draft: at(draft, "Record > properties").update(
            created_at=at(draft, "Record > properties").pop("createdAt")
        ),
        ["neutral Record.created_at none"],
    ),
    "member moved into the base": (
        lambda draft: at(draft, "Record > properties").update(
            members=at(draft, "Issuer > properties").pop("members")
        ),
        ["additive Record.members response"],
    ),
    # ---- members that are sent
    "sent member removed": (
        cut("IssuerRequest > properties > tags"),
        ["breaking IssuerRequest.tags request"],
    ),
    "optional member added": (
        put("IssuerRequest > properties > motto", TEXT),
        ["additive IssuerRequest.motto request"],
    ),
    "required member added": (
        also(
            put("IssuerRequest > properties > motto", TEXT),
            put("IssuerRequest > required", ["name", "motto"]),
        ),
        ["breaking IssuerRequest.motto request"],
    ),
    "always-sent member added": (
        put(
            "IssuerRequest > properties > open",
            {"type": "boolean", "default": True, "x-send-default": True},
        ),
        ["breaking IssuerRequest.open request"],
    ),
    "sent member required now": (
        put("IssuerRequest > required", ["name", "url"]),
        ["breaking IssuerRequest.url request"],
    ),
    "sent member optional now": (
        put("IssuerRequest > required", []),
        ["additive IssuerRequest.name request"],
    ),
    "sent member no longer None": (
        put("IssuerRequest > properties > image > type", "string"),
        ["breaking IssuerRequest.image request"],
    ),
    "sent member may be None": (
        put("IssuerRequest > properties > url > type", ["string", "null"]),
        ["additive IssuerRequest.url request"],
    ),
    "sent member takes more but no None": (
        put("IssuerRequest > properties > image > type", ["string", "integer"]),
        ["breaking IssuerRequest.image request"],
    ),
    "sent integer becomes a number": (
        put("IssuerRequest > properties > rank > type", "number"),
        ["additive IssuerRequest.rank request"],
    ),
    "sent member of another type": (
        put("IssuerRequest > properties > tags > items > type", "integer"),
        ["breaking IssuerRequest.tags request"],
    ),
    "longest length shorter": (
        put("IssuerRequest > properties > name > maxLength", 50),
        ["breaking IssuerRequest.name request"],
    ),
    "shortest length gone": (
        cut("IssuerRequest > properties > name > minLength"),
        ["additive IssuerRequest.name request"],
    ),
    "least value greater": (
        put("IssuerRequest > properties > rank > minimum", 2),
        ["breaking IssuerRequest.rank request"],
    ),
    "greatest value greater": (
        put("IssuerRequest > properties > rank > maximum", 10),
        ["additive IssuerRequest.rank request"],
    ),
    "another pattern": (
        put("IssuerRequest > properties > name > pattern", r"^\w"),
        ["breaking IssuerRequest.name request"],
    ),
    "pattern gone": (
        cut("IssuerRequest > properties > name > pattern"),
        ["additive IssuerRequest.name request"],
    ),
    "items of a list limited": (
        put("IssuerRequest > properties > tags > items > maxLength", 10),
        ["breaking IssuerRequest.tags request"],
    ),
    "format that makes no type": (
        put("IssuerRequest > properties > image > format", "uri"),
        ["breaking IssuerRequest.image request"],
    ),
    "default that is not sent": (
        put("IssuerRequest > properties > rank > default", 4),
        ["neutral IssuerRequest.rank request"],
    ),
    "default that is sent": (
        put("AwardRequest > properties > allowDuplicates > default", True),
        ["breaking AwardRequest.allow_duplicates request"],
    ),
    "default no longer sent": (
        cut("AwardRequest > properties > allowDuplicates > x-send-default"),
        ["breaking AwardRequest.allow_duplicates request"],
    ),
    "default sent now": (
        put("IssuerRequest > properties > rank > x-send-default", True),
        ["breaking IssuerRequest.rank request"],
    ),
    "contents encoded": (
        put("IssuerRequest > properties > image > contentEncoding", "base64"),
        ["breaking IssuerRequest.image request"],
    ),
    "member deprecated": (
        put("IssuerRequest > properties > url > deprecated", True),
        ["neutral IssuerRequest.url none"],
    ),
    "member described": (
        put("IssuerRequest > properties > url > example", "https://example.com"),
        ["neutral IssuerRequest.url none"],
    ),
    "member of a type written in place": (
        put(
            "IssuerRequest > properties > image",
            {
                "description": "A data URI.",
                "type": ["object", "null"],
                "properties": {"a": {"type": "string"}},
            },
        ),
        ["breaking IssuerRequest.image request"],
    ),
    "sent member of fixed values": (
        put("IssuerRequest > properties > url > enum", ["https://a.example", "https://b.example"]),
        ["breaking IssuerRequest.url request"],
    ),
    "sent schema closed": (
        put("IssuerRequest > additionalProperties", False),
        ["breaking IssuerRequest request"],
    ),
    "constant member added": (
        put("IssuerRequest > properties > kind", {"type": "string", "const": "issuer"}),
        ["breaking IssuerRequest.kind request"],
    ),
    "member with an unknown extension": (
        put("IssuerRequest > properties > url > x-shown", True),
        ["neutral IssuerRequest.url none"],
    ),
    "row member removed": (cut("Row > properties > passed"), ["breaking Row.passed request"]),
    # ---- both ways
    "member of both ways removed": (cut("Step > properties > note"), ["breaking Step.note both"]),
    "member of both ways added": (
        put("Step > properties > logo", TEXT),
        ["additive Step.logo both"],
    ),
    "member of both ways required": (
        put("Step > required", ["title", "note"]),
        ["additive Step.note response", "breaking Step.note request"],
    ),
    "required member of both ways added": (
        also(put("Step > properties > logo", TEXT), put("Step > required", ["title", "logo"])),
        ["additive Step.logo response", "breaking Step.logo request"],
    ),
    "member of both ways may be None": (
        put("Step > properties > note > type", ["string", "null"]),
        ["additive Step.note request", "breaking Step.note response"],
    ),
    "member of both ways no longer None": (
        put("Step > properties > weight > type", "number"),
        ["additive Step.weight response", "breaking Step.weight request"],
    ),
    "member of both ways narrower": (
        put("Step > properties > weight > type", ["integer", "null"]),
        ["breaking Step.weight both"],
    ),
    "member of both ways limited": (
        put("Step > properties > note > maxLength", 9),
        ["breaking Step.note request", "neutral Step.note response"],
    ),
    "no longer recursive": (
        put("Step > properties > children > items", ref("Issuer")),
        [
            "breaking Issuer response",
            "breaking Record response",
            "breaking StaffMember response",
            "breaking Step.children both",
        ],
    ),
    # ---- unions and enumerations
    "variant removed": (
        also(
            cut("Rule > oneOf > 1"),
            cut("Rule > discriminator > mapping > count"),
            cut("components > schemas > CountRule"),
        ),
        ["breaking CountRule none", "breaking Rule both"],
    ),
    "variant added": (
        also(
            schema(
                "AnyRule",
                {"type": "object", "properties": {"@type": {"type": "string", "const": "any"}}},
            ),
            add("Rule > oneOf", ref("AnyRule")),
            put("Rule > discriminator > mapping > any", "#/components/schemas/AnyRule"),
        ),
        ["additive AnyRule none", "additive Rule request", "breaking Rule response"],
    ),
    "tag renamed": (
        also(
            put("CountRule > properties > @type > const", "some"),
            put(
                "Rule > discriminator > mapping",
                {"all": "#/components/schemas/AllRule", "some": "#/components/schemas/CountRule"},
            ),
        ),
        [
            "additive Rule request",
            "breaking CountRule.type_ both",
            "breaking Rule both",
            "breaking Rule response",
        ],
    ),
    "tags swapped": (
        put(
            "Rule > discriminator > mapping",
            {"all": "#/components/schemas/CountRule", "count": "#/components/schemas/AllRule"},
        ),
        ["breaking Rule both", "breaking Rule both"],
    ),
    "tagged by another member": (
        put("Rule > discriminator > propertyName", "kind"),
        ["breaking Rule both"],
    ),
    "what stands for unknown variants": (
        put("UnknownRule > properties > note", TEXT),
        ["neutral UnknownRule none"],
    ),
    "enumeration member removed": (cut("Role > x-extensible-enum > 0"), ["breaking Role none"]),
    "enumeration member added": (
        add("Role > x-extensible-enum", "editor"),
        ["additive Role response"],
    ),
    "enumeration of another type": (
        put("Role > type", "integer"),
        ["breaking Role response"],
    ),
    "union without tags": (
        cut("Rule > discriminator"),
        ["breaking Rule both", "additive UnknownRule none"],
    ),
    "enumeration closed": (
        schema(
            "Role",
            {"type": "string", "enum": ["staff", "owner"], "description": "What somebody may do."},
        ),
        ["breaking Role response"],
    ),
    # ---- the rest of the document
    "version": (put("info > version", "2"), ["neutral info none"]),
    "server": (put("servers > 0 > url", "https://api.example.org"), ["neutral servers none"]),
    "resource described": (put("tags > 0 > description", "!"), ["neutral tags.issuers none"]),
    "class of a resource": (put("tags > 1 > x-class", "Ways"), ["breaking tags.pathways none"]),
    "address of the token": (
        put("OAuth2 > flows > password > tokenUrl", "https://example.org"),
        ["neutral securitySchemes.OAuth2 none"],
    ),
}


def seen(old: Draft, new: Draft) -> list[str]:
    return sorted(f"{each.kind} {each.where} {each.direction}" for each in compare(old, new))


@pytest.mark.parametrize(("plant", "expected"), PLANTED.values(), ids=PLANTED)
def test_a_planted_change_is_found_and_nothing_else(plant, expected):
    old, new = base(), base()
    plant(new)
    assert seen(old, new) == sorted(expected)


def test_the_table_of_planted_changes_is_a_long_one():
    assert len(PLANTED) >= 45


@pytest.mark.parametrize("plant", [plant for plant, _ in PLANTED.values()], ids=PLANTED)
def test_nothing_has_changed_when_a_document_is_compared_with_itself(plant):
    document = base()
    plant(document)
    assert compare(document, copy.deepcopy(document)) == []


def test_nothing_has_changed_in_the_curated_document_when_compared_with_itself():
    assert compare(curated(), copy.deepcopy(curated())) == []


def turned(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: turned(value) for key, value in reversed(node.items())}
    return [turned(item) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize("document", [base, curated], ids=["small", "curated"])
def test_nothing_has_changed_when_keys_stand_in_another_order(document):
    assert compare(document(), turned(document())) == []


@pytest.mark.parametrize(
    "spot",
    [
        "Step > required",
        "Role > x-extensible-enum",
        "Rule > oneOf",
        "Issuer > properties > extensions > anyOf",
        "Row > required",
        "issuers.list > security",
        "issuers.list > parameters",
    ],
)
def test_nothing_has_changed_when_a_list_without_order_stands_in_another(spot):
    new = base()
    at(new, spot).reverse()
    assert compare(base(), new) == []


def leaves(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    if not inner and way:
        yield way
    for key, value in inner:
        yield from leaves(value, (*way, key))


def replaced(document: Draft, way: tuple[Any, ...]) -> Draft:
    new = copy.deepcopy(document)
    *above, last = way
    node = new
    for key in above:
        node = node[key]
    match node[last]:
        case bool(value):
            node[last] = not value
        case int(value):
            node[last] = value + 1
        case value:
            node[last] = f"{value}x"
    return new


def means_nothing(way: tuple[Any, ...], document: Draft) -> bool:
    """Say whether nothing is made of a leaf: of what a path argument or a constant is anyhow."""
    node: Any = document
    for key in way[:-1]:
        node = node[key]
    return isinstance(node, dict) and (
        (way[-1] in {"name", "required"} and node.get("in") == "path")
        or (way[-1] == "type" and "const" in node)
    )


def test_no_leaf_of_the_document_changes_in_silence():
    document = base()
    silent = []
    for way in leaves(document):
        new = replaced(document, way)
        try:
            changes = compare(document, new)
        except DocumentError:
            continue  # a reference to nothing is no document
        # A rule that looks one way only would be silent on the way back.
        if not (changes and compare(new, document)) and not means_nothing(way, document):
            silent.append(" > ".join(map(str, way)))
    assert silent == []


TREE = {"anyOf": [{"type": "string"}, {"type": "array", "items": ref("Tree")}]}
LOOPS: dict[str, Any] = {
    "a class that holds itself": {"type": "object", "properties": {"inner": ref("Tree")}},
    "an alias that holds itself": TREE,
    "an alias that is itself": {"anyOf": [ref("Tree"), NULL]},
    "a base of its own": {"allOf": [ref("Tree")], "properties": {"inner": TEXT}},
}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_comparing_ends_when_a_schema_holds_itself(loop):
    old, new = base(), base()
    for draft in (old, new):
        schema("Tree", loop)(draft)
        put("Step > properties > tree", ref("Tree"))(draft)
    put("Step > properties > tree", TREE)(new)
    assert all(each.startswith("breaking Step.tree") or " Tree " in each for each in seen(old, new))


def test_comparing_ends_when_schemas_hold_each_other_under_new_names():
    old, new = base(), base()
    for draft, one, other in ((old, "Hen", "Egg"), (new, "Chicken", "Ovum")):
        schema(one, {"type": "object", "properties": {"lays": ref(other)}})(draft)
        schema(other, {"type": "object", "properties": {"becomes": ref(one)}})(draft)
        put("Step > properties > hen", ref(one))(draft)
    assert seen(old, new) == ["breaking Egg none", "breaking Hen none"]


def test_a_name_is_not_taken_for_a_new_one_when_what_it_refers_to_differs():
    old, new = base(), base()
    for draft, one, other, inner in ((old, "Hen", "Egg", "shell"), (new, "Tree", "Nut", "kernel")):
        schema(one, {"type": "object", "properties": {"bears": ref(other)}})(draft)
        schema(other, {"type": "object", "properties": {inner: TEXT}})(draft)
        put("Step > properties > parent", ref(one))(draft)
    assert seen(old, new) == [
        "additive Nut none",
        "additive Tree none",
        "breaking Egg none",
        "breaking Hen none",
        "breaking Step.parent both",
    ]


def test_a_reference_in_a_circle_is_an_error():
    new = base()
    put("parameters > Num", {"$ref": "#/components/parameters/Num"})(new["components"])
    with pytest.raises(DocumentError, match="refers to itself"):
        compare(base(), new)


def test_a_reference_to_nothing_is_an_error():
    new = base()
    put("issuers.get > parameters", [{"$ref": "#/components/parameters/Nobody"}])(new)
    with pytest.raises(DocumentError, match="parameters/Nobody is referred to"):
        compare(base(), new)


def test_a_shared_schema_is_told_once_when_many_operations_reach_it():
    new = copy.deepcopy(curated())
    del new["components"]["schemas"]["Issuer"]["properties"]["name"]
    assert seen(curated(), new) == ["breaking Issuer.name response"]


def test_the_judge_sees_the_classes_the_generator_makes():
    from codegen.api import read_api
    from codegen.changes.directions import directions
    from codegen.changes.shape import kin
    from codegen.document import Document

    schemas = curated()["components"]["schemas"]
    judged = {
        name
        for name, use in directions(curated()).items()
        if (use.sent or use.read) and kin(schemas[name]) != "alias"
    }
    assert judged == set(read_api(Document.load(CURATED)).components)


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("operation removed", "major"),
        ("operation added", "minor"),
        ("other summary", "patch"),
        ("member of both ways may be None", "major"),
        ("path arguments listed in another order", None),
    ],
)
def test_the_step_is_the_greatest_any_change_asks_for(name, step):
    new = base()
    PLANTED[name][0](new)
    assert semver_step(compare(base(), new)) == step


def test_the_report_is_empty_when_nothing_changed():
    assert report([]) == ""


def test_the_report_says_the_worst_first_and_the_same_words_once():
    new = base()
    also(
        cut("IssuerRequest > properties > tags"),
        cut("Issuer > properties > members"),
        cut("Issuer > properties > url"),
        put("Issuer > properties > logo", TEXT),
        put("info > version", "2"),
    )(new)
    assert report(compare(base(), new)) == (
        "3 breaking, 1 additive, 1 neutral: a major step\n"
        "\n"
        "Breaking\n"
        "  each is gone (read):\n"
        "    Issuer.members\n"
        "    Issuer.url\n"
        "  IssuerRequest.tags is gone (sent)\n"
        "\n"
        "Additive\n"
        "  Issuer.logo is new (read)\n"
        "\n"
        "Neutral\n"
        "  info is described in other words\n"
    )


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (
            put("Issuer > properties > members > type", ["number", "null"]),
            "Issuer.members is float | None, was int | None (read)",
        ),
        (
            put("issuers.update > responses > 204", DONE),
            "issuers.update gives Issuer | None, was Issuer (read)",
        ),
        (
            put("issuers.list > x-unwrap", "one"),
            "issuers.list gives Issuer, was Pager[Issuer] (read)",
        ),
        (
            cut("Rule > oneOf > 1"),
            "Rule is AllRule | UnknownVariant, was AllRule | CountRule | UnknownVariant (sent and read)",
        ),
        (
            put("Num > schema > default", 50),
            "parameters.Num sends 50 by itself, was 100 (sent)",
        ),
    ],
    ids=["type", "nothing", "unwrap", "union", "default"],
)
def test_a_change_says_what_is_and_what_was(plant, words):
    new = base()
    plant(new)
    assert f"  {words}\n" in report(compare(base(), new))
