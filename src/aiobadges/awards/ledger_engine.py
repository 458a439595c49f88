"""Opening a ledger's database: everything that differs from one database to another is in here.

SQLite: a write-ahead log, ``synchronous=FULL`` (with less, a power cut takes back intents that were
acted on), readable by its owner only, ``BEGIN IMMEDIATE`` so that two processes queue instead of
failing half-way, and no network file systems, whose locks do not lock.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.pool import StaticPool

from aiobadges.awards.ledger_errors import LedgerError, LedgerPlaceError
from aiobadges.awards.ledger_schema import MIGRATIONS, VERSION, upgrade, version_of
from aiobadges.awards.network_files import network_file_system

__all__ = ["insert_or_leave", "ledger_url", "open_engine"]

# SQLAlchemy logs statements and rows, which hold addresses, when an application lets it. What it
# logs of a ledger goes to a logger of its own, which has a level whatever its parents have.
_LOGGING_NAME = "aiobadges"
logging.getLogger(f"sqlalchemy.engine.Engine.{_LOGGING_NAME}").setLevel(logging.WARNING)

BUSY_SECONDS = 10.0
"""How long a write waits for another process's."""


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
            _copy_before_upgrade(engine, url, version)
        else:
            engine = _make_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
        with engine.begin() as connection:
            upgrade(connection, to=version, migrations=migrations)
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
    is_file = url.get_backend_name() == "sqlite"
    place = url.database if is_file else url.render_as_string(hide_password=True)
    return LedgerError(
        f"the ledger {place} cannot be opened: {reason}",
        remedy="Another program works on it: try again when it is done"
        if "is locked" in reason
        else "Name another with --ledger or AIOBADGES_LEDGER",
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
    event.listen(engine, "connect", _on_connect)
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


def _on_connect(connection: _SqliteConnection, _: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins, see below; the driver must not
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _on_begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _copy_before_upgrade(engine: sa.Engine, url: sa.URL, version: int) -> None:
    if url.database in {None, "", ":memory:"}:
        return
    with engine.begin() as connection:
        found = version_of(connection)
    if 0 < found < version:
        file = Path(str(url.database))
        copy = file.with_name(f"{file.name}.version-{found}")
        if copy.exists():
            return  # an upgrade that broke off left it, and the ledger is as it was
        os.close(os.open(copy.with_suffix(".part"), os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            raw = cast("Any", connection.connection.dbapi_connection)
            raw.execute("VACUUM INTO ?", (str(copy.with_suffix(".part")),))
        copy.with_suffix(".part").replace(copy)


def insert_or_leave(
    connection: sa.Connection, table: sa.Table
) -> sqlite.Insert | postgresql.Insert:
    """Write an INSERT that leaves out rows whose key is there already."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()
