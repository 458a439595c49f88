"""Users, issuers and badge classes: getting, listing and creating them."""

import pytest

from aiobadges.sandbox import (
    CHEMISTRY_BASICS,
    EXAMPLE_UNIVERSITY,
    MATH_EXPERT,
    REGISTRAR,
    USERNAME,
)

SVG = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4="
JPEG = "data:image/jpeg;base64,/9j/4AAQSkZJRg=="


async def test_own_profile_is_given_when_asked_for_self(ask):
    status, body = await ask("GET", "/v2/users/self")

    [user] = body["result"]
    assert status == 200
    assert (user["entityType"], user["entityId"]) == ("BadgeUser", REGISTRAR)
    assert user["recipient"] == {"identity": USERNAME, "type": "email"}
    assert user["emails"][0]["email"] == USERNAME


async def test_seed_is_there_when_the_sandbox_is_new(ask):
    _, issuers = await ask("GET", "/v2/issuers")
    _, badges = await ask("GET", "/v2/badgeclasses")

    assert [i["name"] for i in issuers["result"]] == ["Example University"]
    assert {b["name"]: b["entityId"] for b in badges["result"]} == {
        "Math Expert": MATH_EXPERT,
        "Chemistry Basics": CHEMISTRY_BASICS,
    }


@pytest.mark.parametrize(
    "path",
    [f"/v2/issuers/{EXAMPLE_UNIVERSITY}", f"/v2/badgeclasses/{MATH_EXPERT}"],
    ids=["issuer", "badge class"],
)
async def test_object_is_given_when_asked_for_by_either_id(ask, path):
    _, by_entity_id = await ask("GET", path)
    collection = path.rpartition("/")[0]

    status, by_id = await ask("GET", f"{collection}/{by_entity_id['result'][0]['id']}")

    assert status == 200
    assert by_id["result"] == by_entity_id["result"]


async def test_badges_of_an_issuer_are_listed_when_asked_of_it(ask):
    _, body = await ask("GET", f"/v2/issuers/{EXAMPLE_UNIVERSITY}/badgeclasses")

    assert [badge["entityId"] for badge in body["result"]] == [MATH_EXPERT, CHEMISTRY_BASICS]


@pytest.mark.parametrize(
    ("query", "has_staff"),
    [("", True), ("?include_staff=true", True), ("?include_staff=false", False)],
)
async def test_staff_is_shown_unless_told_not_to(ask, query, has_staff):
    _, body = await ask("GET", f"/v2/issuers/{EXAMPLE_UNIVERSITY}{query}")

    assert ("staff" in body["result"][0]) is has_staff


ISSUER = {"name": "Night School", "email": "night@example.edu", "url": "https://night.example"}


async def test_issuer_belongs_to_the_caller_when_created(ask):
    status, body = await ask("POST", "/v2/issuers", ISSUER)

    [issuer] = body["result"]
    assert status == 201
    assert issuer["createdBy"] == REGISTRAR
    assert [(member["user"], member["role"]) for member in issuer["staff"]] == [
        (REGISTRAR, "owner")
    ]
    _, listed = await ask("GET", "/v2/issuers")
    assert issuer in listed["result"]


async def test_issuer_has_every_documented_key_when_shown(ask):
    _, body = await ask("GET", f"/v2/issuers/{EXAMPLE_UNIVERSITY}")

    assert set(body["result"][0]) == {
        "badgeSkillLinkingPreferences", "badgrDomain", "createdAt", "createdBy", "description",
        "email", "entityId", "entityType", "extensions", "id", "image", "imagePath", "name",
        "openBadgeId", "organizationId", "originalJson", "preferences", "source", "sourceUrl",
        "staff", "url",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        pytest.param({"name": None}, {"name": ["This field may not be null."]}, id="name null"),
        pytest.param(
            {"name": "n" * 1025},
            {"name": ["Ensure this field has no more than 1024 characters."]},
            id="name long",
        ),
        pytest.param({"email": "x"}, {"email": ["Enter a valid email address."]}, id="email"),
        pytest.param({"url": "night.example"}, {"url": ["Enter a valid URL."]}, id="url"),
        pytest.param(
            {"staff": [{"user": "nobody", "role": "chef"}]},
            {
                "staff": [
                    {
                        "role": ['"chef" is not a valid choice.'],
                        "user": ["User 'nobody' was not found."],
                    }
                ]
            },
            id="staff",
        ),
    ],
)
async def test_issuer_is_refused_when_a_field_is_wrong(ask, change, wrong):
    status, body = await ask("POST", "/v2/issuers", {**ISSUER, **change})

    assert (status, body["fieldErrors"]) == (400, wrong)


async def test_issuer_is_refused_when_fields_are_missing(ask):
    status, body = await ask("POST", "/v2/issuers", {})

    assert (status, sorted(body["fieldErrors"])) == (400, ["email", "name", "url"])


async def test_issuer_comes_out_without_image_when_the_image_is_a_url(ask):
    status, body = await ask("POST", "/v2/issuers", {**ISSUER, "image": "https://example.com/i"})

    assert (status, body["result"][0]["image"]) == (201, None)


