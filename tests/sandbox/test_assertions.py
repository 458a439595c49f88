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
