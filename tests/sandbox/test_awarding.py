"""Awarding a badge: what is made, what is refused, and the gap in which doubles are made."""

import asyncio
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest

from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT, REGISTRAR

AWARD = f"/v2/badgeclasses/{MATH_EXPERT}/assertions"
PREVIOUS_AWARD = "A previous award of this badge already exists for this recipient."


async def test_assertion_has_every_documented_key_when_awarded(award):
    status, body = await award(
        issuedOn="2025-02-03T04:05:06.789Z",
        narrative="Well **done**",
        evidence=[{"url": "https://example.com/work"}],
        ob3AwardProperties={"role": "student"},
    )

    assert status == 201
    assert body["status"] == {"success": True, "description": "ok"}
    [assertion] = body["result"]
    entity_id, identity = assertion["entityId"], assertion["recipient"].pop("identity")
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", entity_id)
    assert re.fullmatch(r"[0-9a-f]{24}", assertion.pop("id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", assertion.pop("createdAt"))
    assert re.fullmatch(r"sha256\$[0-9a-f]{64}", identity)
    assert assertion["recipient"].pop("salt")
    public = "https://badgr.example/public"
    assert assertion == {
        "entityType": "Assertion",
        "entityId": entity_id,
        "openBadgeId": f"{public}/assertions/{entity_id}",
        "createdBy": REGISTRAR,
        "badgeclass": MATH_EXPERT,
        "badgeclassOpenBadgeId": f"{public}/badges/{MATH_EXPERT}",
        "issuer": EXAMPLE_UNIVERSITY,
        "issuerOpenBadgeId": f"{public}/issuers/{EXAMPLE_UNIVERSITY}",
        "image": f"{public}/assertions/{entity_id}/image",
        "recipient": {"type": "email", "hashed": True, "plaintextIdentity": "ana@example.edu"},
        "issuedOn": "2025-02-03T04:05:06.789Z",
        "narrative": "Well **done**",
        "evidence": [
            {
                "url": "https://example.com/work",
                "narrative": None,
                "name": None,
                "description": None,
                "genre": None,
                "audience": None,
            }
        ],
        "revoked": False,
        "revocationReason": None,
        "acceptance": "Unaccepted",
        "expires": None,
        "extensions": {},
        "assertionRef": {"assertionUrl": f"{public}/assertions/{entity_id}"},
        "badgeRef": {"badgeUrl": f"{public}/badges/{MATH_EXPERT}"},
        "issuerRef": {"issuerUrl": f"{public}/issuers/{EXAMPLE_UNIVERSITY}"},
        "pending": False,
        "source": "local",
        "sourceUrl": None,
        "originalJson": None,
        "imagePath": f"uploads/badges/assertion-{entity_id}.png",
        "ob3AwardProperties": {"role": "student"},
    }


async def test_awards_are_made_when_the_badge_is_named_by_its_other_id(ask, award):
    _, body = await ask("GET", f"/v2/badgeclasses/{MATH_EXPERT}")

    status, body = await award(badge=body["result"][0]["id"])

    assert status == 201
    assert body["result"][0]["badgeclass"] == MATH_EXPERT


@pytest.mark.parametrize(
    ("recipient", "hashed"),
    [
        pytest.param({"identity": "ana@example.edu"}, True, id="no type is an e-mail address"),
        pytest.param({"identity": "ana@example.edu", "type": "email"}, True, id="e-mail"),
        pytest.param({"identity": "+4940123456", "type": "telephone"}, True, id="telephone"),
        pytest.param({"identity": "https://ana.example", "type": "url"}, False, id="url"),
        pytest.param(
            {"identity": "https://ana.example", "type": "openBadgeId"}, False, id="openBadgeId"
        ),
        pytest.param({"identity": "a@example.edu", "hashed": False}, False, id="told not to"),
        pytest.param(
            {"identity": "https://ana.example", "type": "url", "hashed": True}, True, id="told to"
        ),
    ],
)
async def test_recipient_is_hashed_or_not_when_its_type_is(ask, recipient, hashed):
    _, body = await ask("POST", AWARD, {"recipient": recipient})

    shown = body["result"][0]["recipient"]
    assert shown["hashed"] is hashed
    assert shown["plaintextIdentity"] == recipient["identity"]
    if hashed:
        salted = (recipient["identity"] + shown["salt"]).encode()
        assert shown["identity"] == f"sha256${hashlib.sha256(salted).hexdigest()}"
    else:
        assert shown["identity"] == recipient["identity"]
        assert "salt" not in shown


async def test_hash_is_of_lower_case_when_the_identity_has_capitals(award):
    _, body = await award("Ana@Example.edu")

    shown = body["result"][0]["recipient"]
    salted = ("ana@example.edu" + shown["salt"]).encode()
    assert shown["identity"] == f"sha256${hashlib.sha256(salted).hexdigest()}"
    assert shown["plaintextIdentity"] == "Ana@Example.edu"


async def test_issued_now_when_no_date_is_given(award):
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    _, body = await award()

    assert before <= datetime.fromisoformat(body["result"][0]["issuedOn"]) <= datetime.now(UTC)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param("2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000Z", id="seconds"),
        pytest.param("2025-01-01T00:00:00.123999Z", "2025-01-01T00:00:00.123Z", id="micro"),
        pytest.param("2025-01-01T02:00:00+02:00", "2025-01-01T00:00:00.000Z", id="other zone"),
    ],
)
async def test_timestamps_become_utc_milliseconds_when_shown(award, given, shown):
    _, body = await award(issuedOn=given, expires=given)

    assert body["result"][0]["issuedOn"] == shown
    assert body["result"][0]["expires"] == shown


