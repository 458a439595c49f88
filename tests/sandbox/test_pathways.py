"""Pathways: drafts and what is published, and the groups that follow."""

import pytest

from aiobadges.sandbox import (
    AUTUMN_GROUP,
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    MATH_EXPERT,
    SPRING_GROUP,
)

PATH = f"/v2/pathways/{LAB_ASSISTANT}"
LENA, NIA = "lena@example.edu", "nia@example.edu"
BADGES = "https://badgr.example/public/badges/"

# Versions


async def test_draft_is_published_when_promoted(ask):
    body = {"issuerId": EXAMPLE_UNIVERSITY, "preferences": {"includeOnPublicPages": False, "x": 1}}
    status, made = await ask("POST", "/v2/pathways", {**body, "draftRoot": {"name": "Goal"}})
    path = f"/v2/pathways/{made['pathwayId']}/versions"

    assert status == 200
    assert (made["draftStructureVersion"], made["hasDraftChanges"]) == (1, True)
    assert made["preferences"] == body["preferences"]
    assert made["root"]["name"] == "Goal"
    assert made["root"]["elementId"]  # made up, where it was missing
    assert (await ask("GET", f"{path}/published"))[0] == 404
    assert (await ask("POST", f"{path}/draft/revert"))[0] == 400

    status, published = await ask("POST", f"{path}/published")

    assert status == 200
    assert published["root"] == made["root"]
    assert published["hasDraftChanges"] is False
    assert published["lastPublishedAt"] is not None
    assert (await ask("GET", f"{path}/published"))[1] == published


async def test_published_version_stays_when_the_draft_changes(ask):
    _, before = await ask("GET", f"{PATH}/versions/published")
    body = {"issuerId": before["issuerId"], "root": {**before["root"], "name": "New", "x": [1]}}

    status, draft = await ask("PUT", f"{PATH}/versions/draft", body)

    assert (status, draft["root"]) == (200, body["root"])
    assert (draft["draftStructureVersion"], draft["hasDraftChanges"]) == (2, True)
    assert (await ask("GET", f"{PATH}/versions/draft"))[1] == draft
    assert (await ask("GET", f"{PATH}/versions/published"))[1]["root"] == before["root"]
    status, reverted = await ask("POST", f"{PATH}/versions/draft/revert")
    assert (status, reverted["root"], reverted["hasDraftChanges"]) == (200, before["root"], False)


async def test_draft_is_not_published_when_it_has_no_steps(ask):
    _, made = await ask("POST", "/v2/pathways", {"issuerId": EXAMPLE_UNIVERSITY})

    assert made["root"] is None
    assert (await ask("POST", f"/v2/pathways/{made['pathwayId']}/versions/published"))[0] == 400


@pytest.mark.parametrize(
    ("url", "is_foreign"),
    [(BADGES + MATH_EXPERT, False), ("https://elsewhere.example/b", True), (BADGES + "x", True)],
)
async def test_badges_of_others_are_noticed_when_they_count(ask, url, is_foreign):
    root = {"requirements": {"badgeRequirements": {"requiredBadges": [{"badgeUrl": url}]}}}

    _, made = await ask("POST", "/v2/pathways", {"issuerId": EXAMPLE_UNIVERSITY, "draftRoot": root})

    assert made["hasThirdPartyBadges"] is is_foreign


def rule(**kind):
    return {"requirements": {"childElementRequirements": {"countRule": kind}}}


def course(**asked):
    block = {"requiredCourses": [{"completionRequirement": asked}]}
    return {"requirements": {"courseRequirements": block}}


@pytest.mark.parametrize(
    "root",
    [
        pytest.param([], id="no object"),
        pytest.param({"name": 5}, id="a number for a name"),
        pytest.param({"children": [{"children": [{"shortCode": []}]}]}, id="deep inside"),
        pytest.param({"elementId": "a", "children": [{"elementId": "a"}]}, id="an id twice"),
        pytest.param(rule(**{"@type": "allButN", "notRequiredCount": -1}), id="negative count"),
        pytest.param(rule(**{"@type": "allButN", "notRequiredCount": "1"}), id="count as text"),
        pytest.param(rule(**{"@type": 5}), id="kind as number"),
        pytest.param(course(**{"@type": "completed", "doNotAwardBefore": "x"}), id="no date"),
    ],
)
async def test_draft_is_refused_when_a_step_is_wrong(ask, root):
    _, before = await ask("GET", f"{PATH}/versions/draft")

    status, body = await ask(
        "PUT", f"{PATH}/versions/draft", {"issuerId": EXAMPLE_UNIVERSITY, "root": root}
    )

    assert (status, list(body["fieldErrors"])) == (400, ["root"])
    assert (await ask("GET", f"{PATH}/versions/draft"))[1] == before


