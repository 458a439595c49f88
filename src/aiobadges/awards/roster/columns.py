"""Which header means which column: Parchment's own names, and what other systems call them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import attrs

from aiobadges.awards.roster.row import Problem

__all__ = ["Columns", "recognize"]

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "identifier": ("identifier", "email", "e-mail", "email address", "e-mail address", "mail",
                   "recipient", "recipient email", "recipient identifier"),
    "identifier_type": ("identifier type", "recipient type"),
    "badge": ("badge", "badge class", "badge class id", "badge name", "badge id",
              "badge template id"),
    "first_name": ("first name", "given name", "forename"),
    "last_name": ("last name", "family name", "surname"),
    "name": ("name", "full name", "recipient name"),
    "narrative": ("narrative",),
    "evidence_url": ("evidence url", "evidence"),
    "evidence_narrative": ("evidence narrative",),
    "issued_on": ("issued on", "issue date", "issued at", "issued", "date"),
    "expires": ("expires", "expiration date", "expires on", "expiry", "expiry date"),
    "external_id": ("external id", "student id", "sis id", "issuer earner id"),
    "notify": ("notify", "notification", "send email"),
}  # fmt: skip

_FIELD_OF = {alias: field for field, aliases in _ALIASES.items() for alias in aliases}
_REPEATABLE = {"evidence_url", "evidence_narrative"}


@attrs.frozen(kw_only=True)
class Columns:
    """Where each field stands.

    Attributes:
        headers: the header of each field that is there; a repeated one is ``evidence_url_2``.
        unused: headers that mean nothing here.
    """

    headers: Mapping[str, str]
    unused: Sequence[str]

    def evidence_numbers(self) -> list[str]:
        """Give the suffixes of the evidence columns in order: ``""``, ``"_2"``, ``"_3"``."""
        suffixes = {
            field.removeprefix(stem)
            for field in self.headers
            for stem in ("evidence_url", "evidence_narrative")
            if field.startswith(stem)
        }
        return sorted(suffixes, key=lambda suffix: int(suffix.lstrip("_") or 1))


def _field(header: str) -> str | None:
    words = re.sub(r"[\s_]+", " ", header.strip()).casefold()
    numbered = re.fullmatch(r"(.*?) ?(\d{1,2})", words)
    if numbered and (field := _FIELD_OF.get(numbered[1])) in _REPEATABLE:
        number = int(numbered[2])
        return field if number == 1 else f"{field}_{number}"
    return _FIELD_OF.get(words)


def recognize(header: Sequence[str]) -> tuple[Columns, list[Problem]]:
    """Find the columns of a header row, and what is wrong with it."""
    headers: dict[str, str] = {}
    unused: list[str] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            problems.append(Problem(row=1, column=name, message="stands twice in the header"))
        seen.add(name)
        field = _field(name)
        if field is None:
            unused.append(name)
        elif field in headers:
            problems.append(
                Problem(
                    row=1,
                    column=name,
                    message=f"means the same as {headers[field]!r}; remove one of them",
                )
            )
        else:
            headers[field] = name
    if "identifier" not in headers:
        problems.append(
            Problem(
                row=1,
                message="there is no identifier column; name one 'identifier' or 'email'"
                f" (found: {', '.join(repr(name) for name in header if name) or 'nothing'})",
            )
        )
    if "notify" in headers:
        problems.append(
            Problem(
                row=1,
                column=headers["notify"],
                message="remove this column: the API cannot switch the platform's e-mails on or"
                " off, so every award may write to its recipient",
            )
        )
    if "name" in headers and {"first_name", "last_name"} & headers.keys():
        problems.append(
            Problem(
                row=1,
                column=headers["name"],
                message="there is a full name beside first and last name; remove one of the two",
            )
        )
    return Columns(headers=headers, unused=unused), problems
