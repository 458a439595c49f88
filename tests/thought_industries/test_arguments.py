"""The vendor's rules for arguments, checked before anything is sent."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import InvalidCallError
from aiobadges.thought_industries.arguments import check
from aiobadges.values import UNSET

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STATUS = "courses.update_status"
ACCESS = "learning_paths.update_access"
PROGRESS = "topics.update_progress"
CREATE = "learning_paths.create"


@pytest.mark.parametrize(
    ("operation", "variables"),
    [
        (STATUS, {"id": "c1", "status": "started"}),
        (STATUS, {"slug": "c", "status": "not-completed", "id": UNSET, "sku": None}),
        (STATUS, {"sku": "C-1", "status": "completed", "statusChangeDate": NOW}),
        (STATUS, {"id": "c1", "status": "started", "statusChangeDate": NOW - timedelta(days=400)}),
        (ACCESS, {"slug": "p", "status": "not-started"}),
        (PROGRESS, {"topicId": "t", "progress": 0}),
        (PROGRESS, {"topicId": "t", "progress": 100}),
        (CREATE, {"name": "P", "milestones": [{}]}),
        ("learning_paths.by_slug", {"slug": "p"}),
        ("execute", {"whatever": 17}),
    ],
)
def test_call_passes_when_the_rules_are_kept(operation, variables):
    check(operation, variables, now=NOW)


@pytest.mark.parametrize(
    ("operation", "variables", "complaint"),
    [
        (STATUS, {"status": "started"}, "exactly one of id, slug and sku, not by 0"),
        (STATUS, {"id": "c1", "sku": "C", "status": "started"}, "Leave out all but one of id, sku"),
        (STATUS, {"id": "c1", "status": "done"}, "Use one of started, not-completed, completed"),
        (STATUS, {"id": "c1"}, "no status None"),
        (
            STATUS,
            {"id": "c1", "status": "started", "statusChangeDate": NOW + timedelta(seconds=1)},
            "lies in the future",
        ),
        (
            STATUS,
            {"id": "c1", "status": "started", "statusChangeDate": NOW.replace(tzinfo=None)},
            "no datetime with a time zone",
        ),
        (
            STATUS,
            {"id": "c1", "status": "started", "statusChangeDate": "2026-03-01"},
            "no datetime with a time zone",
        ),
        (ACCESS, {"slug": "p", "status": "completed"}, "not-started, started, not-completed"),
        (PROGRESS, {"topicId": "t", "progress": 101}, "from 0 to 100, not 101"),
        (PROGRESS, {"topicId": "t", "progress": -1}, "from 0 to 100, not -1"),
        (PROGRESS, {"topicId": "t", "progress": 0.5}, "a whole number"),
        (PROGRESS, {"topicId": "t", "progress": True}, "a whole number"),
        (CREATE, {"name": "P", "milestones": []}, "needs a milestone"),
        (CREATE, {"name": " ", "milestones": [{}]}, "name is empty"),
        ("learning_paths.by_slug", {"slug": ""}, "slug is empty"),
    ],
)
def test_call_is_refused_with_the_rule_when_one_is_broken(operation, variables, complaint):
    with pytest.raises(InvalidCallError) as caught:
        check(operation, variables, now=NOW)

    assert complaint in str(caught.value)


@given(st.sets(st.sampled_from(["id", "slug", "sku"])))
def test_course_is_named_in_exactly_one_way_or_not_at_all(names):
    variables = {**dict.fromkeys(names, "x"), "status": "started"}
    if len(names) == 1:
        check(STATUS, variables, now=NOW)
    else:
        with pytest.raises(InvalidCallError):
            check(STATUS, variables, now=NOW)
