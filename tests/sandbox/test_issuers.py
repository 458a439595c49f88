"""Issuers: replacing and deleting them, by id and by public address, and their staff."""

import base64

import pytest

from aiobadges.sandbox import (
    COLLEAGUE,
    COLLEAGUE_USERNAME,
    EXAMPLE_ORGANIZATION,
    EXAMPLE_UNIVERSITY,
    REGISTRAR,
    TOKEN,
    USERNAME,
)

ISSUER = {
    "name": "Night School",
    "email": "night@example.edu",
    "url": "https://night.example",
    "description": "Evenings.",
}
PATH = f"/v2/issuers/{EXAMPLE_UNIVERSITY}"
OPEN_BADGE_ID = f"https://badgr.example/public/issuers/{EXAMPLE_UNIVERSITY}"
URL_SAFE = base64.urlsafe_b64encode(OPEN_BADGE_ID.encode()).decode()


@pytest.fixture
async def issuer(ask):
    _, body = await ask("POST", "/v2/issuers", ISSUER)
    return body["result"][0]


@pytest.mark.parametrize("kind", ["openBadgeId", "ref"])
@pytest.mark.parametrize(
    "segment",
    [
        pytest.param(URL_SAFE, id="URL-safe"),
        pytest.param(URL_SAFE.rstrip("="), id="no padding"),
        pytest.param(base64.b64encode(OPEN_BADGE_ID.encode()).decode(), id="standard"),
    ],
)
async def test_issuer_is_found_when_named_by_its_address_in_base64(ask, kind, segment):
    _, by_id = await ask("GET", PATH)

    status, body = await ask("GET", f"/v2/issuers/{kind}/{segment}")

    assert (status, body["result"]) == (200, by_id["result"])


@pytest.mark.parametrize("standard", [True, False])
async def test_staff_is_found_when_its_address_needs_the_last_letters_of_base64(
    sandbox, ask, standard
):
    address = "~~~?>>>@example.edu"
    encode = base64.b64encode if standard else base64.urlsafe_b64encode
    segment = encode(address.encode()).decode().replace("/", "%2F").replace("+", "%2B")
    assert set("%-_") & set(segment)
    sandbox.add_user(address, "x")
    staff = sandbox._state.user_named(address)
    member = {"user": staff.key, "role": "staff"}
    await ask("PUT", PATH, {**ISSUER, "staff": [member]})

    status, _ = await ask("DELETE", f"{PATH}/staff/{segment}")

    assert status == 200


@pytest.mark.parametrize("segment", ["x", "%FF", "====", EXAMPLE_UNIVERSITY, "aHR0cHM6Ly94"])
async def test_issuer_is_not_found_when_the_segment_is_something_else(ask, segment):
    status, _ = await ask("GET", f"/v2/issuers/ref/{segment}")

    assert status == 404


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_what_is_left_out_is_gone_when_replaced(ask, png, issuer, method):
    path = f"/v2/issuers/{issuer['entityId']}"
    more = {"image": png, "badgrDomain": "x.example", "extensions": {"extensions:a": {}}}
    _, full = await ask(method, path, {**ISSUER, **more})

    status, bare = await ask(method, path, {**ISSUER, "name": "Day School"})

    assert full["result"] == [
        issuer | {"image": f"{issuer['openBadgeId']}/image", "badgrDomain": "x.example"}
        | {"extensions": {"extensions:a": {}}, "imagePath": full["result"][0]["imagePath"]}
    ]  # fmt: skip
    assert (status, bare["result"]) == (200, [{**issuer, "name": "Day School"}])


async def test_image_stays_when_its_address_is_sent_back(ask, png, issuer):
    path = f"/v2/issuers/{issuer['entityId']}"
    _, body = await ask("PUT", path, {**ISSUER, "image": png})

    _, again = await ask("PUT", path, body["result"][0])

    assert again["result"] == body["result"]


