"""Opening a ledger's database, and what a kind of database needs for it.

SQLite: a write-ahead log, ``synchronous=FULL`` (with less, a power cut takes back intents that were
acted on), readable by its owner only, ``BEGIN IMMEDIATE`` so that two processes queue instead of
failing half-way, and no network file systems, whose locks do not lock.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

from aiobadges.awards.ledger.errors import LedgerError, LedgerPlaceError
from aiobadges.awards.ledger.network_files import network_file_system
from aiobadges.awards.ledger.schema import MIGRATIONS, VERSION, upgrade, version_of

__all__ = ["insert_or_leave", "ledger_url", "open_engine", "place_of"]

# SQLAlchemy logs statements and rows, which hold addresses, when an application lets it. What it
# logs of a ledger goes to a logger of its own, which has a level whatever its parents have.
_LOGGING_NAME = "aiobadges"
logging.getLogger(f"sqlalchemy.engine.Engine.{_LOGGING_NAME}").setLevel(logging.WARNING)

BUSY_SECONDS = 10.0
"""How long a write waits for another process's."""
_BETWEEN_TRIES = 0.02
_UPGRADE = 0x61696F62
"""Names the lock under which the tables of a PostgreSQL ledger are made or changed."""


class _SqliteConnection(Protocol):
    isolation_level: str | None

    def execute(self, statement: str) -> object: ...


def ledger_url(place: str | Path) -> sa.URL:
    """Read where a ledger is: a database URL, or the path of a file.

    Raises:
        LedgerPlaceError: it is neither.
    """
    text = str(place)
    if "://" not in text:
        return sa.URL.create("sqlite", database=text)
    try:
        url = sa.make_url(text)
    except exc.ArgumentError:
        raise LedgerPlaceError(
            "the ledger's address is no database URL",
            remedy="Write it as sqlite:///file or postgresql://host/database, or give a file",
        ) from None
    if url.drivername in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    return url


def place_of(url: sa.URL) -> str:
    """Say where a ledger is, to people: the file, or the address without its password."""
    is_file = url.get_backend_name() == "sqlite"
    return str(url.database) if is_file else url.render_as_string(hide_password=True)


def open_engine(
    url: sa.URL,
    *,
    busy_seconds: float = BUSY_SECONDS,
    version: int = VERSION,
    migrations: Mapping[int, Callable[[sa.Connection], None]] = MIGRATIONS,
) -> sa.Engine:
    """Open a ledger's database and bring its tables up to date. It blocks.

    Raises:
        LedgerPlaceError: a ledger cannot be there.
        LedgerError: it cannot be opened.
    """
    backend = url.get_backend_name()
    if backend not in {"sqlite", "postgresql"}:
        raise LedgerPlaceError(
            f"a ledger cannot be kept in {backend}", remedy="Use SQLite, or PostgreSQL"
        )
    try:
        if backend == "sqlite":
            engine = _open_sqlite(url, busy_seconds)
        else:
            engine = _make_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
        try:
            with engine.begin() as connection:
                if backend == "postgresql":  # SQLite's transactions keep others off by themselves
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE)))
                _copy_before_upgrade(connection, url, version)
                upgrade(connection, to=version, migrations=migrations)
        except BaseException:
            engine.dispose()
            raise
    except exc.SQLAlchemyError as error:
        raise _cannot_open(url, error) from None
    except ImportError as error:
        raise LedgerPlaceError(
            f"the driver of {backend} is missing ({error.name})",
            remedy="Install it: python -m pip install 'aiobadges[cluster]'",
        ) from None
    return engine


def _make_engine(url: sa.URL, **options: Any) -> sa.Engine:
    # Parameters are hidden in the texts of exceptions, too.
    return sa.create_engine(url, logging_name=_LOGGING_NAME, hide_parameters=True, **options)


def _cannot_open(url: sa.URL, error: exc.SQLAlchemyError) -> LedgerError:
    reason = str(error.orig) if isinstance(error, exc.DBAPIError) else type(error).__name__
    # Never "name another" for one that is only locked: what was begun is in this one.
    is_locked = isinstance(error, exc.DBAPIError) and _is_locked(error.orig)
    return LedgerError(
        f"the ledger {place_of(url)} cannot be opened: {reason}",
        remedy="Another process is at it, or was stopped at it: let that go on or end it, then"
        " try again"
        if is_locked
        else "Name another with --ledger or AIOBADGES_LEDGER",
    )


def _is_locked(error: BaseException | None) -> bool:
    # The low byte: SQLite has several kinds of being busy.
    return (
        isinstance(error, sqlite3.OperationalError)
        and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )


def _open_sqlite(url: sa.URL, busy_seconds: float) -> sa.Engine:
    if url.database in {None, "", ":memory:"}:
        engine = _make_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        _prepare_file(Path(str(url.database)))
        engine = _make_engine(
            url,
            pool_size=1,
            max_overflow=0,
            connect_args={"timeout": busy_seconds, "check_same_thread": False},
        )

    def on_connect(connection: _SqliteConnection, _: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, see below; the driver must not
        _write_ahead(connection, busy_seconds)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _prepare_file(file: Path) -> None:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kind = network_file_system(file.parent)
        if kind:
            raise LedgerPlaceError(
                f"the ledger {file} lies on a network file system ({kind}), whose locks do not"
                " keep two processes apart",
                remedy="Name a file on a local disk with --ledger or AIOBADGES_LEDGER, or use PostgreSQL",
            )
        # Made here and not by SQLite, for the mode: it holds addresses. Its log inherits it.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        if os.name == "posix" and file.stat().st_mode & 0o077:
            file.chmod(0o600)
    except OSError as error:
        raise LedgerError(
            f"the ledger {file} cannot be opened: {error.strerror}",
            remedy="Name another with --ledger or AIOBADGES_LEDGER",
        ) from None


def _write_ahead(connection: _SqliteConnection, busy_seconds: float) -> None:
    """Have a write-ahead log.

    Two processes that open a new ledger at the same moment both want to switch it over. SQLite
    refuses one of them at once, without the wait that it keeps to everywhere else.
    """
    ends = time.monotonic() + busy_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() >= ends:
                raise
            time.sleep(_BETWEEN_TRIES)
        else:
            return


def _on_begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _copy_before_upgrade(connection: sa.Connection, url: sa.URL, version: int) -> None:
    """Copy an older ledger, log and all. The caller's transaction keeps everybody else off it.

    Raises:
        LedgerError: there is no room for it; nothing was changed.
    """
    found = version_of(connection)
    if connection.dialect.name != "sqlite" or not 0 < found < version:
        return
    if url.database in {None, "", ":memory:"}:
        return
    file = Path(str(url.database))
    copy = file.with_name(f"{file.name}.version-{found}")
    part = file.with_name(f"{copy.name}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        # By a connection of its own, which sees what was committed: VACUUM is for no transaction.
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as reader:
            reader.execute("VACUUM INTO ?", (str(part),))
        part.replace(copy)  # one that is there is of an upgrade that broke off
    except (OSError, sqlite3.Error) as error:
        raise LedgerError(
            f"the ledger {file} cannot be copied before it is brought up to date: {error}",
            remedy="Make room beside it; nothing was changed",
        ) from None


def insert_or_leave(
    connection: sa.Connection, table: sa.Table
) -> sqlite.Insert | postgresql.Insert:
    """Write an INSERT that leaves out rows whose key is there already."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
