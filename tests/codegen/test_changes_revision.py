"""Comparing against a revision in git, as the command line does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from codegen.changes import RevisionError, main_diff, old_document

GIT = shutil.which("git") or "git"
BASE = Path(__file__).with_name("test_changes.yaml")


def git(folder, *arguments):
    settings = ["user.name=Ana", "user.email=ana@example.edu", "commit.gpgsign=false"]
    options = [part for setting in settings for part in ("-c", setting)]
    subprocess.run([GIT, *options, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def document(tmp_path):
    """Give a document in a repository of its own, with one commit behind it."""
    folder = tmp_path / "openapi"
    folder.mkdir()
    file = folder / "small.yaml"
    file.write_text(BASE.read_text(encoding="utf-8"), encoding="utf-8")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message=Begin")
    git(tmp_path, "tag", "v1")
    return file


def rewrite(file, old, new):
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_old_text_is_given_whatever_the_file_holds_now(document):
    rewrite(document, "Small", "Large")
    assert old_document("v1", document) == BASE.read_text(encoding="utf-8")


def test_nothing_is_printed_when_nothing_changed(document, capsys):
    assert main_diff("HEAD", document) == 0
    assert capsys.readouterr() == ("", "")


def test_the_exit_code_is_1_when_something_breaks(document, capsys):
    rewrite(document, "operationId: badges.delete", "operationId: badges.remove")
    assert main_diff("v1", document) == 1
    assert "Breaking\n  badges.delete is called `badges.remove`\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("[staff, owner]", "[staff, owner, editor]", "minor"),
        ("summary: Get an issuer", "summary: Read an issuer", "patch"),
    ],
)
def test_the_exit_code_is_0_when_nothing_breaks(document, capsys, old, new, step):
    rewrite(document, old, new)
    assert main_diff("v1", document) == 0
    assert f"a {step} step\n" in capsys.readouterr().out


def test_a_commit_made_since_is_compared_too(document, capsys):
    rewrite(document, "[staff, owner]", "[owner]")
    git(document.parent, "commit", "--all", "--quiet", "--message=Take staff away")
    assert main_diff("HEAD", document) == 0
    assert main_diff("HEAD~1", document) == 1
    assert "Role no longer has the member `staff`" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("v9", "'v9'"),
        ("--output=stolen", "'--output=stolen'"),
        ("", "no revision was given"),
    ],
)
def test_an_unknown_revision_gives_one_line_and_exit_code_2(document, capsys, ref, said):
    assert main_diff(ref, document) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("cannot compare: ")
    assert said in printed.err
    assert printed.err.count("\n") == 1
    assert not list(document.parent.glob("*stolen*"))


def test_a_file_the_revision_does_not_have_gives_one_line_and_exit_code_2(document, capsys):
    newcomer = document.rename(document.with_name("newcomer.yaml"))
    assert main_diff("v1", newcomer) == 2
    assert "newcomer.yaml in 'v1': git says path 'openapi/newcomer.yaml'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("openapi: [", "is not YAML: "),
        ("name: x", "is not an OpenAPI document"),
        ("- a", "is not an OpenAPI document"),
        ("openapi: 3.1.0\npaths: {/x: {$ref: '#/nowhere'}}", "#/nowhere is referred to"),
    ],
)
def test_a_document_nobody_can_read_gives_one_line_and_exit_code_2(document, capsys, text, said):
    document.write_text(text, encoding="utf-8")
    assert main_diff("v1", document) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_file_that_is_not_there_gives_one_line_and_exit_code_2(document, capsys):
    document.unlink()
    assert main_diff("v1", document) == 2
    assert capsys.readouterr().err.startswith("cannot compare: ")


def test_no_git_gives_one_line_and_exit_code_2(document, capsys, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RevisionError, match="git could not be started"):
        old_document("v1", document)
    assert main_diff("v1", document) == 2
    assert capsys.readouterr().err.count("\n") == 1
