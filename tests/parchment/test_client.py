"""The client: how it is made, what it shows of itself, and the way out for other operations."""

from datetime import datetime

import pytest

from aiobadges.errors import (
    BadgesError,
    BadRequestError,
    InsecureUrlError,
    InvalidCallError,
    NotFoundError,
    OutcomeUnknownError,
    ServerError,
    SignInError,
)
from aiobadges.parchment.client import HOSTED_RATE, ParchmentClient
from aiobadges.parchment.converter import make_converter
from aiobadges.parchment.models import (
    AwardRequest,
    BadgeClassRequest,
    IssuerRequest,
    Recipient,
    RevokeRequest,
)
from aiobadges.parchment.resources.badgeclasses import AWARD
from aiobadges.sandbox import EXAMPLE_UNIVERSITY, MATH_EXPERT, PASSWORD, REGISTRAR, USERNAME
from aiobadges.settings import Settings
from aiobadges.transport.auth.stores import FileStore, MemoryStore
from aiobadges.transport.auth.tokens import StaticToken
from aiobadges.transport.limits import LocalLimiter
from aiobadges.values import Secret
from aiobadges.wire.operation import Call

PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Keep the tests away from this user's own files."""
    monkeypatch.setattr("aiobadges.parchment.client.tokens_folder", lambda: tmp_path / "tokens")
    monkeypatch.setattr("aiobadges.parchment.client.profiles_file", lambda: tmp_path / "c.toml")
    return tmp_path


def award_of(address="ana@example.edu"):
    return AwardRequest(recipient=Recipient.email(address))


# Making ---------------------------------------------------------------------------------------


def test_client_is_refused_when_no_region_is_named():
    with pytest.raises(InvalidCallError, match="no default"):
        ParchmentClient()
    with pytest.raises(InvalidCallError, match="no default"):
        ParchmentClient.from_env(environ={})


def test_client_is_refused_when_the_address_is_plain_http_to_another_machine():
    with pytest.raises(InsecureUrlError):
        ParchmentClient(base_url="http://badges.example.edu", token="CANARY-TOKEN")


@pytest.mark.parametrize(
    "options",
    [{"concurrency": 0}, {"concurrency": -1}, {"attempts": 0}, {"rate": 0}, {"rate": -1.0}],
    ids=str,
)
def test_client_is_refused_when_its_options_allow_nothing(options):
    with pytest.raises(InvalidCallError):
        ParchmentClient(region="us", token="CANARY-TOKEN", **options)


@pytest.mark.parametrize(
    ("arguments", "rate"),
    [
        ({"region": "us"}, HOSTED_RATE),
        ({"region": "test"}, HOSTED_RATE),
        ({"base_url": "https://badges.example.edu"}, HOSTED_RATE),
        ({"region": "sandbox"}, None),
        ({"base_url": "http://localhost:1234"}, None),
        ({"region": "us", "rate": None}, None),
        ({"region": "us", "rate": 2.0}, 2.0),
    ],
    ids=str,
)
def test_pace_is_gentle_when_others_use_the_same_account(arguments, rate):
    client = ParchmentClient(token="CANARY-TOKEN", **arguments)

    assert client.session._limiter.pacer.rate == rate


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [({"region": "us"}, "production"), ({"region": "test"}, "test"), ({"region": "sandbox"},
     "sandbox"), ({"base_url": "https://badges.example.edu"}, "custom")],
)  # fmt: skip
def test_client_knows_what_an_award_means(arguments, kind):
    assert ParchmentClient(token="CANARY-TOKEN", **arguments).region_kind == kind


def test_settled_settings_are_taken_as_they_are():
    settings = Settings(base_url="https://badges.example.edu", token=Secret("CANARY-TOKEN"))

    assert ParchmentClient(settings=settings).settings is settings


def test_own_parts_are_used_when_they_are_given():
    tokens, limiter = StaticToken(Secret("CANARY-TOKEN")), LocalLimiter(concurrency=1)

    client = ParchmentClient(region="us", tokens=tokens, limiter=limiter)

    assert client.session._tokens is tokens
    assert client.session._limiter is limiter


@pytest.mark.parametrize(
    "make",
    [
        lambda: ParchmentClient(region="eu", token="CANARY-TOKEN"),
        lambda: ParchmentClient(region="eu", username="ana@example.edu", password="CANARY-TOKEN"),
        lambda: ParchmentClient(base_url="https://badges.example.edu/x", token="CANARY-TOKEN"),
        lambda: ParchmentClient.from_env(
            environ={"AIOBADGES_REGION": "eu", "AIOBADGES_TOKEN": "CANARY-TOKEN"}
        ),
    ],
    ids=["token", "password", "base-url", "environment"],
)
def test_no_secret_is_shown_when_a_client_is_printed(make):
    client = make()

    assert "CANARY" not in repr(client) + str(client) + repr(client.settings)
    assert ("eu" in repr(client)) or ("badges.example.edu/x" in repr(client))


