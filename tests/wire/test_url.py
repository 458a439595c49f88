"""Path segments, templates, queries, instants and origins."""

import base64
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import InvalidCallError
from aiobadges.parchment.models import RecipientType
from aiobadges.values import UNSET
from aiobadges.wire.url import base64url, fill, matches, origin_of, query_string, segment, timestamp

any_text = st.text(st.characters(exclude_categories=()))
nasty_text = st.text(st.sampled_from("ab./\\%2F25e?#;:@{}+ &=\n\0\x7fé\ud800"), max_size=8)


def is_plain(value):
    return (
        value not in {"", ".", ".."}
        and not any(c in "/\\\x7f" or c < " " for c in value)
        and not any("\ud800" <= c <= "\udfff" for c in value)
    )


@given(any_text | nasty_text)
def test_a_path_argument_is_refused_or_exactly_one_segment_when_encoded(value):
    try:
        encoded = segment("badgeclass_id", value)
    except InvalidCallError:
        assert not is_plain(value)
        return
    assert is_plain(value)
    path = urlsplit(f"https://api.example.org/v2/badgeclasses/{encoded}/assertions?x=1").path
    assert path == f"/v2/badgeclasses/{encoded}/assertions"
    assert path.split("/") == ["", "v2", "badgeclasses", encoded, "assertions"]
    assert unquote(encoded, errors="strict") == value
    assert encoded.isascii()
    assert matches("/v2/badgeclasses/{badgeclass_id}/assertions", path)


@pytest.mark.parametrize(
    "value",
    ["", ".", "..", "a/b", "/", "..\\x", "a\nb", "a\0", "\x7f", "\t", "\ud800", "../../users/self",
     "https://api.example.org/public/badges/1"],
    ids=ascii,
)  # fmt: skip
def test_a_path_argument_is_refused_by_name_when_it_is_no_id(value):
    with pytest.raises(InvalidCallError, match="badgeclass_id"):
        segment("badgeclass_id", value)


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("Uu4wd2I1SKmD3vmtMJ19hw", "Uu4wd2I1SKmD3vmtMJ19hw"),
        ("a-b_c~d.e", "a-b_c~d.e"),
        ("...", "..."),
        ("%2F", "%252F"),
        ("%2e%2e", "%252e%252e"),
        ("a b", "a%20b"),
        ("a?b#c", "a%3Fb%23c"),
        ("a+b", "a%2Bb"),
        ("ana@example.edu;v=1", "ana%40example.edu%3Bv%3D1"),
        ("é", "%C3%A9"),
        ("{other}", "%7Bother%7D"),
    ],
)
def test_a_path_argument_is_percent_encoded_when_it_is_no_plain_id(value, encoded):
    assert segment("id", value) == encoded


def test_values_take_the_placeholders_in_order_when_filled():
    template = "/v2/badgeclasses/{badgeclass_id}/claim-codes/{claim_code}"
    assert fill(template, ("b 1", "c")) == "/v2/badgeclasses/b%201/claim-codes/c"


def test_a_value_cannot_become_a_placeholder_when_it_looks_like_one():
    assert fill("/{a}/{b}", ("{b}", "x")) == "/%7Bb%7D/x"


@pytest.mark.parametrize("values", [(), ("a", "b")], ids=["too-few", "too-many"])
def test_a_template_is_refused_when_the_number_of_values_is_wrong(values):
    with pytest.raises(InvalidCallError, match="takes 1 path arguments"):
        fill("/v2/issuers/{issuer_id}", values)


ASSERTIONS = "/v2/issuers/{issuer_id}/assertions"


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v2/issuers/abc/assertions", True),
        ("/v2/issuers/a%20b/assertions", True),
        ("/v2/issuers/abc", False),
        ("/v2/issuers//assertions", False),
        ("/v2/issuers/a/b/assertions", False),
        ("/v2/issuers/abc/assertions/", False),
        ("/v2/issuers/abc/assertions/x", False),
        ("/x/v2/issuers/abc/assertions", False),
        ("/v2/badgeclasses/abc/assertions", False),
        ("/v2/issuers/../assertions", False),
        ("/v2/issuers/./assertions", False),
        ("/v2/issuers/%2e%2E/assertions", False),
        ("/v2/issuers/.%2e/assertions", False),
        ("/v2/issuers/%2E/assertions", False),
        ("/v2/issuers/...", False),
        ("/v2/issuers/.../assertions", True),
        ("/V2/issuers/abc/assertions", False),
        ("", False),
    ],
)
def test_a_path_belongs_to_a_template_only_when_each_placeholder_is_one_segment(path, answer):
    assert matches(ASSERTIONS, path) is answer


@pytest.mark.parametrize("part", ["a%2Fb", "a%2F..%2Fb", "a%5Cb", "a%00b", "a%0Ab"])
def test_a_path_belongs_to_no_template_when_a_segment_hides_what_we_would_not_send(part):
    # segment() refuses the same values: some gateways decode them before they route.
    assert not matches(ASSERTIONS, f"/v2/issuers/{part}/assertions")


def test_a_dot_in_a_template_is_a_plain_dot_when_matched():
    assert matches("/v2/a.b/{id}", "/v2/a.b/c")
    assert not matches("/v2/a.b/{id}", "/v2/aXb/c")


