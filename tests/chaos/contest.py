"""One program after the other under equal conditions: the same faults, kills and pauses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import attrs
from badge_server import BadgeServer
from contender import Contender, pause
from disturbances import PACING, Disturbance, Kind, spread
from program import Program

__all__ = ["Measured", "measure"]

_LOOK = 0.02


@attrs.frozen(kw_only=True)
class Measured:
    """What the server says at the end.

    Attributes:
        title: of which program.
        awards: how many people were to be awarded.
        reached: how many of them were.
        assertions: how many live ones the badge class lists.
        duplicates: the recipients who hold more than one.
        doubled: the recipients who were written to more than once.
        posts: how many awards were asked for.
        kills: how often a program was killed that ran.
        pauses: how often one was stopped for longer than a lease.
        seconds: from the start of the first program to the end of the last.
    """

    title: str
    awards: int
    reached: int
    assertions: int
    duplicates: tuple[str, ...]
    doubled: tuple[str, ...]
    posts: int
    kills: int
    pauses: int
    seconds: float


def measure(
    contender: Contender,
    server: BadgeServer,
    disturbances: Sequence[Disturbance],
    *,
    awards: int,
    limit: float,
    tell: Callable[[str], None],
) -> Measured:
    """Let a contender award everybody, disturb it, and ask the server what came of it.

    Raises:
        TimeoutError: it did not come to an end within `limit` seconds.
    """
    started = time.monotonic()
    left, done = list(disturbances), list[Disturbance]()
    program: Program | None = contender.start()
    while program is not None:
        if time.monotonic() - started > limit:
            program.kill()
            raise TimeoutError(f"{contender.title} did not end in {limit:.0f} seconds")
        if program.code is not None:
            program = contender.after(program)
        elif left and (mails := server.outbox().mails) >= left[0].at * awards:
            time.sleep(left[0].delay)
            if program.code is None:
                tell(f"{contender.title}: {mails} mails, now a {left[0].kind.value}")
                program, has_come_to_it = _disturb(contender, program, left[0])
                if has_come_to_it:
                    done.append(left.pop(0))
                    left = spread(left, done[-1].at, server.outbox().mails / awards)
        else:
            time.sleep(_LOOK)
    seconds = time.monotonic() - started
    server.recover()
    contender.finish()
    time.sleep(PACING.timeout + PACING.settle)  # what the server still does counts, too
    outbox, holders = server.outbox(), server.holders()
    return Measured(
        title=contender.title,
        awards=awards,
        reached=outbox.reached,
        assertions=holders.total(),
        duplicates=tuple(who for who, count in holders.items() if count > 1),
        doubled=outbox.doubled,
        posts=server.posts(),
        kills=sum(one.kind is Kind.KILL for one in done),
        pauses=sum(one.kind is not Kind.KILL for one in done),
        seconds=seconds,
    )


def _disturb(
    contender: Contender, program: Program, disturbance: Disturbance
) -> tuple[Program, bool]:
    match disturbance.kind:
        case Kind.KILL:
            program.kill()
        case Kind.PAUSE:
            pause(program, disturbance.seconds)
        case Kind.SUCCESSION:
            return contender.succeed(program, disturbance)
    return program, True
