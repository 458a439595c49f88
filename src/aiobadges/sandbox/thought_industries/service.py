"""The service: one endpoint, the operations behind it, and what its owner can see and do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import msgspec

from aiobadges.sandbox import moments
from aiobadges.sandbox.exchange import Answer, Incoming, Operation
from aiobadges.sandbox.thought_industries import mutations, queries, replies, seed
from aiobadges.sandbox.thought_industries.call import Call
from aiobadges.sandbox.thought_industries.meter import Meter, PointLimits
from aiobadges.sandbox.thought_industries.records import Learner
from aiobadges.sandbox.thought_industries.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiobadges.sandbox.store import Store
    from aiobadges.sandbox.thought_industries.language import Document, Language

__all__ = ["HELIUM", "ThoughtIndustries"]

HELIUM: Final = "/helium"

# What counters and faults call a request that is not clearly for one operation.
ANYTHING: Final = "helium"

NEEDS_GRAPHQL: Final = "the sandbox needs graphql-core here: pip install 'aiobadges[sandbox]'"


@dataclass(frozen=True, slots=True)
class _Route:
    id: str
    field: str
    run: Callable[..., Any]


ROUTES: Final = (
    _Route(
        "milestones.completions",
        "CurrentUserLearningPathMilestoneCompletionsBySlug",
        queries.milestone_completions,
    ),
    _Route("learning_paths.by_slug", "LearningPathBySlug", queries.learning_path_by_slug),
    _Route("milestones.get", "Milestone", queries.milestone),
    _Route("courses.completed_pages", "PagesCompletedByCourse", queries.pages_completed),
    _Route(
        "courses.completion_progress",
        "UserCourseCompletionProgress",
        queries.course_completion_progress,
    ),
    _Route("courses.progress", "UserCourseProgress", queries.course_progress),
    _Route("courses.archive", "ArchiveUserCourse", mutations.archive_course),
    _Route("learning_paths.archive", "ArchiveUserLearningPath", mutations.archive_learning_path),
    _Route("learning_paths.create", "CreateLearningPath", mutations.create_learning_path),
    _Route("courses.reinstate", "ReinstateUserCourse", mutations.reinstate_course),
    _Route(
        "learning_paths.reinstate", "ReinstateUserLearningPath", mutations.reinstate_learning_path
    ),
    _Route("courses.update_status", "UpdateCourseStatus", mutations.update_course_status),
    _Route(
        "learning_paths.update_access",
        "UpdateLearningPathAccess",
        mutations.update_learning_path_access,
    ),
    _Route(
        "topics.update_progress", "UpdateTopicAndCourseProgress", mutations.update_topic_progress
    ),
    _Route(
        "meetings.set_attendance", "UpdateUserCourseMeetingAttendance", mutations.set_attendance
    ),
)

ID_OF_FIELD: Final = {route.field: route.id for route in ROUTES}


class _Asked(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of a request."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


class ThoughtIndustries:
    """The service.

    Args:
        store: where its tables are made.
        limits: how much may be asked.

    Attributes:
        api_key: the key that every request must bring.
        meter: what was spent.
    """

    def __init__(self, store: Store, limits: PointLimits) -> None:
        self.api_key: Final = seed.API_KEY
        self.meter: Final = Meter(limits)
        self.state: Final = State(store)
        self._language: Language | None = None
        self.operations = (
            Operation(
                ANYTHING,
                "POST",
                HELIUM,
                self._work,
                names=tuple(route.id for route in ROUTES),
                name_of=self._name_of,
            ),
        )

    def refusal(self, status: int) -> Answer:
        """Word a refusal."""
        return replies.refusal(status)

    def wake(self) -> None:
        """Put in what every sandbox knows, and begin to count anew."""
        self.meter.clear()
        seed.sow(self.state)

    def expire_tokens(self) -> int:
        """Do nothing: no token here is said to expire."""
        return 0

    def add_learner(self, email: str) -> str:
        """Add a learner who has not begun anything; give the token that acts for them.

        Raises:
            ValueError: there is one of that address.
        """
        if self.state.learner_named(email) is not None:
            raise ValueError(f"there is a learner {email!r} already")
        name = email.partition("@")[0]
        learner = Learner(
            id=f"user-{len(self.state.learners.rows) + 1}",
            email=email,
            first_name=name.capitalize(),
            last_name="Learner",
            token=f"learner-token-{len(self.state.learners.rows) + 1}",
            client=seed.CLIENT,
            created_at=moments.now(),
        )
        self.state.learners.put(learner)
        return learner.token

    def _load(self) -> Language | None:
        """Load GraphQL; None without graphql-core."""
        if self._language is None:
            try:
                module = import_module("aiobadges.sandbox.thought_industries.language")
            except ModuleNotFoundError as error:
                if error.name != "graphql":
                    raise
                return None
            self._language = module.Language({route.field: route.run for route in ROUTES})
        return self._language

    def _name_of(self, body: bytes) -> str:
        language, asked = self._load(), _read(body)
        if language is None or asked is None:
            return ANYTHING
        fields = language.root_fields(language.document(asked.query), asked.operation_name)
        return ID_OF_FIELD.get(fields[0], ANYTHING) if len(fields) == 1 else ANYTHING

    async def _work(self, incoming: Incoming) -> Answer:
        if incoming.query.getall("apiKey", []) != [self.api_key]:
            return replies.refusal(HTTPStatus.UNAUTHORIZED)
        language = self._load()
        if language is None:
            return replies.refusal(HTTPStatus.NOT_IMPLEMENTED, NEEDS_GRAPHQL)
        if incoming.content_type != "application/json":
            return replies.refusal(HTTPStatus.BAD_REQUEST, "the body must be application/json")
        asked = _read(incoming.body)
        if asked is None:
            return replies.refusal(
                HTTPStatus.BAD_REQUEST,
                "the body must be an object of query, variables and operationName",
            )
        document = language.document(asked.query)
        if document.errors:
            return replies.reply({"errors": document.errors}, status=HTTPStatus.BAD_REQUEST)
        return self._answer(language, document, asked, incoming)

    def _answer(
        self, language: Language, document: Document, asked: _Asked, incoming: Incoming
    ) -> Answer:
        operation = language.operation(document, asked.operation_name)
        if operation is None:
            return replies.refusal(
                HTTPStatus.BAD_REQUEST, "it is not clear which operation is meant"
            )
        cost = language.cost(document, operation)
        limits = self.meter.limits
        if cost > limits.query:
            return replies.refusal(
                HTTPStatus.BAD_REQUEST, f"the query costs {cost} points; {limits.query} are allowed"
            )
        token = self._token(incoming)
        actor = self.state.learner_with_token(token) if token else None
        if token and actor is None:
            return replies.refusal(HTTPStatus.UNAUTHORIZED, "the authToken is not valid")
        admission = self.meter.admit(cost)
        headers = replies.limit_headers(admission, cost, limits)
        if not admission.is_admitted:
            return replies.too_many(math.ceil(admission.seconds) or 1, headers)
        if actor is not None:
            # The real server sends it; whoever sends it back mixes learners up.
            headers["Set-Cookie"] = f"authToken={actor.token}; Path=/; HttpOnly"
        result = language.execute(
            document,
            Call(self.state, actor, moments.now()),
            asked.variables or {},
            asked.operation_name,
        )
        status = HTTPStatus.OK if result.was_executed else HTTPStatus.BAD_REQUEST
        return replies.reply(result.body, headers, status)

    def _token(self, incoming: Incoming) -> str:
        """Read who acts: from the header, else from a cookie, which no client should send."""
        cookie = ""
        if sent := incoming.headers.get("Cookie", ""):
            self.meter.cookie_came()
            pairs = (pair.strip().partition("=") for pair in sent.split(";"))
            cookie = next((value for name, _, value in pairs if name == "authToken"), "")
        return incoming.headers.get("authToken", "") or cookie


def _read(body: bytes) -> _Asked | None:
    try:
        return msgspec.json.decode(body, type=_Asked)
    except (msgspec.DecodeError, RecursionError):
        return None
