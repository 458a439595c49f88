"""Reads a request body field by field, and collects everything that is wrong with it.

Texts and structure of the errors follow the open source server (Django REST framework): a list of
texts for a field, an object for a nested object, a list of objects for a list.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import envelope
from aiobadges.sandbox.parchment.shapes import misfit

if TYPE_CHECKING:
    from datetime import datetime

    from aiobadges.sandbox.parchment.shapes import Shape

__all__ = ["E164", "EMAIL", "WEB_URL", "Fields"]

EMAIL: Final = re.compile(
    r"[^@\s\"(),:;<>\[\\\]]+@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W_](?:[\w-]{0,61}[^\W_])"
)
WEB_URL: Final = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
E164: Final = re.compile(r"\+?[1-9][0-9]{1,14}")

WORDS_FOR_TRUE: Final = (True, "true", "True", "1", 1)
WORDS_FOR_FALSE: Final = (False, "false", "False", "0", 0)

NOT_AN_OBJECT: Final = "Invalid data. Expected a dictionary, but got {}."


class Fields:
    """The fields of one JSON object.

    Args:
        values: the object.

    Attributes:
        values: the object.
        errors: what is wrong so far, by field.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.values = values
        self.errors: dict[str, Any] = {}

    def has(self, name: str) -> bool:
        """Say whether a field was sent, be it null."""
        return name in self.values

    def raw(self, name: str, *, required: bool = False, nullable: bool = False) -> Any:
        """Give a field as it is, None when it was not sent."""
        value = self.values.get(name)
        if value is None:
            if name not in self.values:
                if required:
                    self.wrong(name, envelope.REQUIRED)
            elif not nullable:
                self.wrong(name, "This field may not be null.")
        return value

    def text(
        self,
        name: str,
        *,
        required: bool = False,
        nullable: bool = False,
        longest: int | None = None,
        like: re.Pattern[str] | None = None,
    ) -> str | None:
        """Read a text, without the white space around it."""
        value = self.raw(name, required=required, nullable=nullable)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(name, "Not a valid string.")
            return None
        value = value.strip()
        if not value and required:
            self.wrong(name, "This field may not be blank.")
            return None
        if longest is not None and len(value) > longest:
            self.wrong(name, f"Ensure this field has no more than {longest} characters.")
            return None
        if value and like is not None and not like.fullmatch(value):
            kind = "email address" if like is EMAIL else "URL"
            self.wrong(name, f"Enter a valid {kind}.")
            return None
        return value

    def markdown(self, name: str) -> str | None:
        """Read a text that may be formatted but must not embed images."""
        value = self.text(name, nullable=True)
        if value and "![" in value:
            self.wrong(name, "Images not supported in markdown")
            return None
        return value or None

    def moment(self, name: str, *, nullable: bool = False) -> datetime | None:
        """Read a timestamp.

        One without a zone is refused. The open source server takes it for UTC; that the hosted one
        does is not known, and a wrong guess moves a date.
        """
        value = self.raw(name, nullable=nullable)
        if value is None:
            return None
        moment = moments.parse(value) if isinstance(value, str) else None
        if moment is None:
            self.wrong(name, "Invalid format. Enter an ISO 8601 timestamp with a time zone.")
            return None
        return moment

    def flag(self, name: str, *, default: bool) -> bool:
        """Read true or false."""
        if name not in self.values:
            return default
        value = self.raw(name)
        if value in WORDS_FOR_TRUE:
            return True
        if value not in WORDS_FOR_FALSE and value is not None:
            self.wrong(name, "Must be a valid boolean.")
        return False

    def choice(
        self, name: str, choices: tuple[str, ...], default: str = "", *, required: bool = False
    ) -> str:
        """Read one of a few words."""
        value = self.text(name, required=required)
        if value is None:
            return default
        if value not in choices:
            self.wrong(name, f'"{value}" is not a valid choice.')
        return value

    def integer(self, name: str, *, smallest: int, largest: int) -> int | None:
        """Read a whole number, or null."""
        value = self.raw(name, nullable=True)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(name, "A valid integer is required.")
            return None
        if not smallest <= value <= largest:
            self.wrong(name, f"Ensure this value lies between {smallest} and {largest}.")
            return None
        return value

    def texts(self, name: str, *, required: bool = False) -> tuple[str, ...]:
        """Read a list of texts; null is an empty one unless the list is required."""
        value = self.raw(name, required=required, nullable=not required)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.wrong(name, "Expected a list of strings.")
            return ()
        return tuple(value)

    def shape(
        self, name: str, kind: type[Shape], *, nullable: bool = False
    ) -> dict[str, Any] | None:
        """Read an object that passes through, members of other names included.

        What the documentation gives a type must have it: it comes back in answers as it is.
        """
        value = self.mapping(name, nullable=nullable)
        if value is not None and (text := misfit(value, kind)):
            self.wrong(name, text)
            return None
        return value

    def mapping(self, name: str, *, nullable: bool = False) -> dict[str, Any] | None:
        """Read an object whose content passes through untouched."""
        value = self.raw(name, nullable=nullable)
        if value is None or isinstance(value, dict):
            return value
        self.wrong(name, f'Expected a dictionary of items but got type "{_type(value)}".')
        return None

    def nested(self, name: str, *, required: bool = False) -> Fields | None:
        """Read an object whose fields are read in turn; hand its errors to `adopt`."""
        value = self.raw(name, required=required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.errors[name] = {"non_field_errors": [NOT_AN_OBJECT.format(_type(value))]}
            return None
        return Fields(value)

    def nested_list(self, name: str) -> list[Fields]:
        """Read a list of objects; hand the list to `adopt_list` when they have been read."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list):
            text = f'Expected a list of items but got type "{_type(value)}".'
            self.errors[name] = {"non_field_errors": [text]}
            return []
        items = []
        for item in value:
            fields = Fields(item if isinstance(item, dict) else {})
            if not isinstance(item, dict):
                fields.wrong_as_a_whole(NOT_AN_OBJECT.format(_type(item)))
            items.append(fields)
        return items

    def adopt(self, name: str, nested: Fields) -> None:
        """Take over the errors of a nested object."""
        if nested.errors:
            self.errors[name] = nested.errors

    def adopt_list(self, name: str, items: list[Fields]) -> None:
        """Take over the errors of a list of objects: one object of errors for each."""
        if any(item.errors for item in items):
            self.errors[name] = [item.errors for item in items]

    def wrong(self, name: str, text: str) -> None:
        """Note an error of a field."""
        self.errors.setdefault(name, []).append(text)

    def wrong_as_a_whole(self, text: str) -> None:
        """Note an error of the object."""
        self.wrong("non_field_errors", text)

    def refuse_if_wrong(self) -> None:
        """Stop here when anything was wrong.

        Raises:
            Refused: 400 with the errors.
        """
        if self.errors:
            raise envelope.bad_request(fields=self.errors)


def _type(value: object) -> str:
    return type(value).__name__
