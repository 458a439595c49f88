"""The tree of errors: its drawing, its texts, and how it travels between processes."""

import copy
import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges import errors
from aiobadges.errors import (
    AlreadyHeldError,
    BadgesError,
    BadRequestError,
    CallSite,
    NotFoundError,
    OutcomeUnknownError,
    TimeoutFailedError,
)
from aiobadges.parchment.resources.badgeclasses import AWARD
from aiobadges.wire.operation import Call

SITE = CallSite(
    operation="badgeclasses.award",
    method="POST",
    template="/v2/badgeclasses/{badgeclass_id}/assertions",
    status=400,
    request_id="req-7",
    attempts=2,
)


def drawn_tree():
    """Read child -> parent from the drawing in the module's docstring."""
    parents, above = {}, {0: "BadgesError"}
    for line in (errors.__doc__ or "").splitlines():
        if found := re.match(r"^[ |]*(\+-- )(\w+)", line):
            depth = found.start(1) // 4
            parents[found[2]] = above[depth - 1]
            above[depth] = found[2]
    return parents


def real_tree(cls=BadgesError):
    tree = {}
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            tree |= {child.__name__: cls.__name__} | real_tree(child)
    return tree


ALL_ERRORS = [BadgesError, *(getattr(errors, name) for name in real_tree())]


def test_the_drawing_is_the_real_tree_when_compared():
    assert drawn_tree() == real_tree()


def test_every_error_is_exported_when_it_is_drawn():
    assert set(errors.__all__) == {"BadgesError", "CallSite", *drawn_tree()}


def test_every_error_says_in_its_docstring_what_it_means():
    assert all(error.__doc__ for error in ALL_ERRORS)


def test_the_text_names_method_template_status_and_request_id_when_it_has_a_site():
    text = str(BadRequestError("recipient: required", site=SITE, remedy="Give one"))
    assert text == (
        "POST /v2/badgeclasses/{badgeclass_id}/assertions answered 400: recipient: required"
        " (request id req-7). Give one"
    )


@pytest.mark.parametrize(
    ("site", "text"),
    [
        (None, "no region is chosen"),
        (CallSite(), "no region is chosen"),
        (CallSite(method="GET", template="/v2/issuers"), "GET /v2/issuers: no region is chosen"),
        (CallSite(status=502), "answered 502: no region is chosen"),
    ],
    ids=["none", "empty", "no-answer", "status-only"],
)
def test_the_text_holds_only_what_is_known_when_the_site_is_incomplete(site, text):
    assert str(BadgesError("no region is chosen", site=site)) == text


def test_the_text_has_one_full_stop_when_the_server_ended_its_sentence():
    error = NotFoundError("Entity not found.", remedy="Check the id")
    assert str(error) == "Entity not found. Check the id"


@given(st.text(min_size=6))
def test_no_path_argument_stands_in_the_text_when_a_call_fails(argument):
    call = Call(operation=AWARD, path=(f"<{argument}>",), query=(("recipient", f"<{argument}>"),))
    shown = str(NotFoundError("not found", site=call.site(status=404)))
    assert f"<{argument}>" not in shown
    assert f"<{argument}>" not in repr(call.site())


def test_status_and_request_id_are_at_hand_when_there_is_a_site():
    error = BadgesError("x", site=SITE)
    assert (error.status, error.request_id) == (400, "req-7")


def test_status_and_request_id_are_empty_when_there_is_no_site():
    error = BadgesError("x")
    assert (error.status, error.request_id) == (None, "")


def test_field_errors_are_a_copy_when_the_callers_mapping_changes():
    fields = {"recipient": ("required",)}
    error = BadgesError("x", field_errors=fields)
    fields.clear()
    assert error.field_errors == {"recipient": ("required",)}


ROADS = {
    **{
        f"pickle-{protocol}": lambda error, p=protocol: pickle.loads(pickle.dumps(error, p))  # noqa: S301
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("kind", ALL_ERRORS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("travel", ROADS.values(), ids=ROADS)
def test_an_error_keeps_what_it_says_when_it_travels(kind, travel):
    error = kind(
        "no good", remedy="Try", site=SITE, field_errors={"a.b": ("one", "two"), "": ("three",)}
    ).caused_by(TimeoutFailedError("late", site=SITE))
    arrived = travel(error)
    assert type(arrived) is kind
    assert str(arrived) == str(error)
    assert (arrived.message, arrived.remedy, arrived.site) == ("no good", "Try", SITE)
    assert arrived.field_errors == error.field_errors
    assert type(arrived.__cause__) is TimeoutFailedError
    assert arrived.__cause__.site == SITE


def test_the_whole_chain_of_causes_arrives_when_pickled():
    error = OutcomeUnknownError("a").caused_by(
        TimeoutFailedError("b").caused_by(NotFoundError("c"))
    )
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert str(arrived.__cause__.__cause__) == "c"


def test_a_foreign_cause_stays_behind_when_pickled():
    error = BadgesError("x")
    error.__cause__ = OSError("with an open file in it", open)
    assert pickle.loads(pickle.dumps(error)).__cause__ is None  # noqa: S301


def test_an_error_without_state_is_whole_when_unpickled_by_an_older_version():
    error = BadgesError("x")
    error.__setstate__(None)
    assert (error.message, error.remedy, error.field_errors) == ("x", "", {})


def test_a_duplicate_is_a_bad_request_when_caught():
    with pytest.raises(BadRequestError):
        raise AlreadyHeldError("held")
