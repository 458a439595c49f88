"""Where files lie, and how profiles are read."""

import pytest

from aiobadges.errors import InvalidCallError
from aiobadges.places import profiles_file, read_profiles, sandbox_state_file, tokens_folder


@pytest.fixture
def file(tmp_path):
    return tmp_path / "config.toml"


@pytest.mark.parametrize(
    "place", [profiles_file, tokens_folder, sandbox_state_file], ids=lambda f: f.__name__
)
def test_a_place_is_absolute_and_carries_our_name_when_asked(place):
    path = place()
    assert path.is_absolute()
    assert "aiobadges" in path.parts


def test_asking_for_a_place_makes_nothing_when_it_does_not_exist(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    profiles_file(), tokens_folder(), sandbox_state_file()
    assert list(tmp_path.iterdir()) == []


def test_profiles_are_read_by_name_when_they_are_tables_of_texts(file):
    file.write_text(
        '[profiles.work]\nregion = "eu"\nusername = "änne@example.org"\n[profiles.test]\n[other]\nx = 1\n',
        encoding="utf-8",
    )
    assert read_profiles(file) == {
        "work": {"region": "eu", "username": "änne@example.org"},
        "test": {},
    }


def test_there_are_no_profiles_when_the_file_is_missing(file):
    assert read_profiles(file) == {}


def test_there_are_no_profiles_when_the_file_has_none(file):
    file.write_text("", encoding="utf-8")
    assert read_profiles(file) == {}


@pytest.mark.parametrize(
    "content",
    [b"[profiles", b"\xff\xfe", b"profiles = 3", b'profiles = ["work"]', b'[profiles]\nwork = "us"',
     b"[profiles.work]\nport = 3", b"[profiles.work.deeper]\nregion = 'us'"],
    ids=["no-toml", "no-utf-8", "number", "list", "text-profile", "number-value", "nested-table"],
)  # fmt: skip
def test_the_file_is_refused_and_named_when_it_holds_something_else(file, content):
    file.write_bytes(content)
    with pytest.raises(InvalidCallError) as caught:
        read_profiles(file)
    assert "config.toml" in str(caught.value)
    assert caught.value.remedy


def test_the_file_is_refused_when_it_is_a_folder(tmp_path):
    with pytest.raises(InvalidCallError, match="cannot be read"):
        read_profiles(tmp_path)
