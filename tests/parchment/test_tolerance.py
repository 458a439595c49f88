"""One table: what becomes of answers that nobody documented. Nothing escapes as a foreign
exception, and nothing is lost without a word.

Each case is served as bytes over a real socket. A case ends in the value its call gives, or in an
error of this library whose text holds the words beside it.
"""

import gzip
import json
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from aiobadges import Undecodable
from aiobadges.errors import (
    AlreadyHeldError,
    BadgesError,
    BadRequestError,
    BadResponseError,
    ConflictError,
    DisconnectedError,
    ForbiddenError,
    NotFoundError,
    OutcomeUnknownError,
    RateLimitedError,
    RefusedError,
    ServerError,
    UnauthorizedError,
    UnexpectedStatusError,
    UnsafeLinkError,
)
from aiobadges.parchment.models import (
    AwardRequest,
    DuplicateRequest,
    Recipient,
    Revocation,
    RevokeRequest,
)
from aiobadges.transport import pager
from aiobadges.values import UnknownVariant

OK = {"success": True, "description": "ok"}
BADGE = {"entityId": "b", "name": "Math"}
AWARD = {"entityId": "a"}


def reply(body=b"", **options):
    """Give an answer: see `written` in conftest."""
    return {"body": body, **options}


def ok(*items, **options):
    """Give a good answer with an envelope."""
    return reply({"status": OK, "result": list(items)}, **options)


def raw(text, **options):
    """Give a good answer whose envelope holds this text as its items."""
    return reply(b'{"status": {"success": true}, "result": [' + text + b"]}", **options)


def plain(headers):
    """Give a good answer with just these headers, which ends with the connection."""
    return b"HTTP/1.1 200 OK\r\n" + headers + b"\r\n" + json.dumps(BADGE).encode()


def badge(**members):
    """Give a badge class."""
    return ok(BADGE | members)


def page(*links, item=AWARD):
    """Give a page with one award and these Link headers."""
    return ok(item, headers=tuple(f"Link: {link}" for link in links))


def link(query, rel='rel="next"', *, origin="{origin}", path="/v2/badgeclasses/b/assertions"):
    return f"<{origin}{path}?{query}>; {rel}"


def always_another_page(asked):
    """Give a page that names one more, for ever."""
    before = int(asked.line.partition("after=")[2].partition(" ")[0] or 0)
    return page(link(f"after={before + 1}"))


def fails(error, words=""):
    """Say that a call ends in this error, and which words are in its text."""
    return (error, words)


# What is asked --------------------------------------------------------------------------------


async def name(client):
    return (await client.badgeclasses.get("b")).name


def attribute(which):
    async def read(client):
        value = await client.badgeclasses.get("b")
        for part in which.split("."):
            value = getattr(value, part)
        return value

    return read


def award_s(which):
    async def read(client):
        return getattr(await client.assertions.get("a"), which)

    return read


async def ids(client):
    return [award.entity_id async for award in client.badgeclasses.assertions("b")]


async def first_page(client):
    page = await client.badgeclasses.assertions("b")
    return [item.entity_id for item in page], page.has_next


async def kept(client):
    found = []
    async for page in client.badgeclasses.assertions("b").pages(on_error="keep"):
        for item in page:
            if isinstance(item, Undecodable):
                found.append((item.path, item.raw, [str(problem) for problem in item.problems]))
            else:
                found.append(item.entity_id)
    return found


async def award(client):
    body = AwardRequest(recipient=Recipient.email("ana@example.edu"))
    return (await client.badgeclasses.award("b", body)).entity_id


async def delete_badge(client):
    return await client.badgeclasses.delete("b")


async def delete_issuer(client):
    return await client.issuers.delete("i")


async def revoke(client):
    done = await client.assertions.revoke("a", RevokeRequest(revocation_reason="r"))
    return None if done is None else done.revoked


async def revoke_many(client):
    items = [Revocation(entity_id="a", revocation_reason="r")]
    return [(item.entity_id, item.revoked) for item in await client.assertions.revoke_many(items)]