def test_environment_names_server_and_token():
    client = ParchmentClient.from_env(
        environ={
            "AIOBADGES_BASE_URL": "https://badges.example.edu",
            "AIOBADGES_TOKEN": "CANARY-TOKEN",
        }
    )

    assert client.settings.base_url == "https://badges.example.edu"
    assert client.settings.token == Secret("CANARY-TOKEN")


def test_environment_of_the_process_is_used_when_none_is_given(monkeypatch):
    monkeypatch.setenv("AIOBADGES_REGION", "au")
    monkeypatch.setenv("AIOBADGES_TOKEN", "CANARY-TOKEN")

    assert ParchmentClient.from_env().settings.region == "au"
    assert ParchmentClient.from_env(region="ca").settings.region == "ca"


def test_profile_is_read_when_it_is_named(own_folders):
    (own_folders / "c.toml").write_text('[profiles.work]\nregion = "sg"\ntoken = "CANARY-TOKEN"\n')

    client = ParchmentClient.from_env(profile="work", environ={})

    assert client.settings.region == "sg"
    assert client.settings.profile == "work"


async def test_tokens_are_kept_in_a_file_without_an_address_in_its_name(own_folders, badge_sandbox):
    environ = {
        "AIOBADGES_REGION": "sandbox",
        "AIOBADGES_BASE_URL": badge_sandbox.url,
        "AIOBADGES_USERNAME": USERNAME,
        "AIOBADGES_PASSWORD": PASSWORD,
    }
    for _ in range(2):
        async with ParchmentClient.from_env(environ=environ) as client:
            await client.users.get_self()

    (file,) = (f for f in (own_folders / "tokens").iterdir() if f.suffix == ".json")
    assert file.name.startswith("sandbox-")
    assert "registrar" not in file.name
    assert badge_sandbox.counters.logins == 1


def test_token_files_differ_by_place_account_and_profile(own_folders):
    (own_folders / "c.toml").write_text(
        '[profiles.work]\nusername = "a"\npassword = "CANARY-TOKEN"\n'
    )
    environs = [
        {"REGION": "us", "USERNAME": "a", "PASSWORD": "CANARY-TOKEN"},
        {"REGION": "us", "USERNAME": "b", "PASSWORD": "CANARY-TOKEN"},
        {"REGION": "eu", "USERNAME": "a", "PASSWORD": "CANARY-TOKEN"},
        {"REGION": "us", "PROFILE": "work"},
        {"BASE_URL": "https://x.example.edu:8443", "USERNAME": "a", "PASSWORD": "CANARY-TOKEN"},
        {"BASE_URL": "https://x.example.edu:8443/dev", "USERNAME": "a", "PASSWORD": "CANARY-TOKEN"},
    ]

    files = {
        ParchmentClient.from_env(
            environ={f"AIOBADGES_{k}": v for k, v in e.items()}
        ).session._tokens._store._file.name
        for e in environs
    }

    assert len(files) == len(environs)
    assert not any(":" in name or "/" in name for name in files)


def test_store_of_the_caller_comes_before_the_file():
    store = MemoryStore()

    client = ParchmentClient.from_env(
        environ={
            "AIOBADGES_REGION": "us",
            "AIOBADGES_USERNAME": "a",
            "AIOBADGES_PASSWORD": "CANARY-TOKEN",
        },
        token_store=store,
    )

    assert client.session._tokens._store is store
    assert not isinstance(store, FileStore)


# Calling --------------------------------------------------------------------------------------


async def test_objects_come_back_as_models(badge_client):
    issuer = await badge_client.issuers.get(EXAMPLE_UNIVERSITY)
    badge = await badge_client.badgeclasses.get(MATH_EXPERT)
    user = await badge_client.users.get_self()

    assert issuer.name == "Example University"
    assert (badge.name, badge.issuer) == ("Math Expert", issuer.entity_id)
    assert user.entity_id == REGISTRAR


async def test_award_is_made_read_and_taken_back(badge_client, badge_sandbox):
    made = await badge_client.badgeclasses.award(MATH_EXPERT, award_of())
    read = await badge_client.assertions.get(made.entity_id)
    revoked = await badge_client.assertions.revoke(
        made.entity_id, RevokeRequest(revocation_reason="a mistake")
    )

    assert read == made
    assert made.issued_on.tzinfo is not None
    assert revoked.revoked
    assert not badge_sandbox.awards("ana@example.edu")[0].is_live


async def test_issuer_and_badge_class_are_created(badge_client):
    issuer = await badge_client.issuers.create(
        IssuerRequest(
            name="New", email=USERNAME, url="https://new.example.edu", description="A new one"
        )
    )
    badge = await badge_client.badgeclasses.create(
        BadgeClassRequest(
            issuer=issuer.entity_id,
            name="First",
            description="The first",
            image=PNG,
            criteria_narrative="Be there.",
        )
    )

    assert (await badge_client.badgeclasses.get(badge.entity_id)).name == "First"


