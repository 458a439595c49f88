"""Constructors of recipients: the generated model `Recipient` derives from this class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from aiobadges.parchment.models import Recipient

__all__ = ["RecipientFactory"]


class RecipientFactory:
    """Ways to name a recipient. Hashing is always said: the server's default is not documented."""

    __slots__ = ()

    @classmethod
    def email(cls, address: str, *, hashed: bool = True) -> Self:
        """Name a person by e-mail address, as it is written: the server compares it letter by letter.

        Args:
            address: the address.
            hashed: whether the public badge shows only a salted hash of it.
        """
        return cls._of("email", address, hashed=hashed)

    @classmethod
    def telephone(cls, number: str, *, hashed: bool = True) -> Self:
        """Name a person by telephone number in E.164 form, ``+4930123456``."""
        return cls._of("telephone", number, hashed=hashed)

    @classmethod
    def url(cls, url: str, *, hashed: bool = False) -> Self:
        """Name a person or organisation by a URL."""
        return cls._of("url", url, hashed=hashed)

    @classmethod
    def _of(cls, kind: str, identity: str, *, hashed: bool) -> Self:
        if TYPE_CHECKING:
            assert issubclass(cls, Recipient)
        from aiobadges.parchment.models import RecipientType  # noqa: PLC0415 - it imports this one

        return cls(identity=identity, type=RecipientType(kind), hashed=hashed)