async def duplicate(client):
    return (await client.badgeclasses.duplicate("b", DuplicateRequest(new_name="n"))).name


async def draft(client):
    return (await client.pathways.draft.get("p")).pathway_id


async def count_rule(client):
    root = (await client.pathways.draft.get("p")).root
    return root.requirements.child_element_requirements.count_rule


async def depth(client):
    step, steps = (await client.pathways.draft.get("p")).root, 0
    while step.children:
        step, steps = step.children[0], steps + 1
    return steps


async def organizations(client):
    return [item.name async for item in client.organizations.list()]


async def groups(client):
    return await client.organizations.export_groups("o")


async def request(client):
    return (await client.request("GET", "/v2/new")).result


EIGHT = datetime(2019, 9, 4, 8, 3, 24, tzinfo=UTC)
DEEP = b'{"entityId": "b", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
HTML = b"<html><h1>Bad gateway</h1></html>"


def steps(deep):
    """Give a draft whose steps lie one in another."""
    root = b'{"children": [' * deep + b"{}" + b"]}" * deep
    return reply(b'{"pathwayId": "p", "root": ' + root + b"}")


def rule(value):
    """Give a draft with this rule on how many steps are needed."""
    requirements = {"childElementRequirements": {"countRule": value}}
    return reply({"pathwayId": "p", "root": {"requirements": requirements}})


def at(moment):
    """Give an award with this date."""
    return ok(AWARD | {"issuedOn": moment})


