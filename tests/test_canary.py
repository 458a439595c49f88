"""The canary sees what it is there to see: a suite that leaks on purpose fails in every place."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

# The mark is put together at run time, so that the planted file itself holds none.
PLANTED = """
import logging, pickle, subprocess, sys, traceback
import attrs, pytest
from aiobadges.errors import BadgesError, InvalidCallError
from aiobadges.settings import Settings
from aiobadges.transport.auth.stores import FileStore
from aiobadges.transport.auth.tokens import StaticToken, TokenSet
from aiobadges.values import Secret

TOKEN = "-".join(["CANARY", "TOKEN", "7f3a"])
ADDRESS = "ana@" + "example.edu"
log = logging.getLogger("aiobadges.transport")

def test_log_token(): log.debug("sent with %s", TOKEN)
def test_log_address(): log.debug("awarded to %s", ADDRESS)
def test_log_encoded(): logging.getLogger("aiohttp.client").info("ana%40example.edu")
def test_log_field(): log.info("awarded", extra={"recipient": ADDRESS})
def test_log_deaf():
    deaf = logging.getLogger("deaf")
    deaf.propagate = False
    deaf.debug(TOKEN)
def test_log_traceback():
    try:
        raise ValueError(TOKEN)
    except ValueError:
        log.exception("it broke")
def test_error_text():
    with pytest.raises(BadgesError):
        raise InvalidCallError(f"refused {TOKEN}")
def test_error_attribute():
    error = BadgesError("it broke")
    error.headers = {"Authorization": TOKEN}
def test_error_cause():
    with pytest.raises(BadgesError) as caught:
        raise BadgesError("it broke") from ValueError(TOKEN)
def test_error_context():
    with pytest.raises(BadgesError) as caught:
        try:
            raise ValueError(TOKEN)
        except ValueError:
            raise BadgesError("it broke") from None
def test_error_variable():
    source = "def send(error, headers):\\n    raise error"
    names = {}
    exec(compile(source, "/x/aiobadges/transport/session.py", "exec"), names)
    with pytest.raises(BadgesError):
        names["send"](BadgesError("it broke"), {"Authorization": TOKEN})
def test_value_repr(): Settings(base_url=f"http://127.0.0.1/{TOKEN}")
def test_value_later():
    global kept
    class Shown(StaticToken):
        def __repr__(self): return self._token.reveal() if self.ready else "..."
        ready = False
    kept = Shown(Secret(TOKEN))
    kept.ready = True
def test_value_pickle():
    class Hidden(StaticToken):
        def __reduce__(self): return (str, (self._token.reveal(),))
    Hidden(Secret(TOKEN))
def test_file(tmp_path): (tmp_path / "ledger.sqlite3-wal").write_bytes(b"\\0" + TOKEN.encode())
def test_output(): subprocess.run([sys.executable, "-c", f"print('{TOKEN}')"], capture_output=True)
def test_child_log():
    told = "import logging; logging.getLogger('x').debug('ana@' + 'example.edu')"
    subprocess.run([sys.executable, "-c", told], check=True)

async def test_clean(tmp_path):
    log.warning("nobody is named")
    store = FileStore(tmp_path / "tokens" / "us.json")
    await store.save(TokenSet(access=Secret(TOKEN)))
    with pytest.raises(BadgesError):
        raise BadgesError("it broke", remedy="Mend it")
"""
EXPECTED = {
    "log_token": "a token in the log aiobadges.transport",
    "log_address": "an address in the log aiobadges.transport",
    "log_encoded": "an address in the log aiohttp.client",
    "log_field": "an address in the log aiobadges.transport",
    "log_deaf": "a token in the log deaf",
    "log_traceback": "a token in the log aiobadges.transport",
    "error_text": "a token in a InvalidCallError",
    "error_attribute": "a token in the attributes of a BadgesError",
    "error_cause": "a token in a ValueError",
    "error_context": "a token in a ValueError",
    "error_variable": "a token in the variable headers of send",
    "value_repr": "a token in a new Settings",
    "value_later": "a token in a Shown",
    "value_pickle": "a token in the pickle of a new Hidden",
    "file": "a token in the file ledger.sqlite3-wal",
    "output": "a token in stdout of a command",
    "child_log": "an address in the log x",
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Run the planted suite with the conftest of the real one; give what pytest printed."""
    folder = tmp_path_factory.mktemp("planted") / "tests"
    (folder / "awards").mkdir(parents=True)
    for name in ("conftest.py", "canary.py", "canary_watch.py"):
        (folder / name).write_bytes((TESTS / name).read_bytes())
    (folder / "canary_in_children").mkdir()
    child = Path("canary_in_children", "sitecustomize.py")
    (folder / child).write_bytes((TESTS / child).read_bytes())
    (folder / "awards" / "test_planted.py").write_text(PLANTED, encoding="utf-8")
    options = ["--import-mode=importlib", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "--color=no", *options, f"--rootdir={folder.parent}"]
    with subprocess.Popen(
        [*command, str(folder)], cwd=folder.parent, text=True, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        return process.stdout.read()  # not by `communicate`: it speaks of tokens, and is watched


@pytest.mark.parametrize("leak", EXPECTED)
def test_a_test_fails_when_it_leaks(told: str, leak: str) -> None:
    [section] = re.findall(
        rf"ERROR at teardown of test_{leak} _+\n(.*?)\n_{{3,}} ", told + "\n___ ", re.DOTALL
    )
    assert EXPECTED[leak] in section


def test_a_test_passes_when_it_leaks_nothing(told: str) -> None:
    assert f"{len(EXPECTED) + 1} passed, {len(EXPECTED)} errors" in told
