"""The state file: what survives a kill, what is tolerated, and that one sandbox holds it."""

import json
import signal
import stat

import pytest

from aiobadges.sandbox import (
    CHEMISTRY_BASICS,
    CLAIM_CODE,
    COLLEAGUE_USERNAME,
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    LAB_WEEK,
    MATH_EXPERT,
    SAFETY_TRAINING,
    SHOWCASE,
    TOKEN,
    USERNAME,
    Sandbox,
    StateFileError,
    StateInUseError,
)
from aiobadges.sandbox.parchment import seed

FORM = {"username": "registrar@example.edu", "password": seed.PASSWORD}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "state.jsonl"


@pytest.fixture
def at(session):
    """Ask a sandbox at a URL."""

    async def at(url, method, path, token=TOKEN, **options):
        headers = {"Authorization": f"Bearer {token}"}
        async with session.request(method, url + path, headers=headers, **options) as response:
            has_body = response.content_type == "application/json"
            return response.status, await response.json() if has_body else {}

    return at


async def test_nothing_acknowledged_is_lost_when_the_process_is_killed(program, path, at):
    process, url = program("--state", str(path))
    award = f"/v2/badgeclasses/{MATH_EXPERT}/assertions"
    made = []
    for n in range(50):
        body = {"recipient": {"identity": f"p{n}@example.edu"}, "narrative": "grüße \u2028 ok"}
        made.append((await at(url, "POST", award, json=body))[1]["result"][0])
    revocation = {"revocation_reason": "x"}
    _, body = await at(url, "DELETE", f"/v2/assertions/{made[0]['entityId']}", json=revocation)
    made[0] = body["result"][0]
    form = FORM | {"password": "sandbox"}  # in a process of its own nobody marks it
    _, first = await at(url, "POST", "/o/token", data=form)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    _, second = await at(url, "POST", "/o/token", data=refresh)

    process.kill()
    assert process.wait() == -signal.SIGKILL
    _, url = program("--state", str(path))

    _, body = await at(url, "GET", f"{award}?include_revoked=true")
    assert body["result"] == made[::-1]
    _, outbox = await at(url, "GET", "/_sandbox/outbox")
    assert outbox == {"sent": 50, "recipients": 50, "doubled": []}
    assert (await at(url, "GET", "/v2/issuers", second["access_token"]))[0] == 200
    assert (await at(url, "GET", "/v2/issuers", first["access_token"]))[0] == 401
    assert (await at(url, "POST", "/o/token", data=refresh))[0] == 401


async def test_everything_is_as_it_was_when_the_process_is_killed(program, path, at):
    process, url = program("--state", str(path))
    issuer, badge = f"/v2/issuers/{EXAMPLE_UNIVERSITY}", f"/v2/badgeclasses/{MATH_EXPERT}"
    pathway = f"/v2/pathways/{LAB_ASSISTANT}"
    lena = {"recipient": {"@type": "email", "email": "lena@example.edu"}, "passed": True}

    async def do(method, where, body=None):
        options = {} if body is None else {"json": body}
        status, answer = await at(url, method, where, **options)
        assert status < 300, answer
        return answer

    await do("PATCH", "/v2/users/self", {"marketingOptIn": True})
    await do("POST", f"{issuer}/staff", {"email": COLLEAGUE_USERNAME, "role": "editor"})
    await do("POST", f"{issuer}/staff/invitations", {"email": "x@example.edu", "role": "staff"})
    await do("PATCH", f"{badge}/claim-codes/{CLAIM_CODE}/disable")
    code = (await do("POST", f"{badge}/claim-codes", {"label": "x"}))["result"][0]["code"]
    await do("POST", "/_sandbox/claims", {"code": code, "recipient": USERNAME})
    await do("DELETE", f"/v2/badgeclasses/{CHEMISTRY_BASICS}?archivalNote=x")
    imported = await do("POST", "/v2/backpack/import", {"url": "https://x.example/1"})
    gone = await do("POST", "/v2/backpack/import", {"url": "https://x.example/2"})
    name = imported["result"][0]["entityId"]
    await do("DELETE", f"/v2/backpack/assertions/{gone['result'][0]['entityId']}")
    await do("PUT", f"/v2/backpack/collections/{SHOWCASE}", {"assertions": [name]})
    group = await do("POST", "/_sandbox/groups", {"name": "New", "members": ["zoe@example.edu"]})
    groups = {"groupIdsToAdd": [group["group"]], "groupIdsToRemove": []}
    await do("POST", f"{pathway}/subscriptions", groups)
    course = {"recipient": "zoe@example.edu", "domain": "lms.example", "course": "7"}
    await do("POST", "/_sandbox/courses", course)
    for experience in (SAFETY_TRAINING, LAB_WEEK):
        await do("POST", f"{pathway}/experience/{experience}/submit", lena)
    draft = {"issuerId": EXAMPLE_UNIVERSITY, "root": {"name": "New", "unknown": [1]}}
    await do("PUT", f"{pathway}/versions/draft", draft)

    async def everything():
        seen = {}
        for where in (
            "/v2/users/self",
            "/v2/issuers",
            "/v2/badgeclasses?include_archived=true",
            f"{badge}/claim-codes?includeClaimCodeCount=true",
            f"{badge}/assertions",
            "/v2/backpack/assertions",
            "/v2/backpack/collections",
            f"{pathway}/versions/draft",
            f"{pathway}/versions/published",
            f"{pathway}/recipient-progress?recipientIdentifier=email:lena@example.edu",
            f"{pathway}/aggregate-progress",
            "/_sandbox/outbox",
        ):
            seen[where] = body = await do("GET", where)
            body.pop("timestamp", None)
            body.get("calculationInfo", {}).pop("computedDate", None)
        return seen

    before = await everything()
    process.kill()
    process.wait()
    process, url = program("--state", str(path))

    assert await everything() == before
    assert before["/_sandbox/outbox"]["sent"] == 1  # the claim; the badge of the goal is archived
    assert before["/v2/issuers"]["result"][0]["staff"][1]["role"] == "editor"


