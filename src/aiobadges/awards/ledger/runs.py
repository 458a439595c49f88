"""Runs as records: what they are bound to, how they pace, who works on them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import attrs
import msgspec
import sqlalchemy as sa

from aiobadges.awards.fingerprint import Precision
from aiobadges.awards.lease import Pacing
from aiobadges.awards.ledger.errors import NoSuchRunError
from aiobadges.awards.ledger.schema import effect, run
from aiobadges.awards.states import OPEN

__all__ = [
    "RunRecord",
    "RunState",
    "add_run",
    "beat",
    "find_run",
    "list_runs",
    "release_hold",
    "take_hold",
    "update_run",
]


class RunState(enum.StrEnum):
    """Where a run stands; what its rows do is told by their own states."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    STOPPED = "stopped"
    PAUSED = "paused"
    FINISHED = "finished"


@attrs.frozen(kw_only=True)
class RunRecord:
    """One run.

    Attributes:
        id: four letters and digits.
        created_at: when it was planned.
        source: what it was planned from: the roster's name.
        origin: the region's name, else the base URL.
        account: the entity id of the account.
        issuer: the issuers of its badge classes.
        is_service: whether awards are added to it one by one, by `award_once`.
        state: where it stands.
        obstacle: why it was paused.
        header: the columns of the roster.
        pacing: how long things take.
        precision: how exactly the platform gives ``issuedOn`` back.
        library_version: which version planned it.
        holder: who works on it, empty for nobody.
        holder_host: on which machine.
        holder_pid: in which process.
        holder_beat: a figure that moves as long as the holder lives.
    """

    id: str
    created_at: str = ""
    source: str = ""
    origin: str
    account: str = ""
    issuer: str = ""
    is_service: bool = False
    state: RunState = RunState.PLANNED
    obstacle: str = ""
    header: tuple[str, ...] = ()
    pacing: Pacing = attrs.field(factory=Pacing)
    precision: Precision = Precision.MILLISECONDS
    library_version: str = ""
    holder: str = ""
    holder_host: str = ""
    holder_pid: int = 0
    holder_beat: int = 0


def _as_record(row: sa.Row[Any]) -> RunRecord:
    values = dict(row._mapping)  # noqa: SLF001 - public in spite of the underscore
    pacing = Pacing(**{field.name: values.pop(field.name) for field in attrs.fields(Pacing)})
    return RunRecord(
        **values
        | {
            "pacing": pacing,
            "state": RunState(values["state"]),
            "precision": Precision(values["precision"]),
            "header": tuple(msgspec.json.decode(values["header"] or "[]")),
        }
    )


def add_run(connection: sa.Connection, record: RunRecord) -> None:
    """Write a new run."""
    values = attrs.asdict(record, recurse=False) | attrs.asdict(record.pacing)
    del values["pacing"]
    values["header"] = msgspec.json.encode(record.header).decode()
    connection.execute(run.insert().values(**values))


def find_run(connection: sa.Connection, identity: str) -> RunRecord:
    """Find a run.

    Raises:
        NoSuchRunError: there is none.
    """
    row = connection.execute(sa.select(run).where(run.c.id == identity)).one_or_none()
    if row is None:
        raise NoSuchRunError(f"there is no run {identity!r} in this ledger")
    return _as_record(row)


def list_runs(connection: sa.Connection, *, unfinished: bool) -> list[RunRecord]:
    """List runs, newest first; ``unfinished``: only those with a row that has not ended."""
    query = sa.select(run).order_by(run.c.created_at.desc(), run.c.id)
    if unfinished:
        is_open = effect.c.state.in_([state.value for state in OPEN])
        query = query.where(sa.exists().where(effect.c.run == run.c.id, is_open))
    return [_as_record(row) for row in connection.execute(query)]


def update_run(connection: sa.Connection, identity: str, values: Mapping[str, object]) -> None:
    """Change what is written about a run."""
    connection.execute(run.update().where(run.c.id == identity).values(**values))


def take_hold(
    connection: sa.Connection, seen: RunRecord, *, holder: str, host: str, pid: int
) -> bool:
    """Become the one who works on a run, unless somebody else has moved since it was seen."""
    result = connection.execute(
        run.update()
        .where(
            run.c.id == seen.id, run.c.holder == seen.holder, run.c.holder_beat == seen.holder_beat
        )
        .values(holder=holder, holder_host=host, holder_pid=pid, holder_beat=seen.holder_beat + 1)
    )
    return bool(result.rowcount)


def beat(connection: sa.Connection, identity: str, holder: str) -> bool:
    """Show that the holder lives; False when somebody else has taken over."""
    result = connection.execute(
        run.update()
        .where(run.c.id == identity, run.c.holder == holder)
        .values(holder_beat=run.c.holder_beat + 1)
    )
    return bool(result.rowcount)


def release_hold(connection: sa.Connection, identity: str, holder: str) -> None:
    """Stop working on a run."""
    connection.execute(
        run.update()
        .where(run.c.id == identity, run.c.holder == holder)
        .values(holder="", holder_host="", holder_pid=0)
    )
