"""What a listing says about an effect that is in doubt. Pure.

A listing is believed as far as it was filtered again here: by recipient, then by what was there
before the run, then by the fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from aiobadges.awards.fingerprint import Precision, is_same_moment
from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.sightings import Sighting
from aiobadges.awards.states import (
    Event,
    LastAnswer,
    ListedNone,
    ListedOther,
    ListedOurs,
    ListedOursRevoked,
    State,
)

__all__ = ["is_ours", "what_is_listed"]


def is_ours(effect: Effect, sighting: Sighting, precision: Precision) -> bool:
    """Say whether an award was made by this effect: it is new, and carries its fingerprint."""
    if effect.assertion_id:
        return sighting.assertion_id == effect.assertion_id
    return (
        sighting.assertion_id not in effect.earlier
        and sighting.assertion_id != effect.replaces
        and effect.issued_on is not None
        and sighting.issued_on is not None
        and is_same_moment(effect.issued_on, sighting.issued_on, precision)
    )


def what_is_listed(
    effect: Effect, sightings: Iterable[Sighting], *, precision: Precision, now: datetime
) -> Event:
    """Say what a listing means for an effect.

    Args:
        effect: in doubt, or about to be sent for the first time.
        sightings: what the platform lists; awards to others are left out here.
        precision: how exactly the platform gives ``issuedOn`` back.
        now: the wall clock, for awards that have expired.
    """
    theirs = [one for one in sightings if one.is_of(effect.recipient)]
    # Nothing was sent of a planned one: whatever looks like it is somebody else's.
    ours = [
        one
        for one in theirs
        if effect.state is not State.PLANNED and is_ours(effect, one, precision)
    ]
    kept = next((one for one in ours if not one.is_revoked), None)
    if kept is not None:
        return ListedOurs(assertion_id=kept.assertion_id, assertion_url=kept.url)
    live = next((one for one in theirs if one.is_live(now)), None)
    if live is not None:
        return ListedOther(assertion_id=live.assertion_id, assertion_url=live.url)
    if ours:
        return ListedOursRevoked(
            assertion_id=ours[0].assertion_id,
            assertion_url=ours[0].url,
            error_code="RevokedMeanwhile",
            error_message="the award was made, and somebody has revoked it since",
        )
    # An end that this leads to keeps the words of the refusal that began the doubt.
    is_refused = effect.standing.answer is not LastAnswer.NONE
    return ListedNone(
        error_code=effect.error_code if is_refused else "",
        error_message=effect.error_message if is_refused else "",
    )