async def test_colleague_may_award_but_not_define_badges_when_staff(sandbox, ask, award, png):
    colleague = sandbox.add_user("colleague@example.edu", "secret")
    staff = [{"user": colleague, "role": "staff"}, {"user": REGISTRAR, "role": "staff"}]
    _, body = await ask("POST", "/v2/issuers", {**ISSUER, "staff": staff})
    issuer = body["result"][0]["entityId"]
    badge = {**BADGE, "issuer": issuer, "image": png}
    _, body = await ask("POST", "/v2/badgeclasses", badge)
    _, signed_in = await ask(
        "POST",
        "/o/token",
        token=None,
        data={"username": "colleague@example.edu", "password": "secret"},
    )
    token = signed_in["access_token"]

    awarded, _ = await award(badge=body["result"][0]["entityId"], token=token)
    defined, refusal = await ask("POST", "/v2/badgeclasses", badge, token=token)

    assert (awarded, defined) == (201, 400)
    assert list(refusal["fieldErrors"]) == ["issuer"]


BADGE = {
    "issuer": EXAMPLE_UNIVERSITY,
    "name": "Physics",
    "description": "Knows physics.",
    "criteriaNarrative": "Pass.",
}


@pytest.mark.parametrize("image", ["png", SVG], ids=["png", "svg"])
async def test_badge_can_be_awarded_when_created(ask, award, png, image):
    badge = {**BADGE, "image": png if image == "png" else image, "tags": ["science"]}

    status, body = await ask("POST", "/v2/badgeclasses", badge)

    [created] = body["result"]
    assert status == 201
    assert created["tags"] == ["science"]
    assert created["expires"] == {"amount": None, "duration": None}
    _, fetched = await ask("GET", f"/v2/badgeclasses/{created['entityId']}")
    assert fetched["result"] == [created]
    status, _ = await award(badge=created["entityId"])
    assert status == 201


async def test_badge_has_every_documented_key_when_shown(ask):
    _, body = await ask("GET", f"/v2/badgeclasses/{MATH_EXPERT}")

    assert set(body["result"][0]) == {
        "achievementType", "alignments", "archivalNote", "archived", "archivedDate", "createdAt",
        "createdBy", "criteriaNarrative", "criteriaUrl", "description", "entityId", "entityType",
        "expires", "extensions", "id", "image", "imageAltText", "imagePath", "issuer",
        "issuerOpenBadgeId", "name", "ob3Properties", "openBadgeId", "originalJson",
        "preferences", "source", "sourceUrl", "tags",
    }  # fmt: skip


NO_IMAGE = {"image": ["Valid image file or data URI required."]}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        pytest.param({"image": "https://example.com/image"}, NO_IMAGE, id="image by URL"),
        pytest.param({"image": JPEG}, NO_IMAGE, id="JPEG"),
        pytest.param({"image": "data:image/png;base64,AAAA"}, NO_IMAGE, id="no PNG in it"),
        pytest.param({"image": "data:image/png;base64,?"}, NO_IMAGE, id="no base64"),
        pytest.param({"image": "logo.png"}, NO_IMAGE, id="a file name"),
        pytest.param({"criteriaUrl": "x"}, {"criteriaUrl": ["Enter a valid URL."]}, id="criteria"),
        pytest.param({"tags": "a"}, {"tags": ["Expected a list of strings."]}, id="tags"),
        pytest.param(
            {"alignments": [{"targetName": "x"}]},
            {"alignments": [{"targetUrl": ["This field is required"]}]},
            id="alignment",
        ),
        pytest.param(
            {"expires": {"amount": 0, "duration": "eons"}},
            {
                "expires": {
                    "amount": ["A valid integer above 0 is required."],
                    "duration": ['"eons" is not a valid choice.'],
                }
            },
            id="expires",
        ),
        pytest.param(
            {"expires": {"amount": "3", "duration": "days"}},
            {"expires": {"amount": ["A valid integer above 0 is required."]}},
            id="expires after a text",
        ),
        pytest.param(
            {"issuer": "Nobody"},
            {"issuer": ["You do not have permission to edit badges on this issuer."]},
            id="issuer",
        ),
    ],
)
async def test_badge_is_refused_when_a_field_is_wrong(ask, png, change, wrong):
    status, body = await ask("POST", "/v2/badgeclasses", {**BADGE, "image": png, **change})

    assert (status, body["fieldErrors"]) == (400, wrong)


@pytest.mark.parametrize("expires", [None, {}, {"amount": None, "duration": None}])
async def test_badge_never_expires_when_it_says_so_in_any_way(ask, png, expires):
    badge = {**BADGE, "image": png, "expires": expires}

    _, body = await ask("POST", "/v2/badgeclasses", badge)

    assert body["result"][0]["expires"] == {"amount": None, "duration": None}


async def test_badge_is_refused_when_fields_are_missing(ask):
    status, body = await ask("POST", "/v2/badgeclasses", {})

    assert status == 400
    assert sorted(body["fieldErrors"]) == ["description", "image", "issuer", "name"]


async def test_badge_is_refused_when_it_has_no_criteria(ask, png):
    badge = {**BADGE, "image": png, "criteriaNarrative": None}

    status, body = await ask("POST", "/v2/badgeclasses", badge)

    assert status == 400
    assert body["validationErrors"] == ["A criteriaUrl or criteriaNarrative is required."]
