"""Calls to requests and answers to verdicts: what is sent, what an answer means, what never shows."""

import copy
import json
import logging
import pickle
import traceback
from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import (
    BadgesError,
    BadRequestError,
    BadResponseError,
    CertificateError,
    ConnectError,
    ForbiddenError,
    InvalidCallError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    ServerError,
    UnauthorizedError,
)
from aiobadges.thought_industries.dialect import ThoughtIndustriesDialect
from aiobadges.values import UNSET, Secret
from aiobadges.wire.codec import Codec, build_converter
from aiobadges.wire.exchange import Broken, Response
from aiobadges.wire.operation import Call, Operation, Reply
from aiobadges.wire.retry import Again

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = "CANARY-TOKEN/y +ü?&secret"
ENCODED_KEY = "CANARY-TOKEN%2Fy%20%2B%C3%BC%3F%26secret"
TOKEN = "learner-token-of-ana"


def operation(**settings):
    usual = {"method": "POST", "template": "/helium", "document": "query Q { Root }"}
    return Operation(**usual | {"id": "learning_paths.by_slug", "idempotent": True} | settings)


GET = operation(result="Path", unwrap="one", may_be_empty=True)
LIST = operation(id="milestones.completions", result="Path", unwrap="many", may_be_empty=True)
RAW = operation(id="execute", unwrap="bare")
UPDATE = operation(
    id="courses.update_status", idempotent=False, result="bool", unwrap="one", document="mutation M"
)
ARCHIVE = operation(
    id="courses.archive", idempotent=False, result="str", unwrap="one", may_be_empty=True
)


def call(of, **variables):
    return Call(operation=of, body=variables)


def error_of(verdict):
    return verdict.error if isinstance(verdict, Again) else verdict


def test_document_and_variables_are_posted_with_the_key_in_the_query(dialect):
    request = dialect.build(call(GET, slug="lab-safety"))

    assert (request.method, request.url) == (
        "POST",
        f"https://acme.example/helium?apiKey={ENCODED_KEY}",
    )
    assert json.loads(request.body) == {
        "query": "query Q { Root }",
        "variables": {"slug": "lab-safety"},
    }
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["authToken"] == TOKEN


def test_variables_are_left_out_when_unset_and_sent_when_null(dialect):
    request = dialect.build(call(operation(id="x"), a=UNSET, b=None, c=NOW))

    assert json.loads(request.body)["variables"] == {"b": None, "c": "2026-03-01T12:00:00.000Z"}


def test_no_learner_acts_when_none_was_named(dialect):
    nobody = ThoughtIndustriesDialect("https://acme.example", Secret(KEY), lambda: dialect.codec)

    assert "authToken" not in nobody.build(call(GET)).headers


def test_another_learner_acts_with_the_same_models_when_asked(dialect):
    other = dialect.acting_as(Secret("other"))

    assert other.build(call(GET)).headers["authToken"] == "other"
    assert dialect.build(call(GET)).headers["authToken"] == TOKEN
    assert other.codec is dialect.codec
    assert other.origin == dialect.origin == "https://acme.example:443"


@pytest.mark.parametrize("token", ["", " x", "a\r\nHost: evil", "ü"])
def test_token_is_refused_without_being_shown_when_no_header_can_hold_it(dialect, token):
    with pytest.raises(InvalidCallError) as caught:
        dialect.acting_as(Secret(token))

    assert not token.strip() or token.strip() not in str(caught.value)


def test_key_is_asked_for_when_it_is_empty(dialect):
    with pytest.raises(InvalidCallError, match="AIOBADGES_TI_API_KEY"):
        ThoughtIndustriesDialect("https://acme.example", Secret(""), lambda: dialect.codec)


