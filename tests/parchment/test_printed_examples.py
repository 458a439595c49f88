"""Every example the vendor prints is read by its model and comes back as it was.

The pages are not ours to pass on: without them beside the repository these tests are skipped.
"""

import csv
import json
from datetime import datetime
from importlib import resources
from pathlib import Path

import pytest

from aiobadges.parchment import make_converter, models
from aiobadges.parchment.envelope import unwrap
from aiobadges.wire.codec import Codec

from .printed_page import exchanges

PAGES = sorted((Path(__file__).parents[3] / "shared" / "reference").glob("001_*.txt"))
needs_page = pytest.mark.skipif(not PAGES, reason="the vendor's page is not at ../shared/reference")

CODEC = Codec(make_converter(), lambda name: getattr(models, name))
CATALOG = json.loads(resources.files("aiobadges.parchment").joinpath("catalog.json").read_bytes())
OPERATIONS = {(one["method"], one["path"]): one for one in CATALOG["operations"]}
ENVELOPE = {
    "status", "result", "timestamp", "validationErrors", "nonFieldErrors", "fieldErrors", "errorCode",
    "warnings", "latestTermsVersion",
}  # fmt: skip
# The path names the badge class; the server refuses a second name for it.
NOT_SENT = {"badgeclasses.award": {"badgeclass", "badgeclassOpenBadgeId"}}


def cases():
    """Each printed exchange with its operation; `{scope}` stands for two paths."""
    for page in PAGES:
        for exchange in exchanges(page):
            scopes = ("issuers", "badgeclasses") if "{scope}" in exchange.path else ("",)
            for scope in scopes:
                operation = OPERATIONS[exchange.method, exchange.path.replace("{scope}", scope)]
                yield pytest.param(operation, exchange, id=operation["id"])


CASES = list(cases())


def moment(value):
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def difference(printed, written, *, path="$", absent_is_null):
    """Say where two JSON values differ: instants by what they mean; null and absent as told."""
    if isinstance(printed, dict) and isinstance(written, dict):
        for key in printed.keys() | written.keys():
            if key not in (printed.keys() & written.keys()) and not absent_is_null:
                yield f"{path}.{key} is on one side only"
            else:
                yield from difference(
                    printed.get(key),
                    written.get(key),
                    path=f"{path}.{key}",
                    absent_is_null=absent_is_null,
                )
    elif isinstance(printed, list) and isinstance(written, list) and len(printed) == len(written):
        for number, (one, other) in enumerate(zip(printed, written, strict=True)):
            yield from difference(
                one, other, path=f"{path}[{number}]", absent_is_null=absent_is_null
            )
    elif printed != written and (moment(printed) is None or moment(printed) != moment(written)):
        yield f"{path}: {printed!r} became {written!r}"


def there_and_back(value, model):
    if isinstance(value, list):
        return [there_and_back(item, model) for item in value]
    read = CODEC.structure(value, model)
    assert not unknown(read), "the document lacks a member"
    return json.loads(CODEC.encode(read))


def unknown(model):
    """Give the members that a model, or one within, did not know."""
    if isinstance(model, list | tuple):
        return [member for item in model for member in unknown(item)]
    if isinstance(model, dict):
        return unknown(list(model.values()))
    if type(model).__name__ == "UnknownVariant":
        return [model.tag]
    names = getattr(type(model), "__attrs_attrs__", ())
    return [
        *getattr(model, "extra_", ()),
        *unknown([getattr(model, a.name) for a in names if a.name != "extra_"]),
    ]


@needs_page
@pytest.mark.parametrize(("operation", "exchange"), CASES)
def test_a_printed_request_comes_back_as_it_was(operation, exchange):
    if exchange.sent is None:
        # One body is ours: the open source server wants it, the page shows none.
        assert operation["body"] is None or operation["id"] == "backpack.assertions.update"
        return
    body = operation["body"]
    model = body["type"].removeprefix("list[").removesuffix("]")
    if body["media_type"] == "text/csv":
        read_rows = list(csv.DictReader(exchange.sent.splitlines()))
        rows = [
            CODEC.structure(row | {"passed": row["passed"] == "true"}, model) for row in read_rows
        ]
        assert CODEC.encode_rows(rows, model).decode() == exchange.sent
        return
    printed = exchange.sent
    if dropped := NOT_SENT.get(operation["id"]):
        printed = {key: value for key, value in printed.items() if key not in dropped}
    assert list(difference(printed, there_and_back(printed, model), absent_is_null=False)) == []


@needs_page
@pytest.mark.parametrize(("operation", "exchange"), CASES)
def test_a_printed_answer_comes_back_as_it_was(operation, exchange):
    result = operation["result"]
    if exchange.received is None or result["unwrap"] == "none":
        assert result["unwrap"] == "none" or exchange.received is not None
        return
    is_wrapped = isinstance(exchange.received, dict) and "status" in exchange.received
    assert not is_wrapped or exchange.received.keys() <= ENVELOPE
    value, _ = unwrap(exchange.received, result["unwrap"], "organizations")
    written = there_and_back(value, result["model"])
    assert list(difference(value, written, absent_is_null=True)) == []


@needs_page
def test_every_printed_request_was_found():
    assert len(list(exchanges(PAGES[0]))) == 73
    assert len(CASES) == 75
