"""Badgr's sign-in: the two forms, and what the answers mean."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import (
    BadgesError,
    BadResponseError,
    CertificateError,
    ConnectError,
    DisconnectedError,
    ServerError,
    SignInError,
    TimeoutFailedError,
)
from aiobadges.parchment.sign_in import BadgrSignIn
from aiobadges.transport.auth.tokens import TokenSet
from aiobadges.values import Secret
from aiobadges.wire.exchange import Broken, BrokenBy, Response
from aiobadges.wire.outcome import WriteOutcome, outcome_of

BASE = "https://api.badges.parchment.com"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PASSWORD = "CANARY-TOKEN&w=d +%é"


DOCUMENTED = (
    b'{"access_token": "a", "token_type": "Bearer", "expires_in": 86400,'
    b' "refresh_token": "r", "scope": "rw:profile rw:issuer"}'
)
THROTTLED = (
    b'{"error": "login attempts throttled", "error_description": "Too many login attempts.'
    b' Please wait and try again.", "expires": 64}'
)


def sign_in():
    return BadgrSignIn(BASE, "ana+1@example.edu", Secret(PASSWORD))


def read(body, status=200):
    return sign_in().read(Response(status=status, body=body), now=NOW)


def test_the_password_form_holds_user_name_and_password_only():
    request = sign_in().login()
    assert request.method == "POST"
    assert request.url == f"{BASE}/o/token"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Accept"] == "application/json"
    assert parse_qsl(request.body.decode("ascii")) == [
        ("username", "ana+1@example.edu"),
        ("password", PASSWORD),
    ]


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_credentials_arrive_as_they_are_when_the_form_is_read(username, password):
    request = BadgrSignIn(BASE, username, Secret(password)).login()
    assert dict(parse_qsl(request.body.decode("ascii"))) == {
        "username": username,
        "password": password,
    }


def test_the_refresh_form_names_its_grant_and_no_client():
    request = sign_in().refresh(Secret("r/e+f"))
    assert request.url == f"{BASE}/o/token"
    assert parse_qsl(request.body.decode("ascii")) == [
        ("grant_type", "refresh_token"),
        ("refresh_token", "r/e+f"),
    ]


@pytest.mark.parametrize(
    "nobody",
    [BadgrSignIn(BASE), BadgrSignIn(BASE, "ana"), BadgrSignIn(BASE, "", Secret("pw"))],
    ids=["nothing", "no-password", "no-user-name"],
)
def test_there_is_no_form_when_a_credential_is_missing(nobody):
    assert nobody.login() is None


def test_credentials_are_never_in_the_address_nor_shown():
    for request in (sign_in().login(), sign_in().refresh(Secret("refresh-me"))):
        assert "?" not in request.url
        shown = repr((request, sign_in()))
        assert "refresh-me" not in shown
        assert PASSWORD not in shown
        assert "ana" not in shown


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        (DOCUMENTED,
         TokenSet(access=Secret("a"), refresh=Secret("r"), expires_at=NOW + timedelta(days=1))),
        (b'{"access_token": "a", "expires_in": 0.5}',
         TokenSet(access=Secret("a"), expires_at=NOW + timedelta(seconds=0.5))),
        (b'{"access_token": "a"}', TokenSet(access=Secret("a"))),
        (b'{"access_token": "a", "refresh_token": null, "expires_in": null}',
         TokenSet(access=Secret("a"))),
        (b'{"access_token": "a", "refresh_token": ""}', TokenSet(access=Secret("a"))),
    ],
    ids=["documented", "fraction", "bare", "nulls", "empty-refresh"],
)  # fmt: skip
def test_a_token_set_is_read_when_the_server_grants_one(body, tokens):
    assert read(body) == tokens


@pytest.mark.parametrize("seconds", [b"1e12", b"1e18", b"1e300", b"-1e18"])
def test_a_token_set_is_read_or_refused_when_its_life_is_absurd(seconds):
    verdict = read(b'{"access_token": "a", "expires_in": ' + seconds + b"}")
    assert isinstance(verdict, (TokenSet, BadResponseError))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b"[]", b'{"access_token": 3}', b'{"access_token": "a"', b"\xff",
     b'{"access_token": "a", "refresh_token": []}', b'{"access_token": "a", "expires_in": "soon"}',
     b'{"x": ' + b"[" * 100_000],
    ids=["empty", "html", "no-token", "list", "number", "cut", "not-utf-8", "list-refresh",
         "word-expiry", "deep"],
)  # fmt: skip
def test_a_grant_that_cannot_be_read_is_a_bad_response(body):
    verdict = read(body)
    assert type(verdict) is BadResponseError
    assert verdict.status == 200


@pytest.mark.parametrize(
    ("status", "body", "words", "remedy"),
    [
        (400, b'{"error": "invalid_grant", "error_description": "Invalid credentials"}',
         "invalid_grant", "user name and password"),
        (401, b'{"error": "invalid_grant"}', "invalid_grant", "region"),
        (401, b'{"error": "invalid_client"}', "invalid_client", "registered application"),
        (400, b'{"error": "unsupported_grant_type"}', "unsupported_grant_type", "user name"),
        (400, b'{"error": null}', "refused", ""),
        (400, b"{}", "refused", ""),
        (429, THROTTLED, "too many failed logins", "Wait 64 seconds"),
        (429, b'{"error": "login attempts throttled", "expires": 3.6}', "too many", "Wait 4 seconds"),
        (429, b'{"error": "login attempts throttled", "expires": true}', "throttled", ""),
        (429, b"<html>slow down</html>", "without a word", "region"),
        (400, b"", "without a word", "base URL"),
        (403, b"<html>", "without a word", "base URL"),
        (404, b"Not Found", "without a word", "base URL"),
        (302, b"", "without a word", "base URL"),
        (400, b"[]", "without a word", "base URL"),
        (400, b"\xff", "without a word", "base URL"),
        (400, b"[" * 100_000, "without a word", "base URL"),
    ],
    ids=["wrong-password", "stale-refresh", "no-client", "other-error", "null-error", "no-error",
         "throttle", "throttle-fraction", "throttle-nonsense", "throttle-html", "empty", "html",
         "plain-text", "redirect", "list", "not-utf-8", "deep"],
)  # fmt: skip
def test_a_refusal_is_a_sign_in_error_with_a_remedy(status, body, words, remedy):
    verdict = read(body, status)
    assert type(verdict) is SignInError
    assert words in str(verdict)
    assert remedy in verdict.remedy
    assert verdict.status == status
    assert verdict.site.template == "/o/token"


def test_a_refusal_sent_nothing_of_the_call_that_waited_for_it():
    assert outcome_of(read(b"{}", 400)) is WriteOutcome.NOT_SENT


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>", b'{"error": "invalid_grant"}'])
def test_a_failure_of_the_server_is_no_refusal(status, body):
    verdict = read(body, status)
    assert type(verdict) is ServerError
    assert verdict.remedy


@pytest.mark.parametrize("by", get_args(BrokenBy))
def test_a_broken_exchange_keeps_its_kind(by):
    kinds = {
        "connect": ConnectError,
        "certificate": CertificateError,
        "timeout": TimeoutFailedError,
        "disconnect": DisconnectedError,
        "too-large": BadResponseError,
        "garbled": BadResponseError,
    }
    verdict = sign_in().read(Broken(by=by, detail="words", may_have_arrived=True), now=NOW)
    assert type(verdict) is kinds[by]
    assert verdict.site.operation == "sign-in"


@given(st.integers(100, 599), st.binary())
def test_every_answer_means_a_token_set_or_one_of_our_errors(status, body):
    verdict = read(body, status)
    assert isinstance(verdict, (TokenSet, BadgesError))


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_no_secret_is_told_when_a_sign_in_fails(status):
    body = (
        b'{"error": "x", "username": "ana+1@example.edu", "access_token": 1, "refresh": "s3cret"}'
    )
    shown = str(read(body, status))
    assert "s3cret" not in shown
    assert "ana" not in shown
    assert PASSWORD not in shown