EMAIL = {"identity": "ana@example.edu"}


@pytest.mark.parametrize(
    ("body", "field_errors"),
    [
        pytest.param({}, {"recipient": ["This field is required"]}, id="no recipient"),
        pytest.param(
            {"recipient": None}, {"recipient": ["This field may not be null."]}, id="null recipient"
        ),
        pytest.param(
            {"recipient": "ana@example.edu"},
            {
                "recipient": {
                    "non_field_errors": ["Invalid data. Expected a dictionary, but got str."]
                }
            },
            id="recipient is a text",
        ),
        pytest.param(
            {"recipient": {"plaintextIdentity": "ana@example.edu"}},
            {"recipient": {"identity": ["This field is required"]}},
            id="plaintextIdentity instead of identity",
        ),
        pytest.param(
            {"recipient": {"identity": " "}},
            {"recipient": {"identity": ["This field may not be blank."]}},
            id="blank identity",
        ),
        pytest.param(
            {"recipient": {"identity": 7}},
            {"recipient": {"identity": ["Not a valid string."]}},
            id="identity is a number",
        ),
        pytest.param(
            {"recipient": {"identity": "ana.example.edu"}},
            {"recipient": {"non_field_errors": ["Enter a valid email address."]}},
            id="malformed e-mail",
        ),
        pytest.param(
            {"recipient": {"identity": "040/123", "type": "telephone"}},
            {"recipient": {"non_field_errors": ["Telephone number does not conform to E.164"]}},
            id="telephone not E.164",
        ),
        pytest.param(
            {"recipient": {"identity": "ana", "type": "url"}},
            {"recipient": {"non_field_errors": ["Enter a valid URL."]}},
            id="malformed url",
        ),
        pytest.param(
            {"recipient": {"identity": "ana", "type": "name"}},
            {"recipient": {"type": ['"name" is not a valid choice.']}},
            id="unknown type",
        ),
        pytest.param(
            {"recipient": {"identity": "ana@example.edu", "hashed": "maybe"}},
            {"recipient": {"hashed": ["Must be a valid boolean."]}},
            id="hashed is no boolean",
        ),
        pytest.param(
            {"recipient": EMAIL, "issuedOn": "2999-01-01T00:00:00Z"},
            {"issuedOn": ["Only issuedOn dates in the past are acceptable."]},
            id="issued in the future",
        ),
        pytest.param(
            {"recipient": EMAIL, "issuedOn": "1492-01-01T00:00:00Z"},
            {
                "issuedOn": [
                    (
                        "Only issuedOn dates after the introduction of the Gregorian calendar are"
                        " allowed."
                    )
                ]
            },
            id="issued before the calendar",
        ),
        pytest.param(
            {"recipient": EMAIL, "issuedOn": "2025-01-01T00:00:00"},
            {"issuedOn": ["Invalid format. Enter an ISO 8601 timestamp with a time zone."]},
            id="no time zone",
        ),
        pytest.param(
            {"recipient": EMAIL, "issuedOn": None},
            {"issuedOn": ["This field may not be null."]},
            id="null date",
        ),
        pytest.param(
            {"recipient": EMAIL, "narrative": "see ![me](x.png)"},
            {"narrative": ["Images not supported in markdown"]},
            id="image in the narrative",
        ),
        pytest.param(
            {"recipient": EMAIL, "evidence": [{"url": "https://example.com"}, {"name": "x"}]},
            {"evidence": [{}, {"non_field_errors": ["Either url or narrative is required"]}]},
            id="evidence without url and narrative",
        ),
        pytest.param(
            {"recipient": EMAIL, "evidence": {}},
            {"evidence": {"non_field_errors": ['Expected a list of items but got type "dict".']}},
            id="evidence is no list",
        ),
        pytest.param(
            {"recipient": EMAIL, "evidence": [7]},
            {
                "evidence": [
                    {"non_field_errors": ["Invalid data. Expected a dictionary, but got int."]}
                ]
            },
            id="evidence item is no object",
        ),
        pytest.param(
            {"recipient": EMAIL, "extensions": []},
            {"extensions": ['Expected a dictionary of items but got type "list".']},
            id="extensions are a list",
        ),
        pytest.param(
            {"recipient": EMAIL, "allowDuplicateAwards": "perhaps"},
            {"allowDuplicateAwards": ["Must be a valid boolean."]},
            id="flag is no boolean",
        ),
        pytest.param(
            [],
            {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]},
            id="body is a list",
        ),
    ],
)
async def test_award_is_refused_when_a_field_is_wrong(sandbox, ask, body, field_errors):
    status, answer = await ask("POST", AWARD, body)

    assert (status, answer["fieldErrors"]) == (400, field_errors)
    assert answer["status"] == {"success": False, "description": "bad request"}
    assert answer["result"] == []
    assert sandbox.outbox.sent == 0


