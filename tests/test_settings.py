"""Regions, precedence, contradictions, and which credentials go where."""

import pickle
from typing import get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import InsecureUrlError, InvalidCallError
from aiobadges.settings import (
    REGIONS,
    SANDBOX_TOKEN,
    RegionName,
    Settings,
    checked_base_url,
    is_loopback,
    resolve,
    resolve_tenant,
)

US, EU = REGIONS["us"].base_url, REGIONS["eu"].base_url
SANDBOX = REGIONS["sandbox"].base_url


def settle(*, profiles=None, environ=None, **arguments):
    return resolve(arguments, environ or {}, profiles or {})


def test_every_region_has_a_literal_name_when_listed():
    assert set(REGIONS) == set(get_args(RegionName))
    assert all(name == region.name for name, region in REGIONS.items())


def test_every_region_but_the_sandbox_is_reached_by_https():
    assert {n for n, r in REGIONS.items() if not r.base_url.startswith("https://")} == {"sandbox"}


def test_every_region_has_a_server_of_its_own():
    assert len({region.base_url for region in REGIONS.values()}) == len(REGIONS)


@pytest.mark.parametrize(
    ("region", "kind"),
    [("us", "production"), ("demo", "production"), ("test", "test"), ("badgr-test", "test"),
     ("sandbox", "sandbox")],
)  # fmt: skip
def test_the_kind_is_the_regions_when_a_region_is_named(region, kind):
    assert settle(region=region).kind == kind


def test_there_is_no_default_when_no_region_is_named():
    with pytest.raises(InvalidCallError, match="AIOBADGES_REGION") as caught:
        settle(token="CANARY-TOKEN")
    assert "us" in caught.value.remedy
    assert "sandbox" in caught.value.remedy


PROFILES = {"work": {"region": "ca", "token": "of-profile", "ca_file": "/profile.pem"}}


@pytest.mark.parametrize(
    ("arguments", "environ", "region", "token"),
    [
        ({"region": "eu", "token": "a"}, {"AIOBADGES_REGION": "au", "AIOBADGES_TOKEN": "e"}, "eu", "a"),
        ({}, {"AIOBADGES_REGION": "au", "AIOBADGES_TOKEN": "e"}, "au", "e"),
        ({"region": "au"}, {"AIOBADGES_REGION": "au", "AIOBADGES_TOKEN": "e"}, "au", "e"),
        ({"region": "eu"}, {"AIOBADGES_TOKEN": "e"}, "eu", "e"),
        ({"token": "a"}, {"AIOBADGES_REGION": "au"}, "au", "a"),
        ({"profile": "work"}, {}, "ca", "of-profile"),
        ({}, {"AIOBADGES_PROFILE": "work"}, "ca", "of-profile"),
        ({"profile": "work"}, {"AIOBADGES_TOKEN": "e"}, "ca", "e"),
        ({"profile": "work", "region": "eu"}, {}, "eu", None),
        ({"profile": "work", "token": "a"}, {}, "ca", "a"),
        ({"region": "", "token": " "}, {"AIOBADGES_REGION": " au ", "AIOBADGES_TOKEN": "e"}, "au", "e"),
        ({"region": None, "token": None}, {"AIOBADGES_REGION": "au"}, "au", None),
        ({"region": "eu"}, {"REGION": "us", "TOKEN": "e", "XAIOBADGES_TOKEN": "e"}, "eu", None),
    ],
    ids=[
        "arguments-first", "environment-then", "same-place", "placeless-token", "token-for-placed",
        "profile-last", "profile-of-environment", "environment-before-profile",
        "profile-points-elsewhere", "argument-token-at-profile", "blank-is-missing",
        "none-is-missing", "other-variables",
    ],
)  # fmt: skip
def test_the_first_source_wins_when_several_speak(arguments, environ, region, token):
    settings = resolve(arguments, environ, PROFILES)
    assert settings.region == region
    assert (settings.token and settings.token.reveal()) == token


def test_the_profile_of_the_arguments_wins_when_the_environment_names_another():
    profiles = {"one": {"region": "us"}, "two": {"region": "eu"}}
    settings = settle(profile="one", environ={"AIOBADGES_PROFILE": "two"}, profiles=profiles)
    assert (settings.profile, settings.region) == ("one", "us")


@pytest.mark.parametrize(
    ("arguments", "environ", "expected"),
    [
        ({"ca_file": "/a.pem"}, {"AIOBADGES_CA_FILE": "/e.pem"}, "/a.pem"),
        ({}, {"AIOBADGES_CA_FILE": "/e.pem"}, "/e.pem"),
        ({}, {}, "/profile.pem"),
    ],
    ids=["argument", "environment", "profile"],
)
def test_the_ca_file_is_the_first_one_named(arguments, environ, expected):
    settings = resolve({**arguments, "profile": "work"}, environ, PROFILES)
    assert settings.ca_file == expected


