"""Every operation of the catalog, called as its example says, over a real socket."""

import json
import textwrap
from datetime import UTC, datetime
from importlib import resources

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from aiobadges.parchment import ParchmentClient, models
from aiobadges.parchment.dialect import ParchmentDialect

CATALOG = json.loads(resources.files("aiobadges.parchment").joinpath("catalog.json").read_bytes())
OPERATIONS = {one["id"]: one for one in CATALOG["operations"]}
NAMES = {name: getattr(models, name) for name in models.__all__} | {
    "datetime": datetime,
    "UTC": UTC,
}


class Vendor:
    """Answers each request with the example of the operation that is expected, once."""

    def __init__(self):
        self.operation = None
        self.requests = []

    async def handle(self, request):
        self.requests.append((request, await request.text()))
        result = self.operation["result"]
        example = self.operation["examples"]["answer"]
        if result["unwrap"] == "none":
            return web.Response(status=204)
        if result["media_type"] == "text/csv":
            return web.Response(text=example, content_type="text/csv")
        if len(self.requests) > 1:  # a numbered page after the first
            return web.json_response({"status": {"success": True}, "result": []})
        return web.json_response(example)


@pytest.fixture
async def vendor():
    told = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", told.handle)
    server = TestServer(app)
    await server.start_server(access_log=None)  # it is not the library that would log addresses
    async with server:
        told.url = str(server.make_url("")).rstrip("/")
        yield told


async def run(sample, client):
    """Run an example; it speaks of a `client`."""
    scope = dict(NAMES)
    source = f"async def example(client):\n{textwrap.indent(sample, '    ')}"
    exec(source, scope)  # noqa: S102 - it is our own
    await scope["example"](client)


def shown(operation):
    """Take the printed request of the catalog apart: its line, its headers and its body."""
    head, _, body = operation["examples"]["request"].partition("\n\n")
    line, *headers = head.splitlines()
    return line, dict(header.split(": ", 1) for header in headers), body


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_call_travels_as_the_catalog_shows_it(name, vendor):
    vendor.operation = operation = OPERATIONS[name]
    async with ParchmentClient(base_url=vendor.url, token="CANARY-TOKEN") as client:
        await run(operation["examples"]["python"], client)
    request, body = vendor.requests[0]
    line, headers, shown_body = shown(operation)
    method, path, _ = line.split()
    assert request.method == method
    assert request.raw_path.partition("?")[0] == path.partition("?")[0]
    assert request.headers["Accept"] == headers["Accept"]
    assert request.headers.get("Content-Type") == headers.get("Content-Type")
    if headers.get("Content-Type") == "application/json":
        assert json.loads(body) == json.loads(shown_body)
    else:
        assert body == shown_body


def test_the_catalog_has_every_operation_of_the_document():
    assert len(OPERATIONS) == 78


def test_every_model_of_the_catalog_is_there():
    for operation in OPERATIONS.values():
        for name in (operation["result"]["model"], (operation["body"] or {}).get("type", "")):
            bare = name.removeprefix("list[").removesuffix("]")
            assert not bare or bare in models.__all__


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_method_is_where_the_catalog_says(name):
    client = ParchmentClient(base_url="https://badges.example.org", token="CANARY-TOKEN")
    assert isinstance(client.session.dialect, ParchmentDialect)
    found = client
    for part in name.split("."):
        found = getattr(found, part)
    assert callable(found)
    documentation = " ".join(found.__doc__.split())
    assert documentation.startswith(OPERATIONS[name]["summary"])
    for one in (*OPERATIONS[name]["raises"], *OPERATIONS[name]["parameters"]):
        assert " ".join(one["description"].split()) in documentation
    assert OPERATIONS[name]["vendor_page"] in documentation
