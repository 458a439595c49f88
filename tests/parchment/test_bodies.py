"""Bodies and answers that are not JSON, and lists that have a name instead of an envelope."""

import pytest

from aiobadges.errors import BadResponseError, InvalidCallError, RefusedError
from aiobadges.parchment import models as m
from aiobadges.parchment.dialect import ParchmentDialect
from aiobadges.parchment.resources.organizations import EXPORT_GROUPS, LIST
from aiobadges.parchment.resources.pathways import SUBMIT_EXPERIENCE_CSV
from aiobadges.wire.exchange import Response
from aiobadges.wire.operation import Call

DIALECT = ParchmentDialect("https://api.badges.parchment.com")
LAST_ATTEMPT = 99


def built(rows):
    return DIALECT.build(Call(operation=SUBMIT_EXPERIENCE_CSV, path=("p", "e"), body=rows))


def read(operation, body, **more):
    answer = Response(status=200, body=body, **more)
    path = ("o",) if "{" in operation.template else ()
    return DIALECT.read(Call(operation=operation, path=path), answer, LAST_ATTEMPT)


def test_rows_are_csv_under_their_names_on_the_wire():
    request = built([m.ExperienceCsvRow(recipient_id="email:ana@example.edu", passed=True)])
    assert request.body == b"recipientId,passed\nemail:ana@example.edu,true\n"
    assert request.headers["Content-Type"] == "text/csv"


@pytest.mark.parametrize("rows", [5, [5], ["x"]], ids=["number", "numbers", "texts"])
def test_rows_are_refused_before_anything_when_they_are_none(rows):
    with pytest.raises(InvalidCallError, match="cannot be written"):
        built(rows)


def test_a_list_is_found_under_its_name():
    reply = read(LIST, b'{"organizations": [{"id": "o1"}]}')
    assert reply.result == [m.Organization(id="o1")]
    assert read(LIST, b'[{"id": "o1"}]').result == [m.Organization(id="o1")]


def test_a_fault_in_a_named_list_has_its_path():
    error = read(LIST, b'{"organizations": [{"id": "o1"}, {"id": 5}]}')
    assert set(error.field_errors) == {"$.organizations[1].id"}
    assert isinstance(error, BadResponseError)


def test_text_is_given_as_it_is():
    assert read(EXPORT_GROUPS, "name\nNörd\n".encode()).result == "name\nNörd\n"
    assert DIALECT.build(Call(operation=EXPORT_GROUPS, path=("o",))).headers["Accept"] == "text/csv"


def test_an_envelope_is_a_refusal_when_text_was_asked_for():
    assert isinstance(read(EXPORT_GROUPS, b'{"status": {"success": false}}'), RefusedError)


@pytest.mark.parametrize(
    ("body", "why"),
    [(b"<html>", "is HTML"), (b"\xff\xfe\x00", "is not UTF-8 text")],
    ids=["html", "bytes"],
)
def test_an_answer_is_bad_when_it_is_no_text(body, why):
    error = read(EXPORT_GROUPS, body)
    assert why in error.message
