"""Experiences on a pathway, what else completes its steps, and readings of progress."""

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
async def test_course_counts_when_it_is_completed_as_asked(
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
