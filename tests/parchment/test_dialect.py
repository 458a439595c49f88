"""How Parchment speaks: table tests on exchanges as they were recorded or documented."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import (
    AlreadyHeldError,
    BadgesError,
    BadRequestError,
    BadResponseError,
    CertificateError,
    ConflictError,
    ConnectError,
    DisconnectedError,
    FailedError,
    ForbiddenError,
    InvalidCallError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    ServerError,
    TimeoutFailedError,
    UnauthorizedError,
    UnexpectedStatusError,
    UnsafeLinkError,
)
from aiobadges.parchment import make_converter
from aiobadges.parchment.dialect import ParchmentDialect
from aiobadges.parchment.models import Assertion, AwardRequest, Issuer, Recipient, RevokeRequest
from aiobadges.parchment.resources import assertions, badgeclasses, issuers
from aiobadges.values import UNSET
from aiobadges.wire.exchange import Broken, BrokenBy, Response
from aiobadges.wire.operation import Call, Operation, Reply
from aiobadges.wire.outcome import WriteOutcome, outcome_of
from aiobadges.wire.retry import Again
from aiobadges.wire.statuses import is_done

BASE = "https://api.badges.parchment.com"
DIALECT = ParchmentDialect(BASE)

READ = Call(operation=issuers.GET, path=("issuer1",))
LIST = Call(operation=badgeclasses.ASSERTIONS, path=("badge1",), query=(("num", 100),))
AWARD = Call(
    operation=badgeclasses.AWARD,
    path=("badge1",),
    body=AwardRequest(recipient=Recipient.email("ana@example.edu")),
)
CREATE = Call(operation=issuers.CREATE, body={})
REVOKE = Call(
    operation=assertions.REVOKE, path=("a1",), body=RevokeRequest(revocation_reason="wrong cohort")
)
CALLS = {"read": READ, "list": LIST, "award": AWARD, "create": CREATE, "revoke": REVOKE}


def envelope(*, success=True, description="ok", **members):
    status = {"description": description, "success": success}
    return json.dumps({"status": status, **members}).encode()


def refusal(**members):
    members = {"validationErrors": [], "fieldErrors": {}, "result": []} | members
    return envelope(success=False, description="bad request", **members)


HTML = b"<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>"
HELD = refusal(
    validationErrors=["A previous award of this badge already exists for this recipient."]
)
RECORDED_400 = refusal(fieldErrors={"recipient": ["This field is required"]})
RECORDED_401 = envelope(success=False, description="no valid auth token found", result=[])
RECORDED_404 = envelope(
    success=False, description="entity not found or insufficient privileges", result=[]
)
GOOD = {
    "read": envelope(result=[{"entityId": "issuer1", "name": "Uni"}]),
    "list": envelope(result=[{"entityId": "a1"}, {"entityId": "a2"}]),
    "award": envelope(result=[{"entityId": "a1"}]),
    "create": envelope(result=[{"entityId": "issuer1"}]),
    "revoke": envelope(result=[{"entityId": "a1", "revoked": True}]),
}


def read(call, status, body=b"", headers=None, attempt=1):
    answer = Response(status=status, headers=headers or {}, body=body)
    return DIALECT.read(call, answer, attempt)


# --- requests -------------------------------------------------------------------------------------


def test_a_read_has_no_body_and_asks_for_json():
    request = DIALECT.build(
        Call(operation=issuers.GET, path=("a b",), query=(("include_staff", "false"), ("x", None)))
    )
    assert (request.method, request.body) == ("GET", None)
    assert request.url == f"{BASE}/v2/issuers/a%20b?include_staff=false"
    assert request.headers == {"Accept": "application/json"}


def test_an_award_carries_its_body_as_json_and_forbids_duplicates():
    request = DIALECT.build(AWARD)
    assert request.url == f"{BASE}/v2/badgeclasses/badge1/assertions"
    assert request.headers["Content-Type"] == "application/json"
    assert json.loads(request.body) == {
        "recipient": {"identity": "ana@example.edu", "type": "email", "hashed": True},
        "allowDuplicateAwards": False,
    }


def test_a_delete_carries_its_reason_as_the_vendor_spells_it():
    assert json.loads(DIALECT.build(REVOKE).body) == {"revocation_reason": "wrong cohort"}


def test_null_is_a_body_and_unset_is_none():
    assert DIALECT.build(attrs.evolve(CREATE, body=None)).body == b"null"
    assert DIALECT.build(attrs.evolve(CREATE, body=UNSET)).body is None


def test_no_token_is_in_a_request():
    headers = {name.lower() for name in DIALECT.build(AWARD).headers}
    assert not headers & {"authorization", "cookie"}


def test_a_body_of_another_media_type_is_sent_as_the_text_it_is():
    operation = Operation(
        id="pathways.submit_csv", method="POST", template="/v2/x", idempotent=False, body="text/csv"
    )
    request = DIALECT.build(
        Call(operation=operation, body="recipientId,passed\nemail:a@b.c,true\n")
    )
    assert request.headers["Content-Type"] == "text/csv"
    assert request.body == b"recipientId,passed\nemail:a@b.c,true\n"


NAIVE = datetime(2026, 1, 2)  # noqa: DTZ001 - on purpose
WEST = timezone(-timedelta(hours=1))


@pytest.mark.parametrize(
    "call",
    [
        Call(operation=issuers.GET, path=("",)),
        Call(operation=issuers.GET, path=("../users/self",)),
        Call(operation=issuers.GET),
        Call(operation=issuers.GET, path=("a", "b")),
        Call(operation=issuers.LIST, query=(("since", NAIVE),)),
        Call(operation=issuers.LIST, query=(("recipient", "\ud800"),)),
        attrs.evolve(CREATE, body={"at": NAIVE}),
        attrs.evolve(CREATE, body={"x": object()}),
        attrs.evolve(CREATE, body={"x": "\ud800"}),
        attrs.evolve(CREATE, body={"x": datetime.max.replace(tzinfo=WEST)}),
        Call(operation=issuers.LIST, query=(("since", datetime.max.replace(tzinfo=WEST)),)),
        attrs.evolve(CREATE, body={"x": UNSET}),
        attrs.evolve(AWARD, body=AwardRequest(recipient=Recipient.email("a"), issued_on=NAIVE)),
    ],
    ids=["empty-id", "path-in-id", "missing-id", "two-ids", "naive-in-query", "surrogate-in-query",
         "naive-in-body", "object", "surrogate", "beyond-the-calendar", "beyond-the-calendar-in-query",
         "unset-in-plain-data", "naive-issued-on"],
)  # fmt: skip
def test_a_call_is_refused_before_anything_when_it_cannot_be_written(call):
    with pytest.raises(InvalidCallError) as caught:
        DIALECT.build(call)
    assert outcome_of(caught.value) is WriteOutcome.NOT_SENT
    assert caught.value.status is None


NEXT = f"{BASE}/v2/badgeclasses/badge1/assertions?num=100&after=XYZ"


def test_a_page_address_replaces_path_and_query_when_it_is_ours():
    assert DIALECT.build(attrs.evolve(LIST, url=NEXT)).url == NEXT


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/v2/badgeclasses/badge1/assertions",
        f"{BASE}/v2/issuers/issuer1/assertions",
        f"{BASE}/v2/users/self",
        f"{BASE}/v2/badgeclasses/../assertions",
        NEXT.replace("https", "http"),
        "/v2/badgeclasses/badge1/assertions",
        "",
    ],
    ids=["host", "other-operation", "other-resource", "dots", "http", "relative", "empty"],
)
def test_a_page_address_is_refused_when_it_belongs_elsewhere(url):
    with pytest.raises(InvalidCallError, match="another server or operation"):
        DIALECT.build(attrs.evolve(LIST, url=url))


def test_the_base_path_stays_in_front_when_the_server_has_one():
    dialect = ParchmentDialect("https://badges.example.org/badgr")
    assert dialect.build(READ).url == "https://badges.example.org/badgr/v2/issuers/issuer1"
    assert dialect.origin == "https://badges.example.org:443"


# --- good answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("name", CALLS)
def test_a_good_answer_is_a_reply_whatever_2xx_it_comes_with(name, status):
    reply = read(CALLS[name], status, GOOD[name], {"x-request-id": "r-1", "date": "now"})
    assert isinstance(reply, Reply)
    assert (reply.status, reply.request_id, reply.headers["date"]) == (status, "r-1", "now")


def test_results_are_models_when_they_are_read():
    assert read(READ, 200, GOOD["read"]).result == Issuer(entity_id="issuer1", name="Uni")
    assert [a.entity_id for a in read(LIST, 200, GOOD["list"]).result] == ["a1", "a2"]
    assert isinstance(read(AWARD, 201, GOOD["award"]).result, Assertion)
    assert read(LIST, 200, envelope(result=[])).result == []


FULL = json.dumps(
    {
        "status": {"success": True, "description": "ok"},
        "timestamp": "2026-01-01T00:00:00Z",
        "validationErrors": [],
        "nonFieldErrors": [],
        "fieldErrors": {},
        "errorCode": None,
        "warnings": {"k": ["deprecated"]},
        "latestTermsVersion": 3,
        "result": [{"entityId": "a1", "brandNew": {"x": 1}, "issuedOn": "2019-09-04T19:03:24Z"}],
    }
).encode()


def test_the_whole_documented_envelope_is_read_when_all_its_members_come():
    assert read(AWARD, 201, FULL).result.issued_on == datetime(2019, 9, 4, 19, 3, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (READ, b'{"entityId": "issuer1"}'),
        (READ, b'[{"entityId": "issuer1"}]'),
        (READ, envelope(result={"entityId": "issuer1"})),
        (LIST, b'[{"entityId": "a1"}]'),
        (AWARD, b'{"entityId": "a1"}'),
    ],
    ids=["bare-one", "bare-list-of-one", "object-in-envelope", "bare-list", "bare-award"],
)
def test_a_body_is_read_when_its_envelope_is_missing_or_of_another_shape(call, body):
    assert isinstance(read(call, 200, body), Reply)


BARE = Operation(
    id="badgeclasses.duplicate",
    method="POST",
    template="/v2/x",
    idempotent=False,
    result="BadgeClass",
)


@pytest.mark.parametrize(
    "body",
    [
        b'{"entityId": "b1"}',
        envelope(result=[{"entityId": "b1"}]),
        envelope(result={"entityId": "b1"}),
    ],
    ids=["bare", "enveloped", "enveloped-object"],
)
def test_a_bare_body_is_read_also_when_it_comes_in_an_envelope(body):
    assert read(Call(operation=BARE), 201, body).result.entity_id == "b1"


REQUEST = Call(
    operation=Operation(
        id="request.get", method="GET", template="/v2/new", idempotent=True, may_be_empty=True
    )
)


@pytest.mark.parametrize(
    ("body", "result"),
    [
        (b"", None),
        (b"[1, 2]", [1, 2]),
        (b'{"organizations": []}', {"organizations": []}),
        (envelope(result=[]), []),
        (envelope(result=[{"a": 1}]), [{"a": 1}]),
        (envelope(result=[{"a": 1}, {"a": 2}]), [{"a": 1}, {"a": 2}]),
        (envelope(result={"a": 1}), {"a": 1}),
    ],
    ids=["empty", "list", "object", "none-of-a-list", "one-of-a-list", "two-of-a-list", "one"],
)
def test_a_request_of_ones_own_gives_the_parsed_body_in_one_shape_whatever_its_length(body, result):
    assert read(REQUEST, 200, body).result == result


@pytest.mark.parametrize(
    ("status", "body"),
    [(204, b""), (200, b""), (200, b" \n"), (200, b'{"status": {"success": true}}'),
     (200, envelope(result=[])), (200, envelope(result=None))],
    ids=["204", "empty", "blank", "envelope-without-result", "empty-result", "null-result"],
)  # fmt: skip
def test_a_delete_is_done_without_a_result_when_the_answer_holds_none(status, body):
    # The vendor's pages show a body, an envelope without a result, and no body for deletions.
    reply = read(REVOKE, status, body)
    assert isinstance(reply, Reply)
    assert reply.result is None


def test_a_result_is_none_when_the_operation_documents_none():
    operation = attrs.evolve(assertions.REVOKE, unwrap="none", result="")
    for body in (b"", envelope(), b'{"whatever": 1}'):
        assert read(Call(operation=operation, path=("a",)), 200, body).result is None


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({}, ""),
        ({"x-request-id": "a", "cf-ray": "b"}, "a"),
        ({"x-request-id": "", "x-amzn-requestid": "c"}, "c"),
        ({"x-amzn-trace-id": "Root=1"}, "Root=1"),
        ({"cf-ray": "d"}, "d"),
        ({"x-request-id": "x" * 1000}, "x" * 200),
    ],
    ids=["none", "first", "skips-empty", "trace", "ray", "cut"],
)
def test_the_request_id_is_the_first_one_the_answer_names(headers, request_id):
    assert read(READ, 200, GOOD["read"], headers).request_id == request_id
    assert read(READ, 403, b"", headers).request_id == request_id


# --- pages ----------------------------------------------------------------------------------------

LINK = {
    "link": f'<{BASE}/v2/badgeclasses/badge1/assertions?before=A>; rel="prev", <{NEXT}>; rel="next"'
}


def test_the_next_page_is_named_when_a_list_has_one():
    assert read(LIST, 200, GOOD["list"], LINK).next_url == NEXT
    assert read(LIST, 200, GOOD["list"]).next_url is None


def test_the_next_page_of_a_later_page_is_named_relative_to_that_page():
    call = attrs.evolve(LIST, url=NEXT)
    reply = read(call, 200, GOOD["list"], {"link": '<?after=B>; rel="next"'})
    assert reply.next_url == f"{BASE}/v2/badgeclasses/badge1/assertions?after=B"


@pytest.mark.parametrize("name", ["read", "award", "create", "revoke"])
def test_a_link_is_passed_over_when_the_operation_is_no_list(name):
    headers = {"link": '<https://evil.example/>; rel="next"'}
    assert read(CALLS[name], 200, GOOD[name], headers).next_url is None


def test_a_list_fails_when_its_next_page_lies_elsewhere():
    headers = {"link": f'<{BASE}/v2/users/self>; rel="next"', "x-request-id": "r"}
    error = read(LIST, 200, GOOD["list"], headers)
    assert type(error) is UnsafeLinkError
    assert error.site.operation == LIST.operation.id
    assert error.request_id == "r"


# --- refusals -------------------------------------------------------------------------------------

STATUSES = {
    300: UnexpectedStatusError,
    302: UnexpectedStatusError,
    308: UnexpectedStatusError,
    400: BadRequestError,
    403: ForbiddenError,
    404: NotFoundError,
    405: UnexpectedStatusError,
    409: ConflictError,
    410: UnexpectedStatusError,
    413: UnexpectedStatusError,
    415: UnexpectedStatusError,
    422: BadRequestError,
    451: UnexpectedStatusError,
}
BODIES = {"empty": b"", "html": HTML, "envelope": RECORDED_400, "junk": b"\xff\xfe", "list": b"[]"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_a_rejection_is_final_and_keeps_its_status_whatever_the_body(status, kind, name, body):
    error = read(CALLS[name], status, body, {"x-request-id": "r"}, attempt=2)
    assert type(error) is kind
    assert outcome_of(error) is WriteOutcome.REJECTED
    assert error.site == CALLS[name].site(status=status, request_id="r", attempts=2)
    assert f"answered {status}" in str(error)


@pytest.mark.parametrize(
    "status", [301, 400, 401, 403, 404, 405, 408, 409, 422, 429, 500, 502, 503, 504]
)
def test_the_message_is_in_words_when_the_body_says_nothing(status):
    verdict = read(READ, status)
    error = verdict.error if isinstance(verdict, Again) else verdict
    # The status stands before it: "answered 403: 403" tells a person nothing.
    assert len(error.message.split()) >= 2
    assert not error.message[0].isdigit()
    assert str(status) not in error.message
    assert ".." not in str(error)


@pytest.mark.parametrize(
    ("body", "words", "fields"),
    [
        (
            RECORDED_400,
            "recipient: This field is required",
            {"recipient": ("This field is required",)},
        ),
        (refusal(fieldErrors={"name": "Too long"}), "name: Too long", {"name": ("Too long",)}),
        (refusal(fieldErrors="Invalid cursor"), "Invalid cursor", {"": ("Invalid cursor",)}),
        (
            refusal(fieldErrors={"recipient": {"identity": ["Bad"]}}),
            "recipient.identity: Bad",
            {"recipient.identity": ("Bad",)},
        ),
        (refusal(fieldErrors=False), "bad request", {"": ("bad request",)}),
        (refusal(nonFieldErrors=["Give one"]), "Give one", {"": ("Give one",)}),
    ],
    ids=["list", "text", "only-a-text", "nested", "false", "non-field"],
)
def test_field_errors_are_told_when_the_server_names_them(body, words, fields):
    error = read(CREATE, 400, body)
    assert type(error) is BadRequestError
    assert words in str(error)
    assert error.field_errors == fields


def test_the_recorded_404_says_what_to_check():
    error = read(READ, 404, RECORDED_404)
    assert "entity not found or insufficient privileges" in str(error)
    assert "role" in error.remedy


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize("name", CALLS)
def test_a_2xx_is_a_refusal_when_its_envelope_says_false(name, status):
    error = read(CALLS[name], status, RECORDED_400)
    assert type(error) is RefusedError
    assert outcome_of(error) is WriteOutcome.REJECTED
    assert error.field_errors == {"recipient": ("This field is required",)}
    assert error.status == status


def test_a_refusal_without_words_still_says_what_it_is():
    error = read(READ, 200, b'{"status": {"success": false}}')
    assert type(error) is RefusedError
    assert "success: false" in str(error)


@pytest.mark.parametrize("status", [200, 201, 400, 422])
def test_a_duplicate_is_already_held_when_it_was_an_award(status):
    error = read(AWARD, status, HELD)
    assert type(error) is AlreadyHeldError
    assert "previous award" in str(error)
    assert error.status == status
    assert error.field_errors


@pytest.mark.parametrize("name", ["read", "list", "create", "revoke"])
@pytest.mark.parametrize(("status", "kind"), [(400, BadRequestError), (200, RefusedError)])
def test_the_words_of_a_duplicate_mean_nothing_when_it_was_no_award(name, status, kind):
    assert type(read(CALLS[name], status, HELD)) is kind


@pytest.mark.parametrize("status", [403, 404, 409, 405])
def test_the_words_of_a_duplicate_mean_nothing_when_the_status_is_another(status):
    assert not isinstance(read(AWARD, status, HELD), AlreadyHeldError)


# --- again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("body", [RECORDED_401, b"", HTML], ids=["recorded", "empty", "html"])
def test_a_401_asks_for_another_token_also_for_a_write(name, body):
    verdict = read(CALLS[name], 401, body)
    assert isinstance(verdict, Again)
    assert verdict.refresh
    assert type(verdict.error) is UnauthorizedError
    assert "Sign in" in verdict.error.remedy


@pytest.mark.parametrize("name", CALLS)
def test_a_429_is_tried_again_also_for_a_write(name):
    verdict = read(CALLS[name], 429, HTML, {"retry-after": "3"})
    assert isinstance(verdict, Again)
    assert not verdict.refresh
    assert type(verdict.error) is RateLimitedError
    assert outcome_of(verdict.error) is WriteOutcome.REJECTED


@pytest.mark.parametrize("status", [408, 500, 501, 502, 503, 504, 599])
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_failed_server_is_asked_again_only_when_that_doubles_nothing(name, status, body):
    kind = TimeoutFailedError if status == 408 else ServerError
    verdict = read(CALLS[name], status, body)
    if CALLS[name].operation.idempotent:
        assert isinstance(verdict, Again)
        assert not verdict.refresh
        assert type(verdict.error) is kind
    else:
        assert type(verdict) is OutcomeUnknownError
        assert type(verdict.__cause__) is kind
        assert outcome_of(verdict) is WriteOutcome.UNKNOWN
        assert verdict.status == status


# --- answers that cannot be read ------------------------------------------------------------------

BROKEN = {
    "empty": (b"", "$: is empty"),
    "html": (HTML, "is HTML"),
    "cut": (b'{"status": {"success": true}, "result": [{"entityId"', "is not JSON"),
    "not-utf-8": (b'{"x": "\xff"}', "is not JSON"),
    "no-items": (envelope(result=[]), "$.result: holds 0 items, not one"),
    "two-items": (envelope(result=[{"entityId": "a"}] * 2), "$.result: holds 2 items, not one"),
    "null-result": (envelope(result=None), "$.result: expected an object, got null"),
    "no-result": (envelope(), "$.result"),
    "null": (b"null", "$: is empty"),
    "text": (b'"ok"', "$: expected an object, got a string"),
    "no-id": (envelope(result=[{"name": "x"}]), "$.result[0].entityId: is missing"),
    "null-id": (envelope(result=[{"entityId": None}]), "$.result[0].entityId: expected a string"),
    "wrong-type": (
        envelope(result=[{"entityId": "a", "createdAt": 5}]),
        "$.result[0].createdAt: expected a timestamp, got a number",
    ),
    "list-of-lists": (envelope(result=[[]]), "$.result[0]: expected an object, got a list"),
}


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(("body", "words"), BROKEN.values(), ids=BROKEN)
def test_a_read_fails_for_good_when_its_answer_cannot_be_read(body, words, status):
    error = read(READ, status, body)
    assert type(error) is BadResponseError
    assert words in str(error)
    assert error.status == status
    assert all(path.startswith("$") for path in error.field_errors)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(("body", "words"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("name", ["award", "create"])
def test_a_write_is_unknown_when_its_2xx_cannot_be_read(name, body, words, status):
    error = read(CALLS[name], status, body)
    assert type(error) is OutcomeUnknownError
    assert outcome_of(error) is WriteOutcome.UNKNOWN
    assert type(error.__cause__) is BadResponseError
    assert words in str(error.__cause__)


def test_a_write_is_unknown_when_a_204_comes_instead_of_the_award():
    assert type(read(AWARD, 204)) is OutcomeUnknownError


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (envelope(result=[{"entityId": "a"}, {"entityId": 3}]),
         "$.result[1].entityId: expected a string, got a number"),
        (b'[{"entityId": "a"}, {}]', "$[1].entityId: is missing"),
        (envelope(result={"entityId": "a"}), "$.result: is no list"),
        (envelope(), "$.result: is no list"),
        (b"{}", "$: is no list"),
    ],
    ids=["wrong-item", "bare-wrong-item", "object", "no-result", "bare-object"],
)  # fmt: skip
def test_a_list_fails_with_the_path_of_the_item_that_cannot_be_read(body, words):
    error = read(LIST, 200, body)
    assert type(error) is BadResponseError
    assert words in str(error)


def test_no_value_of_the_answer_is_told_when_it_cannot_be_read():
    body = envelope(result=[{"entityId": "a", "name": ["ana@example.edu"], "createdAt": "ana@b.c"}])
    assert "ana" not in str(read(READ, 200, body))


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("name", CALLS)
def test_every_nesting_that_can_be_parsed_has_a_verdict(name, status):
    # Between what the JSON parser takes and what Python recurses into there must be no gap.
    for depth in (100, 900, *range(850, 1000), 5_000, 50_000):
        body = b'{"status":{"success":false},"fieldErrors":%s1%s}' % (b"[" * depth, b"]" * depth)
        assert isinstance(read(CALLS[name], status, body), (BadgesError, Again))


# --- no whole answer ------------------------------------------------------------------------------

BREAKS = {
    "connect": (ConnectError, "again", "again"),
    "certificate": (CertificateError, "final", "final"),
    "timeout": (TimeoutFailedError, "again", "unknown"),
    "disconnect": (DisconnectedError, "again", "unknown"),
    "too-large": (BadResponseError, "final", "unknown"),
    "garbled": (BadResponseError, "final", "unknown"),
}


def test_every_kind_of_break_is_in_the_table():
    assert set(BREAKS) == set(get_args(BrokenBy))


@pytest.mark.parametrize("by", BREAKS)
@pytest.mark.parametrize("name", CALLS)
def test_a_broken_exchange_is_repeated_only_when_that_doubles_nothing(name, by):
    kind, for_reads, for_writes = BREAKS[by]
    arrived = by not in {"connect", "certificate"}
    broken = Broken(
        by=by, detail="the words", may_have_arrived=arrived, status=200 if arrived else None
    )
    verdict = DIALECT.read(CALLS[name], broken, 3)
    expected = for_reads if CALLS[name].operation.idempotent else for_writes
    match expected:
        case "again":
            assert isinstance(verdict, Again)
            assert not verdict.refresh
            error = verdict.error
        case "unknown":
            assert type(verdict) is OutcomeUnknownError
            error = verdict.__cause__
        case _:
            error = verdict
    assert type(error) is kind
    assert error.message == "the words"
    assert error.site == CALLS[name].site(status=broken.status, attempts=3)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("by", ["connect", "certificate"])
def test_nothing_was_sent_when_there_was_no_connection(name, by):
    verdict = DIALECT.read(CALLS[name], Broken(by=by, detail="x", may_have_arrived=False), 1)
    error = verdict.error if isinstance(verdict, Again) else verdict
    assert outcome_of(error) is WriteOutcome.NOT_SENT


# --- every answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", range(100, 600))
@pytest.mark.parametrize("name", CALLS)
def test_every_status_has_a_verdict_that_agrees_with_it(name, status):
    verdict = read(CALLS[name], status, GOOD[name])
    error = verdict.error if isinstance(verdict, Again) else verdict
    if is_done(status):
        assert isinstance(verdict, Reply)
        return
    assert isinstance(error, (RejectedError, FailedError, OutcomeUnknownError))
    assert error.status == status
    if not CALLS[name].operation.idempotent:
        assert not isinstance(error, FailedError)
        assert not isinstance(verdict, Again) or status in {401, 429}


bodies = st.one_of(
    st.binary(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "x", HELD.decode()]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "status",
                        "success",
                        "description",
                        "result",
                        "fieldErrors",
                        "validationErrors",
                        "nonFieldErrors",
                        "entityId",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=10,
    ).map(lambda value: json.dumps(value).encode()),
)


@given(
    st.sampled_from(sorted(CALLS)),
    st.sampled_from([200, 201, 204, 302, 400, 401, 404, 409, 422, 429, 500, 503]),
    bodies,
    st.sampled_from(["", LINK["link"], '<https://evil.example>; rel="next"', "<"]),
)
def test_any_answer_has_a_verdict_and_no_award_is_done_without_a_readable_id(
    name, status, body, link
):
    call = CALLS[name]
    verdict = read(call, status, body, {"link": link})
    assert isinstance(verdict, (Reply, Again, BadgesError))
    if isinstance(verdict, Reply):
        assert is_done(status)
        if name == "award":
            assert isinstance(verdict.result.entity_id, str)
    elif not call.operation.idempotent and is_done(status):
        error = verdict.error if isinstance(verdict, Again) else verdict
        assert isinstance(error, (OutcomeUnknownError, RefusedError, AlreadyHeldError))
        assert not isinstance(verdict, Again)


def test_the_same_answer_gives_the_same_verdict_when_read_twice():
    assert str(read(AWARD, 400, HELD)) == str(read(AWARD, 400, HELD))
    assert read(READ, 200, GOOD["read"]) == read(READ, 200, GOOD["read"])


# --- a converter of the user's own ----------------------------------------------------------------


def test_a_users_own_hook_reads_and_writes_when_its_converter_is_given():
    converter = make_converter()
    converter.register_structure_hook(datetime, lambda value, _: ("mine", value))
    converter.register_unstructure_hook(datetime, lambda _value: "mine")
    dialect = ParchmentDialect(BASE, converter)
    body = envelope(result=[{"entityId": "i", "createdAt": "whenever"}])
    issuer = dialect.read(READ, Response(status=200, body=body), 1).result
    assert issuer.created_at == ("mine", "whenever")
    call = attrs.evolve(CREATE, body={"at": datetime(2026, 1, 2, tzinfo=UTC)})
    assert json.loads(dialect.build(call).body) == {"at": "mine"}


def test_an_answer_fails_like_any_other_when_a_users_own_hook_raises():
    converter = make_converter()
    converter.register_structure_hook(Issuer, lambda _value, _cls: 1 / 0)
    verdict = ParchmentDialect(BASE, converter).read(
        READ, Response(status=200, body=GOOD["read"]), 1
    )
    assert type(verdict) is BadResponseError
    assert "$.result[0]" in str(verdict)
