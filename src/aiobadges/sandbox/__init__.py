"""A server on this machine that behaves like the badge platforms, with memory, mails and faults.

For tests, rehearsals and first steps: no account, nothing leaves the machine. ::

    async with Sandbox() as sandbox:
        sandbox.faults.next("badgeclasses.award", "drop_after_work")
        ...  # against sandbox.url, with sandbox.token
        assert not sandbox.outbox.doubled()

It is a witness: it imports nothing of the library it is used to test. Importing this package loads
nothing; each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiobadges.sandbox.awards import AwardSeen
    from aiobadges.sandbox.counters import Counters
    from aiobadges.sandbox.faults import FAULT_KINDS, FaultKind, Faults
    from aiobadges.sandbox.journal import StateFileError
    from aiobadges.sandbox.limits import RateLimit
    from aiobadges.sandbox.outbox import Doubled, Mail, Outbox
    from aiobadges.sandbox.ownership import StateInUseError
    from aiobadges.sandbox.parchment.seed import (
        AUTUMN_GROUP,
        CHEMISTRY_BASICS,
        CLAIM_CODE,
        COLLEAGUE,
        COLLEAGUE_USERNAME,
        EXAMPLE_ORGANIZATION,
        EXAMPLE_UNIVERSITY,
        LAB_ASSISTANT,
        LAB_WEEK,
        MATH_EXPERT,
        OLD_DIPLOMA,
        PASSWORD,
        REGISTRAR,
        SAFETY_TRAINING,
        SHOWCASE,
        SPRING_GROUP,
        TOKEN,
        USERNAME,
    )
    from aiobadges.sandbox.server import Sandbox, SandboxOptions
    from aiobadges.sandbox.thought_industries.meter import PointLimits
    from aiobadges.sandbox.thread import SandboxThread

__all__ = [
    "AUTUMN_GROUP",
    "CHEMISTRY_BASICS",
    "CLAIM_CODE",
    "COLLEAGUE",
    "COLLEAGUE_USERNAME",
    "EXAMPLE_ORGANIZATION",
    "EXAMPLE_UNIVERSITY",
    "FAULT_KINDS",
    "LAB_ASSISTANT",
    "LAB_WEEK",
    "MATH_EXPERT",
    "OLD_DIPLOMA",
    "PASSWORD",
    "REGISTRAR",
    "SAFETY_TRAINING",
    "SHOWCASE",
    "SPRING_GROUP",
    "TOKEN",
    "USERNAME",
    "AwardSeen",
    "Counters",
    "Doubled",
    "FaultKind",
    "Faults",
    "Mail",
    "Outbox",
    "PointLimits",
    "RateLimit",
    "Sandbox",
    "SandboxOptions",
    "SandboxThread",
    "StateFileError",
    "StateInUseError",
]

_HOMES: Final = {
    "AUTUMN_GROUP": "parchment.seed",
    "AwardSeen": "awards",
    "CHEMISTRY_BASICS": "parchment.seed",
    "CLAIM_CODE": "parchment.seed",
    "COLLEAGUE": "parchment.seed",
    "COLLEAGUE_USERNAME": "parchment.seed",
    "Counters": "counters",
    "Doubled": "outbox",
    "EXAMPLE_ORGANIZATION": "parchment.seed",
    "EXAMPLE_UNIVERSITY": "parchment.seed",
    "FAULT_KINDS": "faults",
    "FaultKind": "faults",
    "Faults": "faults",
    "LAB_ASSISTANT": "parchment.seed",
    "LAB_WEEK": "parchment.seed",
    "MATH_EXPERT": "parchment.seed",
    "Mail": "outbox",
    "OLD_DIPLOMA": "parchment.seed",
    "Outbox": "outbox",
    "PASSWORD": "parchment.seed",
    "PointLimits": "thought_industries.meter",
    "REGISTRAR": "parchment.seed",
    "RateLimit": "limits",
    "SAFETY_TRAINING": "parchment.seed",
    "SHOWCASE": "parchment.seed",
    "SPRING_GROUP": "parchment.seed",
    "Sandbox": "server",
    "SandboxOptions": "server",
    "SandboxThread": "thread",
    "StateFileError": "journal",
    "StateInUseError": "ownership",
    "TOKEN": "parchment.seed",
    "USERNAME": "parchment.seed",
}


def __getattr__(name: str) -> object:
    if (home := _HOMES.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
