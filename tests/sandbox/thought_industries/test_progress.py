"""What learners do and what becomes of it: pages, courses, milestones, paths, archives, meetings."""

import pytest

from aiobadges.sandbox import Sandbox
from aiobadges.sandbox.thought_industries.seed import (
    ANA,
    BEN_TOKEN,
    CLIENT,
    FIRE_DRILL,
    FIRE_SAFETY,
    LAB_SAFETY,
    LAB_SAFETY_SLUG,
)

PROGRESS = (
    "query($id: ID!) { UserCourseProgress(id: $id) { totalViews totalTime percentComplete } }"
)
CRITERIA = """query($id: ID!) {
  UserCourseCompletionProgress(id: $id) { type required completed percent } }"""
PAGES = """query($id: ID!) { PagesCompletedByCourse(courseId: $id) {
  __typename ... on PageEntity { id type } ... on QuizPage { minPassingPercent }
  ... on VideoPage { asset } } }"""
DONE = """query($slug: Slug!) {
  CurrentUserLearningPathMilestoneCompletionsBySlug(slug: $slug) {
    id type source timestamp milestone { id } learningPath { slug } user { email } } }"""
PATH = """query($slug: Slug!) { LearningPathBySlug(slug: $slug) {
  id name status currentUserStartActionDate currentUserEarnedCertificate client { name }
  milestones { name requirement milestoneCourses { contentId contentTitle requirement }
    completionCriteria { type threshold } contentItems { slug kind }
    learningPath { slug } } } }"""
RECORD = """mutation($topic: ID!, $progress: Int!) {
  UpdateTopicAndCourseProgress(topicId: $topic, progress: $progress) }"""
STATUS = """mutation($id: ID, $slug: Slug, $sku: String, $status: String!, $date: Date) {
  UpdateCourseStatus(id: $id, slug: $slug, sku: $sku, status: $status, statusChangeDate: $date) }"""
ACCESS = """mutation($slug: Slug!, $status: String!) {
  UpdateLearningPathAccess(slug: $slug, status: $status) }"""
CREATE = """mutation($name: String!, $milestones: [MilestoneInput!]!, $client: ID) {
  CreateLearningPath(name: $name, language: "en", clientId: $client, milestones: $milestones) {
    id name slug status language milestones { name milestoneCourses { contentId requirement } }
    client { id } } }"""
ATTEND = """mutation($user: ID!, $meeting: ID!, $course: ID, $attended: Boolean!) {
  UpdateUserCourseMeetingAttendance(
    userId: $user, courseId: $course, meetingId: $meeting, attended: $attended) {
    id name attendedMeetings { attendanceDate meeting { id title course { slug } } user { id } }
    purchasedCourses { courseId status course { title } } } }"""
PAGES_OF_FIRE_SAFETY = ("page-fire-safety-why", "page-fire-safety-film", "page-fire-safety-quiz")


@pytest.fixture
def complete(ask):
    """Complete courses for a learner."""

    async def complete(*slugs, **options):
        for slug in slugs:
            assert (await ask(STATUS, slug=slug, status="completed", **options)).only is True

    return complete


async def test_nothing_is_known_of_a_course_when_it_was_not_begun(ask):
    assert (await ask(PROGRESS, id=FIRE_SAFETY)).only is None
    assert (await ask(CRITERIA, id=FIRE_SAFETY)).only is None
    assert (await ask(PAGES, id=FIRE_SAFETY)).only == []


async def test_course_moves_on_when_pages_are_completed(ask):
    for page in PAGES_OF_FIRE_SAFETY[:2]:
        assert (await ask(RECORD, topic=page, progress=100)).only is True

    assert (await ask(PROGRESS, id=FIRE_SAFETY)).only == {
        "totalViews": 2,
        "totalTime": 120,
        "percentComplete": 66,
    }
    assert (await ask(CRITERIA, id=FIRE_SAFETY)).only == [
        {"type": "coursePercentViewed", "required": None, "completed": None, "percent": 66},
        {
            "type": "courseTopicViewed",
            "required": list(PAGES_OF_FIRE_SAFETY),
            "completed": list(PAGES_OF_FIRE_SAFETY[:2]),
            "percent": 66,
        },
    ]


async def test_page_keeps_what_was_reached_when_less_is_recorded(ask):
    await ask(RECORD, topic=PAGES_OF_FIRE_SAFETY[0], progress=60)
    await ask(RECORD, topic=PAGES_OF_FIRE_SAFETY[0], progress=30)

    assert (await ask(PROGRESS, id=FIRE_SAFETY)).only["percentComplete"] == 20


