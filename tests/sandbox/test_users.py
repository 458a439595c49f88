"""Accounts: your own, by id or as yourself."""

import pytest

from aiobadges.sandbox import COLLEAGUE, REGISTRAR

PATHS = pytest.mark.parametrize(
    "path", ["/v2/users/self", f"/v2/users/{REGISTRAR}", "/v2/users/5f0000000000000000000001"]
)


@PATHS
async def test_what_is_left_out_is_gone_when_replaced(ask, path):
    _, full = await ask("PUT", path, {"firstName": "A", "lastName": "B", "marketingOptIn": True})

    status, bare = await ask("PUT", path, {"firstName": "C"})

    shown = ("firstName", "lastName", "marketingOptIn")
    assert [full["result"][0][key] for key in shown] == ["A", "B", True]
    assert (status, [bare["result"][0][key] for key in shown]) == (200, ["C", "", False])
    assert (await ask("GET", path))[1]["result"] == bare["result"]


@PATHS
async def test_what_is_left_out_stays_when_patched(ask, path):
    _, before = await ask("GET", path)

    status, body = await ask("PATCH", path, {"marketingOptIn": True})

    assert (status, body["result"]) == (200, [{**before["result"][0], "marketingOptIn": True}])


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
async def test_account_is_not_found_when_it_is_somebody_elses(ask, method):
    assert (await ask(method, f"/v2/users/{COLLEAGUE}"))[0] == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("field", "value"), [("firstName", None), ("lastName", 5), ("marketingOptIn", "maybe")]
)
async def test_account_stays_when_a_field_is_wrong(ask, method, field, value):
    status, body = await ask(method, "/v2/users/self", {field: value})

    assert (status, list(body["fieldErrors"])) == (400, [field])