@pytest.mark.parametrize(
    ("of", "variables", "complaint"),
    [
        (UPDATE, {"status": "started"}, "exactly one"),
        (
            UPDATE,
            {"id": "c", "status": "started", "statusChangeDate": NOW + timedelta(1)},
            "future",
        ),
        (operation(id="x"), {"a": {1, 2}, "b": object()}, "cannot be written as JSON"),
        (operation(id="x"), {"a": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_nothing_is_sent_when_the_variables_are_wrong(dialect, of, variables, complaint):
    with pytest.raises(InvalidCallError, match=complaint) as caught:
        dialect.build(call(of, **variables))

    assert caught.value.site.operation == of.id


def test_no_token_is_among_the_variables_of_a_traceback_when_a_call_cannot_be_sent(dialect):
    with pytest.raises(InvalidCallError) as caught:
        dialect.build(call(UPDATE, status="started"))

    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    build = next(frame for frame in shown.stack if frame.name == "build")
    assert TOKEN not in repr(build.locals)


def test_nothing_is_sent_when_the_variables_are_no_mapping(dialect):
    with pytest.raises(InvalidCallError, match="no mapping"):
        dialect.build(Call(operation=GET, body=["slug"]))


def test_variables_are_empty_when_there_are_none(dialect):
    assert json.loads(dialect.build(Call(operation=GET)).body)["variables"] == {}


def test_model_is_read_from_the_only_root_field(dialect, answer):
    reply = dialect.read(
        call(GET), answer({"data": {"Root": {"id": "p1", "createdAt": "2024-03-15"}}}), 1
    )

    assert reply.result.id == "p1"
    assert reply.result.created_at == datetime(2024, 3, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("of", "root", "result"),
    [
        (GET, None, None),
        (LIST, None, None),
        (LIST, [], []),
        (LIST, [None, None], []),
        (UPDATE, True, True),
        (UPDATE, False, False),
        (ARCHIVE, "course_789", "course_789"),
        (ARCHIVE, None, None),
        (RAW, {"a": 1}, {"Root": {"a": 1}}),
        (operation(unwrap="none"), True, None),
    ],
)
def test_result_is_what_the_operation_says(dialect, answer, of, root, result):
    assert dialect.read(call(of), answer({"data": {"Root": root}}), 1).result == result


def test_empty_errors_are_no_errors(dialect, answer):
    body = {"data": {"Root": True}, "errors": []}

    assert dialect.read(call(UPDATE), answer(body), 1).result is True


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "$"),
        (b"not json", "$"),
        (b"<html>gateway</html>", "$"),
        ([], "$.data"),
        ({}, "$.data"),
        ({"data": None}, "$.data"),
        ({"data": {}}, "$.data"),
        ({"data": {"A": 1, "B": 2}}, "$.data"),
        ({"data": {"Root": {"name": "no id"}}}, "$.data.Root.id"),
        ({"data": {"Root": "text"}}, "$.data.Root"),
    ],
)
def test_answer_is_bad_when_it_cannot_be_read(dialect, answer, body, path):
    verdict = dialect.read(call(GET), answer(body), 1)

    assert type(verdict) is BadResponseError
    assert list(verdict.field_errors) == [path]
    assert verdict.site.operation == "learning_paths.by_slug"


def test_answer_is_bad_at_the_item_when_a_list_holds_one(dialect, answer):
    verdict = dialect.read(call(LIST), answer({"data": {"Root": [{"id": "a"}, {}]}}), 1)

    assert list(verdict.field_errors) == ["$.data.Root[1].id"]


def test_item_that_cannot_be_read_is_a_value_when_it_is_to_be_kept(dialect, answer):
    keeping = attrs.evolve(call(LIST), keeps_undecodable=True)
    body = {"data": {"Root": [None, {"id": "a"}, {}, "yes"]}}

    read, *kept = dialect.read(keeping, answer(body), 1).result

    assert read.id == "a"
    assert [(item.path, item.raw) for item in kept] == [
        ("$.data.Root[2]", {}),
        ("$.data.Root[3]", "yes"),
    ]


def test_list_is_bad_when_it_is_none(dialect, answer):
    assert isinstance(dialect.read(call(LIST), answer({"data": {"Root": {}}}), 1), BadResponseError)


@pytest.mark.parametrize("body", [b"", b"<html>", {"data": {"Root": "yes"}}, {"data": None}])
def test_outcome_is_unknown_when_the_answer_to_a_mutation_cannot_be_read(dialect, answer, body):
    verdict = dialect.read(call(UPDATE), answer(body), 1)

    assert type(verdict) is OutcomeUnknownError
    assert type(verdict.__cause__) is BadResponseError


def gql(message="It is so.", path=("Root",), code=None):
    error = {"message": message}
    if path is not None:
        error["path"] = list(path)
    if code is not None:
        error["extensions"] = {"code": code}
    return error


@pytest.mark.parametrize(
    ("code", "kind", "is_repeated"),
    [
        ("UNAUTHENTICATED", UnauthorizedError, False),
        ("FORBIDDEN", ForbiddenError, False),
        ("NOT_FOUND", NotFoundError, False),
        ("BAD_USER_INPUT", BadRequestError, False),
        ("RATE_LIMITED", RateLimitedError, True),
        ("INTERNAL_SERVER_ERROR", ServerError, True),
        ("SOMETHING_ELSE", RefusedError, False),
        (None, RefusedError, False),
    ],
)
def test_query_fails_by_the_code_when_its_root_is_null(dialect, answer, code, kind, is_repeated):
    body = {"data": {"Root": None}, "errors": [gql(code=code)]}

    verdict = dialect.read(call(GET), answer(body), 1)

    assert type(error_of(verdict)) is kind
    assert isinstance(verdict, Again) is is_repeated
    assert error_of(verdict).message == "Root: It is so."
    assert error_of(verdict).field_errors == {"Root": ("It is so.",)}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"data": {"Root": None}, "errors": [gql(code="NOT_FOUND")]}, NotFoundError),
        ({"data": None, "errors": [gql(code="BAD_USER_INPUT", path=None)]}, BadRequestError),
        ({"errors": [gql(path=None)]}, RefusedError),
        ({"errors": [gql(path=None, code="GRAPHQL_VALIDATION_FAILED")]}, BadRequestError),
        ({"errors": ["a text"]}, RefusedError),
        ({"errors": "a text"}, RefusedError),
        ({"errors": [17]}, RefusedError),
        ({"error": "some_word", "message": "a text"}, RefusedError),
        ({"data": None, "errors": [gql()]}, OutcomeUnknownError),
        (
            {"data": {"Root": None}, "errors": [gql(code="INTERNAL_SERVER_ERROR")]},
            OutcomeUnknownError,
        ),
        ({"data": None, "errors": [gql(path=("Root", "name"))]}, OutcomeUnknownError),
        (
            {"data": {"Root": None}, "errors": [gql(path=("Root", "name"), code="FORBIDDEN")]},
            OutcomeUnknownError,
        ),
        ({"data": {"Root": {"id": "1"}}, "errors": [gql(path=("Root", "x"))]}, OutcomeUnknownError),
    ],
)
def test_mutation_is_rejected_only_when_that_is_clear(dialect, answer, body, kind):
    assert type(dialect.read(call(UPDATE), answer(body), 1)) is kind


