"""Claim codes: made, changed, switched and archived through the API, used on their page."""

import pytest

from aiobadges.sandbox import CHEMISTRY_BASICS, CLAIM_CODE, MATH_EXPERT

CODES = f"/v2/badgeclasses/{MATH_EXPERT}/claim-codes"
REQUEST = {"label": "Open day", "limit": 2, "expirationDate": "2090-05-31T23:59:59.999Z"}


@pytest.fixture
async def code(ask):
    _, body = await ask("POST", CODES, REQUEST)
    return body["result"][0]


async def test_code_is_listed_when_made(ask, code):
    _, body = await ask("GET", CODES)

    assert {key: code[key] for key in REQUEST} == REQUEST
    assert code["enabled"] is True
    assert code["code"] in code["claimUrl"]
    assert [c["code"] for c in body["result"]] == [CLAIM_CODE, code["code"]]
    assert body["result"][1] == code


async def test_claims_are_counted_when_asked_for(sandbox, ask, code):
    sandbox.claim(code["code"], "ana@example.edu")

    _, body = await ask("GET", f"{CODES}?includeClaimCodeCount=true")

    assert [c["claimCount"] for c in body["result"]] == [0, 1]
    assert sandbox.outbox.by_recipient() == {"ana@example.edu": 1}
    assert [award.badge for award in sandbox.awards("ana@example.edu")] == [MATH_EXPERT]


async def test_what_is_left_out_is_gone_when_replaced(ask, code):
    status, body = await ask("PUT", f"{CODES}/{code['code']}", {"limit": None})

    changed = {**code, "label": None, "limit": None, "expirationDate": None}
    assert (status, body["result"]) == (200, [changed])


async def test_code_is_disabled_until_enabled_when_disabled(sandbox, ask, code):
    path = f"{CODES}/{code['code']}"

    for _ in range(2):
        status, body = await ask("PATCH", f"{path}/disable")
        assert (status, body["result"]) == (200, [{**code, "enabled": False}])
    _, listed = await ask("GET", CODES)
    assert listed["result"][1]["enabled"] is False
    with pytest.raises(ValueError, match="disabled"):
        sandbox.claim(code["code"], "ana@example.edu")
    assert sandbox.outbox.sent == 0

    _, body = await ask("PATCH", f"{path}/enable")
    assert body["result"] == [code]
    assert sandbox.claim(code["code"], "ana@example.edu")


async def test_code_is_found_no_more_when_archived(sandbox, ask, code):
    path = f"{CODES}/{code['code']}"

    status, body = await ask("DELETE", path)

    assert (status, "result" in body) == (200, False)
    _, listed = await ask("GET", CODES)
    assert [c["code"] for c in listed["result"]] == [CLAIM_CODE]
    assert (await ask("DELETE", path))[0] == 404
    assert (await ask("PATCH", f"{path}/enable"))[0] == 404
    with pytest.raises(ValueError, match="there is no"):
        sandbox.claim(code["code"], "ana@example.edu")


async def test_code_stops_working_when_used_up_expired_or_held(sandbox, ask, code):
    for who in ("a@example.edu", "b@example.edu"):
        sandbox.claim(code["code"], who)
    with pytest.raises(ValueError, match="as often as it can be"):
        sandbox.claim(code["code"], "c@example.edu")
    await ask("PUT", f"{CODES}/{code['code']}", {"expirationDate": "2020-01-01T00:00:00Z"})
    with pytest.raises(ValueError, match="expired"):
        sandbox.claim(code["code"], "c@example.edu")
    with pytest.raises(ValueError, match="holds"):
        sandbox.claim(CLAIM_CODE, "A@example.edu")
    with pytest.raises(ValueError, match="there is no"):
        sandbox.claim("x", "c@example.edu")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("limit", 0),
        ("limit", "40"),
        ("limit", True),
        ("limit", 2**63),
        ("label", 5),
        ("expirationDate", "tomorrow"),
        ("expirationDate", "2026-05-31T23:59:59"),
    ],
)
async def test_code_is_refused_when_a_field_is_wrong(ask, field, value):
    status, body = await ask("POST", CODES, {field: value})

    assert (status, list(body["fieldErrors"])) == (400, [field])


async def test_code_is_not_found_when_it_is_of_another_badge(ask, code):
    path = f"/v2/badgeclasses/{CHEMISTRY_BASICS}/claim-codes/{code['code']}"

    assert (await ask("PUT", path, {}))[0] == 404
