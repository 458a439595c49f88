"""Telling all there is about one person."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import itemgetter

from rich.console import Console

from aiobadges.awards.ledger.history import Happening
from aiobadges.awards.ledger.ledger import Ledger
from aiobadges.awards.trace import Trace, trace_person, verdict_on
from aiobadges.cli.connecting import connected, place_of_run
from aiobadges.cli.exit_codes import ExitCode
from aiobadges.cli.place import Place

__all__ = ["award_trace"]

_WORDS = {
    "AnswerLost": "sent, and no clear answer",
    "Awarded": "sent, and awarded",
    "Claimed": "sent again",
    "FoundStale": "whoever was sending it is gone",
    "ListedEarlier": "the platform lists an earlier one",
    "ListedNone": "the platform lists none",
    "ListedOther": "the platform lists another one",
    "ListedOurs": "the platform lists it",
    "ListedOursRevoked": "the platform lists it as revoked",
    "NotDone": "not done for certain",
    "PatienceEnded": "given up asking",
    "Reconsidered": "to be looked at again",
    "Refused": "sent, and refused",
    "RevocationRefused": "asked to revoke, and refused",
    "Revoked": "revoked",
    "UndoAsked": "to be taken back",
}


async def award_trace(person: str, place: Place, ledger_place: str | None) -> ExitCode:
    """Trace a person.

    Raises:
        InvalidCallError: nobody is named.
        BadgesError: the platform cannot be asked.
    """
    out = Console(highlight=False, soft_wrap=True)
    async with Ledger.open(ledger_place) as ledger:
        runs = await ledger.runs()
        if len({run.origin for run in runs}) == 1:  # nobody need say which of one place
            place = place_of_run(place, runs[0])
        async with connected(place) as client:
            trace = await trace_person(ledger, client, person)
            origin, now = client.settings.origin_name, datetime.now(UTC)
    out.print(trace.person, markup=False)
    out.print(
        "\nin the ledger (times in UTC):" if trace.effects else "\nnothing in the ledger",
        markup=False,
    )
    _tell_ledger(out, trace)
    out.print(
        f"\non the platform ({origin}):" if trace.awards else f"\nnothing on {origin}", markup=False
    )
    for award in trace.awards:
        one = award.sighting
        issued = f"{one.issued_on:%Y-%m-%d %H:%M:%S}" if one.issued_on else "without a date"
        out.print(
            f"  {award.standing(now):<8} {_badge(trace, award.badge)}  {one.assertion_id}"
            f"  {issued}  to {one.identity or 'a hashed recipient'}  {one.url}".rstrip(),
            markup=False,
        )
    out.print()
    for sentence in verdict_on(trace, origin=origin, now=now):
        out.print(sentence, markup=False)
    return ExitCode.DONE


def _tell_ledger(out: Console, trace: Trace) -> None:
    for traced in trace.effects:
        one = traced.effect
        out.print(
            f"  run {one.run} on {traced.origin}, row {one.number}, {_badge(trace, one.badge)}:"
            f" {one.state.value.replace('_', ' ')}",
            markup=False,
        )
        told = [(happened.at, _happening(happened)) for happened in traced.history]
        if one.sent_at:  # it has no happening of its own: an attempt is written down as it begins
            told.append((one.sent_at, f"attempt {one.standing.attempt}  begun"))
        for at, what in sorted(told, key=itemgetter(0)):
            out.print(f"    {at[:19].replace('T', ' ')}  {what}", markup=False)


def _happening(one: Happening) -> str:
    parts = [
        f"attempt {one.attempt}",
        _WORDS.get(one.event, one.event),
        f"-> {one.state.replace('_', ' ')}",
        f"{one.error_code} {one.error_message}".strip(),
        f"request {one.request_id}" if one.request_id else "",
    ]
    return "  ".join(part for part in parts if part)


def _badge(trace: Trace, badge: str) -> str:
    return trace.badge_names.get(badge, badge)
