"""Users of the platform."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiobadges.wire.operation import Call, Operation

if TYPE_CHECKING:
    from aiobadges.parchment import models as m
    from aiobadges.transport.session import Session

__all__ = ["GET_SELF", "Users"]

GET_SELF: Final[Operation[m.BadgeUser]] = Operation(
    id="users.get_self",
    method="GET",
    template="/v2/users/self",
    idempotent=True,
    result="BadgeUser",
    unwrap="one",
)


class Users:
    """Users of the platform."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get_self(self) -> m.BadgeUser:
        """Get the profile of the signed-in user.

        Raises:
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/users
        """
        return (await self._session.send(Call(operation=GET_SELF))).result
