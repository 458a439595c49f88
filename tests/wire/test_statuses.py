"""What a status or a broken exchange means."""

from typing import get_args

import pytest

from aiobadges.errors import (
    BadRequestError,
    BadResponseError,
    CallSite,
    CertificateError,
    ConflictError,
    ConnectError,
    DisconnectedError,
    FailedError,
    ForbiddenError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    ServerError,
    TimeoutFailedError,
    UnauthorizedError,
    UnexpectedStatusError,
)
from aiobadges.wire.exchange import Broken, BrokenBy, Request, Response
from aiobadges.wire.statuses import error_class, error_of_break, is_done, remedy

SITE = CallSite(operation="issuers.get", method="GET", template="/v2/issuers/{issuer_id}")
KNOWN = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    408: TimeoutFailedError,
    409: ConflictError,
    422: BadRequestError,
    429: RateLimitedError,
}


@pytest.mark.parametrize("status", range(100, 600))
def test_every_status_has_one_meaning(status):
    if is_done(status):
        assert 200 <= status < 300
        return
    kind = error_class(status)
    if status >= 500:
        assert kind is ServerError
    else:
        assert kind is KNOWN.get(status, UnexpectedStatusError)


@pytest.mark.parametrize("status", [0, 99, 600, 999])
def test_a_status_beyond_http_still_has_a_meaning(status):
    assert not is_done(status)
    assert issubclass(error_class(status), (RejectedError, FailedError))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 304, 300])
def test_a_redirect_is_not_followed_but_told(status):
    assert error_class(status) is UnexpectedStatusError
    assert "base URL" in remedy(UnexpectedStatusError)


@pytest.mark.parametrize(
    "kind",
    [ConnectError, UnauthorizedError, ForbiddenError, NotFoundError, RateLimitedError,
     UnexpectedStatusError, RefusedError, ServerError],
    ids=lambda kind: kind.__name__,
)  # fmt: skip
def test_there_is_a_remedy_when_something_general_can_be_done(kind):
    assert remedy(kind)


@pytest.mark.parametrize("kind", [BadRequestError, ConflictError])
def test_there_is_no_remedy_when_the_answer_itself_says_what_to_do(kind):
    assert remedy(kind) == ""


BREAKS = {
    "connect": ConnectError,
    "certificate": CertificateError,
    "timeout": TimeoutFailedError,
    "disconnect": DisconnectedError,
    "too-large": BadResponseError,
    "garbled": BadResponseError,
}


def test_every_kind_of_break_is_in_the_table():
    assert set(BREAKS) == set(get_args(BrokenBy))


@pytest.mark.parametrize(("by", "kind"), BREAKS.items(), ids=BREAKS)
def test_a_break_gives_its_error_with_the_transports_words(by, kind):
    broken = Broken(by=by, detail="the words", may_have_arrived=True)
    error = error_of_break(broken, SITE)
    assert type(error) is kind
    assert error.message == "the words"
    assert error.site == SITE


def test_the_remedy_names_the_ca_file_when_the_certificate_is_not_trusted():
    broken = Broken(by="certificate", detail="x", may_have_arrived=False)
    assert "AIOBADGES_CA_FILE" in error_of_break(broken, SITE).remedy


def test_addresses_headers_and_bodies_are_not_shown_when_an_exchange_is():
    request = Request(
        method="POST", url="https://h/ana@example.edu", headers={"X": "secret"}, body=b"secret"
    )
    response = Response(status=200, headers={"set-cookie": "secret"}, body=b"secret")
    shown = repr((request, response))
    assert "secret" not in shown
    assert "ana" not in shown
