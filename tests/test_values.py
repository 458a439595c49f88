"""UNSET, open enumerations, unknown variants, secrets."""

import copy
import json
import logging
import pickle

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.values import UNSET, OpenStrEnum, Secret, UnknownVariant, Unset


class Colour(OpenStrEnum):
    RED = "red"
    SKY_BLUE = "skyBlue"


PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
SECRET = "hunter2-swordfish"


def test_unset_is_false_when_asked_for_its_truth():
    assert not UNSET


@pytest.mark.parametrize("write", [repr, str, "{}".format], ids=["repr", "str", "format"])
def test_unset_is_written_as_its_name_when_shown(write):
    assert write(UNSET) == "UNSET"


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))],  # noqa: S301
    ids=["copy", "deepcopy", "pickle"],
)
def test_unset_stays_the_one_object_when_copied(again):
    assert again(UNSET) is UNSET


def test_unset_is_neither_none_nor_a_text_when_compared():
    assert UNSET not in (None, False, "", "UNSET", 0)
    assert isinstance(UNSET, Unset)


def test_a_known_value_gives_its_member_when_looked_up():
    assert Colour("skyBlue") is Colour.SKY_BLUE
    assert Colour.SKY_BLUE.is_known


@given(st.text())
def test_any_text_gives_a_member_equal_to_it_when_looked_up(text):
    member = Colour(text)
    assert member == text
    assert member.value == text
    assert str(member) == text
    assert hash(member) == hash(text)
    assert isinstance(member, Colour)
    assert member.is_known is (text in {"red", "skyBlue"})


@pytest.mark.parametrize("value", [1, None, b"red", ["red"], 1.5, True])
def test_a_value_is_refused_when_it_is_no_text(value):
    with pytest.raises(ValueError, match="not a valid Colour"):
        Colour(value)


@pytest.mark.parametrize("text", ["red", "ultraviolet", ""], ids=["known", "unknown", "empty"])
@pytest.mark.parametrize(
    "again",
    [
        copy.copy,
        copy.deepcopy,
        *(lambda member, p=p: pickle.loads(pickle.dumps(member, p)) for p in PROTOCOLS),  # noqa: S301
        lambda member: Colour(json.loads(json.dumps(member))),
    ],
    ids=["copy", "deepcopy", *(f"pickle-{p}" for p in PROTOCOLS), "json"],
)
def test_a_member_survives_when_copied_or_written(text, again):
    member = again(Colour(text))
    assert isinstance(member, Colour)
    assert member == text
    assert member.is_known is (text == "red")


def test_an_unknown_member_is_not_added_to_the_enumeration_when_seen():
    Colour("ultraviolet")
    assert list(Colour) == [Colour.RED, Colour.SKY_BLUE]


def test_a_member_finds_the_entry_of_its_text_when_used_as_a_key():
    assert {"skyBlue": 1}[Colour.SKY_BLUE] == 1
    assert {Colour("new"): 1}["new"] == 1


@given(st.dictionaries(st.text(), st.integers()))
def test_an_unknown_variant_keeps_its_object_when_pickled(raw):
    variant = UnknownVariant(tag=None, raw=raw)
    assert pickle.loads(pickle.dumps(variant)) == variant  # noqa: S301


@attrs.frozen
class Holder:
    secret: Secret


class Percent:
    def __init__(self, secret):
        self.text = "%s %r" % (secret, secret)  # noqa: UP031 - the old way shows it, too


@pytest.mark.parametrize(
    "write",
    [
        repr,
        str,
        format,
        "{0} {0!r} {0!s} {0!a} {0:>40}".format,
        lambda secret: f"{secret} {secret!r} {secret:^20}",
        lambda secret: Percent(secret).text,
        lambda secret: repr([secret, {"k": secret}]),
        lambda secret: repr(Holder(secret)),
        lambda secret: repr(attrs.asdict(Holder(secret))),
        lambda secret: repr(ValueError(secret)),
        lambda secret: logging.makeLogRecord(
            {"msg": "%s %r", "args": (secret, secret)}
        ).getMessage(),
    ],
    ids=[
        "repr", "str", "format", "format-specs", "f-string", "percent", "containers", "attrs-repr",
        "attrs-asdict", "exception", "log",
    ],
)  # fmt: skip
def test_a_secret_is_three_stars_when_shown(write):
    shown = write(Secret(SECRET))
    assert SECRET not in shown
    assert "***" in shown


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "wrap", [lambda s: s, Holder, lambda s: [s]], ids=["bare", "attrs", "list"]
)
def test_a_secret_refuses_when_pickled(protocol, wrap):
    with pytest.raises(TypeError, match="TokenStore"):
        pickle.dumps(wrap(Secret(SECRET)), protocol)


def test_a_secret_is_refused_when_written_as_json():
    with pytest.raises(TypeError) as caught:
        json.dumps({"token": Secret(SECRET)})
    assert SECRET not in str(caught.value)


def test_a_secret_gives_its_text_when_revealed():
    assert Secret(SECRET).reveal() == SECRET


@given(st.text(), st.text())
def test_secrets_are_equal_exactly_when_their_texts_are(one, other):
    assert (Secret(one) == Secret(other)) is (one == other)
    assert len({Secret(one), Secret(other)}) == len({one, other})


def test_a_secret_equals_no_plain_text_when_compared():
    assert Secret(SECRET) != SECRET


@pytest.mark.parametrize(("text", "truth"), [("", False), ("x", True)], ids=["empty", "filled"])
def test_a_secret_is_true_when_it_holds_something(text, truth):
    assert bool(Secret(text)) is truth


def test_a_secret_takes_no_other_attribute_when_set():
    with pytest.raises(AttributeError):
        Secret(SECRET).note = "x"
