"""A row of a roster, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import attrs

from aiobadges.errors import InvalidCallError

__all__ = ["Evidence", "IdentifierType", "Problem", "RosterError", "Row", "file_changed"]

IdentifierType: TypeAlias = Literal["email", "telephone", "url"]


@attrs.frozen(kw_only=True)
class Evidence:
    """What shows that the achievement is real: an address, a narrative, or both."""

    url: str = ""
    narrative: str = ""


@attrs.frozen(kw_only=True)
class Row:
    """Who is to be awarded what. Texts that were not given are empty.

    Attributes:
        number: the row in the file as a spreadsheet counts it; the header is row 1.
        identifier: the address, number or URL, as it is written.
        identifier_type: what the identifier is.
        badge: the badge class's name or id; empty when the whole roster is for one.
        name: the recipient's full name.
        narrative: what was achieved, in Markdown.
        evidence: what shows it.
        issued_on: the date of the award, None for now.
        expires: when it stops being valid, None for what the badge class says.
        external_id: the recipient's id in the system the roster comes from.
        cells: the row as it stands in the file, by header.
    """

    number: int
    identifier: str = attrs.field(repr=False)
    identifier_type: IdentifierType = "email"
    badge: str = ""
    name: str = attrs.field(default="", repr=False)
    narrative: str = attrs.field(default="", repr=False)
    evidence: tuple[Evidence, ...] = attrs.field(default=(), repr=False)
    issued_on: datetime | None = None
    expires: datetime | None = None
    external_id: str = attrs.field(default="", repr=False)
    cells: Mapping[str, str] = attrs.field(factory=dict, repr=False)

    @property
    def person(self) -> tuple[str, str, str]:
        """What two rows share when they award one badge to one person, however it is spelled."""
        return (self.badge.casefold(), self.identifier_type, self.identifier.casefold())


@attrs.frozen(kw_only=True)
class Problem:
    """One thing that is wrong with a roster: where, what, and what to do.

    Attributes:
        row: the row in the file, None when it is the file's own.
        column: the column's header, empty when it is the whole row.
        message: what is wrong.
    """

    row: int | None = None
    column: str = ""
    message: str

    def __str__(self) -> str:
        place = [f"row {self.row}"] if self.row is not None else []
        place += [f"column {self.column!r}"] if self.column else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class RosterError(InvalidCallError):
    """A roster that cannot be awarded as it is.

    Attributes:
        file: the roster.
        problems: what is wrong, the first thousand.
        count: how many problems there are.
    """

    def __init__(self, file: str, problems: Sequence[Problem], count: int | None = None) -> None:
        self.file = file
        self.problems = tuple(problems)
        self.count = len(self.problems) if count is None else count
        many = f"{self.count:,} problems" if self.count > 1 else str(problems[0])
        super().__init__(f"{file}: {many}")

    def __reduce__(self) -> tuple[type[RosterError], tuple[str, tuple[Problem, ...], int]]:
        return (type(self), (self.file, self.problems, self.count))


def file_changed(file: str) -> RosterError:
    """Give the error for a roster that is no longer what it was when it was checked."""
    message = "the file was changed while it was read; nothing was sent, so give the command again"
    return RosterError(file, [Problem(message=message)])