def test_answer_is_incomplete_when_a_part_of_it_failed(dialect, answer):
    body = {
        "data": {"Root": {"id": "p1", "milestones": [{"name": None}]}},
        "errors": [gql("Nobody knows.", ("Root", "milestones", 0, "name")), gql("Twice.")],
    }

    verdict = dialect.read(call(GET), answer(body), 1)

    assert type(verdict) is BadResponseError
    assert verdict.message == "the answer is incomplete: Root.milestones[0].name: Nobody knows."
    assert verdict.field_errors == {
        "Root.milestones[0].name": ("Nobody knows.",),
        "Root": ("Twice.",),
    }


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (401, b"", UnauthorizedError, "the answer says no more (unauthorized)"),
        (403, {"errors": [gql("No.", None)]}, ForbiddenError, "No."),
        (400, {"errors": ["slug is missing"]}, BadRequestError, "slug is missing"),
        (429, {"error": "rate_limit_exceeded", "message": "Slow."}, RateLimitedError, "Slow."),
        (502, b"<html>Bad gateway</html>", ServerError, "the answer says no more (bad gateway)"),
        (500, {"errors": [gql("Oh.", None)]}, ServerError, "Oh."),
    ],
)
def test_status_decides_when_it_is_no_2xx(*, dialect, answer, status, body, kind, message):
    error = error_of(dialect.read(call(GET), answer(body, status), 1))

    assert (type(error), error.message, error.status) == (kind, message, status)


def test_outcome_is_unknown_when_the_server_fails_on_a_mutation(dialect, answer):
    assert isinstance(dialect.read(call(UPDATE), answer(b"", 500), 1), OutcomeUnknownError)