@pytest.mark.parametrize(
    "root",
    [
        rule(**{"@type": "someOther", "notRequiredCount": "many", "x": [1]}),
        course(**{"@type": "grade", "doNotAwardBefore": 5, "grade": "A"}),
    ],
    ids=["rule", "requirement"],
)
async def test_unknown_kinds_come_back_unchanged_when_sent(ask, root):
    root["elementId"] = "r"

    _, draft = await ask(
        "PUT", f"{PATH}/versions/draft", {"issuerId": EXAMPLE_UNIVERSITY, "root": root}
    )

    assert draft["root"] == root


@pytest.mark.parametrize("issuer", [None, "unknown"])
async def test_pathway_is_refused_when_the_issuer_is_not_the_callers(ask, issuer):
    body = {"issuerId": issuer} if issuer else {}

    for method, path in (("POST", "/v2/pathways"), ("PUT", f"{PATH}/versions/draft")):
        status, refusal = await ask(method, path, body)
        assert (status, list(refusal["fieldErrors"])) == (400, ["issuerId"])


async def test_draft_is_refused_when_it_names_another_issuer(ask):
    other = {"name": "n", "email": "n@example.edu", "url": "https://n.example"}
    _, made = await ask("POST", "/v2/issuers", other)

    body = {"issuerId": made["result"][0]["id"]}

    assert (await ask("PUT", f"{PATH}/versions/draft", body))[0] == 400


async def test_pathways_of_an_issuer_are_listed_when_asked_of_it(ask):
    await ask("POST", "/v2/pathways", {"issuerId": EXAMPLE_UNIVERSITY})

    status, body = await ask("GET", f"/v2/issuers/{EXAMPLE_UNIVERSITY}/pathways")

    assert status == 200
    assert [pathway["hasDraftChanges"] for pathway in body["result"]] == [False, False]
    assert body["result"][0]["pathwayId"] == LAB_ASSISTANT


# Groups


async def test_group_counts_only_while_it_follows(ask, submit):
    assert (await submit(NIA))[0] == 400
    both = {"groupIdsToAdd": [AUTUMN_GROUP], "groupIdsToRemove": [SPRING_GROUP]}

    status, _ = await ask("POST", f"{PATH}/subscriptions", both)

    assert status == 204
    assert (await submit(NIA))[0] == 204
    assert (await submit(LENA))[0] == 400
    query = {"recipientIdentifier": f"email:{LENA}"}
    assert (await ask("GET", f"{PATH}/recipient-progress", params=query))[0] == 404
    assert (await ask("GET", f"{PATH}/recipient-groups/{SPRING_GROUP}/progress"))[0] == 404
    assert (await ask("GET", f"{PATH}/recipient-groups/{AUTUMN_GROUP}/progress"))[0] == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"groupIdsToAdd": [], "groupIdsToRemove": None}, "groupIdsToRemove"),
        ({"groupIdsToRemove": []}, "groupIdsToAdd"),
        ({"groupIdsToAdd": ["x"], "groupIdsToRemove": []}, "groupIdsToAdd"),
        ({"groupIdsToAdd": [5], "groupIdsToRemove": []}, "groupIdsToAdd"),
        (
            {"groupIdsToAdd": ["5f0000000000000000000008"], "groupIdsToRemove": []},
            "groupIdsToAdd",
        ),
    ],
    ids=["null", "missing", "unknown", "number", "archived"],
)
async def test_subscriptions_stay_when_the_groups_are_wrong(ask, submit, body, field):
    status, refusal = await ask("POST", f"{PATH}/subscriptions", body)

    assert (status, list(refusal["fieldErrors"])) == (400, [field])
    assert (await submit(LENA))[0] == 204


async def test_group_can_follow_when_the_owner_of_the_sandbox_made_it(sandbox, ask, submit):
    group = sandbox.add_group("New", ["Zoe@example.edu"])
    body = {"groupIdsToAdd": [group], "groupIdsToRemove": []}
    await ask("POST", f"{PATH}/subscriptions", body)

    assert (await submit("zoe@EXAMPLE.edu"))[0] == 204
    with pytest.raises(ValueError, match="no issuer"):
        sandbox.add_group("New", [], issuer="x")
