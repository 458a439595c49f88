"""Bulk awards: a roster goes in, an outcome for each of its rows comes out.

Nobody is written to twice. This is a face: every name is loaded from its own module when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiobadges.awards.audit import Audit as Audit
    from aiobadges.awards.audit import DoubledAward as DoubledAward
    from aiobadges.awards.audit import ExtraAward as ExtraAward
    from aiobadges.awards.audit import MissingAward as MissingAward
    from aiobadges.awards.badges import BadgeChoiceError as BadgeChoiceError
    from aiobadges.awards.badges import find_badges as find_badges
    from aiobadges.awards.lease import Pacing as Pacing
    from aiobadges.awards.ledger.effects import Selection as Selection
    from aiobadges.awards.ledger.errors import ForeignRunError as ForeignRunError
    from aiobadges.awards.ledger.errors import LedgerError as LedgerError
    from aiobadges.awards.ledger.errors import LedgerPlaceError as LedgerPlaceError
    from aiobadges.awards.ledger.errors import NoSuchRunError as NoSuchRunError
    from aiobadges.awards.ledger.errors import RunInUseError as RunInUseError
    from aiobadges.awards.ledger.ledger import Ledger as Ledger
    from aiobadges.awards.ledger.runs import RunRecord as RunRecord
    from aiobadges.awards.ledger.runs import RunState as RunState
    from aiobadges.awards.once import AlreadyHeld as AlreadyHeld
    from aiobadges.awards.once import Awarded as Awarded
    from aiobadges.awards.once import Once as Once
    from aiobadges.awards.once import Pending as Pending
    from aiobadges.awards.once import Rejected as Rejected
    from aiobadges.awards.once import award_once as award_once
    from aiobadges.awards.outcome import Outcome as Outcome
    from aiobadges.awards.plan import PlanPolicy as PlanPolicy
    from aiobadges.awards.progress import Progress as Progress
    from aiobadges.awards.results import write_results as write_results
    from aiobadges.awards.roster.reading import Reading as Reading
    from aiobadges.awards.roster.reading import Roster as Roster
    from aiobadges.awards.roster.reading import read_roster as read_roster
    from aiobadges.awards.roster.row import Evidence as Evidence
    from aiobadges.awards.roster.row import Problem as Problem
    from aiobadges.awards.roster.row import RosterError as RosterError
    from aiobadges.awards.roster.row import Row as Row
    from aiobadges.awards.run import AwardRun as AwardRun
    from aiobadges.awards.shared_pace import SharedPace as SharedPace
    from aiobadges.awards.states import State as State

_PLACES = {
    "audit": ("Audit", "DoubledAward", "ExtraAward", "MissingAward"),
    "badges": ("BadgeChoiceError", "find_badges"),
    "lease": ("Pacing",),
    "ledger.effects": ("Selection",),
    "ledger.errors": (
        "ForeignRunError", "LedgerError", "LedgerPlaceError", "NoSuchRunError", "RunInUseError",
    ),
    "ledger.ledger": ("Ledger",),
    "ledger.runs": ("RunRecord", "RunState"),
    "once": ("AlreadyHeld", "Awarded", "Once", "Pending", "Rejected", "award_once"),
    "outcome": ("Outcome",),
    "plan": ("PlanPolicy",),
    "progress": ("Progress",),
    "results": ("write_results",),
    "roster.reading": ("Reading", "Roster", "read_roster"),
    "roster.row": ("Evidence", "Problem", "RosterError", "Row"),
    "run": ("AwardRun",),
    "shared_pace": ("SharedPace",),
    "states": ("State",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "AlreadyHeld",
    "Audit",
    "AwardRun",
    "Awarded",
    "BadgeChoiceError",
    "DoubledAward",
    "Evidence",
    "ExtraAward",
    "ForeignRunError",
    "Ledger",
    "LedgerError",
    "LedgerPlaceError",
    "MissingAward",
    "NoSuchRunError",
    "Once",
    "Outcome",
    "Pacing",
    "Pending",
    "PlanPolicy",
    "Problem",
    "Progress",
    "Reading",
    "Rejected",
    "Roster",
    "RosterError",
    "Row",
    "RunInUseError",
    "RunRecord",
    "RunState",
    "Selection",
    "SharedPace",
    "State",
    "award_once",
    "find_badges",
    "read_roster",
    "write_results",
]


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - at first use

    if name not in _MODULE_OF:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
