"""Badge classes: replacing, archiving, deleting, reactivating and copying them."""

import base64

import pytest

from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT

PATH = f"/v2/badgeclasses/{MATH_EXPERT}"
REF = base64.urlsafe_b64encode(f"https://badgr.example/public/badges/{MATH_EXPERT}".encode())
BY_REF = f"/v2/badgeclasses/ref/{REF.decode().rstrip('=')}"
BOTH = pytest.mark.parametrize("path", [PATH, BY_REF], ids=["by id", "by reference"])


@pytest.fixture
def names(ask):
    """Give the names in both lists of badge classes."""

    async def names(query=""):
        lists = ("/v2/badgeclasses", f"/v2/issuers/{EXAMPLE_UNIVERSITY}/badgeclasses")
        found = [(await ask("GET", f"{path}{query}"))[1]["result"] for path in lists]
        assert found[0] == found[1]
        return [badge["name"] for badge in found[0]]

    return names


@BOTH
async def test_what_is_left_out_is_gone_when_replaced(ask, png, path):
    _, before = await ask("GET", path)
    full = {
        "name": "Maths Expert",
        "description": "Knows more.",
        "image": png,
        "criteriaUrl": "https://example.edu/criteria",
        "tags": ["a"],
        "alignments": [{"targetName": "n", "targetUrl": "https://x.example", "unknown": 1}],
        "expires": {"amount": 1, "duration": "days"},
        "extensions": {"extensions:x": {}},
        "ob3Properties": {"creditHours": 1.5, "unknown": [1]},
        "preferences": {"includeOnPublicPages": False},
        "imageAltText": "text",
    }
    _, body = await ask("PUT", path, full)
    bare = {"name": "n", "description": "d", "image": body["result"][0]["image"]}

    status, replaced = await ask("PUT", path, {**bare, "criteriaNarrative": "Pass."})

    after = {k: v for k, v in body["result"][0].items() if k in full and k != "image"}
    assert after == {k: v for k, v in full.items() if k != "image"}
    assert body["result"][0]["criteriaNarrative"] is body["result"][0]["achievementType"] is None
    assert status == 200
    assert replaced["result"] == [
        {**before["result"][0], **bare, "criteriaNarrative": "Pass.", "achievementType": None}
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ob3Properties", {"creditHours": "many"}),
        ("preferences", {"customPropertyValues": [{"arrayValue": [1]}]}),
        ("alignments", [{"targetName": "n", "targetUrl": "u", "displayAsSkill": "yes"}]),
    ],
)
async def test_badge_stays_when_what_passes_through_is_of_the_wrong_type(ask, png, field, value):
    badge = {"name": "n", "description": "d", "image": png, "criteriaNarrative": "x"}

    status, body = await ask("PUT", PATH, {**badge, field: value})

    assert (status, list(body["fieldErrors"])) == (400, [field])


@BOTH
async def test_badge_is_out_of_the_way_when_archived(ask, award, names, path):
    _, made = await award("before@example.edu")
    status, body = await ask("DELETE", f"{path}?archivalNote=Replaced%20by%20II")

    assert (status, body["status"]["success"]) == (200, True)
    assert "result" not in body
    assert await names() == ["Chemistry Basics"]
    assert await names("?include_archived=true") == ["Math Expert", "Chemistry Basics"]
    assert (await ask("GET", path))[0] == 404
    _, shown = await ask("GET", f"{path}?include_archived=true")
    assert shown["result"][0]["archived"] is True
    assert shown["result"][0]["archivalNote"] == "Replaced by II"
    assert shown["result"][0]["archivedDate"].endswith("Z")
    awarded, refusal = await award()
    assert (awarded, refusal["validationErrors"]) == (
        400,
        ["This badge class is archived: reactivate it first."],
    )
    _, listed = await ask("GET", f"{PATH}/assertions")
    assert listed["result"] == made["result"]  # its awards stay


@pytest.mark.parametrize(
    "path",
    [f"/v2/badgeclasses/reactivate/{MATH_EXPERT}", BY_REF.replace("/ref/", "/reactivate/ref/")],
    ids=["by id", "by reference"],
)
async def test_badge_is_as_before_when_reactivated(ask, award, names, path):
    _, before = await ask("GET", PATH)
    await ask("DELETE", f"{PATH}?archivalNote=x")

    status, body = await ask("POST", path)

    assert (status, body["result"]) == (200, before["result"])
    assert await names() == ["Math Expert", "Chemistry Basics"]
    assert (await award())[0] == 201
    assert (await ask("POST", path))[0] == 200  # once more changes nothing


async def test_nothing_can_be_done_with_a_badge_when_it_is_archived(ask, png):
    await ask("DELETE", PATH)
    badge = {"name": "n", "description": "d", "image": png, "criteriaNarrative": "x"}

    statuses = [
        (await ask("PUT", PATH, badge))[0],
        (await ask("POST", f"{PATH}/duplicate", {"newName": "x"}))[0],
        (await ask("POST", f"{PATH}/claim-codes", {}))[0],
    ]

    assert statuses == [400, 400, 400]
    assert (await ask("DELETE", PATH))[0] == 200  # once more changes nothing


@BOTH
async def test_badge_is_gone_when_deleted_for_good(ask, names, path):
    status, _ = await ask("DELETE", f"{path}?hard_delete=true")

    assert status == 200
    assert await names("?include_archived=true") == ["Chemistry Basics"]
    assert (await ask("GET", f"{path}?include_archived=true"))[0] == 404


async def test_badge_is_not_deleted_for_good_when_it_was_awarded(ask, award, names):
    await award()

    status, body = await ask("DELETE", f"{PATH}?hard_delete=true")

    assert (status, len(body["validationErrors"])) == (400, 1)
    assert await names() == ["Math Expert", "Chemistry Basics"]


async def test_copy_stands_alone_when_duplicated(ask, award):
    await award()
    _, original = await ask("GET", PATH)

    status, copy = await ask("POST", f"{PATH}/duplicate", {"newName": "Copy"})

    assert status == 201
    same = {"name", "id", "entityId", "openBadgeId", "createdAt", "image", "imagePath"}
    assert copy["name"] == "Copy"
    assert {k: v for k, v in copy.items() if k not in same} == {
        k: v for k, v in original["result"][0].items() if k not in same
    }
    _, awards = await ask("GET", f"/v2/badgeclasses/{copy['entityId']}/assertions")
    assert awards["result"] == []


@pytest.mark.parametrize("issuer", [None, EXAMPLE_UNIVERSITY, "5f0000000000000000000002"])
async def test_badge_belongs_to_the_issuer_of_the_path_when_created_there(ask, png, issuer):
    badge = {"name": "n", "description": "d", "image": png, "criteriaNarrative": "x"}
    if issuer:
        badge["issuer"] = issuer

    status, body = await ask("POST", f"/v2/issuers/{EXAMPLE_UNIVERSITY}/badgeclasses", badge)

    assert (status, body["result"][0]["issuer"]) == (201, EXAMPLE_UNIVERSITY)


async def test_badge_is_refused_when_path_and_body_name_two_issuers(ask, png):
    badge = {"name": "n", "description": "d", "image": png, "criteriaNarrative": "x"}

    status, body = await ask(
        "POST", f"/v2/issuers/{EXAMPLE_UNIVERSITY}/badgeclasses", {**badge, "issuer": "Other"}
    )

    assert (status, list(body["fieldErrors"])) == (400, ["issuer"])
