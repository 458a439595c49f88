"""The contract: every operation of the API document succeeds here, and answers as documented.

``pytest -s tests/sandbox/test_contract.py`` prints which statuses each operation has answered with.
"""

from __future__ import annotations

import base64
import functools
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import yaml

from aiobadges.sandbox import (
    AUTUMN_GROUP,
    CHEMISTRY_BASICS,
    CLAIM_CODE,
    COLLEAGUE_USERNAME,
    EXAMPLE_ORGANIZATION,
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    LAB_WEEK,
    MATH_EXPERT,
    OLD_DIPLOMA,
    REGISTRAR,
    SAFETY_TRAINING,
    SHOWCASE,
    SPRING_GROUP,
    TOKEN,
    USERNAME,
)
from aiobadges.sandbox.parchment.routes import ROUTES

PATH = Path(__file__).parents[2] / "openapi" / "parchment.yaml"
METHODS = ("get", "put", "post", "patch", "delete")
FORMATS = jsonschema.FormatChecker(["email", "uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@functools.cache
def load() -> dict[str, Any]:
    return yaml.safe_load(PATH.read_text())


@dataclass(frozen=True)
class Documented:
    """One operation as the document has it."""

    id: str
    method: str
    template: str
    source: dict[str, Any]

    def path(self, *segments: str) -> str:
        values = iter(segments)
        path = re.sub(r"\{[^}]+\}", lambda _: quote(next(values), safe=""), self.template)
        assert next(values, None) is None, f"{self.id} has fewer placeholders"
        return path

    def check_request(self, body: object, media_type: str) -> None:
        """Fail when a body is not what the document asks for."""
        documented = self.source.get("requestBody")
        assert (body is None) or documented, f"{self.id} takes no body"
        if documented:
            check(body, documented["content"][media_type]["schema"], f"request of {self.id}")

    def check_answer(self, status: int, media_type: str, body: object) -> None:
        """Fail when an answer is not documented."""
        responses = self.source["responses"]
        assert str(status) in responses, f"{self.id} answers {status}, which is not documented"
        content = resolve(responses[str(status)]).get("content")
        if content is None:
            assert (media_type, body) == ("", None), f"{self.id}, {status}: a body, {body!r}"
            return
        assert media_type in content, f"{self.id}, {status}: {media_type!r} is not documented"
        check(body, content[media_type]["schema"], f"{self.id}, {status}")


@functools.cache
def closed_schemas() -> dict[str, Any]:
    """Give the schemas with no room for members that the document does not name."""

    def is_closable(name: str, schema: dict[str, Any]) -> bool:
        # The first is part of other schemas, and unknown kinds are open by nature.
        has_members = "properties" in schema and "additionalProperties" not in schema
        return has_members and name != "Envelope" and not name.startswith("Unknown")

    return {
        name: {**schema, "unevaluatedProperties": False} if is_closable(name, schema) else schema
        for name, schema in load()["components"]["schemas"].items()
    }


def check(value: object, schema: dict[str, Any], what: str) -> None:
    rooted = {**schema, "components": {"schemas": closed_schemas()}}
    validator = jsonschema.Draft202012Validator(rooted, format_checker=FORMATS)
    errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
    assert not errors, f"{what}: {errors}"


def resolve(thing: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in thing:
        target: Any = load()
        for part in thing["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        thing = target
    return thing


@functools.cache
def operations() -> dict[str, Documented]:
    return {
        source["operationId"]: Documented(source["operationId"], method.upper(), template, source)
        for template, item in load()["paths"].items()
        for method, source in item.items()
        if method in METHODS
    }


class Seen:
    """Which statuses each operation has answered with."""

    def __init__(self) -> None:
        self.statuses: defaultdict[str, Counter[int]] = defaultdict(Counter)

    def note(self, operation: str, status: int) -> None:
        self.statuses[operation][status] += 1

    def without_success(self) -> list[str]:
        def has_succeeded(name: str) -> bool:
            return any(status < 300 for status in self.statuses[name])

        return [name for name in operations() if not has_succeeded(name)]

    def table(self) -> str:
        width = max(map(len, operations()))
        rows = []
        for name in operations():
            seen = sorted(self.statuses[name].items())
            rows.append(f"{name:{width}}  {', '.join(f'{s} x{n}' for s, n in seen) or 'never'}")
        return "\n".join(rows)


def base64url(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.fixture
def perform(sandbox, session):
    """Perform an operation; its request and its answer are held against the document."""
    seen = Seen()

    async def perform(operation, *segments, body=None, token=TOKEN, wrong=False, **query):
        documented = operations()[operation]
        options: dict[str, Any] = {"params": query}
        media_type = "text/csv" if isinstance(body, str) else "application/json"
        if body is not None:
            key = "data" if isinstance(body, str) else "json"
            options |= {key: body, "headers": {"Content-Type": media_type}}
        if not wrong:
            documented.check_request(body, media_type)
        url = sandbox.url + documented.path(*segments)
        headers = {**options.pop("headers", {}), "Authorization": f"Bearer {token}"}
        async with session.request(documented.method, url, headers=headers, **options) as response:
            content = await response.read()
            given = response.headers.get("Content-Type", "").partition(";")[0]
            decoded: Any = await response.json() if given == "application/json" else None
            text = content.decode() if given == "text/csv" else decoded
            seen.note(operation, response.status)
            documented.check_answer(response.status, given, text)
        if not wrong:
            assert response.status < 300, f"{operation}: {response.status} {decoded}"
        return decoded

    perform.seen = seen
    return perform


PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="
ISSUER = {
    "name": "Night School",
    "email": "night@example.edu",
    "url": "https://night.example",
    "description": "Evenings.",
}
BADGE = {
    "name": "Physics",
    "description": "Knows physics.",
    "image": PNG,
    "criteriaNarrative": "Pass.",
    "tags": ["science"],
    "alignments": [{"targetName": "Physics", "targetUrl": "https://skills.example/1"}],
    "expires": {"amount": 2, "duration": "years"},
    "extensions": {"extensions:x": {"@context": "https://x.example", "type": ["Extension"]}},
    "ob3Properties": {"creditHours": 4.5},
    "preferences": {"includeOnPublicPages": True},
    "imageAltText": "An atom",
}
AWARD = {
    "recipient": {"identity": USERNAME, "type": "email", "hashed": True},
    "issuedOn": "2025-05-29T16:30:00.417Z",
    "allowDuplicateAwards": True,
    "narrative": "Nine of ten.",
    "evidence": [{"url": "https://portfolio.example/1", "genre": "Film"}],
    "ob3AwardProperties": {"activityStart": "2025-03-02T08:00:00.125Z", "role": "Guest"},
}


async def users(perform):
    for which in ((), (REGISTRAR,)):
        suffix = "" if which else "_self"
        await perform(f"users.get{suffix}", *which)
        await perform(f"users.update{suffix}", *which, body={"firstName": "Robin"})
        await perform(f"users.patch{suffix}", *which, body={"marketingOptIn": True})


async def issuers(perform):
    await perform("issuers.list", include_staff="false")
    for operation in ("issuers", "issuers.by_open_badge_id", "issuers.by_ref"):
        made = (await perform("issuers.create", body=ISSUER))["result"][0]
        name = made["entityId"] if operation == "issuers" else base64url(made["openBadgeId"])
        await perform(f"{operation}.get", name)
        await perform(f"{operation}.update", name, body={**ISSUER, "image": PNG})
        await perform(f"{operation}.patch", name, body=ISSUER)
        await perform(f"{operation}.delete", name)
        await perform(f"{operation}.get", name, wrong=True)
    await perform("issuers.badgeclasses", EXAMPLE_UNIVERSITY)
    await perform("issuers.create_badgeclass", EXAMPLE_UNIVERSITY, body=BADGE)
    await perform("issuers.award", EXAMPLE_UNIVERSITY, body={**AWARD, "badgeclass": MATH_EXPERT})
    await perform("issuers.award", EXAMPLE_UNIVERSITY, body=AWARD, wrong=True)
    await perform("issuers.assertions", EXAMPLE_UNIVERSITY, num="1")
    await perform("issuers.pathways", EXAMPLE_UNIVERSITY)
    await perform("issuers.create", body={"name": "x"}, wrong=True)


async def staff(perform):
    place = (EXAMPLE_UNIVERSITY,)
    member = {"email": COLLEAGUE_USERNAME, "role": "staff"}
    await perform("issuers.staff.add", *place, body=member)
    await perform("issuers.staff.add", *place, body=member, wrong=True)
    await perform("issuers.staff.update", *place, body={**member, "role": "editor"})
    await perform("issuers.staff.patch", *place, body={**member, "role": "owner"})
    await perform("issuers.staff.remove", *place, base64url(COLLEAGUE_USERNAME))
    await perform("issuers.staff.remove", *place, base64url(COLLEAGUE_USERNAME), wrong=True)
    await perform("issuers.staff.invite", *place, body={"email": "x@example.edu", "role": "staff"})


async def badgeclasses(perform):
    await perform("badgeclasses.list", include_archived="true")
    request = {**BADGE, "issuer": EXAMPLE_UNIVERSITY}
    for operation in ("badgeclasses", "badgeclasses.by_ref"):
        made = (await perform("badgeclasses.create", body=request))["result"][0]
        name = made["entityId"] if operation == "badgeclasses" else base64url(made["openBadgeId"])
        await perform(f"{operation}.get", name)
        await perform(f"{operation}.update", name, body={**BADGE, "image": made["image"]})
        await perform(f"{operation}.delete", name, archivalNote="Replaced.")
        await perform(f"{operation}.get", name, wrong=True)
        await perform(f"{operation}.get", name, include_archived="true")
        await perform(f"{operation}.reactivate", name)
        await perform(f"{operation}.delete", name, hard_delete="true")
    await perform("badgeclasses.duplicate", MATH_EXPERT, body={"newName": "Copy"})
    await perform("badgeclasses.duplicate", MATH_EXPERT, body={}, wrong=True)


async def claim_codes(perform):
    request = {"label": "Open day", "limit": 40, "expirationDate": "2030-05-31T23:59:59.999Z"}
    made = await perform("badgeclasses.claim_codes.create", MATH_EXPERT, body=request)
    code = (MATH_EXPERT, made["result"][0]["code"])
    await perform("badgeclasses.claim_codes.list", MATH_EXPERT, includeClaimCodeCount="true")
    await perform("badgeclasses.claim_codes.update", *code, body={"label": None})
    await perform("badgeclasses.claim_codes.disable", *code)
    await perform("badgeclasses.claim_codes.enable", *code)
    await perform("badgeclasses.claim_codes.delete", *code)
    await perform("badgeclasses.claim_codes.enable", *code, wrong=True)
    await perform("badgeclasses.claim_codes.enable", CHEMISTRY_BASICS, CLAIM_CODE, wrong=True)


async def assertions(perform):
    for _ in range(2):
        made = (await perform("badgeclasses.award", MATH_EXPERT, body=AWARD))["result"][0]
    again = {**AWARD, "allowDuplicateAwards": False}
    await perform("badgeclasses.award", MATH_EXPERT, body=again, wrong=True)
    key = made["entityId"]
    await perform("assertions.get", key)
    await perform("assertions.update", key, body={"narrative": None, "expires": None})
    await perform("assertions.revoke", key, body={"revocation_reason": "x"})
    await perform("assertions.revoke", key, body={"revocation_reason": "x"}, wrong=True)
    items = [{"id": made["id"], "revocationReason": "x"}, {"entityId": "y", "revocationReason": ""}]
    await perform("assertions.revoke_many", body=items)
    await perform("badgeclasses.assertions", MATH_EXPERT, num="1", include_revoked="true")
    await perform("badgeclasses.assertions", MATH_EXPERT, num="1", after="x", wrong=True)


async def backpack(perform):
    held = (await perform("badgeclasses.award", MATH_EXPERT, body=AWARD))["result"][0]["entityId"]
    await perform("backpack.assertions.list")
    for name in (held, OLD_DIPLOMA):
        await perform("backpack.assertions.get", name)
        await perform("backpack.assertions.update", name, body={"acceptance": "Accepted"})
    url = "https://badges.example.org/assertions/7741"
    for body in ({"url": url}, {"assertion": {"id": url + "2"}}, {"image": PNG}):
        await perform("backpack.import_assertion", body=body)
        await perform("backpack.import_assertion", body=body, wrong=True)
    made = await perform("backpack.collections.create", body={"name": "Mine", "published": False})
    collection = made["result"][0]["entityId"]
    await perform("backpack.collections.update", collection, body={"assertions": [held]})
    await perform("backpack.collections.list")
    await perform("backpack.collections.get", SHOWCASE)
    await perform("backpack.collections.delete", collection)
    await perform("backpack.collections.delete", collection, wrong=True)
    await perform("backpack.assertions.remove", held)
    await perform("backpack.assertions.remove", held, wrong=True)


async def organizations(perform):
    await perform("organizations.list")
    await perform("organizations.public_issuers", EXAMPLE_ORGANIZATION, num="1", page="1")
    await perform("organizations.public_issuers", EXAMPLE_ORGANIZATION, page="0", wrong=True)
    await perform("organizations.export_groups", EXAMPLE_ORGANIZATION, includeArchivedGroups="true")
    await perform("organizations.export_groups", "unknown", wrong=True)


async def pathways(perform):
    draft = await perform("pathways.draft.get", LAB_ASSISTANT)
    issuer = {"issuerId": draft["issuerId"]}
    made = await perform("pathways.create", body={**issuer, "draftRoot": draft["root"]})
    made = made["pathwayId"]
    await perform("pathways.published.get", made, wrong=True)
    await perform("pathways.draft.update", made, body={**issuer, "root": draft["root"]})
    await perform("pathways.publish", made)
    await perform("pathways.published.get", made)
    await perform("pathways.draft.revert", made)
    groups = {"groupIdsToAdd": [AUTUMN_GROUP], "groupIdsToRemove": [SPRING_GROUP]}
    await perform("pathways.subscribe_groups", made, body=groups)
    lena = {"recipient": {"@type": "email", "email": "lena@example.edu"}, "passed": True}
    step = (LAB_ASSISTANT, SAFETY_TRAINING)
    await perform("pathways.submit_experience", *step, body=lena)
    await perform("pathways.submit_experience", made, SAFETY_TRAINING, body=lena, wrong=True)
    rows = "recipientId,passed\nemail:lena@example.edu,true\nemail:nobody@example.edu,true\n"
    await perform("pathways.submit_experience_csv", LAB_ASSISTANT, LAB_WEEK, body=rows)
    lena_is = "email:lena@example.edu"
    await perform("pathways.recipient_progress", LAB_ASSISTANT, recipientIdentifier=lena_is)
    await perform("pathways.group_progress", LAB_ASSISTANT, SPRING_GROUP)
    await perform("pathways.group_progress", LAB_ASSISTANT, AUTUMN_GROUP, wrong=True)
    await perform("pathways.aggregate_progress", LAB_ASSISTANT)


WALKS = (
    users,
    issuers,
    staff,
    badgeclasses,
    claim_codes,
    assertions,
    backpack,
    organizations,
    pathways,
)


async def test_every_operation_succeeds_when_all_are_performed(perform):
    for walk in WALKS:
        await walk(perform)

    print(f"\n{perform.seen.table()}")  # noqa: T201 - for those who ask for it with -s
    assert perform.seen.without_success() == []
    assert len(perform.seen.statuses) == 78


def test_routes_are_those_of_the_document():
    def shape(template):
        return re.sub(r"\{[^}]+\}", "{}", template)

    served = {(route.id, route.method, shape(route.template)) for route in ROUTES}
    documented = {(o.id, o.method, shape(o.template)) for o in operations().values()}

    assert served == documented


async def test_refusals_are_as_documented_when_there_is_no_token(perform):
    for operation in operations().values():
        await perform(operation.id, *segments_of(operation), token="", wrong=True)

    assert {*map(tuple, perform.seen.statuses.values())} == {(401,)}


async def test_refusals_are_as_documented_when_there_is_nothing_there(perform):
    for operation in operations().values():
        if segments := segments_of(operation):
            await perform(operation.id, *segments, wrong=True)

    assert {*map(tuple, perform.seen.statuses.values())} == {(404,)}


def segments_of(operation):
    return ["x"] * operation.template.count("{")
