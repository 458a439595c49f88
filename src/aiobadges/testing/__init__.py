"""Test your code against a sandbox instead of a mock: pytest fixtures, and the sandbox itself.

With aiobadges installed, pytest knows these fixtures; nothing is loaded until a test asks:

``badge_sandbox``
    A running sandbox, new for each test: ``.faults.next("badgeclasses.award",
    "drop_after_work")``, ``.outbox``, ``.awards(address)``, ``.counters``.
``badge_client``
    A `ParchmentClient` of that sandbox, closed after the test. It needs pytest-asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiobadges.sandbox import (
        AwardSeen as AwardSeen,
    )
    from aiobadges.sandbox import (
        Sandbox as Sandbox,
    )
    from aiobadges.sandbox import (
        SandboxThread as SandboxThread,
    )

__all__ = ["AwardSeen", "Sandbox", "SandboxThread"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415 - at first use

    value: object = getattr(import_module("aiobadges.sandbox"), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
