"""What the sandbox remembers: tables of records, indexed, and kept in a state file when there is one.

Records are values. To change one is to put another with the same key; what an index goes by never
changes. Everything here belongs to the server's loop and is not safe to use from other threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, Union

import msgspec

from aiobadges.sandbox.journal import Journal, StateFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Index", "Record", "Store", "Table"]


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One thing that is remembered. Each kind has a tag of its own."""

    @property
    def key(self) -> str:
        """What the record is known by, unique in its table."""
        raise NotImplementedError

    @property
    def aliases(self) -> tuple[str, ...]:
        """Further names it is found under."""
        return ()


class Gone(Record, frozen=True, kw_only=True, tag="gone"):
    """A line of the state file that takes a record out of its table."""

    table: str
    record: str


R = TypeVar("R", bound=Record)


class Index(Generic[R]):
    """The keys of the records that share a value, in the order in which they came."""

    def __init__(self, value_of: Callable[[R], Hashable]) -> None:
        self._value_of = value_of
        self._keys: dict[Hashable, list[str]] = {}

    def keys(self, value: Hashable) -> Sequence[str]:
        """Give the keys for a value; not to be changed, and it grows."""
        return self._keys.get(value, ())

    def add(self, record: R) -> None:
        """Take up a record that is new in the table."""
        self._keys.setdefault(self._value_of(record), []).append(record.key)

    def remove(self, record: R) -> None:
        """Drop a record that leaves the table."""
        value = self._value_of(record)
        keys = self._keys[value]
        keys.remove(record.key)
        if not keys:
            del self._keys[value]

    def clear(self) -> None:
        """Drop everything."""
        self._keys.clear()


class Table(Generic[R]):
    """All records of a kind. Made by `Store.table`."""

    def __init__(self, write: Callable[[Record], None], indexes: Sequence[Index[R]]) -> None:
        self._write = write
        self._indexes = indexes
        self._rows: dict[str, R] = {}
        self._aliases: dict[str, str] = {}

    @property
    def rows(self) -> Mapping[str, R]:
        """The records by key, in the order in which the keys came."""
        return self._rows

    @property
    def last(self) -> R | None:
        """The record whose key came last."""
        return next(reversed(self._rows.values()), None)

    def get(self, key: str) -> R | None:
        """Find a record by its key."""
        return self._rows.get(key)

    def find(self, name: str) -> R | None:
        """Find a record by its key or an alias."""
        return self._rows.get(name) or self._rows.get(self._aliases.get(name, ""))

    def put(self, record: R) -> None:
        """Remember a record, in the place of one with the same key."""
        self._write(record)
        self.keep(record)

    def remove(self, record: R) -> None:
        """Forget a record."""
        self._write(Gone(table=_tag(type(record)), record=record.key))
        self.drop(record.key)

    def keep(self, record: R) -> None:
        """Take up a record without writing it."""
        key = record.key
        if key not in self._rows:
            for index in self._indexes:
                index.add(record)
            for alias in record.aliases:
                self._aliases[alias] = key
        self._rows[key] = record

    def drop(self, key: str) -> None:
        """Drop a record, if it is there, without writing that."""
        if (record := self._rows.pop(key, None)) is not None:
            for index in self._indexes:
                index.remove(record)
            for alias in record.aliases:
                del self._aliases[alias]

    def clear(self) -> None:
        """Drop every record without writing that."""
        self._rows.clear()
        self._aliases.clear()
        for index in self._indexes:
            index.clear()


class Store:
    """Every table of every service, and the state file behind them."""

    def __init__(self) -> None:
        self._tables: dict[type[Record], Table[Any]] = {}
        self._journal: Journal | None = None

    def table(self, record_type: type[R], *indexes: Index[R]) -> Table[R]:
        """Make the table for a kind of record; to be done before `open`."""
        table = self._tables[record_type] = Table(self._write, indexes)
        return table

    def open(self, path: Path) -> None:
        """Read a state file in the place of what is remembered, and write to it from now on.

        Raises:
            StateFileError: the file cannot be read.
        """
        self._clear_tables()
        journal = Journal(path)
        kinds: Any = Union[(Gone, *self._tables)]
        decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(kinds)
        by_tag = {_tag(kind): table for kind, table in self._tables.items()}
        for number, line in journal.read():
            try:
                record = decoder.decode(line)
                if isinstance(record, Gone):
                    by_tag[record.table].drop(record.record)
                else:
                    self._tables[type(record)].keep(record)
            except (msgspec.DecodeError, KeyError) as error:
                raise StateFileError(f"{path}, line {number}, cannot be read: {error}") from None
        journal.rewrite(self._records())
        self._journal = journal

    def clear(self) -> None:
        """Forget everything, in the state file, too."""
        self._clear_tables()
        if self._journal is not None:
            self._journal.rewrite(())

    def close(self) -> None:
        """Let go of the state file; what is remembered stays in memory."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _records(self) -> Iterator[Record]:
        for table in self._tables.values():
            yield from table.rows.values()

    def _write(self, record: Record) -> None:
        if self._journal is not None:
            self._journal.append(record)

    def _clear_tables(self) -> None:
        for table in self._tables.values():
            table.clear()


def _tag(kind: type[Record]) -> str:
    return str(kind.__struct_config__.tag)
