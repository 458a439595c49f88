"""The vendor's printed sample answers, read into our classes. Only `data` counts, the rest is filler."""

import json
import re
from importlib import import_module
from pathlib import Path

import attrs
import pytest

from aiobadges.thought_industries import make_converter, models
from aiobadges.thought_industries.dialect import ThoughtIndustriesDialect
from aiobadges.values import Secret, UnknownVariant
from aiobadges.wire.codec import Codec
from aiobadges.wire.exchange import Response
from aiobadges.wire.operation import Call, Operation, Reply

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT.parent / "shared" / "reference").glob("002_*.txt"))
RESOURCES = ("courses", "learning_paths", "meetings", "milestones", "topics")
# What the page's sample of LearningPathBySlug selects is the summary.
OTHERWISE = {"LearningPathBySlug": "learning_paths.summary"}


def operations():
    """Give our operation for each root field the page has a sample of."""
    found = {}
    for resource in RESOURCES:
        module = import_module(f"aiobadges.thought_industries.resources.{resource}")
        for one in vars(module).values():
            if isinstance(one, Operation):
                field = re.search(r"\{\s*(\w+)", one.document)[1]
                if OTHERWISE.get(field, one.id) == one.id:
                    found[field] = one
    return found


OPERATIONS = operations()


def samples():
    """Give the `data` of each sample by root field."""
    text = PAGES[0].read_text(encoding="utf-8")
    found = {}
    for part in text.split("Example Response\n")[1:]:
        body, _ = json.JSONDecoder().raw_decode(part)
        (field,) = body["data"]
        found[field] = body["data"]
    return found


def read(operation, data):
    dialect = ThoughtIndustriesDialect(
        "https://acme.example",
        Secret("key"),
        lambda: Codec(make_converter(), lambda name: getattr(models, name)),
    )
    answer = Response(status=200, headers={}, body=json.dumps({"data": data}).encode())
    reply = dialect.read(Call(operation=operation), answer, 1)
    assert isinstance(reply, Reply), reply
    return reply.result


def classes(value):
    """Give the classes of ours in a value."""
    if isinstance(value, list):
        return {name for item in value for name in classes(item)}
    if not attrs.has(type(value)):
        return set()
    inner = (getattr(value, field.name) for field in attrs.fields(type(value)))
    return {type(value).__name__}.union(*map(classes, inner))


def test_there_is_an_operation_for_every_root_field():
    assert len(OPERATIONS) == 15


@pytest.mark.parametrize("field", sorted(OPERATIONS))
def test_sample_of_the_page_is_read(field):
    if not PAGES:
        pytest.skip(f"{field}: the vendor's page is not here")
    operation, data = OPERATIONS[field], samples()[field]

    result = read(operation, data)

    if operation.result in {"bool", "str"}:
        assert result == data[field]
    else:
        assert UnknownVariant.__name__ not in classes(result)
        first = result[0] if isinstance(result, list) else result
        assert type(first).__module__.startswith("aiobadges.thought_industries.models.")


@pytest.mark.skipif(not PAGES, reason="the vendor's page is not here")
def test_sample_of_a_learning_path_is_a_summary():
    data = samples()["LearningPathBySlug"]

    path = read(OPERATIONS["LearningPathBySlug"], data)

    assert type(path) is models.LearningPathSummary
    assert path.name == data["LearningPathBySlug"]["name"]
    assert len(path.milestones) == len(data["LearningPathBySlug"]["milestones"])


@pytest.mark.skipif(not PAGES, reason="the vendor's page is not here")
def test_samples_have_what_the_page_prints():
    fields = {field: read(OPERATIONS[field], data) for field, data in samples().items()}

    assert set(fields) == set(OPERATIONS)
    pages = fields["PagesCompletedByCourse"]
    assert {type(page) for page in pages} <= {models.TextPage, models.QuizPage, models.VideoPage}
    attended = fields["UpdateUserCourseMeetingAttendance"].attended_meetings
    assert attended[0].attendance_date.utcoffset() is not None