async def test_awards_come_after_the_old_ones_when_the_file_is_opened_again(path, award, at):
    for n in range(3):
        async with Sandbox(state=path) as sandbox:
            await award(f"p{n}@example.edu", of=sandbox)

    async with Sandbox(state=path) as sandbox:
        _, body = await at(sandbox.url, "GET", f"/v2/badgeclasses/{MATH_EXPERT}/assertions?num=9")
    assert [a["recipient"]["plaintextIdentity"] for a in body["result"]] == [
        f"p{n}@example.edu" for n in (2, 1, 0)
    ]


@pytest.mark.parametrize("torn", [b"{", b'{"kind":"assertion","entity_id":"x', b"\xff\x00"])
async def test_last_line_is_left_out_when_it_was_torn(path, award, torn):
    async with Sandbox(state=path) as sandbox:
        await award(of=sandbox)
    with path.open("ab") as file:
        file.write(torn)

    for _ in range(2):
        async with Sandbox(state=path) as sandbox:
            assert len(sandbox.awards("ana@example.edu")) == 1
            await award("bob@example.edu", of=sandbox)

    async with Sandbox(state=path) as sandbox:
        assert len(sandbox.awards("bob@example.edu")) == 2


@pytest.mark.parametrize(
    "line",
    [b"{", b'{"kind":"assertion"}', b'{"kind":"dragon"}', b'{"kind":"gone","table":"x"}'],
    ids=["torn", "incomplete", "unknown", "gone from nowhere"],
)
async def test_file_is_left_alone_when_a_line_in_it_cannot_be_read(path, line):
    async with Sandbox(state=path):
        pass
    whole = path.read_bytes()
    number = len(whole.splitlines()) + 1
    content = whole + line + b"\n" + b"{}\n"
    path.write_bytes(content)

    with pytest.raises(StateFileError, match=f"line {number},"):
        await Sandbox(state=path).start()

    assert path.read_bytes() == content


async def test_file_is_left_alone_when_it_is_something_else(path):
    path.parent.mkdir()
    path.write_text("name,email\nAna,ana@example.edu\n")

    with pytest.raises(StateFileError, match="not a sandbox state file"):
        await Sandbox(state=path).start()

    assert path.read_text() == "name,email\nAna,ana@example.edu\n"


async def test_only_what_holds_is_kept_when_the_file_is_opened(path, ask, award):
    async with Sandbox(state=path) as sandbox:
        sown = [json.loads(line)["kind"] for line in path.read_bytes().splitlines()]
        for _ in range(3):
            _, token = await ask("POST", "/o/token", token=None, data=FORM, of=sandbox)
            refresh = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
            await ask("POST", "/o/token", token=None, data=refresh, of=sandbox)
        _, body = await award(of=sandbox)
        entity_id = body["result"][0]["entityId"]
        await ask("DELETE", f"/v2/assertions/{entity_id}", {"revocation_reason": "x"}, of=sandbox)
    assert len(path.read_bytes().splitlines()) == len(sown) + 9 + 2

    async with Sandbox(state=path):
        kinds = [json.loads(line)["kind"] for line in path.read_bytes().splitlines()]

    assert sorted(kinds) == sorted([*sown, "assertion", *["token"] * 3])


async def test_file_is_empty_of_awards_when_reset(path, award):
    async with Sandbox(state=path) as sandbox:
        await award(of=sandbox)
        sandbox.reset()
        await award("bob@example.edu", of=sandbox)

    async with Sandbox(state=path) as sandbox:
        assert sandbox.outbox.by_recipient() == {"bob@example.edu": 1}


async def test_file_is_private_when_made(path):
    async with Sandbox(state=path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_second_sandbox_is_told_where_the_first_is_when_the_file_is_in_use(program, path):
    process, url = program("--state", str(path))

    with pytest.raises(StateInUseError) as caught:
        await Sandbox(state=path).start()

    assert (caught.value.path, caught.value.url, caught.value.pid) == (path, url, process.pid)
    assert f"the sandbox at {url} (process {process.pid})" in str(caught.value)


async def test_file_can_be_used_when_its_holder_was_killed(program, path):
    process, _ = program("--state", str(path))
    process.kill()
    process.wait()

    async with Sandbox(state=path) as sandbox:
        assert sandbox.url


async def test_file_can_be_used_when_its_holder_was_closed(path):
    first, second = Sandbox(state=path), Sandbox(state=path)
    await first.start()
    with pytest.raises(StateInUseError):
        await second.start()
    await first.aclose()

    await second.start()

    await second.aclose()
    assert not path.with_name("state.jsonl.holder").exists()


async def test_no_place_is_named_when_the_holder_is_still_starting(path):
    async with Sandbox(state=path):
        path.with_name("state.jsonl.holder").unlink()

        with pytest.raises(StateInUseError, match="in use by a sandbox:"):
            await Sandbox(state=path).start()


async def test_lock_is_given_back_when_the_start_fails(path, sandbox):
    with pytest.raises(OSError, match="address already in use"):
        await Sandbox(state=path).start(port=int(sandbox.url.rsplit(":", 1)[1]))

    async with Sandbox(state=path) as second:
        assert second.url
