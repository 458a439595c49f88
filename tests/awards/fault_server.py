"""The badge API in bytes: a server that can do anything a connection can do to us."""

from __future__ import annotations

import asyncio
import functools
import json
import zlib
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from aiobadges.sandbox import MATH_EXPERT, PASSWORD, USERNAME

__all__ = ["FaultServer", "gzip_bomb"]

MEBIBYTE = 2**20


@functools.cache
def gzip_bomb() -> bytes:
    """Give 300 MiB of spaces in 300 KB."""
    packer = zlib.compressobj(9, wbits=31)
    packed = [packer.compress(b" " * MEBIBYTE) for _ in range(300)]
    return b"".join([*packed, packer.flush()])


class FaultServer:
    """One badge class, its awards, and every fault.

    Scripts hold what happens to the next requests of a kind, one word each; when one is empty all
    goes well. Hooks are functions that a test replaces.

    Attributes:
        script: for awards and revocations.
        list_script: for listings: a status (``429+1`` with Retry-After), ``bomb``, ``endless``,
            ``drip``.
        token_script: for ``/o/token``: a status, ``hang``, ``drop before``, ``drop after``.
        listing: is given the awards of each page and its query, and gives what is shown.
        next_page: is given the query of each page, and gives the next page's address, "" for none.
        page_size: how many awards are on a page; 0 for all of them.
        is_newest_first: how a listing is sorted.
        good_tokens: access tokens that are accepted; None for any.
        award_seconds: how long it takes to answer an award.
        token_seconds: how long the work of ``/o/token`` takes.
        has_bulk_revoke: whether many can be revoked at once.
        says_of_revoked: the status of revoking what is revoked.
        shows_revoked: whether a revoked award can be asked for by its id; a listing shows it anyway.
        posts: the recipient of each award that was asked for; post_times: when.
        requests: method and target of all that came; times: when; tokens: with which token.
        sign_ins: the grant of each request for a token.
    """

    def __init__(self):
        self.assertions = []
        self.posts = []
        self.post_times = []
        self.requests = []
        self.times = []
        self.tokens = []
        self.sign_ins = []
        self.script = []
        self.list_script = []
        self.token_script = []
        self.listing = lambda items, _: items
        self.next_page = None
        self.page_size = 0
        self.is_newest_first = False
        self.good_tokens = None
        self.refresh_tokens = set()
        self.award_seconds = 0.0
        self.token_seconds = 0.0
        self.has_bulk_revoke = True
        self.says_of_revoked = 404
        self.shows_revoked = True
        self.connections = 0
        self.url = ""
        self._issued = 0
        self._server = None
        self._tasks = set()

    async def start(self, port=0):
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def aclose(self):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _be_away(self, seconds):
        """Refuse connections for a while, and drop those that are there."""
        self._server.close()
        for task in self._tasks - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(seconds)
        await self.start(urlsplit(self.url).port)

    # What a test asks and does

    def live(self, person):
        return [a for a in self.assertions if self._of(a) == person and not a["revoked"]]

    @property
    def listed(self):
        """The targets of the listings that were asked for."""
        return [target for method, target in self.requests if _is_listing(method, target)]

    @staticmethod
    def _of(assertion):
        return assertion["recipient"]["plaintextIdentity"]

    def doubled(self):
        people = [self._of(a) for a in self.assertions]
        return {person for person in people if people.count(person) > 1}

    def award(self, body, badge=MATH_EXPERT):
        person = body["recipient"]["identity"]
        if not body.get("allowDuplicateAwards", True) and self.live(person):
            return None
        made = {
            "entityId": f"assertion-{len(self.assertions)}",
            "badgeclass": badge,
            "recipient": {"identity": person, "plaintextIdentity": person, "hashed": False},
            "issuedOn": body.get("issuedOn"),
            "revoked": False,
            "openBadgeId": "https://example.org/a",
        }
        self.assertions.append(made)
        return made

    def award_before(self, *people):
        """Award as somebody did years ago."""
        for person in people:
            self.award({"recipient": {"identity": person}, "issuedOn": "2020-01-01T00:00:00Z"})

    def expire_tokens(self):
        self.good_tokens = set()

    # Connections

    async def _connected(self, reader, writer):
        self.connections += 1
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            while await self._exchange(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _exchange(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        method, target, _ = lines[0].split(" ")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        path = urlsplit(target).path
        now = asyncio.get_running_loop().time()
        self.requests.append((method, target))
        self.times.append(now)
        self.tokens.append(headers.get("authorization", ""))
        if path == "/o/token":
            return await self._token(dict(parse_qsl(body.decode())), writer)
        if method == "POST" and path.endswith("/assertions"):
            self.posts.append(json.loads(body)["recipient"]["identity"])
            self.post_times.append(now)
        if not self._is_signed_in(headers):
            return self._refuse(writer, 401, "no such token")
        return await self._route(method, target, body, writer)

    def _is_signed_in(self, headers):
        token = headers.get("authorization", "").removeprefix("Bearer ")
        return self.good_tokens is None or token in self.good_tokens

    async def _route(self, method, target, body, writer):
        path = urlsplit(target).path
        name = unquote(path.rsplit("/", 1)[1])
        if method == "POST" and path.endswith("/assertions"):
            return await self._post(json.loads(body), writer)
        if path.endswith("/users/self") or path.startswith("/v2/issuers/"):
            return self._answer(writer, 200, [{"entityId": name}])
        if method == "POST" and path == "/v2/assertions/revoke":
            return self._revoke(json.loads(body), writer)
        if method == "DELETE":
            return self._revoke_one(name, writer)
        if path.startswith("/v2/assertions/"):
            return self._show(name, writer)
        return await self._list(target, writer)

    def _show(self, name, writer):
        for one in self.assertions:
            if one["entityId"] == name and (self.shows_revoked or not one["revoked"]):
                return self._answer(writer, 200, [one])
        return self._refuse(writer, 404, "there is no such award")

    # Tokens

    async def _token(self, form, writer):
        self.sign_ins.append(form.get("grant_type", "password"))
        word = self.token_script.pop(0) if self.token_script else ""
        if word == "hang":
            await asyncio.sleep(3)
        if word in {"hang", "drop before"}:
            return False
        if word.isdigit():
            return self._raw(writer, int(word), "{}")
        if not self._accepts(form):
            return self._raw(writer, 400, '{"error": "invalid_grant"}')
        self._issued += 1
        access, refresh = f"access-{self._issued}", f"refresh-{self._issued}"
        self.good_tokens, self.refresh_tokens = {access}, {refresh}
        await asyncio.sleep(self.token_seconds)
        if word == "drop after":
            return False
        granted = {"access_token": access, "refresh_token": refresh, "expires_in": 3600}
        return self._raw(writer, 200, json.dumps(granted))

    def _accepts(self, form):
        if form.get("grant_type") == "refresh_token":
            return form["refresh_token"] in self.refresh_tokens
        return (form.get("username"), form.get("password")) == (USERNAME, PASSWORD)

    # Revocations

    def _revoke(self, items, writer):
        if not self.has_bulk_revoke:
            return self._refuse(writer, 404, "there is no such call")
        results = []
        word = self.script.pop(0) if self.script else ""
        if word == "drop before":
            return False
        for number, item in enumerate(items):
            found = next((a for a in self.assertions if a["entityId"] == item["entityId"]), None)
            if word == "half" and number % 2:
                results.append(item | {"revoked": False, "reason": "not allowed", "code": "X"})
                continue
            results.append(item | {"revoked": bool(found) and not found["revoked"]})
            if found:
                found["revoked"] = True
        if word == "drop after work":
            return False
        return self._raw(writer, 200, json.dumps(results))

    def _revoke_one(self, name, writer):
        word = self.script.pop(0) if self.script else ""
        if word == "drop before":
            return False
        found = next((a for a in self.assertions if a["entityId"] == name), None)
        if found is None or found["revoked"]:
            return self._refuse(writer, self.says_of_revoked, "Assertion is already revoked.")
        found["revoked"] = True
        if word == "drop after":
            return False
        return self._answer(writer, 200, [])

    # Listings

    async def _list(self, target, writer):
        word, _, after = (self.list_script.pop(0) if self.list_script else "").partition("+")
        if word.isdigit():
            return self._raw(writer, int(word), "<html>", {"Retry-After": after} if after else {})
        if word == "bomb":
            return self._head(writer, f"Content-Length: {len(gzip_bomb())}", gzip_bomb())
        if word == "endless":
            return await self._never_end(writer)
        if word == "drip":
            return await self._drip(writer)
        query = parse_qs(urlsplit(target).query)
        items, next_page = self._page(query, urlsplit(target).path)
        shown = self.listing(items, query)
        if self.next_page is not None:
            next_page = self.next_page(query)
        headers = {"Link": f'<{next_page}>; rel="next"'} if next_page else {}
        return self._answer(writer, 200, shown, headers)

    def _page(self, query, path):
        """Give one page and the address of the next: after an award, wherever that stands now."""
        people = query.get("recipient")
        numbered = [
            (number, a)
            for number, a in enumerate(self.assertions)
            if not people or self._of(a) in people
        ]
        if self.is_newest_first:
            numbered.reverse()
        if "after" in query:
            last = int(query["after"][0])
            numbered = [
                (number, a)
                for number, a in numbered
                if (number < last if self.is_newest_first else number > last)
            ]
        page = numbered[: self.page_size or None]
        if len(page) == len(numbered):
            return [a for _, a in page], ""
        others = {name: values[0] for name, values in query.items() if name != "after"}
        address = f"{self.url}{path}?{urlencode({**others, 'after': page[-1][0]})}"
        return [a for _, a in page], address

    @staticmethod
    def _head(writer, length, body):
        head = f"HTTP/1.1 200 X\r\nContent-Encoding: gzip\r\n{length}\r\n\r\n"
        writer.write(head.encode() + body)
        return True

    @staticmethod
    async def _never_end(writer):
        writer.write(b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunk = b"100000\r\n" + b" " * MEBIBYTE + b"\r\n"
        while True:
            writer.write(chunk)
            await writer.drain()

    @staticmethod
    async def _drip(writer):
        writer.write(b"HTTP/1.1 200 X\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    # Awards

    async def _post(self, body, writer):  # noqa: C901, PLR0911, PLR0912 - one case a fault
        word, _, rest = (self.script.pop(0) if self.script else "").partition(" ")
        await asyncio.sleep(self.award_seconds)
        if word == "drop":
            if rest == "after":
                self.award(body)
            return False
        if word == "hang":
            if rest == "after":
                self.award(body)
            await asyncio.sleep(3)
            return False
        if word == "away":
            self._tasks.add(asyncio.create_task(self._be_away(float(rest))))
            return False
        if word == "late":
            asyncio.get_running_loop().call_later(float(rest), self.award, body)
            return False
        if word == "status":
            status, _, done = rest.partition(" ")
            code, _, extra = status.partition("+")
            if done:
                self.award(body)
            headers = {"Retry-After": extra.replace("_", " ")} if extra else {}
            if code in {"302", "307"}:
                headers["Location"] = extra
            return self._refuse(writer, int(code), "no", headers)
        made = self.award(body)
        if word == "headers":
            writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n")
            return False
        if word == "half":
            writer.write(b'HTTP/1.1 201 Created\r\nContent-Length: 400\r\n\r\n{"status"')
            return False
        if word == "html":
            return self._raw(writer, 201, "<html>fine</html>")
        if word == "schema":
            return self._answer(writer, 201, [{"entityId": 7}])
        if word == "other":
            wrong = made | {"recipient": {"plaintextIdentity": "other@example.edu"}}
            return self._answer(writer, 201, [wrong])
        if made is None:
            told = {"status": {"success": False}, "validationErrors": ["A previous award exists"]}
            return self._raw(writer, 400, json.dumps(told))
        return self._answer(writer, 201, [made])

    # Answers

    def _answer(self, writer, status, result, headers=None):
        body = {"status": {"success": True, "description": "ok"}, "result": result}
        return self._raw(writer, status, json.dumps(body), headers)

    def _refuse(self, writer, status, why, headers=None):
        text = json.dumps({"status": {"success": False, "description": why}})
        return self._raw(writer, status, text, headers)

    @staticmethod
    def _raw(writer, status, text, headers=None):
        body = text.encode()
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return True


def _is_listing(method, target):
    return method == "GET" and urlsplit(target).path.endswith("/assertions")