async def test_completed_pages_are_members_of_their_union(ask):
    for page in PAGES_OF_FIRE_SAFETY:
        await ask(RECORD, topic=page, progress=100)

    assert (await ask(PAGES, id=FIRE_SAFETY)).only == [
        {"__typename": "TextPage", "id": PAGES_OF_FIRE_SAFETY[0], "type": "text"},
        {
            "__typename": "VideoPage",
            "id": PAGES_OF_FIRE_SAFETY[1],
            "type": "video",
            "asset": "video-0001",
        },
        {
            "__typename": "QuizPage",
            "id": PAGES_OF_FIRE_SAFETY[2],
            "type": "quiz",
            "minPassingPercent": 70,
        },
    ]


async def test_milestone_is_completed_when_its_required_courses_are(ask, complete):
    for page in PAGES_OF_FIRE_SAFETY:
        await ask(RECORD, topic=page, progress=100)
    assert (await ask(DONE, slug=LAB_SAFETY_SLUG)).only == []

    await complete("chemicals")

    (action,) = (await ask(DONE, slug=LAB_SAFETY_SLUG)).only
    assert action["milestone"] == {"id": "milestone-before"}
    assert (action["type"], action["source"]) == ("milestone_completed", "learner")
    assert action["user"] == {"email": "ana@example.edu"}
    assert action["learningPath"] == {"slug": LAB_SAFETY_SLUG}


async def test_path_is_completed_once_when_its_milestones_are(ask, complete):
    await complete("fire-safety", "chemicals")
    before = (await ask(PATH, slug=LAB_SAFETY_SLUG)).only
    await complete("lasers", "lasers")

    after = (await ask(PATH, slug=LAB_SAFETY_SLUG)).only

    assert before["currentUserStartActionDate"] == after["currentUserStartActionDate"]
    assert (before["currentUserEarnedCertificate"], after["currentUserEarnedCertificate"]) == (
        False,
        True,
    )
    assert len((await ask(DONE, slug=LAB_SAFETY_SLUG)).only) == 2


async def test_learners_are_apart(ask, complete):
    await complete("fire-safety", "chemicals", "lasers")

    assert (await ask(DONE, slug=LAB_SAFETY_SLUG, token=BEN_TOKEN)).only == []
    assert (await ask(PROGRESS, id=FIRE_SAFETY, token=BEN_TOKEN)).only is None


async def test_learner_is_apart_when_added(sandbox, ask, complete):
    token = sandbox.learning.add_learner("cleo@example.edu")
    await complete("fire-safety", token=token)

    assert (await ask(PROGRESS, id=FIRE_SAFETY, token=token)).only["percentComplete"] == 100
    with pytest.raises(ValueError, match="already"):
        sandbox.learning.add_learner("cleo@example.edu")


async def test_completions_are_empty_when_nobody_acts(ask, complete):
    await complete("fire-safety", "chemicals")

    assert (await ask(DONE, slug=LAB_SAFETY_SLUG, token=None)).only == []
    assert (await ask(PROGRESS, id=FIRE_SAFETY, token=None)).only is None


async def test_course_is_hidden_while_it_is_archived(ask, complete):
    archive = "mutation($id: ID!) { ArchiveUserCourse(id: $id) }"
    reinstate = "mutation($id: ID!) { ReinstateUserCourse(id: $id) }"
    await complete("fire-safety")

    archived = [(await ask(archive, id=FIRE_SAFETY)).only for _ in range(2)]
    hidden = (await ask(PROGRESS, id=FIRE_SAFETY)).only
    reinstated = [(await ask(reinstate, id=FIRE_SAFETY)).only for _ in range(2)]

    assert (archived, hidden, reinstated) == ([FIRE_SAFETY, None], None, [FIRE_SAFETY, None])
    assert (await ask(PROGRESS, id=FIRE_SAFETY)).only["percentComplete"] == 100


async def test_path_is_hidden_while_it_is_archived(ask, complete):
    archive = "mutation($id: ID!) { ArchiveUserLearningPath(id: $id) }"
    reinstate = "mutation($id: ID!) { ReinstateUserLearningPath(id: $id) }"
    await complete("fire-safety", "chemicals")

    archived = [(await ask(archive, id=LAB_SAFETY)).only for _ in range(2)]
    hidden = (await ask(DONE, slug=LAB_SAFETY_SLUG)).only
    reinstated = [(await ask(reinstate, id=LAB_SAFETY)).only for _ in range(2)]

    assert (archived, hidden, reinstated) == ([LAB_SAFETY, None], [], [LAB_SAFETY, None])
    assert len((await ask(DONE, slug=LAB_SAFETY_SLUG)).only) == 1


