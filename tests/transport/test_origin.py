"""The token goes to one origin: no redirect, cookie, netrc, lent session or proxy changes that."""

import pickle
import ssl

import aiohttp
import pytest

from aiobadges.errors import (
    CertificateError,
    ConnectError,
    InvalidCallError,
    NotSentError,
    UnexpectedStatusError,
)
from aiobadges.transport.exchange import HttpExchange, environment_proxy
from aiobadges.values import Secret
from aiobadges.wire.exchange import Request


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("how", ["read", "award"])
async def test_nothing_goes_elsewhere_when_the_answer_is_a_redirect(
    status, how, serve, client_of, speak
):
    elsewhere = await serve()
    server = await serve(speak.reply(status, b"", ("Location", f"{elsewhere.url}/v2/users/self")))
    client = client_of(server)

    error = await speak.error_of(client.users.get_self() if how == "read" else speak.award(client))

    assert type(error) is UnexpectedStatusError
    assert error.status == status
    assert elsewhere.connections == 0
    assert len(server.requests) == 1


async def test_redirect_is_not_followed_when_it_stays_on_the_origin(serve, client_of, speak):
    server = await serve(speak.reply(302, b"", ("Location", "/v2/users/me")))

    await speak.error_of(client_of(server).users.get_self())

    assert server.lines == ["GET /v2/users/self HTTP/1.1"]


async def test_token_is_not_sent_when_the_address_is_of_another_origin(serve, stack):
    server, elsewhere = await serve(), await serve()
    http = HttpExchange(base_url=server.url)
    stack.push_async_callback(http.aclose)

    with pytest.raises(InvalidCallError, match="origin"):
        await http.exchange(Request(method="GET", url=elsewhere.url), token=Secret("CANARY-TOKEN"))

    assert elsewhere.connections == 0


async def test_headers_say_who_asks_and_as_whom(serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}))

    await client_of(server, token="CANARY-TOKEN").users.get_self()

    headers = server.requests[0].headers
    assert headers["authorization"] == "Bearer CANARY-TOKEN"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("aiobadges/")
    assert len(headers["x-request-id"]) == 32
    assert "content-type" not in headers


async def test_cookies_are_not_sent_back_when_the_server_sets_them(serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}, headers=(("Set-Cookie", "a=b"),)))
    client = client_of(f"http://localhost:{server.port}")  # cookies belong to names, not numbers

    await client.users.get_self()
    await client.users.get_self()

    assert "cookie" not in server.requests[1].headers


async def test_netrc_is_not_read_when_there_is_one(serve, client_of, speak, tmp_path, monkeypatch):
    class Nobody:
        async def current(self):
            return None

        async def aclose(self):
            pass

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password CANARY-TOKEN\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = await serve(speak.envelope({"entityId": "U1"}))

    await client_of(server, tokens=Nobody()).users.get_self()

    assert "authorization" not in server.requests[0].headers


@pytest.fixture
async def lender():
    """Give an application's session with everything on it that must not come along."""

    async def middleware(request, handler):
        request.headers["X-Middleware"] = "theirs"
        return await handler(request)

    async with aiohttp.ClientSession(
        headers={"X-Theirs": "theirs", "User-Agent": "theirs", "Authorization": "theirs"},
        cookies={"theirs": "1"},
        middlewares=(middleware,),
    ) as session:
        yield session


async def test_only_the_connector_is_used_when_a_session_is_lent(lender, serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}))

    await client_of(server, session=lender, token="CANARY-TOKEN").users.get_self()

    head = server.requests[0].head.decode()
    assert "theirs" not in head
    assert "x-middleware" not in head.lower()
    assert server.requests[0].headers["authorization"] == "Bearer CANARY-TOKEN"


async def test_connections_are_shared_when_a_session_is_lent(lender, serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}))
    async with lender.get(server.url) as response:
        await response.read()

    await client_of(server, session=lender).users.get_self()

    assert server.connections == 1


async def test_session_stays_open_when_it_was_lent(lender, serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}))
    client = client_of(server, session=lender)
    await client.users.get_self()

    await client.aclose()

    assert not lender.closed
    async with lender.get(server.url) as response:
        assert response.status == 200


async def test_error_is_clear_when_the_lent_session_is_closed(serve, client_of, speak):
    async with aiohttp.ClientSession() as closed:
        pass
    server = await serve()

    error = await speak.error_of(client_of(server, session=closed).users.get_self())

    assert isinstance(error, InvalidCallError)
    assert server.connections == 0


async def test_error_is_clear_when_the_lent_session_is_closed_under_it(serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}))
    async with aiohttp.ClientSession() as lender:
        client = client_of(server, session=lender)
        await client.users.get_self()

    error = await speak.error_of(speak.award(client))

    assert isinstance(error, InvalidCallError)
    assert len(server.requests) == 1


# Proxies ------------------------------------------------------------------------------------


async def test_call_goes_directly_when_the_server_is_on_this_machine(
    serve, client_of, speak, monkeypatch
):
    """Else the sandbox could not be used behind a proxy, which has a loopback of its own."""
    proxy, server = await serve(), await serve(speak.envelope({"entityId": "U1"}))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)

    await client_of(server).users.get_self()

    assert proxy.connections == 0
    assert len(server.requests) == 1


async def test_call_goes_through_a_tunnel_when_the_environment_names_a_proxy_for_https(
    serve, client_of, speak, monkeypatch
):
    server = await serve(speak.envelope({"entityId": "U1"}), tls=True)
    proxy = await serve(speak.tunnel_to(server.port))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    client = client_of("https://api.example.edu", ca_file=server.authority, token="CANARY-TOKEN")

    assert (await client.users.get_self()).entity_id == "U1"
    await client.aclose()

    assert proxy.lines == ["CONNECT api.example.edu:443 HTTP/1.1"]
    assert b"CANARY-TOKEN" not in proxy.requests[0].head
    assert server.requests[0].headers["authorization"] == "Bearer CANARY-TOKEN"


