"""``aiobadges demo``: why not with a script of twenty lines."""

from __future__ import annotations

__all__ = ["demo"]


async def demo(*, people: int = 300, seed: int = 1) -> int:
    """Award 300 people with a naive script and with this tool, under faults and a kill.

    About half a minute, on sandboxes that end with it: no account, and nothing leaves this
    machine. The network fails in the same ways for both, both are killed on the way and started
    again, and the outboxes tell how many people were written to twice.

    Parameters
    ----------
    people
        How many people.
    seed
        Of the faults: another one, other faults.
    """
    from aiobadges.cli.demo_work import run_demo  # noqa: PLC0415 - it is heavy

    return await run_demo(people=people, seed=seed)
