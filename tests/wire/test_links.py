"""Link headers, and where the next page may lie."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import CallSite, UnsafeLinkError
from aiobadges.wire.links import is_page_of, link, next_page

BASE = "https://api.badges.parchment.com"
TEMPLATE = "/v2/issuers/{issuer_id}/assertions"
PATH = "/v2/issuers/Uu4wd2I1SKmD3vmtMJ19hw/assertions"
REQUESTED = f"{BASE}{PATH}?num=100"
SITE = CallSite(operation="issuers.assertions", method="GET", template=TEMPLATE, status=200)

# As on the vendor's page: folded over two lines, "prev" first.
DOCUMENTED = f'<{BASE}{PATH}?num=2&before=AAA>; rel="prev",\r\n    <{BASE}{PATH}?num=10&after=BBB>; rel="next"'


@pytest.mark.parametrize(
    ("header", "target"),
    [
        (DOCUMENTED, f"{BASE}{PATH}?num=10&after=BBB"),
        (DOCUMENTED.replace("\r\n", "\n"), f"{BASE}{PATH}?num=10&after=BBB"),
        ('<n>; rel="next", <p>; rel="prev"', "n"),
        ("<n>;rel=next", "n"),
        ("<n> ; REL = NEXT", "n"),
        ('<n>; Rel="Next"', "n"),
        ('<n>; rel="prev next last"', "n"),
        ('<n>; title="a, <x>; rel=\\"next\\""; rel="next"', "n"),
        ('<x>; title="rel=next"; rel="prev", <n>; rel="next"', "n"),
        ('<a?x=1,2;3>; rel="next"', "a?x=1,2;3"),
        ('<n>; crossorigin; rel="next"', "n"),
        ('<first>; rel="next", <second>; rel="next"', "first"),
        ('<>; rel="next"', ""),
        ("", None),
        ('<p>; rel="prev"', None),
        ('<x>; rel="prev"; rel="next"', None),
        ('<x>; rel="nextish"', None),
        ('<x>; rev="next"', None),
        ("<x>", None),
        ("<x>; rel", None),
        ("next", None),
        ('<unclosed; rel="next"', None),
        ('x>; rel="next"', None),
        ('<x>; rel=""', None),
    ],
    ids=["documented", "folded-by-newline", "next-first", "unquoted", "spaced", "mixed-case",
         "several-rels", "quoted-comma", "rel-in-a-title", "comma-in-url", "valueless-parameter",
         "two-nexts", "empty-target", "no-header", "prev-only", "second-rel-ignored", "longer-word",
         "rev", "no-parameters", "rel-without-value", "no-link", "unclosed", "unopened",
         "empty-rel"],
)  # fmt: skip
def test_the_next_link_is_found_only_when_there_is_one(header, target):
    assert link(header, "next") == target


token = st.text("abcdefghijklmnop-", min_size=1, max_size=8)
quoted = st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126), max_size=12)
targets = st.text(
    st.characters(codec="ascii", min_codepoint=33, max_codepoint=126, exclude_characters="<>"),
    max_size=20,
)
RELS = ["next", "prev", "last", "first"]


def in_quotes(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def link_values(draw):
    """Write one link-value by the grammar of RFC 8288, with what it means."""
    target, rels = draw(targets), draw(st.lists(st.sampled_from(RELS), min_size=1, max_size=3))
    others = draw(
        st.lists(
            st.one_of(
                st.tuples(st.just("title"), quoted.map(in_quotes)),
                st.tuples(st.sampled_from(["type", "hreflang"]), token),
            ),
            max_size=3,
        )
    )
    written = in_quotes(" ".join(rels)) if len(rels) > 1 or draw(st.booleans()) else rels[0]
    if draw(st.booleans()):
        written = written.upper()
    params = [*others]
    name = draw(st.sampled_from(["rel", "REL", "Rel"]))
    params.insert(draw(st.integers(0, len(params))), (name, written))
    space = st.sampled_from(["", " ", "  ", "\r\n  ", "\t"])
    text = f"<{target}>" + "".join(
        f"{draw(space)};{draw(space)}{name}{draw(st.sampled_from(['=', ' = ']))}{value}"
        for name, value in params
    )
    return text, target, set(rels)


@given(
    st.lists(link_values(), max_size=4),
    st.sampled_from([", ", ",", " ,\r\n ", ",\n\t"]),
    st.sampled_from(RELS),
)
def test_the_first_link_with_the_relation_is_found_whatever_the_order(links, comma, relation):
    header = comma.join(text for text, _, _ in links)
    expected = next((target for _, target, rels in links if relation in rels), None)
    assert link(header, relation) == expected


@given(st.text(st.sampled_from('<>;,="\\ \t\nrelnext?/'), max_size=60) | st.text())
def test_any_header_is_read_without_failing(header):
    target = link(header, "next")
    assert target is None or f"<{target}>" in " ".join(header.split("\n")) or "\n" in header


def follow(target, *, base=BASE, requested=REQUESTED):
    return next_page(
        f'<{target}>; rel="next"', requested=requested, base_url=base, template=TEMPLATE, site=SITE
    )


@pytest.mark.parametrize(
    ("target", "url"),
    [
        (f"{BASE}{PATH}?num=10&after=BBB", f"{BASE}{PATH}?num=10&after=BBB"),
        (f"{BASE}{PATH}?whatever=%2F&x=..", f"{BASE}{PATH}?whatever=%2F&x=.."),
        (f"{BASE}:443{PATH}?after=B", f"{BASE}:443{PATH}?after=B"),
        (f"HTTPS://API.Badges.Parchment.COM{PATH}?after=B",
         f"https://API.Badges.Parchment.COM{PATH}?after=B"),
        (f"{PATH}?after=B", f"{BASE}{PATH}?after=B"),
        ("?after=B", f"{BASE}{PATH}?after=B"),
        ("assertions?after=B", f"{BASE}{PATH}?after=B"),
        (f"//api.badges.parchment.com{PATH}?after=B", f"{BASE}{PATH}?after=B"),
        (f"{BASE}{PATH}?after=B#top", f"{BASE}{PATH}?after=B"),
        (f" {BASE}{PATH}?after=B ", f"{BASE}{PATH}?after=B"),
        (f"{BASE}/v2/issuers/24hexid/assertions?after=B",
         f"{BASE}/v2/issuers/24hexid/assertions?after=B"),
    ],
    ids=["documented", "any-cursor", "default-port", "mixed-case-host", "absolute-path",
         "query-only", "relative", "scheme-relative", "fragment", "spaces-around", "the-other-id"],
)  # fmt: skip
def test_the_next_page_is_followed_when_it_is_ours(target, url):
    followed = follow(target)
    assert followed is not None
    assert followed.lower() == url.lower()


FOREIGN = {
    "foreign-host": f"https://evil.example{PATH}",
    "host-as-prefix": f"https://api.badges.parchment.com.evil.example{PATH}",
    "host-as-suffix": f"https://xapi.badges.parchment.com{PATH}",
    "foreign-port": f"{BASE}:8443{PATH}",
    "port-zero": f"{BASE}:0{PATH}",
    "bad-port": f"{BASE}:port{PATH}",
    "huge-port": f"{BASE}:99999{PATH}",
    "scheme-relative": f"//evil.example{PATH}",
    "triple-slash": f"///evil.example{PATH}",
    "http-after-https": f"http://api.badges.parchment.com{PATH}",
    "http-on-443": f"http://api.badges.parchment.com:443{PATH}",
    "other-scheme": f"ftp://api.badges.parchment.com{PATH}",
    "javascript": "javascript:alert(1)",
    "user": f"https://ana@api.badges.parchment.com{PATH}",
    "user-that-looks-like-us": f"https://api.badges.parchment.com@evil.example{PATH}",
    "user-and-password": f"https://a:b@api.badges.parchment.com{PATH}",
    "backslash-host": f"https://evil.example\\@api.badges.parchment.com{PATH}",
    "backslash-slash": f"https:\\\\evil.example{PATH}",
    "lookalike-letters": f"https://api.b\u0430dges.parchment.com{PATH}",
    "fullwidth-dot": f"https://api\uff0ebadges.parchment.com{PATH}",
    "punycode": f"https://xn--api-5cd.badges.parchment.com{PATH}",
    "other-operation": f"{BASE}/v2/badgeclasses/x/assertions",
    "other-resource": f"{BASE}/v2/users/self",
    "token-endpoint": f"{BASE}/o/token",
    "deeper": f"{BASE}{PATH}/more",
    "shallower": f"{BASE}/v2/issuers/x",
    "trailing-slash": f"{BASE}{PATH}/",
    "dots": f"{BASE}/v2/issuers/../assertions",
    "encoded-dots": f"{BASE}/v2/issuers/%2e%2e/assertions",
    "dots-to-elsewhere": f"{BASE}{PATH}/../../../users/self",
    "encoded-slash": f"{BASE}/v2/issuers/x%2F..%2F..%2Fusers/assertions",
    "encoded-backslash": f"{BASE}/v2/issuers/x%5C..%5Cy/assertions",
    "encoded-newline": f"{BASE}/v2/issuers/x%0d%0aHost:y/assertions",
    "space": f"{BASE}/v2/issuers/x y/assertions",
    "not-ascii": f"{BASE}/v2/issuers/\u00e9/assertions",
    "control-inside": f"{BASE}{PATH}?after=\x0bB",
    "broken-ipv6": f"https://[::1{PATH}",
}
# As references these resolve to our own origin; as whole addresses they are none.
INCOMPLETE = {
    "tab": f"{BASE}/v2/issuers/x\ty/assertions",
    "nul-before": f"\x00{BASE}{PATH}",
    "no-host": "https:///v2/issuers/x/assertions",
    "path-only": PATH,
    "empty": "",
}


@pytest.mark.parametrize("target", FOREIGN.values(), ids=FOREIGN)
def test_the_next_page_is_refused_when_it_lies_elsewhere(target):
    with pytest.raises(UnsafeLinkError) as caught:
        follow(target)
    assert caught.value.site == SITE
    assert caught.value.remedy
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize("target", (FOREIGN | INCOMPLETE).values(), ids=FOREIGN | INCOMPLETE)
def test_a_page_address_is_not_ours_when_it_is_handed_in(target):
    assert not is_page_of(target, base_url=BASE, template=TEMPLATE)


@pytest.mark.parametrize(
    "character", ["\n", "\r", "\x00", "\x1f", "\x7f", " ", "\t", "\\"], ids=ascii
)
@pytest.mark.parametrize("place", [0, 8, 20, len(BASE) + 12, len(REQUESTED)])
def test_a_page_address_is_not_ours_when_a_control_character_is_anywhere_in_it(character, place):
    # urlsplit drops some of them without a word: what is checked would not be what is sent.
    url = REQUESTED[:place] + character + REQUESTED[place:]
    assert not is_page_of(url, base_url=BASE, template=TEMPLATE)


@pytest.mark.parametrize("header", ["", '<x>; rel="prev"', "junk"])
def test_there_is_no_next_page_when_the_header_names_none(header):
    assert (
        next_page(header, requested=REQUESTED, base_url=BASE, template=TEMPLATE, site=SITE) is None
    )


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        (f"https://badges.example.org/api{PATH}", True),
        (f"https://badges.example.org{PATH}", False),
        (f"https://badges.example.org/other{PATH}", False),
        (f"https://badges.example.org/apis{PATH}", False),
        (f"https://badges.example.org/api/..{PATH}", False),
    ],
    ids=["below", "above", "beside", "longer-name", "dots"],
)
def test_the_next_page_lies_below_the_base_when_that_has_a_path(url, answer):
    base = "https://badges.example.org/api"
    assert is_page_of(url, base_url=base, template=TEMPLATE) is answer


def test_the_next_page_is_followed_when_the_base_is_plain_http_on_this_machine():
    base = "http://127.0.0.1:8790"
    assert follow(f"{base}{PATH}?after=B", base=base, requested=base + PATH) is not None


@given(
    st.sampled_from(["https://", "http://", "//", "https:", ""]),
    st.sampled_from(["api.badges.parchment.com", "evil.example", "a@api.badges.parchment.com", ""]),
    st.text(st.sampled_from("abv2/.%5cCfF;:@\\"), max_size=12),
    st.sampled_from([PATH, "/v2/users/self", ""]),
)
def test_whatever_is_followed_goes_to_the_pinned_host_and_operation(scheme, host, middle, path):
    try:
        url = follow(f"{scheme}{host}{middle}{path}")
    except UnsafeLinkError:
        return
    assert url is not None
    parts = urlsplit(url)
    assert (parts.scheme, parts.hostname, parts.username) == (
        "https",
        "api.badges.parchment.com",
        None,
    )
    assert parts.port in {None, 443}
    assert parts.path.startswith("/v2/issuers/")
    assert parts.path.endswith("/assertions")
    assert parts.path.count("/") == TEMPLATE.count("/")
