"""The rules by which a step of a pathway is complete, as a table."""

import msgspec
import pytest

from aiobadges.sandbox.parchment.progress import Deeds, evaluate
from aiobadges.sandbox.parchment.shapes import Element


def step(name, *children, must=False, **requirements):
    return {
        "elementId": name,
        "requirements": requirements,
        "requiredForParentCompletion": must,
        "children": list(children),
    }


def experiences(*names, **more):
    block = {"requiredExperiences": [{"id": name} for name in names]}
    return {"experienceRequirements": block, **more}


def all_but(count, kind="allButN"):
    return {"countRule": {"@type": kind, "notRequiredCount": count}}


def leaf(name, *, must=False):
    return step(name, must=must, **experiences(name))


def statuses(root, passed=(), failed=(), badges=()):
    judged = dict.fromkeys(passed, True) | dict.fromkeys(failed, False)
    deeds = Deeds(badges=frozenset(badges), courses={}, experiences=judged)
    found = evaluate(msgspec.convert(root, Element), deeds)
    return {name: standing.status for name, standing in found.items()}


THREE = (leaf("a"), leaf("b"), leaf("c"))
ONE_OF_TWO = experiences("x", "y", requiredCriteriaCount=1)


@pytest.mark.parametrize(
    ("root", "passed", "failed", "status"),
    [
        pytest.param(step("r"), "", "", "NOT_STARTED", id="nothing is asked for"),
        pytest.param(step("r", **experiences("x", "y")), "x", "", "IN_PROGRESS", id="one of two"),
        pytest.param(step("r", **experiences("x", "y")), "xy", "", "COMPLETED", id="all"),
        pytest.param(step("r", **experiences("x", "y")), "x", "y", "FAILED", id="one failed"),
        pytest.param(step("r", **ONE_OF_TWO), "y", "", "COMPLETED", id="enough"),
        pytest.param(step("r", **ONE_OF_TWO), "", "y", "IN_PROGRESS", id="one is left"),
        pytest.param(step("r", **ONE_OF_TWO), "", "xy", "FAILED", id="none is left"),
        pytest.param(
            step("r", *THREE, childElementRequirements=all_but(0)),
            "ab", "", "IN_PROGRESS", id="all below, one missing",
        ),
        pytest.param(
            step("r", *THREE, childElementRequirements=all_but(1)),
            "ab", "", "COMPLETED", id="all but one below",
        ),
        pytest.param(
            step("r", *THREE, childElementRequirements={}),
            "abc", "", "COMPLETED", id="no rule means all",
        ),
        pytest.param(
            step("r", *THREE, childElementRequirements=all_but(0, "other")),
            "abc", "", "IN_PROGRESS", id="unknown rule",
        ),
        pytest.param(
            step("r", *THREE, childElementRequirements=all_but(1)),
            "a", "bc", "FAILED", id="too many failed below",
        ),
        pytest.param(
            step("r", leaf("a", must=True), leaf("b"), childElementRequirements=all_but(1)),
            "b", "", "IN_PROGRESS", id="the wrong one below",
        ),
        pytest.param(
            step("r", leaf("a", must=True), leaf("b"), childElementRequirements=all_but(1)),
            "a", "", "COMPLETED", id="the right one below",
        ),
        pytest.param(
            step("r", leaf("a", must=True), leaf("b"), childElementRequirements=all_but(1)),
            "b", "a", "FAILED", id="the right one failed",
        ),
        pytest.param(
            step("r", leaf("a", must=True), leaf("b")),
            "a", "", "COMPLETED", id="only what must be",
        ),
        pytest.param(
            step("r", *THREE, nonChildElementRequirements={**all_but(1), "elementIds": ["a", "b"]}),
            "b", "", "COMPLETED", id="elsewhere",
        ),
        pytest.param(
            step("r", *THREE, nonChildElementRequirements={"elementIds": ["a", "gone"]}),
            "abc", "", "IN_PROGRESS", id="elsewhere, and it is gone",
        ),
        pytest.param(
            step("r", *THREE, childElementRequirements=all_but(9)),
            "", "", "NOT_STARTED", id="more may be missing than there are",
        ),
    ],
)  # fmt: skip
def test_step_has_a_status_when_experiences_are_judged(root, passed, failed, status):
    assert statuses(root, passed, failed)["r"] == status


def test_no_step_is_complete_when_two_wait_for_each_other():
    root = step(
        "r",
        step("a", nonChildElementRequirements={"elementIds": ["b"]}),
        step("b", nonChildElementRequirements={"elementIds": ["a"]}),
    )

    assert set(statuses(root).values()) == {"NOT_STARTED"}


@pytest.mark.parametrize(("badge", "status"), [("shortcut", "COMPLETED"), ("x", "NOT_STARTED")])
def test_step_is_complete_when_a_shortcut_badge_is_held(badge, status):
    root = step("r", **experiences("x", shortcutBadges=["shortcut"]))

    assert statuses(root, badges=[badge])["r"] == status


def test_own_badge_is_no_shortcut_when_that_is_not_allowed():
    root = {**step("r", **experiences("x")), "completionBadge": "own"}

    assert statuses(root, badges=["own"])["r"] == "NOT_STARTED"
