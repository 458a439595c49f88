"""With the network mocked away: what an application's own tests may do to us."""

import aiohttp
import pytest
from aioresponses import aioresponses

from aiobadges.errors import ConnectError, OutcomeUnknownError

BASE = "https://api.example.edu"


@pytest.fixture
def mocked():
    with aioresponses() as mocked:
        yield mocked


async def test_answer_is_read_when_the_session_is_mocked(mocked, client_of, speak):
    mocked.get(
        f"{BASE}/v2/users/self",
        payload={"status": {"success": True}, "result": [{"entityId": "U1"}]},
        headers={"X-Request-ID": "srv-1"},
        response_class=speak.MockedResponse,
    )
    client = client_of(BASE)

    assert (await client.users.get_self()).entity_id == "U1"


@pytest.mark.parametrize(
    "error",
    [aiohttp.ServerDisconnectedError(), aiohttp.ClientOSError(104, "reset"),
     aiohttp.ClientPayloadError("cut"), aiohttp.SocketTimeoutError("slow")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
async def test_award_is_unknown_when_a_mock_breaks_it_after_it_may_have_left(
    error, mocked, client_of, speak
):
    """A mock never gets to the moment of sending, so doubt must count as sent."""
    mocked.post(f"{BASE}/v2/badgeclasses/MathExpertBadge000000A/assertions", exception=error)

    assert isinstance(await speak.error_of(speak.award(client_of(BASE))), OutcomeUnknownError)


@pytest.mark.parametrize(
    "error",
    [aiohttp.ConnectionTimeoutError("slow"), TimeoutError(), aiohttp.InvalidURL("x")],
    ids=lambda error: type(error).__name__,
)
async def test_nothing_was_sent_when_a_mock_lets_the_connection_fail(
    error, mocked, client_of, speak, clock
):
    url = f"{BASE}/v2/badgeclasses/MathExpertBadge000000A/assertions"
    mocked.post(url, exception=error, repeat=True)

    failure = await speak.error_of(speak.award(client_of(BASE, clock=clock)))

    assert isinstance(failure, ConnectError)