def test_mutation_is_sent_again_when_it_was_turned_away_for_its_rate(dialect, answer):
    verdict = dialect.read(call(UPDATE), answer(b"", 429), 1)

    assert isinstance(verdict, Again)
    assert type(verdict.error) is RateLimitedError


@pytest.mark.parametrize(
    ("broken", "of", "kind", "is_repeated"),
    [
        (Broken(by="connect", detail="no", may_have_arrived=False), UPDATE, ConnectError, True),
        (
            Broken(by="certificate", detail="no", may_have_arrived=False),
            GET,
            CertificateError,
            False,
        ),
        (
            Broken(by="timeout", detail="no", may_have_arrived=True),
            UPDATE,
            OutcomeUnknownError,
            False,
        ),
    ],
)
def test_break_is_judged_by_what_may_have_arrived(dialect, broken, of, kind, is_repeated):
    verdict = dialect.read(call(of), broken, 2)

    assert type(error_of(verdict)) is kind
    assert error_of(verdict).site.attempts == 2
    assert isinstance(verdict, Again) is is_repeated


def test_cookies_are_dropped_and_the_request_id_is_kept(dialect, answer):
    reply = dialect.read(
        call(GET),
        answer({"data": {"Root": None}}, set_cookie=f"authToken={TOKEN}", x_request_id="r-1"),
        1,
    )

    assert "set-cookie" not in reply.headers
    assert reply.request_id == "r-1"


def shown(thing):
    """Everything a thing shows of itself."""
    texts = [repr(thing), str(thing)]
    if isinstance(thing, BaseException):
        texts += ["".join(traceback.format_exception(thing)), repr(vars(thing))]
    return "\n".join(texts)


def assert_keeps_secrets(text):
    for secret in (KEY, ENCODED_KEY, TOKEN, "secret"):
        assert secret not in text


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize(
    "echo",
    [KEY, ENCODED_KEY, TOKEN, "x" * 490 + KEY, f"https://acme.example/helium?apiKey={ENCODED_KEY}"],
)
def test_secrets_are_taken_out_when_the_server_echoes_them(dialect, answer, status, echo):
    body = {"errors": [{"message": echo, "path": [echo]}], "data": None}

    error = error_of(dialect.read(call(GET), answer(body, status, x_request_id=echo), 1))

    assert_keeps_secrets(shown(error))
    assert_keeps_secrets(pickle.dumps(error).decode("latin-1"))
    assert_keeps_secrets(shown(pickle.loads(pickle.dumps(error))))  # noqa: S301 - our own


def test_secrets_are_not_shown_by_what_holds_them(dialect):
    request = dialect.build(call(GET, slug="p"))

    assert_keeps_secrets(shown(dialect))
    assert_keeps_secrets(shown(request))
    assert "acting as a learner" in repr(dialect)


def test_secrets_are_not_pickled_with_the_dialect(dialect):
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(dialect)
    assert copy.copy(dialect).origin == dialect.origin


def test_nothing_is_logged(dialect, answer, caplog):
    caplog.set_level(logging.DEBUG)

    dialect.build(call(GET))
    dialect.read(call(GET), answer(b"", 500), 1)

    assert caplog.records == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
ENVELOPES = st.fixed_dictionaries(
    {}, optional={"data": JSON, "errors": JSON | st.lists(JSON), "error": JSON, "message": JSON}
)


@given(body=ENVELOPES | JSON, status=st.sampled_from([200, 204, 302, 400, 404, 429, 500]))
def test_verdict_is_a_reply_or_one_of_our_errors_whatever_comes(body, status):
    dialect = ThoughtIndustriesDialect(
        "https://acme.example", Secret("key"), lambda: Codec(build_converter(), {"Path": dict}.get)
    )
    response = Response(status=status, body=json.dumps(body).encode())
    for of in (GET, LIST, UPDATE, ARCHIVE, RAW):
        verdict = dialect.read(call(of), response, 1)

        assert isinstance(verdict, Reply | Again | BadgesError)
        if isinstance(verdict, Reply):
            assert status < 300
            assert not (isinstance(body, dict) and body.get("errors"))
