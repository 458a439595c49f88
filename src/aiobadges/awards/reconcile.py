"""Asking the platform what became of awards in doubt, and how far its listing is to be believed.

The listing is the oracle, so it is distrusted: one recipient a call, expired and revoked awards
included, every award filtered again here. Whether the recipient filter works at all is tried on an
award that is known to exist, once a run and badge class, before "nothing listed" counts; where none
is known, or the filter fails, the whole badge class is walked.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiobadges.awards.ledger.effects import Effect
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.ledger.listing import known_award
from aiobadges.awards.ledger.runs import RunRecord
from aiobadges.awards.sightings import LISTING, Sighting, UnreadableAwardError, read_sightings
from aiobadges.errors import BadResponseError
from aiobadges.parchment.client import ParchmentClient
from aiobadges.transport.pager import Pager
from aiobadges.wire.operation import Call

__all__ = ["Oracle", "list_awards"]

PAGE = 500


def list_awards(
    client: ParchmentClient, badge: str, *, recipient: str | None = None
) -> Pager[object]:
    """List awards of a badge class as parsed JSON, revoked and expired ones too."""
    query = (
        ("recipient", recipient),
        ("num", PAGE),
        ("include_expired", True),
        ("include_revoked", True),
    )
    return Pager(client.session, Call(operation=LISTING, path=(badge,), query=query))


class Oracle:
    """Looks for awards on behalf of one run."""

    def __init__(self, client: ParchmentClient, ledger: Ledger, run: RunRecord) -> None:
        self._client = client
        self._ledger = ledger
        self._run = run
        self._filters: dict[str, bool] = {}

    async def filter_works(self, badge: str) -> bool:
        """Say whether the recipient filter shows what is there, as far as that can be tried.

        Raises:
            BadgesError: the platform cannot be asked.
        """
        if badge not in self._filters:
            known = await self._ledger.ask(lambda c: known_award(c, self._run.id, badge))
            if known is None:
                return False  # not tried: another time there may be one
            assertion_id, recipient = known
            found = await self.look(badge, recipient)
            self._filters[badge] = any(one.assertion_id == assertion_id for one in found)
        return self._filters[badge]

    async def look(self, badge: str, recipient: str) -> list[Sighting]:
        """List the awards of one recipient, by the server's filter.

        Raises:
            BadgesError: the platform cannot be asked, or its answer proves nothing.
        """
        found: list[Sighting] = []
        # Page by page: a server that does not filter lists a whole badge class.
        async for page in list_awards(self._client, badge, recipient=recipient).pages():
            found += [one for one in self._read(page.items) if one.is_of(recipient)]
        return found

    async def walk(self, badge: str, effects: Sequence[Effect]) -> dict[int, list[Sighting]]:
        """List a whole badge class, and give what belongs to the recipient of each effect.

        Raises:
            BadgesError: as for `look`.
        """
        found: dict[int, list[Sighting]] = {effect.id: [] for effect in effects}
        by_name: dict[str, list[int]] = {}
        for effect in effects:
            by_name.setdefault(effect.recipient.casefold(), []).append(effect.id)
        async for page in list_awards(self._client, badge).pages():
            for one in self._read(page.items):
                if one.identity:
                    owners = by_name.get(one.identity.casefold(), [])
                else:
                    owners = [effect.id for effect in effects if one.is_of(effect.recipient)]
                for owner in owners:
                    found[owner].append(one)
        return found

    def _read(self, values: Sequence[object]) -> list[Sighting]:
        try:
            return read_sightings(values)
        except UnreadableAwardError as error:
            raise BadResponseError(f"the listing proves nothing: {error}") from None