TABLE = {
    # Members that are missing, null, new, or of another type -----------------------------------
    "a documented member is missing": (attribute("description"), None, badge()),
    "a documented member is null": (name, None, badge(name=None)),
    "the entity id is missing": (name, fails(BadResponseError, "entityId: is missing"), ok({})),
    "the entity id is null": (
        name,
        fails(BadResponseError, "$.result[0].entityId: expected a string, got null"),
        badge(entityId=None),
    ),
    "an unknown member": (attribute("extra_"), {"xNew": [None]}, badge(xNew=[None])),
    "a text is a number": (
        name,
        fails(BadResponseError, "$.result[0].name: expected a string, got a number"),
        badge(name=7),
    ),
    "a number is a text": (
        attribute("expires"),
        fails(BadResponseError, "expires.amount: expected a whole number, got a string"),
        badge(expires={"amount": "2"}),
    ),
    "a boolean is a text": (
        attribute("archived"),
        fails(BadResponseError, "archived: expected a boolean, got a string"),
        badge(archived="false"),
    ),
    "a boolean is 0": (
        attribute("archived"),
        fails(BadResponseError, "archived: expected a boolean, got a number"),
        badge(archived=0),
    ),
    "a list is a text": (
        attribute("tags"),
        fails(BadResponseError, "tags: expected a list, got a string"),
        badge(tags="math"),
    ),
    "a list is an object": (
        attribute("tags"),
        fails(BadResponseError, "tags: expected a list, got an object"),
        badge(tags={}),
    ),
    "an object is a list": (
        attribute("preferences"),
        fails(BadResponseError, "preferences: expected an object, got a list"),
        badge(preferences=[]),
    ),
    "null among texts": (
        attribute("tags"),
        fails(BadResponseError, "tags[1]: expected a string, got null"),
        badge(tags=["math", None]),
    ),
    "several members are wrong": (
        name,
        fails(BadResponseError, "name: expected a string, got a number; $.result[0].tags"),
        badge(name=7, tags=8),
    ),
    # Enumerations and kinds --------------------------------------------------------------------
    "an unknown word": (
        award_s("acceptance"),
        "Postponed",
        ok(AWARD | {"acceptance": "Postponed"}),
    ),
    "a known word in other case": (
        award_s("acceptance"),
        "ACCEPTED",
        ok(AWARD | {"acceptance": "ACCEPTED"}),
    ),
    "a word is a number": (
        award_s("acceptance"),
        fails(BadResponseError, "acceptance: expected a string"),
        ok(AWARD | {"acceptance": 2}),
    ),
    "an unknown @type": (
        count_rule,
        UnknownVariant(tag="half", raw={"@type": "half", "n": 2}),
        rule({"@type": "half", "n": 2}),
    ),
    "no @type": (count_rule, UnknownVariant(tag=None, raw={"n": 2}), rule({"n": 2})),
    "an @type that is no text": (
        count_rule,
        UnknownVariant(tag=None, raw={"@type": 7}),
        rule({"@type": 7}),
    ),
    "a kind that is no object": (
        count_rule,
        fails(BadResponseError, "countRule: expected an object, got a string"),
        rule("half"),
    ),
    # Timestamps --------------------------------------------------------------------------------
    "no digits of a second": (award_s("issued_on"), EIGHT, at("2019-09-04T08:03:24Z")),
    "3 digits of a second": (
        award_s("issued_on"),
        EIGHT + timedelta(milliseconds=8),
        at("2019-09-04T08:03:24.008Z"),
    ),
    "6 digits of a second": (
        award_s("issued_on"),
        EIGHT + timedelta(microseconds=277836),
        at("2019-09-04T08:03:24.277836Z"),
    ),
    "9 digits of a second": (
        award_s("issued_on"),
        EIGHT + timedelta(microseconds=277836),
        at("2019-09-04T08:03:24.277836999Z"),
    ),
    "an offset": (award_s("issued_on"), EIGHT, at("2019-09-04T10:03:24+02:00")),
    "an offset without a colon": (award_s("issued_on"), EIGHT, at("2019-09-04T10:03:24+0200")),
    "no zone": (award_s("issued_on"), EIGHT, at("2019-09-04T08:03:24")),
    "a blank instead of T": (award_s("issued_on"), EIGHT, at("2019-09-04 08:03:24Z")),
    "a date alone": (award_s("issued_on"), datetime(2019, 9, 4, tzinfo=UTC), at("2019-09-04")),
    "a timestamp is a number": (
        award_s("issued_on"),
        fails(BadResponseError, "issuedOn: expected a timestamp, got a number"),
        at(1567584204),
    ),
    "a timestamp is empty": (
        award_s("issued_on"),
        fails(BadResponseError, "issuedOn: expected a timestamp, got another text"),
        at(""),
    ),
    "a day that is not": (
        award_s("issued_on"),
        fails(BadResponseError, "issuedOn: expected a timestamp"),
        at("2019-02-30T00:00:00Z"),
    ),
    "small letters": (award_s("issued_on"), EIGHT, at("2019-09-04t08:03:24z")),
    "the basic format": (award_s("issued_on"), EIGHT, at("20190904T080324Z")),
    "a leap second": (
        award_s("issued_on"),
        fails(BadResponseError, "issuedOn: expected a timestamp"),
        at("2016-12-31T23:59:60Z"),
    ),
    "a date as on paper": (
        award_s("issued_on"),
        fails(BadResponseError, "issuedOn: expected a timestamp"),
        at("09/04/2019"),
    ),
    # The envelope ------------------------------------------------------------------------------
    "a bare object for an envelope": (name, "Math", reply(BADGE)),
    "a bare list for an envelope": (name, "Math", reply([BADGE])),
    "an object for the list of results": (name, "Math", reply({"status": OK, "result": BADGE})),
    "a bare list of a list operation": (ids, ["a"], reply([AWARD])),
    "an envelope for a bare object": (draft, "p", ok({"pathwayId": "p"})),
    "an envelope for a bare list": (revoke_many, [("a", True)], ok(AWARD | {"revoked": True})),
    "an envelope for a duplicate": (duplicate, "Math", ok(BADGE, status=201)),
    "a list named otherwise in an envelope": (
        organizations,
        ["Org"],
        ok({"id": "o", "name": "Org"}),
    ),
    "no envelope, another member": (
        organizations,
        fails(BadResponseError, "$.organizations: is no list"),
        reply({"orgs": []}),
    ),
    "two results for one": (
        name,
        fails(BadResponseError, "$.result: holds 2 items, not one"),
        ok(BADGE, BADGE),
    ),
    "no result for one": (name, fails(BadResponseError, "$.result: holds 0 items, not one"), ok()),
    "a null result for one": (
        name,
        fails(BadResponseError, "$.result: expected an object, got null"),
        reply({"status": OK, "result": None}),
    ),
    "a null result for many": (
        ids,
        fails(BadResponseError, "$.result: is no list"),
        reply({"status": OK, "result": None}),
    ),
    "an object result for many": (
        ids,
        fails(BadResponseError, "$.result: is no list"),
        reply({"status": OK, "result": AWARD}),
    ),
    "no result at all for many": (
        ids,
        fails(BadResponseError, "$.result: is no list"),
        reply({"status": OK}),
    ),
    "null among results": (
        ids,
        fails(BadResponseError, "$.result[1]: expected an object, got null"),
        ok(AWARD, None),
    ),
    "null among results that are kept": (
        kept,
        ["a", ("$.result[1]", None, ["$.result[1]: expected an object, got null"])],
        ok(AWARD, None),
    ),
    "an unreadable item that is kept": (
        kept,
        [
            (
                "$.result[0]",
                {"entityId": 7},
                ["$.result[0].entityId: expected a string, got a number"],
            ),
            "a",
        ],
        ok({"entityId": 7}, AWARD),
    ),
    "a page that is none where items are kept": (
        kept,
        fails(BadResponseError, "is HTML"),
        reply(HTML, kind="text/html"),
    ),
    "an envelope that says no, with 200": (
        award,
        fails(RefusedError, "recipient: no such person"),
        reply({"status": {"success": False}, "fieldErrors": {"recipient": ["no such person"]}}),
    ),
    "an envelope that says nothing but no": (
        award,
        fails(RefusedError, "it said success: false"),
        reply({"status": {"success": False}, "result": [AWARD]}),
    ),
    "success is a text": (
        award,
        "a",
        reply({"status": {"success": "true"}, "result": [AWARD]}),
    ),
    "status is a text": (
        name,
        fails(BadResponseError, "entityId: is missing"),
        reply({"status": "ok", "result": [BADGE]}),
    ),
    "a list in the list of results": (
        name,
        fails(BadResponseError, "$.result[0]: expected an object, got a list"),
        ok([BADGE]),
    ),
    "some of many could not be done": (
        revoke_many,
        [("a", False), ("b", None)],
        reply([{"entityId": "a", "revoked": False}, {"entityId": "b"}]),
    ),
    # Statuses ----------------------------------------------------------------------------------
    "201 for 200": (name, "Math", ok(BADGE, status=201)),
    "200 for 201": (award, "a", ok(AWARD)),
    "202 for 201": (award, "a", ok(AWARD, status=202)),
    "204 for 200, and something was to be read": (
        name,
        fails(BadResponseError, "$: is empty"),
        reply(status=204, kind=None),
    ),
    "204 for 201": (award, fails(OutcomeUnknownError, "is empty"), reply(status=204, kind=None)),
    "204 for 200, and nothing was to be read": (delete_badge, None, reply(status=204, kind=None)),
    "204 for 200, and something could be read": (revoke, None, reply(status=204, kind=None)),
    "200 for 204": (delete_issuer, None, ok()),
    "200 for 204, and something else in it": (delete_issuer, None, reply([1, 2])),
    "200 for 204, and it says no": (
        delete_issuer,
        fails(RefusedError, "has badges"),
        reply({"status": {"success": False, "description": "has badges"}}),
    ),
    "200 for 204, and it is HTML": (
        delete_issuer,
        fails(BadResponseError, "is HTML"),
        reply(HTML, kind="text/html"),
    ),
    "a redirect": (
        name,
        fails(UnexpectedStatusError, "found"),
        reply(status=302, headers=("Location: https://elsewhere.example/",)),
    ),
    "304": (name, fails(UnexpectedStatusError), reply(status=304, kind=None)),
    "418": (name, fails(UnexpectedStatusError), reply({}, status=418)),
    "a status without a name": (
        name,
        fails(ServerError, "a status without a name"),
        reply({}, status=599),
    ),
    "500 in HTML": (name, fails(ServerError, "answered 500"), reply(HTML, status=500)),
    "500 to an award": (award, fails(OutcomeUnknownError), reply(HTML, status=500)),
    "408 to an award": (award, fails(OutcomeUnknownError), reply(status=408)),
    "404 in HTML": (name, fails(NotFoundError, "not found"), reply(HTML, status=404)),
    "403 without a body": (name, fails(ForbiddenError), reply(status=403)),
    "401 in another form": (
        name,
        fails(UnauthorizedError),
        reply({"error": "invalid_token"}, status=401),
    ),
    "409 with a list": (award, fails(ConflictError), reply(["taken"], status=409)),
    "429 with a senseless Retry-After": (
        name,
        fails(RateLimitedError),
        reply(status=429, headers=("Retry-After: soon",)),
    ),
    "complaints that are false": (
        award,
        fails(BadRequestError, "bad request"),
        reply(
            {
                "status": {"success": False, "description": "bad request"},
                "fieldErrors": False,
                "validationErrors": {},
            },
            status=400,
        ),
    ),
    "complaints that are objects in lists": (
        award,
        fails(BadRequestError, "[0].recipient: who?"),
        reply({"status": {}, "fieldErrors": [{"recipient": ["who?"]}]}, status=400),
    ),
    "a complaint that is a text": (
        award,
        fails(BadRequestError, "Invalid cursor"),
        reply({"status": {"success": False}, "fieldErrors": "Invalid cursor"}, status=400),
    ),
    "a duplicate that is an object": (
        award,
        fails(AlreadyHeldError, "DUPLICATE_BADGE"),
        reply({"validationErrors": [{"name": "DUPLICATE_BADGE", "description": "d"}]}, status=400),
    ),
    # Bytes -------------------------------------------------------------------------------------
    "HTML": (name, fails(BadResponseError, "is HTML"), reply(HTML, kind="text/html")),
    "HTML to an award": (award, fails(OutcomeUnknownError, "is HTML"), reply(HTML)),
    "an empty body": (name, fails(BadResponseError, "$: is empty"), reply()),
    "white space": (name, fails(BadResponseError, "$: is empty"), reply(b" \r\n")),
    "a byte order mark": (name, "Math", reply(b"\xef\xbb\xbf" + json.dumps(BADGE).encode())),
    "UTF-16": (
        name,
        fails(BadResponseError, "is not JSON"),
        reply(json.dumps(BADGE).encode("utf-16")),
    ),
    "UTF-8 that breaks off": (
        name,
        fails(BadResponseError, "is not JSON"),
        raw(b'{"entityId": "b", "name": "Caf\xc3"}'),
    ),
    "half a surrogate pair": (
        name,
        fails(BadResponseError, "is not JSON"),
        raw(b'{"entityId": "b", "name": "\\ud83d"}'),
    ),
    "a control character in a text": (
        name,
        fails(BadResponseError, "is not JSON"),
        raw(b'{"entityId": "b", "name": "a\nb"}'),
    ),
    "half a body": (name, fails(BadResponseError, "is not JSON"), reply(b'{"status": {"succ')),
    "two bodies": (name, fails(BadResponseError, "is not JSON"), reply(b"{} {}")),
    "the same member twice": (name, "last", raw(b'{"entityId": "b", "name": "1", "name": "last"}')),
    "NaN": (name, fails(BadResponseError, "is not JSON"), raw(b'{"entityId": "b", "x": NaN}')),
    "a number beyond all floats": (
        name,
        fails(BadResponseError, "is not JSON"),
        raw(b'{"entityId": "b", "ob3Properties": {"creditHours": 1e999}}'),
    ),
    "a whole number of 400 digits": (
        attribute("extra_"),
        {"x": 10**400 - 1},
        raw(b'{"entityId": "b", "x": ' + b"9" * 400 + b"}"),
    ),
    "a whole number of 5,000 digits": (
        name,
        fails(BadResponseError, "is not JSON"),
        raw(b'{"entityId": "b", "x": ' + b"9" * 5000 + b"}"),
    ),
    "a whole number of 30 digits": (
        attribute("expires.amount"),
        10**30 - 1,
        raw(b'{"entityId": "b", "expires": {"amount": ' + b"9" * 30 + b"}}"),
    ),
    "lists in lists, 100,000 of them": (name, fails(BadResponseError, "is not JSON"), reply(DEEP)),
    "steps in steps, 50 of them": (depth, 50, steps(50)),
    "steps in steps, 400 of them": (depth, fails(BadResponseError, "cannot be read"), steps(400)),
    "another content type": (name, "Math", reply(BADGE, kind="text/plain")),
    "no content type": (name, "Math", reply(BADGE, kind=None)),
    "a content type that is none": (name, "Math", reply(BADGE, kind=";;; charset=klingon")),
    "JSON-LD": (name, "Math", reply(BADGE, kind="application/ld+json; charset=latin-1")),
    "gzip": (
        name,
        "Math",
        reply(gzip.compress(json.dumps(BADGE).encode()), headers=("Content-Encoding: gzip",)),
    ),
    "gzip garbage": (
        name,
        fails(BadResponseError, "compression is broken"),
        reply(b"{not gzip}", headers=("Content-Encoding: gzip",)),
    ),
    "gzip garbage to an award": (
        award,
        fails(OutcomeUnknownError, "compression is broken"),
        reply(b"{not gzip}", headers=("Content-Encoding: gzip",)),
    ),
    "half a gzip": (
        name,
        fails(BadResponseError),
        reply(gzip.compress(json.dumps(BADGE).encode())[:-9], headers=("Content-Encoding: gzip",)),
    ),
    "raw deflate": (
        name,
        "Math",
        reply(
            zlib.compress(json.dumps(BADGE).encode(), wbits=-15),
            headers=("Content-Encoding: deflate",),
        ),
    ),
    "a compression of tomorrow": (
        name,
        fails(BadResponseError, "is not JSON"),
        reply(b"\x28\xb5\x2f\xfd", headers=("Content-Encoding: xz9",)),
    ),
    "less than announced": (
        name,
        fails(DisconnectedError, "broke off"),
        reply(BADGE, length=10_000),
    ),
    "no HTTP": (name, fails(DisconnectedError), b"SSH-2.0-OpenSSH_9.9\r\n\r\n"),
    "nothing": (name, fails(DisconnectedError), b""),
    "a header without a name": (name, fails(DisconnectedError), b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
    "CSV that is HTML": (groups, fails(BadResponseError, "is HTML"), reply(HTML, kind="text/csv")),
    "CSV in Latin-1": (
        groups,
        fails(BadResponseError, "is not UTF-8"),
        reply("Jos\xe9".encode("latin-1"), kind="text/csv"),
    ),
    "CSV with a byte order mark": (groups, "a,b", reply(b"\xef\xbb\xbfa,b", kind="text/csv")),
    "hints before the answer": (
        name,
        "Math",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + plain(b"Connection: close\r\n"),
    ),
    "no length": (name, "Math", plain(b"")),
    "HTTP/1.0": (name, "Math", plain(b"").replace(b"1.1", b"1.0")),
    "two lengths": (
        name,
        fails(DisconnectedError),
        plain(b"Content-Length: 5\r\nContent-Length: 9\r\n"),
    ),
    "a length that is no number": (name, fails(DisconnectedError), plain(b"Content-Length: x\r\n")),
    "chunks that are none": (
        name,
        fails(DisconnectedError),
        plain(b"Transfer-Encoding: chunked\r\n"),
    ),
    "a header of 20,000 letters": (
        name,
        fails(DisconnectedError),
        plain(b"X-Long: " + b"x" * 20_000 + b"\r\n"),
    ),
    "a status line of 20,000 letters": (
        name,
        fails(DisconnectedError),
        b"HTTP/1.1 200 " + b"x" * 20_000 + b"\r\n\r\n",
    ),
    "a header in Latin-1": (name, "Math", plain(b"X-Name: Jos\xe9\r\n")),
    # Links -------------------------------------------------------------------------------------
    "no Link": (first_page, (["a"], False), page()),
    "a Link that is none": (first_page, (["a"], False), page("next")),
    "only a link back": (first_page, (["a"], False), page(link("x=1", 'rel="prev"'))),
    "a relation in capitals, without quotes": (
        first_page,
        (["a"], True),
        page(link("x=1", "REL=NEXT")),
    ),
    "two relations of one link": (first_page, (["a"], True), page(link("x=1", 'rel="last next"'))),
    "two rels, the second is ignored": (
        first_page,
        (["a"], False),
        page(link("x=1", 'rel="prev"; rel="next"')),
    ),
    "two next links, the first counts": (
        ids,
        ["a", "one"],
        page(link("after=1"), link("after=2")),
        lambda asked: page(item={"entityId": "one" if "after=1" in asked.line else "two"}),
    ),
    "a relative link": (
        ids,
        ["a", "last"],
        page('<?after=1>; rel="next"'),
        page(item={"entityId": "last"}),
    ),
    "a link to another origin": (
        ids,
        fails(UnsafeLinkError, "outside the origin"),
        page(link("after=1", origin="https://elsewhere.example")),
    ),
    "a link to another port": (
        ids,
        fails(UnsafeLinkError, "outside the origin"),
        page(link("after=1", origin="http://127.0.0.1:1")),
    ),
    "a link with a user name": (
        ids,
        fails(UnsafeLinkError, "outside the origin"),
        page(link("after=1", origin="http://127.0.0.1@elsewhere.example")),
    ),
    "a link to another operation": (
        ids,
        fails(UnsafeLinkError, "outside the origin or the operation"),
        page(link("after=1", path="/v2/users/self")),
    ),
    "a link with a letter that is no ASCII": (
        ids,
        fails(UnsafeLinkError, "outside the origin or the operation"),
        page(link("after=\u00e9")),
    ),
    "a link to plain letters": (
        ids,
        fails(UnsafeLinkError, "outside the origin or the operation"),
        page('<javascript:alert(1)>; rel="next"'),
    ),
    "a link that climbs": (
        ids,
        fails(UnsafeLinkError, "outside the origin or the operation"),
        page(link("after=1", path="/v2/badgeclasses/../assertions")),
    ),
    "a repeated cursor": (
        ids,
        fails(BadResponseError, "leads back to an earlier one"),
        page(link("after=1")),
    ),
    "two cursors in turn": (
        ids,
        fails(BadResponseError, "leads back to an earlier one"),
        page(link("after=1")),
        page(link("after=2")),
        page(link("after=1")),
    ),
    "pages without end": (ids, fails(BadResponseError, "7 pages and more"), always_another_page),
    "a broken second page": (
        ids,
        fails(BadResponseError, "is HTML"),
        page(link("after=1")),
        reply(HTML),
    ),
    # What the document lacks -------------------------------------------------------------------
    "an envelope on an unknown path": (request, [1], ok(1)),
    "no envelope on an unknown path": (request, {"x": 1}, reply({"x": 1})),
    "nothing on an unknown path": (request, None, reply(status=204, kind=None)),
    "a text on an unknown path": (request, "x", reply("x")),
    "HTML on an unknown path": (request, fails(BadResponseError, "is HTML"), reply(HTML)),
}


async def outcome_of(call):
    try:
        return await call
    except BadgesError as error:
        return error


@pytest.mark.parametrize("case", TABLE)
async def test_an_answer_has_its_stated_result(case, serve, client_of, monkeypatch):
    monkeypatch.setattr(pager, "_MOST_PAGES", 7)
    ask, expected, *answers = TABLE[case]
    outcome = await outcome_of(ask(client_of(await serve(*answers), attempts=1)))
    if isinstance(expected, tuple) and isinstance(expected[0], type):
        error, words = expected
        assert type(outcome) is error
        assert words in str(outcome)
        assert "elsewhere" not in str(outcome)  # an address the server chose is not repeated
    else:
        assert outcome == expected


def test_the_table_is_long_enough():
    assert len(TABLE) >= 60