async def test_complaints_are_named_by_field_when_the_server_refuses(badge_client):
    with pytest.raises(BadRequestError) as caught:
        await badge_client.badgeclasses.award(MATH_EXPERT, award_of("no address"))

    assert caught.value.field_errors
    assert caught.value.site.template == "/v2/badgeclasses/{badgeclass_id}/assertions"


async def test_error_says_what_to_check_when_the_thing_is_not_there(badge_client):
    with pytest.raises(NotFoundError, match="region"):
        await badge_client.badgeclasses.get("nothing")


async def test_send_gives_the_whole_reply(badge_client):
    reply = await badge_client.send(Call(operation=AWARD, path=(MATH_EXPERT,), body=award_of()))

    assert reply.status == 201
    assert reply.result.recipient.plaintext_identity == "ana@example.edu"
    assert reply.headers["content-type"].startswith("application/json")


async def test_own_hooks_read_the_answer_when_a_converter_is_given(badge_sandbox):
    converter = make_converter()
    converter.register_structure_hook(str, lambda value, _: value.upper())

    async with ParchmentClient(
        base_url=badge_sandbox.url, token=badge_sandbox.token, converter=converter
    ) as client:
        assert (await client.users.get_self()).first_name == "ROBIN"


async def test_wrong_password_is_a_sign_in_error(badge_sandbox):
    async with ParchmentClient(
        base_url=badge_sandbox.url, username=USERNAME, password="CANARY-TOKEN-wrong"
    ) as client:
        with pytest.raises(SignInError, match="invalid_grant") as caught:
            await client.users.get_self()

    assert "password" in caught.value.remedy


# The way out ----------------------------------------------------------------------------------


async def test_request_opens_the_envelope(badge_client):
    one = await badge_client.request("GET", "/v2/users/self")
    many = await badge_client.request("GET", "/v2/badgeclasses")

    assert [user["firstName"] for user in one.result] == ["Robin"]
    assert {badge["name"] for badge in many.result} == {"Chemistry Basics", "Math Expert"}


async def test_request_sends_query_and_body(badge_client, badge_sandbox):
    made = await badge_client.request(
        "POST",
        f"/v2/badgeclasses/{MATH_EXPERT}/assertions",
        body={"recipient": {"identity": "ana@example.edu"}},
    )
    listed = await badge_client.request(
        "GET",
        f"/v2/badgeclasses/{MATH_EXPERT}/assertions",
        query={"recipient": ["ana@example.edu", "bo@example.edu"], "num": 5, "after": None},
    )

    assert made.status == 201
    assert badge_sandbox.outbox.sent == 1
    assert [a["recipient"]["plaintextIdentity"] for a in listed.result] == ["ana@example.edu"]


async def test_request_takes_a_model_as_body(badge_client, badge_sandbox):
    await badge_client.request(
        "POST", f"/v2/badgeclasses/{MATH_EXPERT}/assertions", body=award_of()
    )

    assert badge_sandbox.outbox.sent == 1


async def test_request_is_repeated_only_when_its_method_may_be(badge_client, badge_sandbox):
    client = badge_client.with_options(attempts=2)
    badge_sandbox.faults.next("users.get_self", "before_work", times=9)
    badge_sandbox.faults.next("badgeclasses.award", "before_work", times=9)

    with pytest.raises(ServerError):
        await client.request("GET", "/v2/users/self")
    with pytest.raises(OutcomeUnknownError):
        await client.request("POST", f"/v2/badgeclasses/{MATH_EXPERT}/assertions", body={})

    assert badge_sandbox.counters.of("users.get_self") == 2
    assert badge_sandbox.counters.of("badgeclasses.award") == 1


@pytest.mark.parametrize(
    "path",
    ["", "v2/users/self", "//elsewhere.example.org/v2", "https://elsewhere.example.org/",
     "/v2/users/self?x=1", "/v2/users/self#x", "/v2\\users", "/v2/{id}", "/v2/a b",
     "/v2/../o/token", "/v2/./users", "/v2/%2e%2e/o/token", "/v2/%2E%2e/o", "/v2/.%2e/o",
     "/v2/%2e%2e%2fusers", "/v2/x%2f..%2fusers", "/v2/..%5cusers", "/v2/x\r\nX-Y:z", "/v2/x\r\ny",
     "/v2/x\ty", "/v2/x\x00", "/v2/ünï"],
)  # fmt: skip
async def test_request_is_refused_and_nothing_sent_when_the_path_is(
    path, badge_client, badge_sandbox
):
    with pytest.raises(InvalidCallError):
        await badge_client.request("GET", path)

    assert badge_sandbox.counters.requests == 0


async def test_request_goes_to_the_path_as_it_is_encoded(badge_client):
    with pytest.raises(NotFoundError):
        await badge_client.request("GET", "/v2/backpack/ana%40example.edu/a%20b")


async def test_nothing_but_our_errors_comes_out_when_the_query_cannot_be_sent(badge_client):
    with pytest.raises(BadgesError, match="time zone"):
        await badge_client.request(
            "GET",
            "/v2/users/self",
            query={"since": datetime(2026, 1, 1)},  # noqa: DTZ001 - the point
        )
