"""One assertion: getting and revoking it."""

import pytest


@pytest.fixture
async def assertion(award):
    _, body = await award()
    return body["result"][0]


@pytest.mark.parametrize("form", ["entityId", "id"])
async def test_assertion_is_given_when_asked_for_by_either_id(ask, assertion, form):
    status, body = await ask("GET", f"/v2/assertions/{assertion[form]}")

    assert status == 200
    assert body["result"] == [assertion]


@pytest.mark.parametrize("form", ["entityId", "id"])
async def test_assertion_is_revoked_when_a_reason_is_given(sandbox, ask, assertion, form):
    status, body = await ask(
        "DELETE", f"/v2/assertions/{assertion[form]}", {"revocation_reason": "wrong cohort"}
    )

    assert status == 200
    assert body["result"] == [{**assertion, "revoked": True, "revocationReason": "wrong cohort"}]
    assert [award.is_live for award in sandbox.awards("ana@example.edu")] == [False]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        pytest.param(None, "This field is required", id="no body"),
        pytest.param({}, "This field is required", id="no reason"),
        pytest.param({"revocationReason": "x"}, "This field is required", id="the other spelling"),
        pytest.param({"revocation_reason": ""}, "This field may not be blank.", id="empty"),
        pytest.param({"revocation_reason": None}, "This field may not be null.", id="null"),
    ],
)
async def test_assertion_stays_when_no_reason_is_given(sandbox, ask, assertion, body, text):
    status, answer = await ask("DELETE", f"/v2/assertions/{assertion['entityId']}", body)

    assert status == 400
    assert answer["fieldErrors"] == {"revocation_reason": [text]}
    assert [award.is_live for award in sandbox.awards("ana@example.edu")] == [True]


async def test_second_revocation_is_refused_when_it_was_revoked_before(ask, assertion):
    path, reason = f"/v2/assertions/{assertion['entityId']}", {"revocation_reason": "x"}
    await ask("DELETE", path, reason)

    status, answer = await ask("DELETE", path, reason)

    assert status == 400
    assert answer["validationErrors"] == ["Assertion is already revoked"]


async def test_mail_stays_sent_when_its_assertion_is_revoked(sandbox, ask, assertion):
    await ask("DELETE", f"/v2/assertions/{assertion['entityId']}", {"revocation_reason": "x"})

    assert sandbox.outbox.by_recipient() == {"ana@example.edu": 1}


FULL = {
    "narrative": "Nine of ten.",
    "evidence": [{"url": "https://portfolio.example/1", "genre": "Film"}],
    "extensions": {"extensions:x": {"name": "Ana"}},
    "expires": "2090-01-01T00:00:00.000Z",
    "issuedOn": "2025-05-29T16:30:00.417Z",
    "ob3AwardProperties": {"role": "Guest", "unknown": [1]},
}


async def test_what_is_left_out_is_gone_when_replaced(ask, assertion):
    path = f"/v2/assertions/{assertion['entityId']}"
    _, full = await ask("PUT", path, {**FULL, "recipient": {"identity": "bob@example.edu"}})

    status, bare = await ask("PUT", path, {})

    shown = full["result"][0]
    evidence = {"narrative": None, "name": None, "description": None, "audience": None}
    assert shown["evidence"] == [{**FULL["evidence"][0], **evidence}]
    assert {key: shown[key] for key in FULL if key != "evidence"} == {
        key: value for key, value in FULL.items() if key != "evidence"
    }
    assert shown["recipient"] == assertion["recipient"]  # it cannot be changed
    assert (status, bare["result"]) == (200, [{**assertion, "issuedOn": FULL["issuedOn"]}])
    assert (await ask("GET", path))[1]["result"] == bare["result"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuedOn", "2090-01-01T00:00:00Z"),
        ("issuedOn", None),
        ("narrative", "![x](y)"),
        ("evidence", [{"genre": "Film"}]),
        ("extensions", []),
        ("ob3AwardProperties", {"activityStart": "yesterday"}),
    ],
)
async def test_assertion_stays_when_a_field_is_wrong(ask, assertion, field, value):
    path = f"/v2/assertions/{assertion['entityId']}"

    status, body = await ask("PUT", path, {field: value})

    assert (status, list(body["fieldErrors"])) == (400, [field])
    assert (await ask("GET", path))[1]["result"] == [assertion]


async def test_assertion_is_not_replaced_when_revoked(ask, assertion):
    path = f"/v2/assertions/{assertion['entityId']}"
    await ask("DELETE", path, {"revocation_reason": "x"})

    assert (await ask("PUT", path, FULL))[0] == 400


async def test_each_item_has_its_own_result_when_many_are_revoked(sandbox, ask, award):
    made = [(await award(f"p{n}@example.edu"))[1]["result"][0] for n in range(3)]
    why = {"revocationReason": "wrong cohort"}
    items = [
        {"entityId": made[0]["entityId"], **why},
        {"id": made[1]["id"], **why},
        {"entityId": made[0]["entityId"], **why},
        {"entityId": made[2]["entityId"]},
        {"entityId": "unknown", **why},
        why,
        "nonsense",
    ]

    status, results = await ask("POST", "/v2/assertions/revoke", items)

    assert status == 200
    assert [(r["revoked"], r["code"]) for r in results] == [
        (True, None),
        (True, None),
        (False, "already-revoked"),
        (False, "reason-required"),
        (False, "not-found"),
        (False, "not-found"),
        (False, "not-found"),
    ]
    assert [(r["id"], r["entityId"]) for r in results[:2]] == [
        (a["id"], a["entityId"]) for a in made[:2]
    ]
    assert all(r["reason"] for r in results if not r["revoked"])
    live = [sandbox.awards(f"p{n}@example.edu")[0].is_live for n in range(3)]
    assert live == [False, False, True]


async def test_awards_of_others_stay_when_many_are_revoked(sandbox, ask, assertion, colleague):
    items = [{"entityId": assertion["entityId"], "revocationReason": "x"}]

    _, results = await ask("POST", "/v2/assertions/revoke", items, token=await colleague(None))

    assert (results[0]["revoked"], results[0]["code"]) == (False, "not-found")
    assert sandbox.awards("ana@example.edu")[0].is_live


@pytest.mark.parametrize("body", [None, {}, {"entityId": "x"}])
async def test_nothing_is_revoked_when_the_body_is_no_list(ask, body):
    assert (await ask("POST", "/v2/assertions/revoke", body))[0] == 400
