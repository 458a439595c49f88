"""The small values every floor shares: UNSET, open enums, unknown variants, secrets.

Nothing in here knows a vendor, a file or the network.
"""

from __future__ import annotations

import enum
from typing import Any, Final, Literal, Self, final

import attrs

__all__ = ["UNSET", "OpenStrEnum", "Secret", "UnknownVariant", "Unset"]


@final
class Unset(enum.Enum):
    """The type of `UNSET`. A one-member enum, so that checkers narrow on ``is UNSET``."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        """Read as false, like ``None``."""
        return False

    def __repr__(self) -> str:
        return "UNSET"

    __str__ = __repr__


UNSET: Final = Unset.UNSET
"""This key is not sent at all. ``None`` is sent as JSON ``null``."""


class OpenStrEnum(enum.StrEnum):
    """A string enumeration that keeps values the server adds later.

    ``StaffRole("auditor")`` gives a member with that value; it is equal to the string, is written
    back unchanged, and says ``is_known == False``.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether this version of the document lists the value."""
        return self._value_ in type(self)._value2member_map_

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        """Pickle by value: an unknown member has no name to be found by."""
        return (type(self), (self._value_,))

    def __deepcopy__(self, memo: object) -> Self:
        """Give itself: a member is a constant."""
        return self


@attrs.frozen(kw_only=True)
class UnknownVariant:
    """A member of a tagged union whose tag this version does not know.

    Attributes:
        tag: the value of the discriminator, None when the key is missing.
        raw: the object as it came; it is sent back unchanged.
    """

    tag: str | None
    raw: dict[str, Any]


@final
class Secret:
    """A token or password that shows itself only to who asks with `reveal`.

    It is ``***`` in every text, and refuses to be pickled: a secret belongs in a token store.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the plain text: to put it on the wire or into a token store, nowhere else."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        """Refuse: a pickle is a file or a queue in which nobody looks for tokens."""
        msg = "a Secret is not pickled; hand the token over through a TokenStore"
        raise TypeError(msg)
