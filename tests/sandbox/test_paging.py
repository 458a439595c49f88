"""Lists of assertions: order, filters, pages and their links."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from aiobadges.sandbox import CHEMISTRY_BASICS, EXAMPLE_UNIVERSITY, MATH_EXPERT

LIST = f"/v2/badgeclasses/{MATH_EXPERT}/assertions"


@pytest.fixture
def page(session):
    """Get one page; give the addresses on it and the links from it."""

    async def page(url):
        headers = {"Authorization": "Bearer sandbox-token"}
        async with session.get(url, headers=headers) as response:
            assert response.status == 200
            body = await response.json()
            links = re.findall(r'<([^>]+)>; rel="(\w+)"', response.headers.get("Link", ""))
            addresses = [a["recipient"]["plaintextIdentity"] for a in body["result"]]
            return addresses, {rel: url for url, rel in links}

    return page


@pytest.fixture
def walk(page):
    """Follow the links from a page; give the pages."""

    async def walk(url, rel="next"):
        pages = []
        while url is not None:
            addresses, links = await page(url)
            pages.append(addresses)
            url = links.get(rel)
        return pages

    return walk


@pytest.fixture
def people(award):
    """Award to so many people; give their addresses, newest award first."""

    async def people(count, **options):
        addresses = [f"p{n}@example.edu" for n in range(count)]
        for address in addresses:
            await award(address, **options)
        return addresses[::-1]

    return people


@pytest.mark.parametrize(
    "path",
    [LIST, f"/v2/issuers/{EXAMPLE_UNIVERSITY}/assertions"],
    ids=["of a badge", "of an issuer"],
)
@pytest.mark.parametrize("query", ["", "?num=", "?num=many"], ids=["absent", "empty", "text"])
async def test_list_comes_whole_when_num_is_no_number(sandbox, page, people, path, query):
    newest_first = await people(5)

    assert await page(sandbox.url + path + query) == (newest_first, {})


@pytest.mark.parametrize(
    ("num", "sizes"),
    [
        ("2", [2, 2, 1]),
        ("4", [4, 1]),
        ("5", [5]),
        ("6", [5]),
        ("9999", [5]),
        ("0", [1, 1, 1, 1, 1]),
        ("-3", [1, 1, 1, 1, 1]),
    ],
)
async def test_walk_meets_everyone_once_when_pages_are_small(sandbox, walk, people, num, sizes):
    newest_first = await people(5)

    pages = await walk(f"{sandbox.url}{LIST}?num={num}")

    assert [len(addresses) for addresses in pages] == sizes
    assert [address for addresses in pages for address in addresses] == newest_first


async def test_page_is_no_larger_than_500_when_more_are_asked_for(sandbox, page, people):
    await people(501)

    addresses, links = await page(f"{sandbox.url}{LIST}?num=501")

    assert (len(addresses), list(links)) == (500, ["next"])


async def test_links_name_only_the_neighbours_there_are_when_paging(sandbox, page, people):
    await people(3)

    _, first = await page(f"{sandbox.url}{LIST}?num=1")
    _, second = await page(first["next"])
    _, third = await page(second["next"])

    assert [list(first), list(second), list(third)] == [["next"], ["next", "prev"], ["prev"]]


async def test_walk_back_gives_the_same_pages_when_it_follows_prev(sandbox, page, walk, people):
    newest_first = await people(5)
    _, links = await page(f"{sandbox.url}{LIST}?num=2")
    _, links = await page(links["next"])

    pages = await walk(links["next"], "prev")

    assert pages == [newest_first[4:], newest_first[2:4], newest_first[:2]]


async def test_nothing_shifts_when_awards_are_made_during_the_walk(sandbox, page, award, people):
    newest_first = await people(4)
    met, links = await page(f"{sandbox.url}{LIST}?num=2")
    await award("late@example.edu")

    addresses, links = await page(links["next"])

    assert met + addresses == newest_first
    assert "next" not in links


async def test_place_is_kept_when_the_award_of_the_cursor_is_revoked(sandbox, ask, page, people):
    newest_first = await people(4)
    _, links = await page(f"{sandbox.url}{LIST}?num=2")
    entity_id = sandbox.awards(newest_first[1])[0].assertion
    await ask("DELETE", f"/v2/assertions/{entity_id}", {"revocation_reason": "x"})

    addresses, _ = await page(links["next"])

    assert addresses == newest_first[2:]


async def test_links_keep_the_filters_when_paging(sandbox, page, people):
    await people(3)

    query = "num=1&include_revoked=true&recipient=p0%40example.edu&recipient=p2%40example.edu"
    _, links = await page(f"{sandbox.url}{LIST}?{query}")

    sent = parse_qs(urlsplit(links["next"]).query)
    assert len(sent.pop("after")) == 1
    assert sent == parse_qs(query)


async def test_cursors_have_other_names_when_they_are_renamed(start, page, walk, award):
    renamed = await start(cursor_names=("cursor_a", "cursor_b"))
    for n in range(3):
        await award(f"p{n}@example.edu", of=renamed)

    _, links = await page(f"{renamed.url}{LIST}?num=1")
    _, links = await page(links["next"])

    assert "cursor_a=" in links["next"]
    assert "cursor_b=" in links["prev"]
    assert "after=" not in links["next"]
    assert len(await walk(f"{renamed.url}{LIST}?num=1")) == 3


async def test_links_lead_to_the_public_url_when_one_is_set(start, page, award):
    proxied = await start(public_url="https://badges.example.edu/api/")
    for n in range(2):
        await award(f"p{n}@example.edu", of=proxied)

    _, links = await page(f"{proxied.url}{LIST}?num=1")

    assert links["next"].startswith(f"https://badges.example.edu/api{LIST}?num=1&after=")


async def test_links_lead_to_the_host_that_was_asked_when_no_public_url_is_set(
    sandbox, session, people
):
    await people(2)

    async with session.get(
        f"{sandbox.url}{LIST}?num=1",
        headers={"Authorization": "Bearer sandbox-token", "Host": "badges.test:81"},
    ) as response:
        assert response.headers["Link"].startswith(f"<http://badges.test:81{LIST}?")


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "AAAA", "%00", "AAAAAAAAAAAAAAAA", "ü"],
    ids=["empty", "letter", "short", "null", "checksum", "not ascii"],
)
@pytest.mark.parametrize("name", ["after", "before"])
async def test_cursor_is_refused_when_it_was_not_given_out(ask, people, name, cursor):
    await people(1)

    status, body = await ask("GET", f"{LIST}?num=1&{name}={cursor}")

    assert (status, body["fieldErrors"]) == (404, "Invalid cursor")
    assert body["status"] == {"success": False, "description": "miscellaneous error"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", ["live"], id="none"),
        pytest.param("include_revoked=true", ["revoked", "live"], id="revoked"),
        pytest.param("include_expired=1", ["expired", "live"], id="expired"),
        pytest.param(
            "include_revoked=True&include_expired=true", ["revoked", "expired", "live"], id="both"
        ),
        pytest.param("include_revoked=false&include_expired=0", ["live"], id="told not to"),
    ],
)
@pytest.mark.parametrize("paged", ["", "&num=1"], ids=["whole", "paged"])
async def test_revoked_and_expired_are_listed_when_asked_for(
    *, sandbox, ask, walk, award, query, found, paged
):
    await award("live@example.edu")
    await award("expired@example.edu", expires="2025-01-01T00:00:00Z")
    _, body = await award("revoked@example.edu")
    entity_id = body["result"][0]["entityId"]
    await ask("DELETE", f"/v2/assertions/{entity_id}", {"revocation_reason": "x"})

    pages = await walk(f"{sandbox.url}{LIST}?{query}{paged}")

    assert [address for addresses in pages for address in addresses] == [
        f"{name}@example.edu" for name in found
    ]


@pytest.mark.parametrize(
    "path",
    [LIST, f"/v2/issuers/{EXAMPLE_UNIVERSITY}/assertions"],
    ids=["of a badge", "of an issuer"],
)
@pytest.mark.parametrize(
    ("recipients", "found"),
    [
        pytest.param(["p1@example.edu"], [1], id="one"),
        pytest.param(["p0@example.edu", "p2@example.edu"], [2, 0], id="several"),
        pytest.param(["p1@example.edu", "p1@example.edu"], [1], id="the same twice"),
        pytest.param(["P1@example.edu"], [], id="other case"),
        pytest.param(["p1"], [], id="a part"),
        pytest.param(["nobody@example.edu", "p0@example.edu"], [0], id="one unknown"),
    ],
)
async def test_only_these_recipients_are_listed_when_named(
    *, sandbox, walk, people, path, recipients, found
):
    await people(3)

    query = "&".join(f"recipient={r.replace('@', '%40')}" for r in recipients)
    pages = await walk(f"{sandbox.url}{path}?num=1&{query}")

    assert [address for addresses in pages for address in addresses] == [
        f"p{n}@example.edu" for n in found
    ]


async def test_list_has_the_badge_only_when_asked_of_a_badge(sandbox, page, award):
    await award("math@example.edu")
    await award("chemistry@example.edu", badge=CHEMISTRY_BASICS)

    of_badge, _ = await page(sandbox.url + LIST)
    of_issuer, _ = await page(f"{sandbox.url}/v2/issuers/{EXAMPLE_UNIVERSITY}/assertions")

    assert of_badge == ["math@example.edu"]
    assert of_issuer == ["chemistry@example.edu", "math@example.edu"]
