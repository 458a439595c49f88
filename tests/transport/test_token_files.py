"""Tokens in a file: nobody else can read it, and no crash leaves half of one."""

import asyncio
import os
import stat
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiobadges.errors import InvalidCallError
from aiobadges.transport.auth.stores import FileStore, MemoryStore
from aiobadges.transport.auth.tokens import TokenSet
from aiobadges.values import Secret

TOKENS = TokenSet(
    access=Secret("CANARY-TOKEN-access-1"),
    refresh=Secret("CANARY-TOKEN-refresh-1"),
    expires_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
)
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "aiobadges" / "tokens" / "us.json"


@pytest.fixture(params=["memory", "file"])
def store(request, file):
    return MemoryStore() if request.param == "memory" else FileStore(file)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


async def test_store_gives_what_was_saved(store):
    assert await store.load() is None

    await store.save(TOKENS)

    assert await store.load() == TOKENS


async def test_store_is_empty_when_cleared(store):
    await store.save(TOKENS)

    await store.clear()
    await store.clear()

    assert await store.load() is None


async def test_store_lets_one_in_at_a_time(store):
    inside, most = 0, 0

    async def enter():
        nonlocal inside, most
        async with store.lock():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(enter() for _ in range(5)))

    assert most == 1


async def test_lock_is_free_when_who_held_it_failed(store):
    with pytest.raises(ZeroDivisionError):
        async with store.lock():
            raise ZeroDivisionError

    async with asyncio.timeout(5), store.lock():
        pass


@needs_posix
async def test_only_this_user_can_read_the_file_and_its_folder(file):
    before = os.umask(0)
    try:
        await FileStore(file).save(TOKENS)
        async with FileStore(file).lock():
            pass
    finally:
        os.umask(before)

    assert mode(file) == 0o600
    assert mode(file.parent) == 0o700
    assert mode(file.with_name("us.json.lock")) == 0o600


@needs_posix
async def test_only_this_user_can_read_the_file_when_it_lay_open_before(file):
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    file.chmod(0o644)

    await FileStore(file).save(TOKENS)

    assert mode(file) == 0o600


async def test_file_is_as_before_when_writing_fails(file, monkeypatch):
    await FileStore(file).save(TOKENS)
    other = TokenSet(access=Secret("CANARY-TOKEN-access-2"))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises((OSError, InvalidCallError)):
        await FileStore(file).save(other)

    assert await FileStore(file).load() == TOKENS
    assert [path.name for path in file.parent.iterdir()] == [file.name]


async def test_error_is_ours_when_the_tokens_cannot_be_written(file, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InvalidCallError, match=r"us\.json"):
        await FileStore(file).save(TOKENS)


async def test_error_is_ours_when_the_folder_cannot_be_made(tmp_path):
    (tmp_path / "aiobadges").write_text("a file where the folder should be")
    store = FileStore(tmp_path / "aiobadges" / "us.json")

    with pytest.raises(InvalidCallError, match="aiobadges"):
        async with store.lock():
            pass


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"access": 1}', b'{"refresh": "r"}', b"\xff\xfe", b"null",
     b'{"access": "a", "expires_at": "soon"}'],
)  # fmt: skip
async def test_error_names_the_file_when_it_holds(content, file):
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    with pytest.raises(InvalidCallError, match=r"us\.json") as caught:
        await FileStore(file).load()

    assert "sign in again" in caught.value.remedy


async def test_error_names_the_file_when_it_is_a_folder(file):
    file.mkdir(parents=True)

    with pytest.raises(InvalidCallError, match=r"us\.json"):
        await FileStore(file).load()


@given(access=st.text(st.characters(codec="utf-8")), refresh=st.none() | st.text(min_size=1))
@settings(max_examples=20, deadline=None)
def test_every_token_survives_the_file(tmp_path_factory, access, refresh):
    store = FileStore(tmp_path_factory.mktemp("tokens") / "t.json")
    tokens = TokenSet(access=Secret(access), refresh=Secret(refresh) if refresh else None)

    async def there_and_back():
        await store.save(tokens)
        return await store.load()

    assert asyncio.run(there_and_back()) == tokens


def test_no_token_is_shown_when_a_set_is_printed():
    assert "CANARY-TOKEN-access-1" not in repr(TOKENS)
    assert "CANARY-TOKEN-refresh-1" not in repr(TOKENS)