def test_user_name_and_password_come_together_when_one_source_gives_both():
    settings = settle(
        region="us", environ={"AIOBADGES_USERNAME": "ana@example.edu", "AIOBADGES_PASSWORD": "pw"}
    )
    assert settings.username == "ana@example.edu"
    assert settings.password is not None
    assert settings.password.reveal() == "pw"
    assert settings.token is None


def test_a_user_name_hides_a_later_token_when_the_first_source_gives_it():
    settings = settle(region="us", username="ana", password="pw", environ={"AIOBADGES_TOKEN": "e"})
    assert (settings.username, settings.token) == ("ana", None)


def test_a_token_hides_a_later_user_name_when_the_first_source_gives_it():
    settings = settle(
        region="us",
        token="CANARY-TOKEN",
        environ={"AIOBADGES_USERNAME": "ana", "AIOBADGES_PASSWORD": "pw"},
    )
    assert (settings.username, settings.password) == ("", None)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"token": "t", "username": "u"}, "both a token and a user name"),
        ({"token": "t", "username": "u", "password": "p"}, "both a token and a user name"),
        ({"password": "p"}, "without a user name"),
        ({"region": "eu", "base_url": US}, "contradict"),
        ({"region": "us", "base_url": "https://api.example.org"}, "contradict"),
        ({"region": "us", "base_url": US + "/v2"}, "contradict"),
        ({"region": "sandbox", "base_url": "https://api.example.org"}, "contradict"),
        ({"region": "sandbox", "base_url": US}, "contradict"),
    ],
    ids=["token-and-user", "token-user-password", "password-alone", "other-region",
         "foreign-host", "other-path", "sandbox-elsewhere", "sandbox-in-production"],
)  # fmt: skip
@pytest.mark.parametrize("source", ["arguments", "environment", "profile"])
def test_one_source_is_refused_when_it_contradicts_itself(source, values, words):
    arguments, environ, profiles = {}, {}, {}
    if "region" not in values:
        arguments["region"] = "us"
    match source:
        case "arguments":
            arguments |= values
        case "environment":
            environ = {f"AIOBADGES_{name.upper()}": value for name, value in values.items()}
        case _:
            arguments["profile"] = "p"
            profiles = {"p": values}
    with pytest.raises(InvalidCallError, match=words) as caught:
        resolve(arguments, environ, profiles)
    assert caught.value.remedy


def test_region_and_base_url_agree_when_they_name_the_same_server():
    settings = settle(region="us", base_url=US + "/")
    assert (settings.region, settings.base_url) == ("us", US)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9999", "http://localhost:1", "http://[::1]:8080"]
)
def test_the_sandbox_may_listen_elsewhere_when_it_is_on_this_machine(url):
    settings = settle(region="sandbox", base_url=url)
    assert (settings.kind, settings.base_url, settings.origin_name) == ("sandbox", url, "sandbox")


def test_a_base_url_is_a_custom_place_when_no_region_is_named():
    settings = settle(base_url="https://badges.example.org/api/", token="CANARY-TOKEN")
    assert (settings.region, settings.kind) == ("", "custom")
    assert settings.base_url == settings.origin_name == "https://badges.example.org/api"


@pytest.mark.parametrize(
    ("given", "near"),
    [("sandbx", "sandbox"), ("tset", "test"), ("badger-us", "badgr-us")],
)
def test_a_near_region_is_offered_when_the_name_is_misspelt(given, near):
    with pytest.raises(InvalidCallError, match=f"Did you mean '{near}'"):
        settle(region=given)


def test_the_known_regions_are_listed_when_nothing_is_near():
    with pytest.raises(InvalidCallError) as caught:
        settle(region="atlantis-zz")
    assert "Did you mean" not in str(caught.value)
    assert all(name in str(caught.value) for name in REGIONS)


@pytest.mark.parametrize(
    ("profiles", "words"),
    [({"work": {}}, "Did you mean 'work'"), ({}, "Known: none")],
    ids=["near", "none"],
)
def test_an_unknown_profile_is_refused_when_named(profiles, words):
    with pytest.raises(InvalidCallError, match=words):
        settle(region="us", profile="wrok", profiles=profiles)


def test_the_sandbox_brings_its_own_token_when_none_is_given():
    settings = settle(region="sandbox")
    assert settings.token is not None
    assert settings.token.reveal() == SANDBOX_TOKEN


