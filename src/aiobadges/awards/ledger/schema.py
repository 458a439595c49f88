"""The tables of a ledger, its version, and how an older one is brought up to it.

A table changes by a migration in `MIGRATIONS` and never otherwise: a run begun by one version of
this library is finished by the next. Times are text in UTC, for people; nothing waits by them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from aiobadges.awards.ledger.errors import LedgerPlaceError
from aiobadges.awards.states import UNIQUE

__all__ = [
    "MIGRATIONS",
    "VERSION",
    "effect",
    "happening",
    "listing",
    "metadata",
    "pace",
    "run",
    "upgrade",
    "version_of",
]

VERSION: Final = 2

metadata = sa.MetaData()
_Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, default="", server_default="")


ledger = sa.Table("ledger", metadata, sa.Column("version", sa.Integer, nullable=False))

run = sa.Table(
    "run",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    _text("created_at"),
    _text("source"),
    _text("origin"),
    _text("account"),
    _text("issuer"),
    sa.Column("is_service", sa.Boolean, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    _text("obstacle"),
    _text("header"),
    # How long things take where it runs: stored, so that whoever resumes it waits as long.
    sa.Column("lease", sa.Float, nullable=False),
    sa.Column("settle", sa.Float, nullable=False),
    sa.Column("timeout", sa.Float, nullable=False),
    sa.Column("patience", sa.Float, nullable=False),
    sa.Column("precision", sa.String(16), nullable=False, server_default="milliseconds"),
    _text("library_version"),
    # Who works on it: an id of the process's own, where it is, and a figure that moves with it.
    _text("holder"),
    _text("holder_host"),
    sa.Column("holder_pid", sa.Integer, nullable=False, server_default="0"),
    sa.Column("holder_beat", _Number, nullable=False, server_default="0"),
)

effect = sa.Table(
    "effect",
    metadata,
    sa.Column("id", _Number, primary_key=True, autoincrement=True),
    sa.Column("run", sa.String(32), sa.ForeignKey("run.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("in_doubt", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("answer", sa.String(16), nullable=False, server_default=""),
    sa.Column("nones", sa.Integer, nullable=False, server_default="0"),
    sa.Column("key", sa.String(64), nullable=False),
    # Whether no other effect may have this key. Not told by the state: an index over a column that
    # changes with every award would be written in as many places of the disk.
    sa.Column("holds_key", sa.Boolean, nullable=False),
    _text("badge"),
    _text("recipient"),
    _text("recipient_type"),
    _text("issued_on"),
    _text("call"),  # the body of the request as JSON, the same on every attempt
    _text("cells"),
    _text("earlier"),  # the person's awards before the run, as a JSON list of ids
    _text("replaces"),  # the assertion that a revocation or a reissue takes back
    _text("assertion_id"),
    _text("assertion_url"),
    _text("error_code"),
    _text("error_message"),
    _text("request_id"),
    _text("reason"),
    _text("sent_at"),
)
sa.Index("effect_by_state", effect.c.run, effect.c.state, effect.c.id)
sa.Index("effect_by_number", effect.c.run, effect.c.number)
unique_key = sa.Index(
    "effect_unique_key",
    effect.c.key,
    unique=True,
    sqlite_where=effect.c.holds_key.is_(True),
    postgresql_where=effect.c.holds_key.is_(True),
)

happening = sa.Table(
    "happening",
    metadata,
    sa.Column("id", _Number, primary_key=True, autoincrement=True),
    sa.Column("effect", _Number, sa.ForeignKey("effect.id"), nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    _text("at"),
    _text("event"),
    _text("state"),
    _text("error_code"),
    _text("error_message"),
    _text("request_id"),
)
sa.Index("happening_by_effect", happening.c.effect)

listing = sa.Table(
    "listing",
    metadata,
    sa.Column("run", sa.String(32), sa.ForeignKey("run.id"), primary_key=True),
    sa.Column("phase", sa.String(8), primary_key=True),  # plan: the baseline; audit: the last one
    sa.Column("assertion_id", sa.String(255), primary_key=True),
    _text("badge"),
    _text("person"),
    _text("recipient"),
    sa.Column("is_revoked", sa.Boolean, nullable=False),
    sa.Column("is_live", sa.Boolean, nullable=False),
)
sa.Index("listing_by_person", listing.c.run, listing.c.phase, listing.c.person)

pace = sa.Table(
    "pace",
    metadata,
    sa.Column("name", sa.String(255), primary_key=True),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("paused_until", sa.Float, nullable=False),
)


def _keys_are_held(connection: sa.Connection) -> None:
    """Bring version 1 to 2: what keeps a key unique has a column of its own."""
    for index in ("effect_unique_key", "effect_by_assertion"):
        connection.execute(sa.text(f"DROP INDEX {index}"))
    connection.execute(
        sa.text("ALTER TABLE effect ADD COLUMN holds_key BOOLEAN NOT NULL DEFAULT false")
    )
    states = sorted(state.value for state in UNIQUE)
    connection.execute(effect.update().where(effect.c.state.in_(states)).values(holds_key=True))
    unique_key.create(connection)


MIGRATIONS: Final[Mapping[int, Callable[[sa.Connection], None]]] = {1: _keys_are_held}
"""What brings a ledger of each older version to the next one."""


def version_of(connection: sa.Connection) -> int:
    """Give the version of the tables that are there, 0 when there are none."""
    if not sa.inspect(connection).has_table("ledger"):
        return 0
    version: int = connection.execute(sa.select(ledger.c.version)).scalar_one()
    return version


def upgrade(
    connection: sa.Connection,
    *,
    to: int = VERSION,
    migrations: Mapping[int, Callable[[sa.Connection], None]] = MIGRATIONS,
) -> None:
    """Make the tables, or bring older ones up to date, in the transaction of the connection.

    Raises:
        LedgerPlaceError: they were made by a later version of this library.
    """
    found = version_of(connection)
    if found > to:
        raise LedgerPlaceError(
            f"the ledger was written by a later version of aiobadges (its tables are version"
            f" {found}, this one knows {to})",
            remedy="Upgrade aiobadges, or name another ledger",
        )
    if found == 0:
        metadata.create_all(connection)
        connection.execute(ledger.insert().values(version=to))
        return
    for version in range(found, to):
        migrations[version](connection)
        connection.execute(ledger.update().values(version=version + 1))