@pytest.mark.parametrize("thing", ["Course", "LearningPath"])
@pytest.mark.parametrize("token", [None, BEN_TOKEN])
async def test_archiving_gives_null_when_there_is_nothing_to_archive(ask, thing, token):
    mutation = f"mutation($id: ID!) {{ ArchiveUser{thing}(id: $id) }}"

    for key in (LAB_SAFETY, FIRE_SAFETY, "no-such-thing"):
        assert (await ask(mutation, id=key, token=token)).only is None


async def test_access_starts_reopens_and_resets(ask, complete):
    await ask(ACCESS, slug=LAB_SAFETY_SLUG, status="started")
    started = (await ask(PATH, slug=LAB_SAFETY_SLUG)).only
    await complete("fire-safety", "chemicals", "lasers")
    await ask(ACCESS, slug=LAB_SAFETY_SLUG, status="not-completed")
    reopened = (await ask(PATH, slug=LAB_SAFETY_SLUG)).only
    for _ in range(2):
        await ask(ACCESS, slug=LAB_SAFETY_SLUG, status="not-started")
    reset = (await ask(PATH, slug=LAB_SAFETY_SLUG)).only

    assert started["currentUserStartActionDate"] == reopened["currentUserStartActionDate"]
    assert reopened["currentUserEarnedCertificate"] is False
    assert reset["currentUserStartActionDate"] is None
    assert (await ask(DONE, slug=LAB_SAFETY_SLUG)).only == []


@pytest.mark.parametrize(
    "names", [{"id": FIRE_SAFETY}, {"slug": "fire-safety"}, {"sku": "SKU-FIRE-SAFETY"}]
)
async def test_course_is_found_by_each_of_its_names(ask, names):
    date = "2024-03-15T10:30:00Z"

    assert (await ask(STATUS, status="started", date=date, **names)).only is True
    assert (await ask(PROGRESS, id=FIRE_SAFETY)).only["percentComplete"] == 0


async def test_course_is_not_complete_when_it_is_said_so(ask, complete):
    await complete("fire-safety")

    await ask(STATUS, id=FIRE_SAFETY, status="not-completed")

    assert (await ask(PROGRESS, id=FIRE_SAFETY)).only["percentComplete"] == 0


async def test_path_shows_its_structure(ask):
    path = (await ask(PATH, slug=LAB_SAFETY_SLUG)).only

    assert (path["name"], path["status"], path["client"]) == (
        "Lab Safety",
        "published",
        {"name": "Example University"},
    )
    assert [m["name"] for m in path["milestones"]] == ["Before the first day", "In the laboratory"]
    assert path["milestones"][1] == {
        "name": "In the laboratory",
        "requirement": "required",
        "milestoneCourses": [
            {"contentId": "course-lasers", "contentTitle": "Lasers", "requirement": "elective"}
        ],
        "completionCriteria": [{"type": "electives", "threshold": 1}],
        "contentItems": [{"slug": "lasers", "kind": "course"}],
        "learningPath": {"slug": LAB_SAFETY_SLUG},
    }


async def test_null_comes_when_there_is_no_such_path_or_milestone(ask):
    milestone = "query($id: ID!) { Milestone(id: $id) { id name } }"

    assert (await ask(PATH, slug="none")).only is None
    assert (await ask(DONE, slug="none")).only == []
    assert (await ask(milestone, id="none")).only is None
    assert (await ask(milestone, id="milestone-before")).only["name"] == "Before the first day"


async def test_path_is_a_draft_with_a_free_slug_when_created(ask):
    milestones = [
        {
            "name": "Foundations",
            "milestoneCourses": [{"contentId": FIRE_SAFETY, "requirement": "required"}],
        }
    ]
    first = (await ask(CREATE, name="Lab Safety!", milestones=milestones, token=None)).only
    second = (await ask(CREATE, name="", milestones=milestones)).body

    assert (first["slug"], first["status"], first["client"]) == (
        "lab-safety-2",
        "draft",
        {"id": CLIENT},
    )
    assert first["milestones"] == [milestones[0]]
    assert second["errors"][0]["message"] == "name must not be empty"
    assert (await ask(PATH, slug="lab-safety-2")).only["name"] == "Lab Safety!"


async def test_created_path_is_completed_like_any_other(ask, complete):
    milestones = [
        {
            "name": "Either",
            "milestoneCourses": [
                {"contentId": FIRE_SAFETY, "requirement": "elective"},
                {"contentId": "course-lasers", "requirement": "elective"},
            ],
        }
    ]
    await ask(CREATE, name="One of two", milestones=milestones)

    await complete("lasers")

    assert (await ask(PATH, slug="one-of-two")).only["currentUserEarnedCertificate"] is True