@pytest.mark.parametrize(
    "variable",
    [
        ("NO_PROXY", "api.example.edu"),
        ("NO_PROXY", "example.org, example.edu"),
        ("no_proxy", "*"),
    ],
)
async def test_call_goes_directly_when_no_proxy_exempts_the_host(
    variable, serve, client_of, speak, monkeypatch
):
    proxy, server = await serve(), await serve(speak.envelope({"entityId": "U1"}), tls=True)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    monkeypatch.setenv(*variable)
    connector = aiohttp.TCPConnector(resolver=speak.SlowResolver(0))
    async with aiohttp.ClientSession(connector=connector) as lender:
        client = client_of(
            f"https://api.example.edu:{server.port}", ca_file=server.authority, session=lender
        )
        await client.users.get_self()
        await client.aclose()

    assert proxy.connections == 0
    assert len(server.requests) == 1


async def test_named_proxy_comes_before_that_of_the_environment(
    serve, client_of, speak, monkeypatch
):
    proxy, other = await serve(speak.envelope({"entityId": "U1"})), await serve()
    monkeypatch.setenv("HTTP_PROXY", other.url)
    monkeypatch.setenv("NO_PROXY", "*")

    await client_of("http://api.localhost:9", proxy=proxy.url).users.get_self()

    assert proxy.lines == ["GET http://api.localhost:9/v2/users/self HTTP/1.1"]
    assert other.connections == 0


@pytest.mark.parametrize(
    ("variables", "url", "proxy"),
    [
        ({}, "https://api.example.edu", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://api.example.edu", "http://p:1"),
        ({"https_proxy": "http://p:1"}, "https://api.example.edu", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://api.example.edu", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://api.example.edu", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "http://127.0.0.1:8790", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://[::1]:8790", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://localhost:8790", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.edu"}, "https://api.example.edu", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org"}, "https://api.example.edu",
         "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "", None),
    ],
)  # fmt: skip
def test_environment_names_the_proxy(variables, url, proxy, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert environment_proxy(url) == proxy


async def test_proxy_alone_sees_its_credentials(serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}), tls=True)
    proxy = await serve(speak.tunnel_to(server.port))
    client = client_of(
        "https://api.example.edu",
        ca_file=server.authority,
        proxy=f"http://me:CANARY-TOKEN@127.0.0.1:{proxy.port}",
    )

    await client.users.get_self()
    await client.aclose()

    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
    assert "proxy-authorization" not in server.requests[0].headers


def test_no_client_is_pickled_for_its_proxy_may_have_a_password():
    http = HttpExchange(base_url="http://127.0.0.1:9", proxy="http://me:CANARY-TOKEN@127.0.0.1:9")
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(http)


async def test_nothing_was_sent_and_nothing_is_told_when_the_proxy_refuses(
    serve, client_of, speak, clock
):
    proxy = await serve(speak.cut(speak.reply(407, b"")))
    client = client_of(
        "https://api.example.edu",
        proxy=f"http://me:CANARY-TOKEN@127.0.0.1:{proxy.port}",
        clock=clock,
    )

    error = await speak.error_of(speak.award(client))

    assert isinstance(error, ConnectError)
    assert "CANARY" not in repr(error) + str(error)


async def test_nothing_was_sent_when_the_proxy_is_not_there(dead_url, client_of, speak, clock):
    client = client_of("https://api.example.edu", proxy=dead_url, clock=clock)

    assert isinstance(await speak.error_of(speak.award(client)), ConnectError)


# TLS ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["read", "award"])
async def test_server_is_refused_and_not_asked_again_when_nobody_vouches_for_it(
    how, serve, client_of, speak, clock
):
    server = await serve(tls=True)
    client = client_of(server, clock=clock)

    error = await speak.error_of(client.users.get_self() if how == "read" else speak.award(client))

    assert type(error) is CertificateError
    assert isinstance(error, NotSentError)
    assert "AIOBADGES_CA_FILE" in error.remedy
    assert server.requests == []
    assert clock.slept == []


async def test_server_is_accepted_when_the_file_of_authorities_vouches_for_it(
    serve, client_of, speak
):
    server = await serve(speak.envelope({"entityId": "U1"}), tls=True)
    client = client_of(server, ca_file=server.authority)

    assert (await client.users.get_self()).entity_id == "U1"
    await client.aclose()


async def test_server_is_accepted_when_the_context_vouches_for_it(serve, client_of, speak):
    server = await serve(speak.envelope({"entityId": "U1"}), tls=True)
    context = ssl.create_default_context(cafile=server.authority)
    client = client_of(server, ssl_context=context, ca_file="not-needed.pem")

    assert (await client.users.get_self()).entity_id == "U1"
    await client.aclose()


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_error_names_the_file_of_authorities_when_it_is_unusable(
    content, serve, client_of, speak, tmp_path
):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    server = await serve(tls=True)

    error = await speak.error_of(client_of(server, ca_file=str(file)).users.get_self())

    assert isinstance(error, InvalidCallError)
    assert "ca.pem" in str(error)
    assert "AIOBADGES_CA_FILE" in error.remedy


async def test_nothing_was_sent_when_the_server_speaks_no_tls(sandbox, client_of, speak):
    url = sandbox.url.replace("http:", "https:")

    error = await speak.error_of(speak.award(client_of(url, attempts=1)))

    assert isinstance(error, NotSentError)
    assert sandbox.counters.requests == 0