@pytest.mark.parametrize("field", ["name", "email", "url", "description"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_issuer_stays_when_a_required_field_is_missing(ask, method, field):
    _, before = await ask("GET", PATH)

    status, body = await ask(method, PATH, {k: v for k, v in ISSUER.items() if k != field})

    assert (status, list(body["fieldErrors"])) == (400, [field])
    assert (await ask("GET", PATH))[1]["result"] == before["result"]


async def test_caller_stays_an_owner_when_the_staff_is_replaced(ask):
    staff = [{"user": COLLEAGUE, "role": "editor"}]

    _, body = await ask("PUT", PATH, {**ISSUER, "staff": staff})

    roles = {member["user"]: member["role"] for member in body["result"][0]["staff"]}
    assert roles == {REGISTRAR: "owner", COLLEAGUE: "editor"}


async def test_issuer_is_gone_when_deleted(sandbox, ask, issuer):
    path = f"/v2/issuers/{issuer['entityId']}"
    _, made = await ask("POST", "/v2/pathways", {"issuerId": issuer["id"]})
    sandbox.add_group("New", [], issuer=issuer["id"])
    await ask("POST", f"{path}/staff/invitations", {"email": "x@example.edu", "role": "staff"})

    deleted = await ask("DELETE", path)

    assert deleted == (204, "")
    assert (await ask("GET", path))[0] == 404
    assert (await ask("DELETE", path))[0] == 404
    assert (await ask("GET", f"/v2/pathways/{made['pathwayId']}/versions/draft"))[0] == 404
    sandbox.add_user("x@example.edu", "x")  # whose invitation is gone, too


async def test_envelope_has_no_result_when_an_issuer_is_deleted_by_reference(ask, issuer):
    ref = base64.urlsafe_b64encode(issuer["openBadgeId"].encode()).decode()

    status, body = await ask("DELETE", f"/v2/issuers/ref/{ref}")

    assert (status, body["status"]["success"]) == (200, True)
    assert "result" not in body


async def test_issuer_stays_when_it_has_badge_classes(ask):
    status, body = await ask("DELETE", PATH)

    assert (status, len(body["validationErrors"])) == (400, 1)
    assert (await ask("GET", PATH))[0] == 200


async def test_issuer_joins_an_organization_when_the_caller_may_change_it(ask, sign_in):
    body = {**ISSUER, "organizationId": EXAMPLE_ORGANIZATION}

    created, issuer = await ask("POST", "/v2/issuers", body)
    without_scope, _ = await ask("POST", "/v2/issuers", body, token=await sign_in())
    unknown, refusal = await ask("POST", "/v2/issuers", {**body, "organizationId": "x"})

    assert (created, without_scope, unknown) == (201, 400, 400)
    assert issuer["result"][0]["organizationId"] == EXAMPLE_ORGANIZATION
    assert list(refusal["fieldErrors"]) == ["organizationId"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
@pytest.mark.parametrize("path", [PATH, f"/v2/issuers/ref/{URL_SAFE}"])
async def test_staff_is_left_out_when_told_so(ask, method, path):
    body = ISSUER if method != "GET" else None

    _, with_staff = await ask(method, path, body)
    _, without = await ask(method, f"{path}?include_staff=false", body)

    assert "staff" in with_staff["result"][0]
    assert "staff" not in without["result"][0]


MEMBER = {"email": COLLEAGUE_USERNAME.upper(), "role": "staff"}


def roles(body):
    return {member["user"]: member["role"] for member in body["result"]}


async def test_staff_comes_and_goes_when_the_owner_says_so(ask):
    status, added = await ask("POST", f"{PATH}/staff", MEMBER)
    _, put = await ask("PUT", f"{PATH}/staff", {**MEMBER, "role": "editor"})
    _, patched = await ask("PATCH", f"{PATH}/staff", {**MEMBER, "role": "owner"})
    segment = base64.urlsafe_b64encode(USERNAME.encode()).decode()
    removed, body = await ask("DELETE", f"{PATH}/staff/{segment}")

    assert (status, removed) == (201, 200)
    assert roles(added) == {REGISTRAR: "owner", COLLEAGUE: "staff"}
    assert roles(put) == {REGISTRAR: "owner", COLLEAGUE: "editor"}
    assert roles(patched) == {REGISTRAR: "owner", COLLEAGUE: "owner"}
    assert "result" not in body
    assert (await ask("GET", PATH))[0] == 404  # the registrar is not on the staff any more


async def test_issuer_keeps_an_owner_when_the_last_one_would_go(ask):
    me = {"email": USERNAME, "role": "editor"}
    segment = base64.urlsafe_b64encode(USERNAME.encode()).decode()

    demoted, _ = await ask("PUT", f"{PATH}/staff", me)
    removed, _ = await ask("DELETE", f"{PATH}/staff/{segment}")

    assert (demoted, removed) == (400, 400)
    assert (await ask("GET", PATH))[1]["result"][0]["staff"][0]["role"] == "owner"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"email": "nobody@example.edu"}, "email", id="no account"),
        pytest.param({"email": USERNAME}, "email", id="a member"),
        pytest.param({"email": "x"}, "email", id="no address"),
        pytest.param({"role": "chef"}, "role", id="no role"),
        pytest.param({"role": None}, "role", id="null"),
    ],
)
async def test_staff_stays_when_somebody_cannot_be_added(ask, change, field):
    status, body = await ask("POST", f"{PATH}/staff", {**MEMBER, **change})

    assert (status, list(body["fieldErrors"])) == (400, [field])


