"""Signing in and out, with a server that checks."""

from __future__ import annotations

import os
import stat
import sys

import pytest

from aiobadges.sandbox import PASSWORD

TOKEN = "sandbox-token"


@pytest.fixture
def server(sandboxed):
    sandbox = sandboxed()
    sandbox.env = {"AIOBADGES_BASE_URL": sandbox.url}
    return sandbox


def tokens(tmp_path):
    return list((tmp_path / "home/data/aiobadges/tokens").glob("*.json"))


def test_a_token_from_stdin_is_kept_for_the_user_alone(server, run, tmp_path):
    finished = run("login", "--with-token", stdin=f"{TOKEN}\n", env=server.env)
    assert finished.returncode == 0, finished.stderr
    [file] = tokens(tmp_path)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert TOKEN not in finished.stdout + finished.stderr


def test_who_signed_in_is_who_awards(server, run):
    assert run("login", "--with-token", stdin=f"{TOKEN}\n", env=server.env).returncode == 0
    finished = run("whoami", env=server.env)
    assert finished.returncode == 0, finished.stderr
    where, who, how = finished.stdout.splitlines()
    assert server.url in where
    assert "@example.edu" in who
    assert how.startswith("token kept in ")


@pytest.mark.parametrize("text", ["", f"Bearer {TOKEN}"], ids=["nothing", "a header"])
def test_what_is_no_token_is_not_kept(server, run, tmp_path, the_line, text):
    finished = run("login", "--with-token", stdin=f"{text}\n", env=server.env)
    assert "no token on stdin" in the_line(finished, 2)
    assert not tokens(tmp_path)


def test_a_token_that_is_refused_is_not_kept(server, run, tmp_path, the_line):
    server.thread.faults.next("*", "unauthorized")
    finished = run("login", "--with-token", stdin="CANARY-TOKEN-wrong\n", env=server.env)
    assert "wrong" not in the_line(finished, 4)
    assert not tokens(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_a_password_is_asked_for_and_not_kept(server, begin, run, tmp_path):
    ours, theirs = os.openpty()
    process = begin("login", env=server.env, stdin=theirs, start_new_session=True)
    os.write(ours, b"registrar@example.edu\n")
    assert "E-mail address: " in process.stderr.read(len("E-mail address: "))
    seen = ""
    while "Password" not in seen or not seen.endswith(": "):
        seen += process.stderr.read(1)
    os.write(ours, f"{PASSWORD}\n".encode())
    _, err = process.communicate(timeout=10)
    os.close(ours)
    os.close(theirs)
    assert process.returncode == 0, err
    [file] = tokens(tmp_path)
    assert "registrar" not in file.name
    assert PASSWORD not in file.read_text()
    assert run("whoami", env=server.env).returncode == 0


def test_a_password_is_not_asked_for_without_a_terminal(server, run, the_line):
    assert "--with-token" in the_line(run("login", env=server.env), 5)


def test_a_wrong_password_ends_with_4(server, run, the_line, tmp_path):
    env = server.env | {
        "AIOBADGES_USERNAME": "registrar@example.edu",
        "AIOBADGES_PASSWORD": "CANARY-TOKEN-not-it",
    }
    assert "refused the sign-in" in the_line(run("login", env=env), 4)
    assert not tokens(tmp_path)


def test_logout_forgets_the_token(server, run, tmp_path):
    run("login", "--with-token", stdin=f"{TOKEN}\n", env=server.env)
    assert run("logout", env=server.env).returncode == 0
    assert not tokens(tmp_path)
    assert "nobody was signed in" in run("logout", env=server.env).stderr
    assert run("whoami", env=server.env).returncode == 4


def test_login_is_refused_where_a_token_is_set_already(server, run, the_line):
    env = server.env | {"AIOBADGES_TOKEN": TOKEN}
    assert "a token is set already" in the_line(run("login", env=env), 2)


def test_the_sandbox_needs_no_login(run, the_line):
    assert "needs no sign-in" in the_line(run("login", "--sandbox"), 2)