@given(st.text())
def test_base64_needs_no_further_encoding_and_decodes_to_the_text(value):
    encoded = base64url(value)
    assert encoded == "".join(c for c in encoded if c.isalnum() or c in "-_")
    assert base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode() == value
    if value:
        assert segment("ref", encoded) == encoded


def test_base64_is_refused_when_the_text_is_half_a_surrogate_pair():
    with pytest.raises(InvalidCallError):
        base64url("ana\ud800")


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2025, 12, 6, 11, 35, 48, tzinfo=UTC), "2025-12-06T11:35:48.000Z"),
        (datetime(2025, 12, 6, 11, 35, 48, 8000, tzinfo=UTC), "2025-12-06T11:35:48.008Z"),
        (datetime(2025, 12, 6, 11, 35, 48, 277836, tzinfo=UTC), "2025-12-06T11:35:48.277836Z"),
        (
            datetime(2025, 12, 6, 1, 0, tzinfo=timezone(timedelta(hours=2))),
            "2025-12-05T23:00:00.000Z",
        ),
        (
            datetime(2025, 12, 31, 23, 0, tzinfo=timezone(-timedelta(hours=9, minutes=30))),
            "2026-01-01T08:30:00.000Z",
        ),
        (datetime(987, 1, 1, tzinfo=UTC), "0987-01-01T00:00:00.000Z"),
    ],
    ids=["seconds", "milliseconds", "microseconds", "east", "west", "early"],
)
def test_an_instant_is_written_in_utc_with_z_when_it_has_a_zone(moment, text):
    assert timestamp(moment) == text


instants = st.datetimes(
    datetime(2, 1, 1),  # noqa: DTZ001 - the zone comes from the other strategy
    datetime(9998, 12, 31),  # noqa: DTZ001
    timezones=st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone),
)


@given(instants)
def test_an_instant_is_the_same_when_read_back(moment):
    assert datetime.fromisoformat(timestamp(moment)) == moment


@given(st.datetimes())
def test_an_instant_is_refused_when_it_has_no_zone(moment):
    with pytest.raises(ValueError, match="no time zone"):
        timestamp(moment)


@pytest.mark.parametrize(
    "moment",
    [
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
    ],
    ids=["before-all-time", "after-all-time"],
)
def test_an_instant_is_refused_with_a_value_error_when_it_lies_outside_the_calendar(moment):
    with pytest.raises(ValueError, match="year"):
        timestamp(moment)


@pytest.mark.parametrize(
    ("pairs", "query"),
    [
        ([], ""),
        ([("num", 100)], "num=100"),
        ([("num", None)], ""),
        ([("include_revoked", True), ("include_expired", False)],
         "include_revoked=true&include_expired=false"),
        ([("recipient", "ana+b@example.edu")], "recipient=ana%2Bb%40example.edu"),
        ([("a", ["x", "y z", None, True])], "a=x&a=y%20z&a=true"),
        ([("a", ("x",)), ("b", [])], "a=x"),
        ([("since", datetime(2026, 1, 2, tzinfo=UTC))], "since=2026-01-02T00%3A00%3A00.000Z"),
        ([("type", RecipientType.OPEN_BADGE_ID)], "type=openBadgeId"),
        ([("type", RecipientType("brand new"))], "type=brand%20new"),
        ([("a&b", "c=d")], "a%26b=c%3Dd"),
        ([("empty", "")], "empty="),
        ([("after", "a/b?c#d")], "after=a%2Fb%3Fc%23d"),
    ],
    ids=["nothing", "number", "none", "booleans", "address", "list", "tuple", "instant",
         "enum", "unknown-enum", "separators", "empty", "cursor"],
)  # fmt: skip
def test_a_query_is_written_as_the_api_reads_it(pairs, query):
    assert query_string(pairs) == query


def test_a_query_leaves_out_what_is_unset():
    assert (
        query_string([("num", UNSET), ("after", "x"), ("tags", ["a", UNSET])]) == "after=x&tags=a"
    )


@given(st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_a_query_reads_back_the_same_when_parsed(pairs):
    assert parse_qsl(query_string(pairs), keep_blank_values=True) == pairs


def test_a_query_is_refused_when_an_instant_has_no_zone():
    with pytest.raises(ValueError, match="no time zone"):
        query_string([("since", datetime(2026, 1, 2))])  # noqa: DTZ001 - on purpose


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.org", "https://api.example.org:443"),
        ("https://api.example.org/v2?x#y", "https://api.example.org:443"),
        ("HTTPS://API.Example.ORG:443/", "https://api.example.org:443"),
        ("https://api.example.org./", "https://api.example.org.:443"),
        ("http://127.0.0.1:8790/", "http://127.0.0.1:8790"),
        ("http://localhost", "http://localhost:80"),
        ("https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_origin_is_scheme_host_and_port_when_asked(url, origin):
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url",
    ["", "/v2", "//api.example.org", "ftp://api.example.org", "https:///v2", "https://",
     "https://ana@api.example.org", "https://@api.example.org", "https://api.example.org:x",
     "https://api.example.org:65536", "https://[::1", "javascript:alert(1)"],
)  # fmt: skip
def test_an_origin_is_refused_when_it_is_no_plain_http_address(url):
    with pytest.raises(ValueError, match=r".+"):
        origin_of(url)


def test_port_zero_is_not_the_default_port_when_compared():
    assert origin_of("https://api.example.org:0/") != origin_of("https://api.example.org/")
