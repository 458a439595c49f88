"""Pathways: drafts and what is published, groups that follow, and what people have passed."""

import pytest

from aiobadges.sandbox import (
    AUTUMN_GROUP,
    CHEMISTRY_BASICS,
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    LAB_WEEK,
    MATH_EXPERT,
    SAFETY_TRAINING,
    SPRING_GROUP,
)

PATH = f"/v2/pathways/{LAB_ASSISTANT}"
LENA, MO, NIA = "lena@example.edu", "mo@example.edu", "nia@example.edu"
ROOT = "5f0000000000000000000010"
BADGES = "https://badgr.example/public/badges/"


def experience(name, **more):
    block = {"requiredExperiences": [{"id": name, "name": name}]}
    return {"elementId": f"step-{name}", "requirements": {"experienceRequirements": block}, **more}


@pytest.fixture
def submit(ask):
    async def submit(address, name=SAFETY_TRAINING, *, passed=True, path=PATH):
        body = {"recipient": {"@type": "email", "email": address}, "passed": passed}
        return await ask("POST", f"{path}/experience/{name}/submit", body)

    return submit


@pytest.fixture
def submit_csv(ask):
    async def submit_csv(text, name=SAFETY_TRAINING, media_type="text/csv"):
        path = f"{PATH}/experience/{name}/submit-csv"
        return await ask("POST", path, data=text, headers={"Content-Type": media_type})

    return submit_csv


@pytest.fixture
def progress(ask):
    """Give the progress of a person: the statuses of the steps, by name of the step."""

    async def progress(address=LENA, path=PATH):
        query = {"recipientIdentifier": f"email:{address}"}
        status, body = await ask("GET", f"{path}/recipient-progress", params=query)
        assert status == 200, body
        return body["progress"]

    return progress


@pytest.fixture
def make(ask):
    """Make and publish a pathway that the spring group follows; give its path."""

    async def make(root):
        body = {"issuerId": EXAMPLE_UNIVERSITY, "draftRoot": root}
        status, made = await ask("POST", "/v2/pathways", body)
        assert status == 200, made
        path = f"/v2/pathways/{made['pathwayId']}"
        groups = {"groupIdsToAdd": [SPRING_GROUP], "groupIdsToRemove": []}
        assert await ask("POST", f"{path}/subscriptions", groups) == (204, "")
        assert (await ask("POST", f"{path}/versions/published"))[0] == 200
        return path

    return make


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


# Experiences


async def test_progress_moves_and_the_badge_is_awarded_when_experiences_are_passed(
    sandbox, submit, progress
):
    before = await progress()
    assert before["endProgress"] == {
        "status": "NOT_STARTED", "required": 3, "completed": 0, "failed": 0, "inProgress": 0,
        "notStarted": 3,
    }  # fmt: skip

    assert await submit(LENA) == (204, "")
    halfway = await progress()
    assert [step["status"] for step in halfway["elementProgress"].values()] == [
        "IN_PROGRESS", "COMPLETED", "NOT_STARTED",
    ]  # fmt: skip
    assert sandbox.outbox.sent == 0

    await submit(LENA.upper(), LAB_WEEK)
    after = await progress()
    assert after["endProgress"]["status"] == "COMPLETED"
    assert after["elementProgress"][ROOT]["completionBadgeNewlyAwarded"] is True
    assert sandbox.outbox.by_recipient() == {LENA: 1}
    assert [award.badge for award in sandbox.awards(LENA)] == [CHEMISTRY_BASICS]


async def test_badge_is_awarded_once_when_a_step_falls_back_and_is_completed_again(
    sandbox, ask, submit, progress
):
    for passed in (True, False, True):
        await submit(LENA, passed=passed)
        await submit(LENA, LAB_WEEK, passed=passed)
        status = (await progress())["endProgress"]["status"]
        assert status == ("COMPLETED" if passed else "FAILED")
    [award] = sandbox.awards(LENA)
    await ask("DELETE", f"/v2/assertions/{award.assertion}", {"revocation_reason": "x"})
    await submit(LENA)

    assert sandbox.outbox.sent == 1
    assert (await progress())["elementProgress"][ROOT]["completionBadgeNewlyAwarded"] is False


async def test_badge_is_not_awarded_when_it_is_held(sandbox, award, submit, progress):
    await award(LENA, badge=CHEMISTRY_BASICS)

    await submit(LENA)
    await submit(LENA, LAB_WEEK)

    assert (await progress())["endProgress"]["status"] == "COMPLETED"
    assert sandbox.outbox.sent == 1


async def test_nothing_is_awarded_when_the_completion_badge_is_archived(sandbox, ask, submit):
    await ask("DELETE", f"/v2/badgeclasses/{CHEMISTRY_BASICS}")

    await submit(LENA)
    await submit(LENA, LAB_WEEK)

    assert sandbox.outbox.sent == 0


