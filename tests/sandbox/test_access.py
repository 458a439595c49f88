"""Who may do what: tokens, scopes, other people's issuers, paths that lead nowhere."""

import io
import re

import pytest

from aiobadges.sandbox import EXAMPLE_UNIVERSITY, LAB_ASSISTANT, MATH_EXPERT, REGISTRAR
from aiobadges.sandbox.parchment.routes import ROUTES
from aiobadges.sandbox.parchment.tokens import ALL_SCOPES

NOT_FOUND = "entity not found or insufficient privileges"

WITHOUT_SCOPE = [route for route in ROUTES if route.scopes == frozenset(ALL_SCOPES)]
WITH_SCOPE = [route for route in ROUTES if route not in WITHOUT_SCOPE]


def path_of(route, name="x"):
    """Give a path of an operation that leads to something seeded, or to ``name``."""
    path = (
        route.template.replace("/v2/issuers/{id}", f"/v2/issuers/{EXAMPLE_UNIVERSITY}")
        .replace("/v2/badgeclasses/{id}", f"/v2/badgeclasses/{MATH_EXPERT}")
        .replace("/v2/users/{id}", f"/v2/users/{REGISTRAR}")
        .replace("{id}", name)
    )
    return re.sub(r"\{[^}]+\}", "x", path)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.id)
async def test_nothing_is_given_when_there_is_no_token(ask, route):
    status, body = await ask(route.method, path_of(route), token=None)

    assert status == 401
    assert body["status"] == {"success": False, "description": "no valid auth token found"}
    assert body["result"] == []


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer x", "Basic sandbox-token", "sandbox-token", ""]
)
async def test_nothing_is_given_when_the_token_is_unknown(ask, authorization):
    headers = {"Authorization": authorization}

    status, _ = await ask("GET", "/v2/issuers", headers=headers)

    assert status == 401


async def test_scheme_is_read_when_written_in_another_case(ask):
    status, _ = await ask("GET", "/v2/issuers", headers={"Authorization": "bearer sandbox-token"})

    assert status == 200


@pytest.mark.parametrize("route", WITH_SCOPE, ids=lambda route: route.id)
async def test_nothing_is_found_when_the_scope_is_missing(ask, sign_in, route):
    others = {"r:profile", "r:issuer", "r:backpack", "rw:org"} - route.scopes
    token = await sign_in(scope=" ".join(sorted(others)))

    status, body = await ask(route.method, path_of(route), token=token)

    assert (status, body["status"]["description"]) == (404, NOT_FOUND)


@pytest.mark.parametrize("route", WITH_SCOPE, ids=lambda route: route.id)
async def test_any_one_of_the_scopes_will_do_when_there_are_several(ask, sign_in, route):
    for scope in route.scopes:
        fields = {"image": "x"}  # so that nothing that succeeds is far-reaching
        status, body = await ask(
            route.method, path_of(route), fields, token=await sign_in(scope=scope)
        )

        assert status != 401
        if "{" not in route.template:
            assert status != 404, body


async def test_pathways_ask_for_a_token_and_no_scope_as_documented(ask, sign_in):
    token = await sign_in(scope="r:profile")

    status, _ = await ask("GET", f"/v2/pathways/{LAB_ASSISTANT}/versions/draft", token=token)

    assert status == 200


async def test_profile_is_given_when_the_scope_is_for_it(ask, sign_in):
    status, _ = await ask("GET", "/v2/users/self", token=await sign_in(scope="r:profile"))

    assert status == 200


async def test_nothing_is_found_when_the_issuer_is_somebody_elses(sandbox, ask, award, sign_in):
    _, body = await award()
    sandbox.add_user("stranger@example.com", "secret")
    token = await sign_in("stranger@example.com", "secret")
    assertion = body["result"][0]["entityId"]
    ids = {"assertions": assertion, "pathways": LAB_ASSISTANT}
    foreign = [
        (route.method, path_of(route, ids.get(resource, "x")))
        for route in ROUTES
        if "{id}" in route.template
        and (resource := route.template.split("/")[2]) in {"issuers", "badgeclasses", *ids}
    ]

    statuses = [(await ask(method, path, token=token))[0] for method, path in foreign]
    _, issuers = await ask("GET", "/v2/issuers", token=token)
    _, badges = await ask("GET", "/v2/badgeclasses", token=token)

    assert len(statuses) > 30
    assert set(statuses) == {404}
    assert issuers["result"] == badges["result"] == []


@pytest.mark.parametrize("path", ["issuers", "badgeclasses", "assertions"])
@pytest.mark.parametrize("name", ["unknown", "5f0000000000000000009999", "%00", "..%2fself", "%ff"])
async def test_nothing_is_found_when_the_id_is_unknown(ask, path, name):
    status, body = await ask("GET", f"/v2/{path}/{name}")

    assert (status, body["status"]["description"]) == (404, NOT_FOUND)


@pytest.mark.parametrize("path", ["/", "/v1/issuers", "/v2", "/v2/issuers/", "/v2/nothing"])
async def test_unknown_path_is_refused_in_an_envelope_when_asked_for(ask, path):
    status, body = await ask("GET", path)

    assert status == 404
    assert body["status"] == {"success": False, "description": NOT_FOUND}


async def test_method_is_refused_when_the_path_has_others(sandbox, session):
    async with session.patch(f"{sandbox.url}/v2/issuers") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET,POST"
        assert (await response.json())["status"]["success"] is False


@pytest.mark.parametrize("template", sorted({route.template for route in ROUTES}))
async def test_method_is_refused_when_it_is_not_documented(sandbox, session, template):
    documented = {route.method for route in ROUTES if route.template == template}
    url = sandbox.url + re.sub(r"\{[^}]+\}", "x", template)

    for method in {"GET", "PUT", "POST", "PATCH", "DELETE", "TRACE", "OPTIONS"} - documented:
        async with session.request(method, url) as response:
            if response.status == 401:  # another template holds this path, too
                assert template in {"/v2/assertions/revoke", "/v2/issuers/{id}/staff/invitations"}
                continue
            assert response.status == 405
            assert set(response.headers["Allow"].split(",")) >= documented
            assert (await response.json())["status"]["success"] is False


async def test_body_is_refused_when_it_is_enormous(sandbox, ask):
    status, body = await ask(
        "POST",
        f"/v2/badgeclasses/{MATH_EXPERT}/assertions",
        data=io.BytesIO(b" " * (17 * 1024 * 1024)),
        headers={"Content-Type": "application/json"},
    )

    assert status == 413
    assert body["status"]["success"] is False
    assert sandbox.outbox.sent == 0


def test_second_account_is_refused_when_the_name_is_taken(sandbox):
    with pytest.raises(ValueError, match="already"):
        sandbox.add_user("registrar@example.edu", "x")
