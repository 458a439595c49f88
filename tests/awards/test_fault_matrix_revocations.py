"""What becomes of an award that is taken back over connections that break.

The numbers are those of the fault matrix, see test_fault_matrix.py.
"""

from __future__ import annotations

from collections import Counter

import pytest

from aiobadges.awards.states import State


@pytest.fixture
def undone(server, client, planned, applied):
    """Award three people and take it back, over a server that is as the test says."""

    async def undone(*faults, many=3, **server_is):
        for name, value in server_is.items():
            setattr(server, name, value)
        run = await planned(many)
        await applied(run)
        server.award_before("bystander@example.edu")
        server.script = list(faults)
        outcomes = [one async for one in run.undo(client, reason="wrong cohort")]
        assert len(server.live("bystander@example.edu")) == 1
        return [one.status for one in outcomes]

    return undone


def revocations(server):
    """Give how often each award was asked to be taken back by itself."""
    return Counter(target for method, target in server.requests if method == "DELETE")


@pytest.mark.parametrize("fault", ["drop before", "drop after work"])
async def test_37_a_bulk_revocation_whose_connection_was_dropped_is_asked_again_and_done_once(
    fault, server, undone
):
    assert await undone(fault) == [State.REVOKED] * 3
    assert [one["revoked"] for one in server.assertions] == [True] * 3 + [False]


@pytest.mark.parametrize("says", [404, 400, 409])
async def test_37b_a_revocation_that_was_done_before_its_connection_dropped_is_a_success(
    says, server, undone
):
    states = await undone("drop after", has_bulk_revoke=False, says_of_revoked=says)
    assert states == [State.REVOKED] * 3
    assert [one["revoked"] for one in server.assertions] == [True] * 3 + [False]
    assert sorted(revocations(server).values()) == [1, 1, 2]  # the lost one was sent once more


async def test_37c_a_revocation_whose_connection_dropped_before_the_work_is_done_once(
    server, undone
):
    assert await undone("drop before", has_bulk_revoke=False) == [State.REVOKED] * 3
    assert [one["revoked"] for one in server.assertions] == [True] * 3 + [False]
    assert sorted(revocations(server).values()) == [1, 1, 2]


async def test_37d_what_somebody_revoked_meanwhile_is_revoked(server, client, planned, applied):
    run = await planned(2)
    await applied(run)
    server.has_bulk_revoke = False
    server.assertions[0]["revoked"] = True
    outcomes = [one async for one in run.undo(client, reason="wrong cohort")]
    assert [one.status for one in outcomes] == [State.REVOKED] * 2


async def test_37e_a_revocation_that_was_done_is_seen_in_the_listing_when_its_award_is_not_shown(
    undone,
):
    states = await undone("drop after", has_bulk_revoke=False, shows_revoked=False)
    assert states == [State.REVOKED] * 3