async def test_member_is_not_found_when_not_on_the_staff(ask):
    segment = base64.urlsafe_b64encode(COLLEAGUE_USERNAME.encode()).decode()

    assert (await ask("PUT", f"{PATH}/staff", MEMBER))[0] == 404
    assert (await ask("DELETE", f"{PATH}/staff/{segment}"))[0] == 404


async def test_invited_person_joins_the_staff_when_they_have_an_account(sandbox, ask):
    invitation = {"email": "New@example.edu", "role": "editor"}

    status, body = await ask("POST", f"{PATH}/staff/invitations", invitation)
    key = sandbox.add_user("new@example.edu", "x")

    assert (status, body["result"]) == (200, [{**invitation, "status": "PENDING"}])
    _, shown = await ask("GET", PATH)
    members = {member["user"]: member["role"] for member in shown["result"][0]["staff"]}
    assert members[key] == "editor"
    assert (await ask("POST", f"{PATH}/staff/invitations", invitation))[0] == 400


# What each role may do, and what it may not: the least of them awards, the highest rules.
STAFF_MAY = [
    ("GET", PATH, None, 200),
    ("POST", "/v2/badgeclasses/MathExpertBadge000000A/assertions", {"recipient": {"identity": "a@b.example"}}, 201),
    ("GET", f"{PATH}/pathways", None, 200),
]  # fmt: skip
EDITORS_MAY = [
    ("POST", "/v2/badgeclasses/MathExpertBadge000000A/duplicate", {"newName": "x"}, 201),
    ("POST", "/v2/badgeclasses/MathExpertBadge000000A/claim-codes", {}, 201),
    ("POST", "/v2/badgeclasses/reactivate/MathExpertBadge000000A", None, 200),
    ("PATCH", "/v2/badgeclasses/MathExpertBadge000000A/claim-codes/1000001/disable", None, 200),
    ("POST", "/v2/pathways/5f0000000000000000000009/versions/published", None, 200),
    ("DELETE", "/v2/badgeclasses/ChemistryBasics000000A", None, 200),
]
OWNERS_MAY = [
    ("PUT", PATH, ISSUER, 200),
    ("POST", f"{PATH}/staff/invitations", {"email": "x@example.edu", "role": "staff"}, 200),
    ("DELETE", PATH, None, 400),
    ("PUT", f"{PATH}/staff", MEMBER, 200),
]


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (None, [], STAFF_MAY + EDITORS_MAY + OWNERS_MAY),
        ("staff", STAFF_MAY, EDITORS_MAY + OWNERS_MAY),
        ("editor", STAFF_MAY + EDITORS_MAY, OWNERS_MAY),
        ("owner", STAFF_MAY + EDITORS_MAY + OWNERS_MAY, []),
    ],
    ids=["nobody", "staff", "editor", "owner"],
)
async def test_nothing_is_found_when_the_role_is_too_low(ask, colleague, role, may, may_not):
    token = await colleague(role)
    assert token != TOKEN

    refused = [(await ask(m, path, body, token=token))[0] for m, path, body, _ in may_not]
    done = [(await ask(m, path, body, token=token))[0] for m, path, body, _ in may]

    assert refused == [404] * len(may_not)
    assert done == [status for *_, status in may]