REAL = {"token": "REAL", "username": "", "password": ""}
PEOPLE = {"token": "", "username": "ana@example.edu", "password": "REAL"}


@pytest.mark.parametrize("real", [REAL, PEOPLE], ids=["token", "password"])
@pytest.mark.parametrize("place", [{}, {"region": "us"}, {"base_url": EU}], ids=repr)
@pytest.mark.parametrize(
    ("chosen_by", "holder"),
    [("arguments", "environment"), ("arguments", "profile"), ("environment", "profile")],
)
def test_the_sandbox_never_gets_a_real_credential_when_another_source_holds_one(
    real, place, chosen_by, holder
):
    sources = {"arguments": {"profile": "p"}, "environment": {}, "profile": {}}
    sources[chosen_by]["region"] = "sandbox"
    sources[holder] |= real | place
    environ = {f"AIOBADGES_{name.upper()}": value for name, value in sources["environment"].items()}
    settings = resolve(sources["arguments"], environ, {"p": sources["profile"]})
    assert settings.region == "sandbox"
    assert settings.token is not None
    assert settings.token.reveal() == SANDBOX_TOKEN
    assert (settings.username, settings.password) == ("", None)


def test_the_sandbox_takes_a_token_when_its_own_source_gives_one():
    settings = settle(environ={"AIOBADGES_REGION": "sandbox", "AIOBADGES_TOKEN": "other"})
    assert settings.token is not None
    assert settings.token.reveal() == "other"


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        ({"base_url": "https://evil.example"}, {"AIOBADGES_REGION": "us", "AIOBADGES_TOKEN": "t"}),
        ({"region": "eu"}, {"AIOBADGES_REGION": "us", "AIOBADGES_TOKEN": "t"}),
        ({"region": "eu"}, {"AIOBADGES_BASE_URL": US, "AIOBADGES_TOKEN": "t"}),
        (
            {"region": "sandbox", "base_url": "http://127.0.0.1:9"},
            {"AIOBADGES_REGION": "sandbox", "AIOBADGES_TOKEN": "t"},
        ),
    ],
    ids=["foreign-url", "other-region", "other-url", "sandbox-on-another-port"],
)
def test_a_token_is_not_used_when_its_source_points_elsewhere(arguments, environ):
    settings = resolve(arguments, environ, {})
    assert settings.token is None or settings.token.reveal() == SANDBOX_TOKEN


place = st.sampled_from([{}, {"region": "us"}, {"region": "eu"}, {"region": "sandbox"},
                         {"base_url": EU}, {"base_url": "https://own.example"}])  # fmt: skip


@given(st.tuples(place, place, place), st.tuples(st.booleans(), st.booleans(), st.booleans()))
def test_a_token_only_goes_where_its_own_source_points_when_it_points_anywhere(places, have):
    tokens = [{"token": f"token-{number}"} if has else {} for number, has in enumerate(have)]
    arguments, environment, profile = (
        place | token for place, token in zip(places, tokens, strict=True)
    )
    environ = {f"AIOBADGES_{name.upper()}": value for name, value in environment.items()}
    try:
        settings = resolve({**arguments, "profile": "p"}, environ, {"p": profile})
    except InvalidCallError:
        assert not any(places)
        return
    if settings.token is None or settings.token.reveal() == SANDBOX_TOKEN:
        return
    source = places[int(settings.token.reveal()[-1])]
    if source:
        url = source.get("base_url") or REGIONS[source["region"]].base_url
        assert url == settings.base_url
    else:
        assert settings.kind != "sandbox"


@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("https://api.example.org", "https://api.example.org"),
        ("https://api.example.org///", "https://api.example.org"),
        ("https://api.example.org:8443/badgr/", "https://api.example.org:8443/badgr"),
        ("http://127.0.0.1:8790", "http://127.0.0.1:8790"),
        ("http://localhost", "http://localhost"),
        ("http://badges.localhost:80", "http://badges.localhost:80"),
        ("http://[::1]:1", "http://[::1]:1"),
    ],
)
def test_a_base_url_is_kept_without_its_slash_when_it_is_good(url, checked):
    assert checked_base_url(url) == checked


@pytest.mark.parametrize(
    "url",
    ["", "api.example.org", "/v2", "//api.example.org", "ftp://api.example.org", "https://",
     "https:///v2", "https://:443", "https://api.example.org:port", "https://api.example.org:99999",
     "https://[::1", "javascript:alert(1)"],
)  # fmt: skip
def test_a_base_url_is_refused_when_it_is_no_http_address(url):
    with pytest.raises(InvalidCallError, match="no http"):
        checked_base_url(url)


