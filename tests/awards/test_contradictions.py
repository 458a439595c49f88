"""A platform that says an award is held, and lists none."""

from __future__ import annotations

from aiobadges.awards.lease import Pacing
from aiobadges.awards.states import State


async def test_a_contradiction_is_asked_about_now_and_then_until_the_patience_ends(
    planned, applied, server
):
    server.award_before("person2@example.edu")
    server.listing = lambda *_: []
    run = await planned(1, pacing=Pacing(lease=1.0, settle=0.5, timeout=0.5, patience=1.5))

    [outcome] = await applied(run)

    assert outcome.status is State.NEEDS_PERSON
    assert len(server.listed) <= 8  # one before the run, then one every settling time
