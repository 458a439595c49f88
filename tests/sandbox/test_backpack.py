"""The backpack: what was awarded here, what was brought along, and collections of both."""

import hashlib

import pytest

from aiobadges.sandbox import COLLEAGUE_USERNAME, OLD_DIPLOMA, SHOWCASE, USERNAME

ITEMS = "/v2/backpack/assertions"
COLLECTIONS = "/v2/backpack/collections"
ADDRESS = "https://badges.example.org/assertions/7741"


@pytest.fixture
async def held(award):
    """An award of the registrar, in another spelling of the address."""
    _, body = await award(USERNAME.upper())
    return body["result"][0]


@pytest.fixture
def listed(ask):
    async def listed():
        return [item["entityId"] for item in (await ask("GET", ITEMS))[1]["result"]]

    return listed


async def test_awards_to_the_caller_are_in_the_backpack_when_made(ask, award, held, listed):
    await award(COLLEAGUE_USERNAME)

    assert await listed() == [held["entityId"], OLD_DIPLOMA]
    for name in (held["entityId"], held["id"]):
        assert (await ask("GET", f"{ITEMS}/{name}"))[1]["result"] == [held]


async def test_award_is_not_found_when_it_is_somebody_elses(ask, award):
    _, body = await award(COLLEAGUE_USERNAME)
    path = f"{ITEMS}/{body['result'][0]['entityId']}"

    assert (await ask("GET", path))[0] == 404
    assert (await ask("PUT", path, {"acceptance": "Accepted"}))[0] == 404
    assert (await ask("DELETE", path))[0] == 404


async def test_award_is_not_listed_when_revoked(ask, held, listed):
    await ask("DELETE", f"/v2/assertions/{held['entityId']}", {"revocation_reason": "x"})

    assert await listed() == [OLD_DIPLOMA]
    assert (await ask("GET", f"{ITEMS}/{held['entityId']}"))[0] == 200


@pytest.mark.parametrize("which", ["held", "brought"])
async def test_item_is_accepted_when_told_so(ask, held, which):
    path = f"{ITEMS}/{held['entityId'] if which == 'held' else OLD_DIPLOMA}"

    status, body = await ask("PUT", path, {"acceptance": "Accepted"})

    assert (status, body["result"][0]["acceptance"]) == (200, "Accepted")
    assert (await ask("GET", path))[1]["result"] == body["result"]


@pytest.mark.parametrize("body", [None, {}, {"acceptance": "Rejected"}, {"acceptance": None}])
async def test_item_stays_when_the_word_is_another(ask, held, body):
    status, refusal = await ask("PUT", f"{ITEMS}/{held['entityId']}", body)

    assert (status, list(refusal["fieldErrors"])) == (400, ["acceptance"])


async def test_award_stays_an_award_when_it_is_taken_out(sandbox, ask, held, listed):
    path = f"{ITEMS}/{held['entityId']}"

    assert await ask("DELETE", path) == (204, "")
    assert await listed() == [OLD_DIPLOMA]
    assert (await ask("DELETE", path))[0] == 404
    assert sandbox.awards(USERNAME.upper())[0].is_live
    status, body = await ask("POST", "/v2/backpack/import", {"url": held["openBadgeId"]})
    assert (status, body["result"][0]["entityId"]) == (201, held["entityId"])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"url": ADDRESS}, id="address"),
        pytest.param({"assertion": {"id": ADDRESS, "issuedOn": "2020-01-01T00:00:00Z"}}, id="JSON"),
        pytest.param({"image": "png"}, id="picture"),
        pytest.param({"image": "https://badges.example.org/1.png"}, id="address of a picture"),
    ],
)
async def test_award_is_in_the_backpack_once_when_imported(ask, listed, png, body):
    body = {"image": png} if body == {"image": "png"} else body

    status, made = await ask("POST", "/v2/backpack/import", body)
    again, refusal = await ask("POST", "/v2/backpack/import", body)

    [item] = made["result"]
    assert (status, item["acceptance"]) == (201, "Accepted")
    assert await listed() == [item["entityId"], OLD_DIPLOMA]
    assert again == 400
    assert [error["name"] for error in refusal["validationErrors"]] == ["DUPLICATE_BADGE"]
    assert await ask("DELETE", f"{ITEMS}/{item['entityId']}") == (204, "")
    assert (await ask("POST", "/v2/backpack/import", body))[0] == 201


async def test_import_is_a_duplicate_when_it_comes_in_another_form(ask, held):
    await ask("POST", "/v2/backpack/import", {"url": ADDRESS})

    for body in ({"assertion": {"id": ADDRESS}}, {"url": held["openBadgeId"]}):
        status, refusal = await ask("POST", "/v2/backpack/import", body)
        assert (status, refusal["validationErrors"][0]["name"]) == (400, "DUPLICATE_BADGE")


def hashed(address, salt):
    return "sha256$" + hashlib.sha256((address + salt).encode()).hexdigest()


@pytest.mark.parametrize(
    ("recipient", "status"),
    [
        ({"identity": USERNAME, "type": "email"}, 201),
        ({"identity": hashed(USERNAME, "s"), "salt": "s"}, 201),
        ({"identity": hashed(USERNAME, "s"), "salt": "t"}, 400),
        ({"identity": "ana@example.edu"}, 400),
        (None, 201),
    ],
    ids=["plain", "hashed", "another salt", "somebody else", "nobody"],
)
async def test_import_is_refused_when_the_recipient_is_another(ask, recipient, status):
    body = {"assertion": {"id": ADDRESS, "recipient": recipient}}

    assert (await ask("POST", "/v2/backpack/import", body))[0] == status


