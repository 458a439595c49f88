"""Lets schemathesis 4 reach something: real ids in most requests, and a sandbox as new for each. ::

    python -m aiobadges.sandbox --port 8799 &
    SANDBOX_URL=http://127.0.0.1:8799 SCHEMATHESIS_HOOKS=schemathesis_hooks PYTHONPATH=tests/sandbox \
    schemathesis run openapi/parchment.yaml --url http://127.0.0.1:8799 --seed 42 -n 10 \
        --phases examples,coverage,fuzzing -H "Authorization: Bearer sandbox-token" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,\
response_schema_conformance

At the end it prints which statuses each operation has answered with. When one has never succeeded,
the names stand below the table; ``SANDBOX_TABLE`` names a file that takes both.
"""

from __future__ import annotations

import atexit
import base64
import os
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import requests
import schemathesis

from aiobadges.sandbox import (
    AUTUMN_GROUP,
    CLAIM_CODE,
    COLLEAGUE_USERNAME,
    EXAMPLE_ORGANIZATION,
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    MATH_EXPERT,
    OLD_DIPLOMA,
    REGISTRAR,
    SAFETY_TRAINING,
    SHOWCASE,
    SPRING_GROUP,
    TOKEN,
    USERNAME,
)

URL = os.environ["SANDBOX_URL"]
PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="
MEMBER = {"email": COLLEAGUE_USERNAME, "role": "staff"}

# The others keep what was made up: unknown ids and bodies that lead nowhere are tried, too.
SHARE_OF_REAL_IDS = 0.85
SHARE_OF_REAL_BODIES = 0.7

dice = random.Random(42)
owner = requests.Session()
owner.headers["Authorization"] = f"Bearer {TOKEN}"
seen: defaultdict[str, Counter[int]] = defaultdict(Counter)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:  # noqa: ARG001 - the names count
    operation = _id_of(case)
    owner.post(f"{URL}/_sandbox/reset").raise_for_status()
    if case.path_parameters and dice.random() < SHARE_OF_REAL_IDS:
        real = _ids(operation)
        case.path_parameters = {
            name: real.get(name, value) for name, value in case.path_parameters.items()
        }
    if dice.random() < SHARE_OF_REAL_BODIES:
        if operation == "pathways.recipient_progress":
            case.query = {**(case.query or {}), "recipientIdentifier": "email:lena@example.edu"}
        if isinstance(case.body, dict):
            real_body = {**_additions(operation), **_replacements(operation)}
            case.body = {
                name: value
                for name, value in {**case.body, **real_body}.items()
                if name in case.body or name in _additions(operation)
            }


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:  # noqa: ARG001 - the names count
    if case.method.upper() == case.operation.method.upper():
        seen[_id_of(case)][response.status_code] += 1


@atexit.register
def print_table() -> None:
    rows = [f"{name:34}{dict(sorted(seen[name].items()))}" for name in sorted(seen)]
    never = [name for name in sorted(seen) if not any(status < 300 for status in seen[name])]
    table = "\n".join([*rows, *(f"never succeeded: {name}" for name in never)]) + "\n"
    sys.stdout.write(table)
    if path := os.environ.get("SANDBOX_TABLE"):
        Path(path).write_text(table)


def _id_of(case: Any) -> str:
    return str(case.operation.definition.raw["operationId"])


def _segment(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _made(path: str, body: object) -> str:
    response = owner.post(f"{URL}{path}", json=body)
    response.raise_for_status()
    return str(response.json()["result"][0]["entityId"])


def _ids(operation: str) -> dict[str, str]:
    """Give values for placeholders; what an operation needs is made first."""
    resource, _, verb = operation.partition(".")
    if resource == "issuers" and verb.endswith("delete"):
        issuer = {"name": "x", "email": "x@example.edu", "url": "https://x.example"}
        return _issuer_ids(_made("/v2/issuers", issuer))
    if resource == "assertions":
        award = {"recipient": {"identity": USERNAME}}
        return {"idOrEntityId": _made(f"/v2/badgeclasses/{MATH_EXPERT}/assertions", award)}
    if verb in {"staff.update", "staff.patch", "staff.remove"}:
        owner.post(f"{URL}/v2/issuers/{EXAMPLE_UNIVERSITY}/staff", json=MEMBER)
    if resource == "backpack":
        return {"idOrEntityId": OLD_DIPLOMA if verb.startswith("assertions") else SHOWCASE}
    return SEEDED[resource]


def _issuer_ids(issuer: str) -> dict[str, str]:
    address = f"https://badgr.example/public/issuers/{issuer}"
    return {
        "idOrEntityId": issuer,
        "issuerOpenBadgeIdBase64": _segment(address),
        "emailBase64": _segment(COLLEAGUE_USERNAME),
    }


SEEDED = {
    "users": {"idOrEntityId": REGISTRAR},
    "issuers": _issuer_ids(EXAMPLE_UNIVERSITY),
    "badgeclasses": {
        "idOrEntityId": MATH_EXPERT,
        "ref": _segment(f"https://badgr.example/public/badges/{MATH_EXPERT}"),
        "claimCode": CLAIM_CODE,
    },
    "organizations": {"id": EXAMPLE_ORGANIZATION, "organizationId": EXAMPLE_ORGANIZATION},
    "pathways": {
        "id": LAB_ASSISTANT,
        "pathwayId": LAB_ASSISTANT,
        "experienceId": SAFETY_TRAINING,
        "recipientGroupId": SPRING_GROUP,
    },
}


def _additions(operation: str) -> dict[str, Any]:
    """Give members that a body must have to succeed, beyond what the schema can say.

    Where they are not needed they do no harm: unknown members are let through.
    """
    if operation == "issuers.award":
        return {"badgeclass": MATH_EXPERT}
    defines_badge = operation.startswith("badgeclasses.") or "badgeclass" in operation
    return {"criteriaNarrative": "Pass."} if defines_badge else {}


def _replacements(operation: str) -> dict[str, Any]:
    """Give values that mean something, for members that were made up."""
    on_pathway = operation == "pathways.submit_experience"
    email = {"@type": "email", "email": "lena@example.edu"}
    values: dict[str, Any] = {
        "issuerId": EXAMPLE_UNIVERSITY,
        "issuer": EXAMPLE_UNIVERSITY,
        "organizationId": EXAMPLE_ORGANIZATION,
        "email": COLLEAGUE_USERNAME,
        "role": "editor",
        "acceptance": "Accepted",
        "groupIdsToAdd": [AUTUMN_GROUP],
        "recipient": email if on_pathway else {"identity": "ana@example.edu"},
        "assertions": [OLD_DIPLOMA],
        "credentials": [],
    }
    return values if operation == "backpack.import_assertion" else {**values, "image": PNG}