@pytest.mark.parametrize("name", ["badgeclass", "badgeclassOpenBadgeId"])
async def test_award_is_refused_when_the_body_names_the_badge_of_the_path_again(award, name):
    status, answer = await award(**{name: MATH_EXPERT})

    assert status == 400
    [error] = answer["validationErrors"]
    assert error.startswith("Multiple badge class identifiers")


async def test_award_is_refused_when_the_body_is_not_json(ask):
    status, answer = await ask(
        "POST", AWARD, data=b'{"recipient":', headers={"Content-Type": "application/json"}
    )

    assert status == 400
    assert answer["validationErrors"][0].startswith("JSON parse error - ")


async def test_award_is_refused_when_the_body_is_declared_as_something_else(ask):
    status, answer = await ask("POST", AWARD, data=b"{}", headers={"Content-Type": "text/plain"})

    assert status == 415
    assert answer["fieldErrors"] == 'Unsupported media type "text/plain" in request.'


@pytest.mark.parametrize("flag", [{}, {"allowDuplicateAwards": True}], ids=["silent", "allowed"])
async def test_both_are_made_when_duplicates_are_not_forbidden(sandbox, award, flag):
    statuses = [(await award(**flag))[0] for _ in range(2)]

    assert statuses == [201, 201]
    assert len(sandbox.awards("ana@example.edu")) == 2


async def test_second_is_refused_when_duplicates_are_forbidden(sandbox, award):
    await award()

    status, answer = await award(allowDuplicateAwards=False)

    assert (status, answer["validationErrors"]) == (400, [PREVIOUS_AWARD])
    assert sandbox.outbox.sent == 1


@pytest.mark.parametrize(
    ("address", "badge"),
    [
        pytest.param("bob@example.edu", MATH_EXPERT, id="other recipient"),
        pytest.param("Ana@example.edu", MATH_EXPERT, id="other case"),
        pytest.param("ana@example.edu", "ChemistryBasics000000A", id="other badge"),
    ],
)
async def test_award_is_made_when_the_previous_one_differs(award, address, badge):
    await award()

    status, _ = await award(address, badge=badge, allowDuplicateAwards=False)

    assert status == 201


async def test_award_is_made_when_the_previous_one_was_revoked(ask, award):
    _, body = await award()
    entity_id = body["result"][0]["entityId"]
    await ask("DELETE", f"/v2/assertions/{entity_id}", {"revocation_reason": "wrong person"})

    status, _ = await award(allowDuplicateAwards=False)

    assert status == 201


async def test_award_is_made_when_the_previous_one_expired(award):
    await award(expires="2025-01-01T00:00:00Z")

    status, _ = await award(allowDuplicateAwards=False)

    assert status == 201


async def test_both_are_made_when_two_that_forbid_duplicates_are_under_way_together(start, award):
    slow = await start(work_seconds=0.2)

    answers = await asyncio.gather(*(award(of=slow, allowDuplicateAwards=False) for _ in range(2)))

    assert [status for status, _ in answers] == [201, 201]
    assert [d.times for d in slow.outbox.doubled()] == [2]


@pytest.mark.parametrize(
    ("amount", "duration", "issued_on", "expires"),
    [
        (3, "days", "2025-01-30T00:00:00.000Z", "2025-02-02T00:00:00.000Z"),
        (2, "weeks", "2025-01-30T00:00:00.000Z", "2025-02-13T00:00:00.000Z"),
        (1, "months", "2025-01-30T00:00:00.000Z", "2025-02-28T00:00:00.000Z"),
        (12, "months", "2024-12-31T00:00:00.000Z", "2025-12-31T00:00:00.000Z"),
        (1, "years", "2024-02-29T00:00:00.000Z", "2025-02-28T00:00:00.000Z"),
        (9000, "years", "2024-02-29T00:00:00.000Z", None),
    ],
)
async def test_award_expires_as_the_badge_says_when_it_does_not_say_itself(
    *, ask, award, png, amount, duration, issued_on, expires
):
    _, body = await ask(
        "POST",
        "/v2/badgeclasses",
        {
            "issuer": EXAMPLE_UNIVERSITY,
            "name": "Passing",
            "description": "Runs out.",
            "image": png,
            "criteriaNarrative": "Any.",
            "expires": {"amount": amount, "duration": duration},
        },
    )

    _, body = await award(badge=body["result"][0]["entityId"], issuedOn=issued_on)

    assert body["result"][0]["expires"] == expires