async def test_other_paths_are_not_begun_when_a_course_is_not_in_them(ask, complete):
    milestones = [
        {
            "name": "Chemistry",
            "milestoneCourses": [{"contentId": "course-chemicals", "requirement": "required"}],
        }
    ]
    await ask(CREATE, name="Chemistry", milestones=milestones)

    await complete("lasers")

    assert (await ask(PATH, slug="chemistry")).only["currentUserStartActionDate"] is None
    assert (await ask(PATH, slug=LAB_SAFETY_SLUG)).only["currentUserStartActionDate"] is not None


async def test_attendance_is_recorded_once_and_taken_back(ask, complete):
    await complete("fire-safety")
    attend = {"user": ANA, "meeting": FIRE_DRILL}
    for _ in range(2):
        user = (await ask(ATTEND, **attend, course=FIRE_SAFETY, attended=True, token=None)).only

    assert user["name"] == "Ana Arendt"
    (attended,) = user["attendedMeetings"]
    assert attended["meeting"] == {
        "id": FIRE_DRILL,
        "title": "Fire drill",
        "course": {"slug": "fire-safety"},
    }
    assert (len(attended["attendanceDate"]), attended["user"]) == (10, {"id": ANA})
    assert user["purchasedCourses"] == [
        {"courseId": FIRE_SAFETY, "status": "completed", "course": {"title": "Fire Safety"}}
    ]
    assert (await ask(ATTEND, **attend, attended=False)).only["attendedMeetings"] == []


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        (STATUS, {"status": "started"}, "BAD_USER_INPUT"),
        (STATUS, {"id": FIRE_SAFETY, "slug": "x", "status": "started"}, "BAD_USER_INPUT"),
        (STATUS, {"id": FIRE_SAFETY, "status": "done"}, "BAD_USER_INPUT"),
        (
            STATUS,
            {"id": FIRE_SAFETY, "status": "started", "date": "2999-01-01T00:00:00Z"},
            "BAD_USER_INPUT",
        ),
        (STATUS, {"id": FIRE_SAFETY, "status": "started", "date": "soon"}, "BAD_USER_INPUT"),
        (STATUS, {"id": FIRE_SAFETY, "status": "started", "date": 5}, "BAD_USER_INPUT"),
        (STATUS, {"slug": "none", "status": "started"}, "NOT_FOUND"),
        (ACCESS, {"slug": LAB_SAFETY_SLUG, "status": "completed"}, "BAD_USER_INPUT"),
        (ACCESS, {"slug": "none", "status": "started"}, "NOT_FOUND"),
        (RECORD, {"topic": "none", "progress": 1}, "NOT_FOUND"),
        (RECORD, {"topic": PAGES_OF_FIRE_SAFETY[0], "progress": 101}, "BAD_USER_INPUT"),
        (CREATE, {"name": "P", "milestones": [], "client": "none"}, "NOT_FOUND"),
        (
            CREATE,
            {
                "name": "P",
                "milestones": [
                    {
                        "name": "M",
                        "milestoneCourses": [{"contentId": "none", "requirement": "elective"}],
                    }
                ],
            },
            "NOT_FOUND",
        ),
        (ATTEND, {"user": "none", "meeting": FIRE_DRILL, "attended": True}, "NOT_FOUND"),
        (
            ATTEND,
            {"user": ANA, "meeting": FIRE_DRILL, "course": "other", "attended": True},
            "NOT_FOUND",
        ),
    ],
)
async def test_mutation_is_refused_when_its_arguments_break_a_rule(ask, query, variables, code):
    answered = await ask(query, **variables)

    assert (answered.status, answered.code) == (200, code)
    assert answered.body["data"] is None


async def test_mutation_is_refused_when_nobody_acts(ask):
    answered = await ask(RECORD, topic=PAGES_OF_FIRE_SAFETY[0], progress=1, token=None)

    assert answered.code == "UNAUTHENTICATED"


async def test_progress_is_remembered_when_there_is_a_state_file(ask, complete, tmp_path):
    file = tmp_path / "state.jsonl"
    async with Sandbox(state=file) as first:
        token = first.learning.add_learner("cleo@example.edu")
        await complete("fire-safety", "chemicals", of=first, token=token)

    async with Sandbox(state=file) as second:
        assert len((await ask(DONE, slug=LAB_SAFETY_SLUG, of=second, token=token)).only) == 1
        second.reset()
        assert (await ask(DONE, slug=LAB_SAFETY_SLUG, of=second)).only == []
        assert (await ask(PATH, slug=LAB_SAFETY_SLUG, of=second, token=token)).status == 401
