"""Awarding through the issuer: the body names the badge class in exactly one of two ways."""

import pytest

from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT

PATH = f"/v2/issuers/{EXAMPLE_UNIVERSITY}/assertions"
RECIPIENT = {"recipient": {"identity": "ana@example.edu"}}
ADDRESS = f"https://badgr.example/public/badges/{MATH_EXPERT}"


@pytest.mark.parametrize(
    "named",
    [
        {"badgeclass": MATH_EXPERT},
        {"badgeclass": "5f0000000000000000000003"},
        {"badgeclassOpenBadgeId": ADDRESS},
    ],
    ids=["entity id", "id", "address"],
)
async def test_badge_is_awarded_when_named_in_one_way(sandbox, ask, named):
    status, body = await ask("POST", PATH, {**RECIPIENT, **named})

    assert (status, body["result"][0]["badgeclass"]) == (201, MATH_EXPERT)
    assert sandbox.outbox.by_recipient() == {"ana@example.edu": 1}


@pytest.mark.parametrize(
    ("named", "field"),
    [
        pytest.param({}, None, id="not at all"),
        pytest.param(
            {"badgeclass": MATH_EXPERT, "badgeclassOpenBadgeId": ADDRESS}, None, id="in two ways"
        ),
        pytest.param({"badgeclass": "unknown"}, "badgeclass", id="unknown"),
        pytest.param({"badgeclass": 5}, "badgeclass", id="a number"),
        pytest.param(
            {"badgeclassOpenBadgeId": "https://x.example"}, "badgeclassOpenBadgeId", id="elsewhere"
        ),
    ],
)
async def test_nobody_is_awarded_when_the_badge_is_named_wrongly(sandbox, ask, named, field):
    status, body = await ask("POST", PATH, {**RECIPIENT, **named})

    assert status == 400
    assert list(body["fieldErrors"]) == ([field] if field else [])
    assert len(body["validationErrors"]) == (0 if field else 1)
    assert sandbox.outbox.sent == 0


async def test_nobody_is_awarded_when_the_badge_is_of_another_issuer(sandbox, ask):
    other = {"name": "n", "email": "n@example.edu", "url": "https://n.example"}
    _, body = await ask("POST", "/v2/issuers", other)
    path = f"/v2/issuers/{body['result'][0]['entityId']}/assertions"

    status, _ = await ask("POST", path, {**RECIPIENT, "badgeclass": MATH_EXPERT})

    assert (status, sandbox.outbox.sent) == (400, 0)


async def test_second_award_is_refused_when_duplicates_are_not_allowed(ask):
    order = {**RECIPIENT, "badgeclass": MATH_EXPERT, "allowDuplicateAwards": False}

    assert [(await ask("POST", PATH, order))[0] for _ in range(2)] == [201, 400]