@pytest.mark.parametrize(
    "url",
    ["https://ana:pw@api.example.org", "https://ana@api.example.org", "https://@api.example.org",
     "https://api.example.org?x=1", "https://api.example.org/#top",
     "https://api.example.org?", "https://api.example.org/#"],
)  # fmt: skip
def test_a_base_url_is_refused_when_it_has_more_than_host_and_path(url):
    with pytest.raises(InvalidCallError, match="user name, a query or a fragment") as caught:
        checked_base_url(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://api example.org", "https://api.example.org\n", "https://api.exam\nple.org",
     "https://api.example.org\\evil.example", "https://api.example.org/a b", "\x00https://h.example"],
    ids=["space-in-host", "newline-at-end", "newline-in-host", "backslash", "space-in-path", "nul"],
)  # fmt: skip
def test_a_base_url_is_refused_when_it_holds_what_no_address_can(url):
    with pytest.raises(InvalidCallError):
        checked_base_url(url)


@pytest.mark.parametrize(
    "url",
    ["http://api.badges.parchment.com", "http://10.0.0.1", "http://127.0.0.1.evil.example",
     "http://localhost.evil.example", "http://0.0.0.0", "http://notlocalhost", "http://[2001:db8::1]"],
)  # fmt: skip
def test_plain_http_is_refused_when_it_leaves_this_machine(url):
    with pytest.raises(InsecureUrlError, match="plain http"):
        checked_base_url(url)


@pytest.mark.parametrize(
    ("host", "answer"),
    [("localhost", True), ("a.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True),
     ("::1", True), ("128.0.0.1", False), ("example.org", False), ("", False),
     ("localhost.example.org", False)],
)  # fmt: skip
def test_a_host_is_this_machine_only_when_it_says_so(host, answer):
    assert is_loopback(host) is answer


def test_no_secret_is_shown_when_settings_are():
    settings = settle(region="us", username="ana", password="hunter2-swordfish")
    assert "hunter2" not in f"{settings} {settings!r} {attrs.asdict(settings)}"


def test_settings_are_not_pickled_when_they_hold_a_token():
    with pytest.raises(TypeError, match="TokenStore"):
        pickle.dumps(settle(region="us", token="CANARY-TOKEN"))


def test_settings_are_values_when_compared():
    assert settle(region="us", token="CANARY-TOKEN") == settle(region="us", token="CANARY-TOKEN")
    assert isinstance(settle(region="us"), Settings)


# Tenants ------------------------------------------------------------------------------------------


def tenant(environ=None, **arguments):
    named = {f"AIOBADGES_{name.upper()}": text for name, text in (environ or {}).items()}
    return resolve_tenant(arguments, named)


@pytest.mark.parametrize(
    ("host", "base_url"),
    [
        ("acme.example.com", "https://acme.example.com"),
        ("https://learn.example.edu/", "https://learn.example.edu"),
        ("http://127.0.0.1:8790", "http://127.0.0.1:8790"),
    ],
)
def test_a_host_is_written_with_its_scheme_or_without(host, base_url):
    assert tenant(host=host, api_key="k").base_url == base_url


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        ({"host": "a.example", "api_key": "k"}, {"ti_host": "b.example", "ti_api_key": "other"}),
        ({"host": "a.example"}, {"ti_api_key": "k"}),
        ({"host": "a.example"}, {"ti_host": "https://a.example/", "ti_api_key": "k"}),
        ({}, {"ti_host": "a.example", "ti_api_key": " k "}),
        ({"api_key": "k"}, {"ti_host": "a.example"}),
    ],
)
def test_a_key_is_used_where_its_source_means_it(arguments, environ):
    settled = tenant(environ, **arguments)

    assert (settled.base_url, settled.api_key.reveal()) == ("https://a.example", "k")


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        ({"host": "a.example"}, {}),
        ({"host": "a.example"}, {"ti_host": "b.example", "ti_api_key": "k"}),
        ({"host": "http://127.0.0.1:8790"}, {"ti_api_key": "k"}),
    ],
)
def test_a_key_is_not_used_where_its_source_points_elsewhere(arguments, environ):
    with pytest.raises(InvalidCallError, match="no API key is given"):
        tenant(environ, **arguments)


def test_a_tenant_shows_no_key_and_takes_the_certificates_of_the_environment():
    settled = tenant({"ca_file": "ca.pem"}, host="a.example", api_key="hunter2")

    assert settled.ca_file == "ca.pem"
    assert "hunter2" not in f"{settled} {settled!r}"