async def test_rows_stand_for_themselves_when_sent_in_a_file(sandbox, submit_csv):
    rows = [
        "\ufeffrecipientId,passed",
        f"email:{LENA},true",
        f"email:{MO},FALSE",
        f"email:{NIA},true",
        "",
        "telephone:+15550100,true",
        f"email:{LENA},perhaps",
        "email:,true",
        LENA,
        f"email:{MO},true,more",
    ]

    status, body = await submit_csv("\r\n".join(rows).encode())

    assert status == 200
    assert body["successes"] == [{"@type": "email", "email": LENA}, {"@type": "email", "email": MO}]
    assert body["errors"] == [
        {"recipientId": {"@type": "email", "email": NIA}, "error": "NOT_SUBSCRIBED"},
        *[{"recipientId": None, "error": "INVALID_ROW"}] * 5,
    ]
    await submit_csv(f"recipientId,passed\nemail:{LENA},true", LAB_WEEK)
    assert sandbox.outbox.by_recipient() == {LENA: 1}


@pytest.mark.parametrize(
    ("text", "media_type", "status"),
    [
        (b"", "text/csv", 400),
        (b"passed,recipientId\n", "text/csv", 400),
        (b"\xff\xfe", "text/csv", 400),
        (b"recipientId,passed\n" + b"x" * 200_000, "text/csv", 400),
        (b"recipientId,passed\n\0,\0", "text/csv", 200),
        (b"recipientId,passed", "application/json", 415),
    ],
    ids=["empty", "other header", "no UTF-8", "a long cell", "null bytes", "other media type"],
)
async def test_file_is_refused_when_it_cannot_be_read(submit_csv, text, media_type, status):
    assert (await submit_csv(text, media_type=media_type))[0] == status


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "passed"),
        ({"passed": None}, "passed"),
        ({"passed": "perhaps"}, "passed"),
        ({"passed": True, "recipient": LENA}, "recipient"),
        ({"passed": True, "recipient": {"@type": "telephone", "telephone": "1"}}, "recipient"),
        ({"passed": True, "recipient": {"email": LENA}}, "recipient"),
    ],
)
async def test_experience_is_refused_when_a_field_is_wrong(ask, body, field):
    status, refusal = await ask("POST", f"{PATH}/experience/{SAFETY_TRAINING}/submit", body)

    assert status == 400
    assert field in refusal["fieldErrors"]


async def test_experience_is_not_found_when_it_is_not_on_the_published_pathway(ask, submit):
    assert (await submit(LENA, "33333333-3333-4333-8333-333333333333"))[0] == 404
    _, made = await ask(
        "POST", "/v2/pathways", {"issuerId": EXAMPLE_UNIVERSITY, "draftRoot": experience("e")}
    )
    assert (await submit(LENA, "e", path=f"/v2/pathways/{made['pathwayId']}"))[0] == 404


# What else completes a step


async def test_badges_lead_on_when_each_counts_for_the_next_step(sandbox, make, submit, progress):
    first, second = BADGES + MATH_EXPERT, BADGES + CHEMISTRY_BASICS
    path = await make(
        {
            "elementId": "root",
            "completionBadge": second,
            "requirements": {"badgeRequirements": {"requiredBadges": [{"badgeUrl": first}]}},
            "children": [experience("e", completionBadge=first)],
        }
    )

    await submit(LENA, "e", path=path)

    assert sorted(mail.badge for mail in sandbox.outbox.mails) == [CHEMISTRY_BASICS, MATH_EXPERT]
    steps = (await progress(path=path))["elementProgress"]
    assert steps["root"]["badgeProgress"] == {"earnedBadges": [first], "maxBadgeCount": 1}


async def test_step_is_completed_when_its_badge_is_awarded_by_hand(sandbox, make, award, progress):
    requirements = {"badgeRequirements": {"requiredBadges": [{"badgeUrl": BADGES + MATH_EXPERT}]}}
    root = {"requirements": requirements, "completionBadge": BADGES + CHEMISTRY_BASICS}
    path = await make(root)

    await award(LENA)
    await award(NIA)  # does not follow

    assert (await progress(path=path))["endProgress"]["status"] == "COMPLETED"
    assert sandbox.outbox.by_recipient() == {LENA: 2, NIA: 1}


