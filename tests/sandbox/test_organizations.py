"""Organizations: who administers them, their public issuers, the export of their groups."""

import csv

import pytest

from aiobadges.sandbox import (
    AUTUMN_GROUP,
    EXAMPLE_ORGANIZATION,
    EXAMPLE_UNIVERSITY,
    SPRING_GROUP,
    USERNAME,
)

PATH = f"/v2/organizations/{EXAMPLE_ORGANIZATION}"
EXPORT = f"{PATH}/group-export/general-data"


async def test_organizations_come_bare_when_listed(ask, colleague):
    status, mine = await ask("GET", "/v2/organizations")
    scopes = await colleague(None)

    assert status == 200
    assert [(o["id"], o["name"]) for o in mine["organizations"]] == [
        (EXAMPLE_ORGANIZATION, "Example Organization")
    ]
    assert (await ask("GET", "/v2/organizations", token=scopes))[0] == 404  # no scope r:org


async def test_organizations_of_others_are_not_listed(ask, sign_in):
    token = await sign_in("bruno@example.edu", scope="r:org")

    _, body = await ask("GET", "/v2/organizations", token=token)

    assert body == {"organizations": []}


@pytest.fixture
async def three_more(ask):
    for name in ("Evening School", "Night School", "College"):
        issuer = {"name": name, "email": "x@example.edu", "url": "https://x.example"}
        await ask("POST", "/v2/issuers", {**issuer, "organizationId": EXAMPLE_ORGANIZATION})


@pytest.mark.usefixtures("three_more")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Example University", "Evening School", "Night School", "College"]),
        ("?nameQuery=SCHOOL", ["Evening School", "Night School"]),
        ("?num=3", ["Example University", "Evening School", "Night School"]),
        ("?num=3&page=2", ["College"]),
        ("?num=3&page=3", []),
        ("?num=1&page=2&nameQuery=school", ["Night School"]),
        ("?num=999999999", ["Example University", "Evening School", "Night School", "College"]),
    ],
)
async def test_public_issuers_are_given_in_pages_when_asked_for(ask, colleague, query, names):
    status, body = await ask("GET", f"{PATH}/public-issuers{query}", token=await colleague(None))

    assert status == 200
    assert [issuer["name"] for issuer in body["result"]] == names
    assert all("staff" not in issuer for issuer in body["result"])


@pytest.mark.parametrize(
    "query", ["num=0", "page=0", "page=-1", "page=x", "num=", "page=%D9%A1", "num=1e3"]
)
async def test_page_is_refused_when_its_number_is_none(ask, query):
    status, body = await ask("GET", f"{PATH}/public-issuers?{query}")

    assert (status, list(body["fieldErrors"])) == (400, [query.partition("=")[0]])


async def test_name_is_refused_when_too_long(ask):
    assert (await ask("GET", f"{PATH}/public-issuers?nameQuery={'x' * 257}"))[0] == 400


@pytest.fixture
def export(sandbox, session):
    async def export(query=""):
        headers = {"Authorization": "Bearer sandbox-token"}
        async with session.get(f"{sandbox.url}{EXPORT}{query}", headers=headers) as response:
            assert response.content_type == "text/csv"
            return list(csv.DictReader((await response.text()).splitlines()))

    return export


async def test_groups_are_exported_when_asked_for(export):
    rows = await export()

    assert [(row["group"], row["groupId"], row["members"]) for row in rows] == [
        ("Spring", SPRING_GROUP, "2"),
        ("Autumn", AUTUMN_GROUP, "1"),
    ]
    assert {row["issuerId"] for row in rows} == {EXAMPLE_UNIVERSITY}
    assert {row["staff"] for row in rows} == {USERNAME}


async def test_archived_groups_are_exported_when_asked_for(export):
    rows = await export("?includeArchivedGroups=true")

    assert [(row["group"], row["archived"]) for row in rows][-1] == ("Past", "true")


async def test_columns_are_left_out_when_told_so(export):
    names = ("CreationDateAndMethod", "ExpirationDateAndMethod", "StaffMembers")
    query = "&".join(f"include{name}=false" for name in names)

    [row, _] = await export(f"?{query}")

    assert list(row) == ["group", "groupId", "issuerId", "members", "archived"]


@pytest.mark.parametrize(("issuer", "count"), [(EXAMPLE_UNIVERSITY, 2), ("unknown", 0)])
async def test_groups_of_one_issuer_are_exported_when_it_is_named(export, issuer, count):
    assert len(await export(f"?issuerId={issuer}")) == count


async def test_export_is_not_found_when_the_organization_is_somebody_elses(ask, colleague):
    assert (await ask("GET", EXPORT, token=await colleague("owner")))[0] == 404
    assert (await ask("GET", EXPORT.replace(EXAMPLE_ORGANIZATION, "x")))[0] == 404
