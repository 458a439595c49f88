"""Generated resources, executed: calls over real sockets to a server of a few lines."""

import inspect
from importlib import import_module

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from aiobadges.errors import BadResponseError, InvalidCallError
from aiobadges.parchment.dialect import ParchmentDialect
from aiobadges.transport.auth.tokens import StaticToken
from aiobadges.transport.exchange import HttpExchange
from aiobadges.transport.limits import LocalLimiter
from aiobadges.transport.session import Session
from aiobadges.values import Secret
from aiobadges.wire.codec import Codec, build_converter
from aiobadges.wire.generated import GeneratedCodecs


class Server:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self):
        self.answers = []
        self.asked = []

    async def handle(self, request):
        self.asked.append(
            (request.method, request.raw_path, await request.text(), dict(request.headers))
        )
        answer = self.answers.pop(0) if self.answers else web.Response(status=404)
        return answer if isinstance(answer, web.Response) else web.json_response(answer)


@pytest.fixture
async def server():
    told = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", told.handle)
    async with TestServer(app) as running:
        told.url = str(running.make_url("")).rstrip("/")
        yield told


@pytest.fixture
async def client(library, server):
    converter = build_converter()
    GeneratedCodecs("library.models", "library.codecs").register(converter)

    class Dialect(ParchmentDialect):
        codec = Codec(converter, lambda name: getattr(library.models, name))

    session = Session(
        dialect=Dialect(server.url),
        http=HttpExchange(base_url=server.url),
        tokens=StaticToken(Secret("t")),
        limiter=LocalLimiter(concurrency=5, rate=None),
    )

    class Client(library.resources.Resources):
        def __init__(self):
            self.session = session

    yield Client()
    await session.aclose()


def wrapped(*items):
    return {"status": {"success": True}, "result": list(items)}


async def test_one_thing_comes_back_when_it_is_asked_for(client, server, library):
    server.answers = [wrapped({"id": "b1", "class": "A", "chapters": [{"title": "t"}]})]
    book = await client.books.get("b1")
    assert book == library.models.Book(
        id="b1", class_="A", chapters=[library.models.Chapter(title="t")]
    )
    assert server.asked[0][:2] == ("GET", "/books/b1")


async def test_the_default_is_sent_and_nothing_else_when_a_list_is_asked_for(client, server):
    server.answers = [wrapped({"id": "b1"})]
    assert [book.id async for book in client.books.list()] == ["b1"]
    assert server.asked[0][1] == "/books?num=100"


async def test_arguments_travel_under_their_names_on_the_wire(client, server):
    server.answers = [wrapped()]
    await client.books.list(num=None, only_new=True, class_="A")
    assert server.asked[0][1] == "/books?onlyNew=true&class=A"


async def test_a_body_travels_as_the_document_says(client, server, library):
    server.answers = [wrapped({"id": "b1"})]
    await client.books.patch("b1", library.models.BookUpdate(motto=None))
    method, path, body, _ = server.asked[0]
    assert (method, path, body) == ("PATCH", "/books/b1", '{"motto":null}')


async def test_none_comes_back_when_the_server_answers_without_a_body(client, server):
    server.answers = [web.Response(status=204), wrapped({"id": "b1"})]
    assert await client.books.delete("b1") is None
    assert (await client.books.delete("b1")).id == "b1"


async def test_a_plain_value_is_encoded_when_it_travels_so(client, server):
    server.answers = [{"id": "b1"}]
    assert (await client.books.by_address.get("https://a.b/c?d")).id == "b1"
    assert server.asked[0][1].startswith("/books/address/aHR0cHM6Ly9hLmIvYz9k")


async def test_rows_travel_as_csv_when_the_document_says_so(client, server, library):
    server.answers = [[{"name": "North"}]]
    row = library.models.FillRow
    rows = [row(shelf='Nor"th', full=True, count=3), row(shelf="South", full=False)]
    shelves = await client.shelves.fill(rows)
    assert shelves == [library.models.Shelf(name="North")]
    assert server.asked[0][2] == 'shelf,full,count\n"Nor""th",true,3\nSouth,false,\n'
    assert server.asked[0][3]["Content-Type"] == "text/csv"


async def test_a_header_travels_when_there_are_no_rows(client, server):
    server.answers = [[]]
    assert await client.shelves.fill([]) == []
    assert server.asked[0][2] == "shelf,full,count\n"


async def test_a_list_travels_when_the_body_is_one(client, server, library):
    server.answers = [web.Response(status=204)]
    assert await client.shelves.replace((library.models.ShelfRequest(name="North"),)) is None
    assert server.asked[0][2] == '[{"name":"North"}]'


async def test_text_comes_back_when_the_answer_is_none_of_json(client, server):
    server.answers = [web.Response(text="\ufeffname\nNörd\n", content_type="text/csv")]
    assert await client.shelves.export() == "name\nNörd\n"
    assert server.asked[0][3]["Accept"] == "text/csv"


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe"], ids=["html", "other encoding"])
async def test_text_is_refused_when_it_is_something_else(client, server, body):
    server.answers = [web.Response(body=body, content_type="text/csv")] * 3
    with pytest.raises(BadResponseError):
        await client.shelves.export()


async def test_numbered_pages_are_followed_until_one_is_empty(client, server):
    server.answers = [{"shelves": [{"name": name}]} for name in "ab"] + [{"shelves": []}]
    assert [shelf.name async for shelf in client.shelves.list()] == ["a", "b"]
    assert [path for _, path, *_ in server.asked] == [
        "/shelves",
        "/shelves?page=2",
        "/shelves?page=3",
    ]


async def test_numbered_pages_go_on_from_the_one_that_is_asked_for(client, server):
    server.answers = [{"shelves": [{"name": "c"}]}, {"shelves": []}]
    page = await client.shelves.list(page="3")
    assert page.has_next
    server.answers = [{"shelves": [{"name": "c"}]}, {"shelves": []}]
    server.asked.clear()
    assert [shelf.name async for shelf in client.shelves.list(page="3")] == ["c"]
    assert server.asked[1][1] == "/shelves?page=4"


async def test_numbered_pages_end_in_an_error_when_the_server_repeats_one(client, server):
    server.answers = [{"shelves": [{"name": "a"}]}] * 5
    with pytest.raises(BadResponseError, match="once more"):
        _ = [shelf async for shelf in client.shelves.list()]
    assert len(server.asked) == 2


async def test_a_page_is_refused_when_its_number_is_none(client, server):
    server.answers = [{"shelves": [{"name": "a"}]}]
    with pytest.raises(InvalidCallError, match="counted from 1"):
        await client.shelves.list(page="first")


@pytest.mark.usefixtures("library")
def test_a_list_of_a_resource_does_not_hide_the_type():
    module = import_module("library.resources.books")
    assert "builtins.list" in inspect.getsource(module)
    assert callable(module.Books.list)


@pytest.mark.usefixtures("library")
def test_what_is_raised_is_said_for_a_write_that_cannot_be_repeated():
    books = import_module("library.resources.books").Books
    create, get = inspect.getdoc(books.create), inspect.getdoc(books.get)
    assert "AlreadyHeldError: The library has it already." in create
    assert "OutcomeUnknownError:" in create
    assert "ServerError" not in create
    assert "ServerError: The service is not available." in get
    assert "OutcomeUnknownError" not in get
    assert "Deprecated" in inspect.getdoc(books.delete)