async def test_step_is_completed_by_shortcut_when_its_own_badge_is_held(make, award, progress):
    step = experience("e", completionBadge=BADGES + MATH_EXPERT)
    step["requirements"]["allowCompletionBadgeShortcut"] = True
    path = await make(step)
    await award(LENA)

    shown = (await progress(path=path))["elementProgress"]["step-e"]

    assert (shown["status"], shown["completedByShortcut"]) == ("COMPLETED", True)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"@type": "completed"}, "COMPLETED"),
        ({"@type": "completed", "doNotAwardBefore": "2020-01-01T00:00:00Z"}, "COMPLETED"),
        ({"@type": "completed", "doNotAwardBefore": "2090-01-01T00:00:00Z"}, "NOT_STARTED"),
        ({"@type": "grade"}, "NOT_STARTED"),
        (None, "COMPLETED"),
    ],
    ids=["completed", "since then", "too early", "unknown kind", "any kind"],
)
async def test_course_counts_when_it_is_completed_as_asked(  # noqa: PLR0917 - fixtures
    sandbox, ask, make, progress, asked, status
):
    needed = {"lms": "CANVAS", "domain": "lms.example", "courseId": "7"}
    course = {**needed, "completionRequirement": asked}
    requirements = {"courseRequirements": {"requiredCourses": [course]}}
    path = await make(
        {"elementId": "r", "requirements": requirements, "completionBadge": BADGES + MATH_EXPERT}
    )

    sandbox.complete_course(LENA.upper(), "lms.example", "7")
    sandbox.complete_course(MO, "lms.example", "8")

    assert (await progress(path=path))["endProgress"]["status"] == status
    assert sandbox.outbox.by_recipient() == ({LENA: 1} if status == "COMPLETED" else {})
    earned = (await progress(path=path))["elementProgress"]["r"]["courseProgress"]
    assert len(earned["earnedCriteria"]) == (status == "COMPLETED")
    _, body = await ask("GET", f"{path}/aggregate-progress")
    [counted] = body["progressAggregate"]["elementProgress"]["r"]["courseProgress"][
        "byRequirements"
    ]
    assert counted["completed"] == (status == "COMPLETED")


async def test_badges_are_awarded_when_publishing_completes_a_step(sandbox, ask, submit):
    _, draft = await ask("GET", f"{PATH}/versions/draft")
    await submit(LENA)
    root = {**draft["root"], "children": draft["root"]["children"][:1]}
    await ask("PUT", f"{PATH}/versions/draft", {"issuerId": EXAMPLE_UNIVERSITY, "root": root})
    assert sandbox.outbox.sent == 0

    await ask("POST", f"{PATH}/versions/published")

    assert sandbox.outbox.by_recipient() == {LENA: 1}


# Readings


async def test_reading_is_dated_and_versioned_when_asked_for(ask, submit):
    query = {"recipientIdentifier": f"email:{LENA.upper()}"}
    _, first = await ask("GET", f"{PATH}/recipient-progress", params=query)
    await submit(MO)
    _, second = await ask("GET", f"{PATH}/recipient-progress", params=query)

    assert first["id"] == second["id"]
    assert first["scope"] == {
        "@type": "recipient",
        "identifier": {"@type": "email", "email": LENA},
    }
    versions = [body["calculationInfo"]["computedVersion"] for body in (first, second)]
    assert versions == [0, 1]
    assert first["calculationInfo"]["computedPublishedStructureVersion"] == 1


@pytest.mark.parametrize(
    ("identifier", "status"),
    [
        (None, 400),
        ("", 400),
        (LENA, 400),
        ("email:", 400),
        (":x", 400),
        ("email:nobody@example.edu", 404),
        ("telephone:+15550100", 404),
        ("email:\0", 404),
    ],
)
async def test_progress_is_refused_when_nobody_is_meant(ask, identifier, status):
    query = {} if identifier is None else {"recipientIdentifier": identifier}

    assert (await ask("GET", f"{PATH}/recipient-progress", params=query))[0] == status


async def test_progress_is_added_up_when_asked_of_groups(ask, submit):
    groups = {"groupIdsToAdd": [AUTUMN_GROUP], "groupIdsToRemove": []}
    await ask("POST", f"{PATH}/subscriptions", groups)
    await submit(LENA)
    await submit(LENA, LAB_WEEK)
    await submit(MO, passed=False)

    _, group = await ask("GET", f"{PATH}/recipient-groups/{SPRING_GROUP}/progress")
    _, everybody = await ask("GET", f"{PATH}/aggregate-progress")

    def counts(body, step):
        overall = body["progressAggregate"]["elementProgress"][step]["overallProgress"]
        return [overall[f"{what}Count"] for what in ("notStarted", "failed", "completed")]

    safety, practice = "5f0000000000000000000011", "5f0000000000000000000012"
    assert group["scope"] == {"@type": "groupAggregate", "recipientGroupId": SPRING_GROUP}
    assert counts(group, safety) == [0, 1, 1]
    assert counts(everybody, safety) == [1, 1, 1]
    assert counts(everybody, practice) == [2, 0, 1]
    steps = everybody["progressAggregate"]["elementProgress"]
    assert steps[safety]["experienceProgress"] == {
        "experienceIdsWithFailedRecipients": [SAFETY_TRAINING],
        "experienceIdsWithNotEvaluatedRecipients": [SAFETY_TRAINING],
    }
    assert steps[ROOT]["overallProgress"]["progress"] == {
        "completedValue": 2, "requiredValue": 6, "failedValue": 1, "maxValue": 6,
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "aggregate-progress",
        f"recipient-groups/{SPRING_GROUP}/progress",
        f"recipient-progress?recipientIdentifier=email:{LENA}",
        "versions/published",
    ],
)
async def test_nothing_is_found_when_the_pathway_was_never_published(ask, path):
    _, made = await ask("POST", "/v2/pathways", {"issuerId": EXAMPLE_UNIVERSITY})

    assert (await ask("GET", f"/v2/pathways/{made['pathwayId']}/{path}"))[0] == 404
