"""Assertions: badges that were awarded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiobadges.wire.operation import Call, Operation

if TYPE_CHECKING:
    from aiobadges.parchment import models as m
    from aiobadges.transport.session import Session

__all__ = ["GET", "REVOKE", "Assertions"]

GET: Final[Operation[m.Assertion]] = Operation(
    id="assertions.get",
    method="GET",
    template="/v2/assertions/{assertion_id}",
    idempotent=True,
    result="Assertion",
    unwrap="one",
)
REVOKE: Final[Operation[m.Assertion | None]] = Operation(
    id="assertions.revoke",
    method="DELETE",
    template="/v2/assertions/{assertion_id}",
    idempotent=True,
    result="Assertion",
    unwrap="one",
    may_be_empty=True,
)


class Assertions:
    """Assertions: badges that were awarded."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, assertion_id: str) -> m.Assertion:
        """Get an award.

        Args:
            assertion_id: the entityId or id of the award.

        Raises:
            NotFoundError: no such award, or none of this account's.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/assertions
        """
        return (await self._session.send(Call(operation=GET, path=(assertion_id,)))).result

    async def revoke(self, assertion_id: str, body: m.RevokeRequest) -> m.Assertion | None:
        """Take an award back.

        Args:
            assertion_id: the entityId or id of the award.
            body: the reason; the recipient can read it.

        Returns:
            The award as it is now, None from a server that answers without a body.

        Raises:
            BadRequestError: no reason, or it was revoked before.
            NotFoundError: no such award, or none of this account's.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/assertions
        """
        return (
            await self._session.send(Call(operation=REVOKE, path=(assertion_id,), body=body))
        ).result