async def test_import_is_refused_when_the_award_was_made_to_another(ask, award):
    _, body = await award()

    status, _ = await ask("POST", "/v2/backpack/import", {"url": body["result"][0]["openBadgeId"]})

    assert status == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": ADDRESS, "assertion": {"id": ADDRESS}},
        {"url": None},
        {"url": "x"},
        {"url": ""},
        {"assertion": {}},
        {"assertion": []},
        {"assertion": {"id": 5}},
        {"image": "x"},
        {"image": ""},
    ],
)
async def test_import_is_refused_when_it_is_no_award(ask, listed, body):
    assert (await ask("POST", "/v2/backpack/import", body))[0] == 400
    assert await listed() == [OLD_DIPLOMA]


@pytest.fixture
async def collection(ask):
    request = {"name": "Work", "description": "Mine.", "published": True}
    _, body = await ask("POST", COLLECTIONS, request)
    return body["result"][0]


async def test_members_are_in_a_collection_only_when_it_is_replaced(ask, held):
    request = {"name": "Work", "published": True, "assertions": [held["entityId"]]}
    status, made = await ask("POST", COLLECTIONS, request)
    path = f"{COLLECTIONS}/{made['result'][0]['id']}"

    _, full = await ask(
        "PUT", path, {**request, "assertions": [held["id"], held["entityId"], OLD_DIPLOMA]}
    )

    assert (status, made["result"][0]["assertions"]) == (201, [])
    assert full["result"][0]["assertions"] == [held["entityId"], OLD_DIPLOMA]
    assert (await ask("GET", path))[1]["result"] == full["result"]
    await ask("DELETE", f"{ITEMS}/{held['entityId']}")
    assert (await ask("GET", path))[1]["result"][0]["assertions"] == [OLD_DIPLOMA]


async def test_what_is_left_out_is_gone_when_a_collection_is_replaced(ask, collection):
    path = f"{COLLECTIONS}/{collection['entityId']}"
    await ask("PUT", path, {"assertions": [OLD_DIPLOMA], "credentials": [OLD_DIPLOMA]})

    status, body = await ask("PUT", path, {})

    gone = {"description": None, "published": False, "share_url": None, "shareHash": None}
    assert collection["shareHash"] in collection["share_url"]
    assert (status, body["result"]) == (200, [{**collection, **gone}])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"assertions": ["unknown"]}, "assertions"),
        ({"credentials": ["unknown"]}, "credentials"),
        ({"assertions": "x"}, "assertions"),
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"published": "maybe"}, "published"),
    ],
)
async def test_collection_stays_when_a_field_is_wrong(ask, collection, body, field):
    path = f"{COLLECTIONS}/{collection['entityId']}"

    status, refusal = await ask("PUT", path, body)

    assert (status, list(refusal["fieldErrors"])) == (400, [field])
    assert (await ask("GET", path))[1]["result"] == [collection]


@pytest.mark.parametrize("field", ["name", "published"])
async def test_collection_is_refused_when_a_field_is_missing(ask, field):
    request = {"name": "Work", "published": True}
    del request[field]

    status, body = await ask("POST", COLLECTIONS, request)

    assert (status, list(body["fieldErrors"])) == (400, [field])


async def test_members_stay_in_the_backpack_when_a_collection_is_deleted(ask, collection, listed):
    path = f"{COLLECTIONS}/{collection['entityId']}"
    await ask("PUT", path, {"assertions": [OLD_DIPLOMA]})

    assert await ask("DELETE", path) == (204, "")
    assert (await ask("GET", path))[0] == 404
    assert await listed() == [OLD_DIPLOMA]
    _, body = await ask("GET", COLLECTIONS)
    assert [one["entityId"] for one in body["result"]] == [SHOWCASE]


async def test_collection_is_not_found_when_it_is_somebody_elses(ask, colleague):
    token = await colleague("owner")

    assert (await ask("GET", f"{COLLECTIONS}/{SHOWCASE}", token=token))[0] == 404
    assert (await ask("GET", COLLECTIONS, token=token))[1]["result"] == []
    assert (await ask("GET", f"{ITEMS}/{OLD_DIPLOMA}", token=token))[0] == 404


async def test_backpack_is_only_read_when_the_scope_is_for_reading(ask, sign_in, held):
    token = await sign_in(scope="r:backpack")
    path = f"{ITEMS}/{held['entityId']}"

    assert (await ask("GET", path, token=token))[0] == 200
    assert (await ask("PUT", path, {"acceptance": "Accepted"}, token=token))[0] == 404
    assert (await ask("DELETE", path, token=token))[0] == 404
    assert (await ask("POST", "/v2/backpack/import", {"url": ADDRESS}, token=token))[0] == 404


async def test_award_is_not_listed_when_expired(ask, award, listed):
    _, body = await award(USERNAME, expires="2020-01-01T00:00:00Z")

    assert await listed() == [OLD_DIPLOMA]
    assert (await ask("GET", f"{ITEMS}/{body['result'][0]['id']}"))[0] == 200
