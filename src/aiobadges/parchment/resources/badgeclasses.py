"""Badge classes: the badges that can be awarded."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Final

from aiobadges.transport.pager import Pager
from aiobadges.wire.operation import Call, Operation

if TYPE_CHECKING:
    from aiobadges.parchment import models as m
    from aiobadges.transport.session import Session

__all__ = ["ASSERTIONS", "AWARD", "CREATE", "GET", "LIST", "BadgeClasses"]

ASSERTIONS: Final[Operation[builtins.list[m.Assertion]]] = Operation(
    id="badgeclasses.assertions",
    method="GET",
    template="/v2/badgeclasses/{badgeclass_id}/assertions",
    idempotent=True,
    result="Assertion",
    unwrap="many",
)
AWARD: Final[Operation[m.Assertion]] = Operation(
    id="badgeclasses.award",
    method="POST",
    template="/v2/badgeclasses/{badgeclass_id}/assertions",
    idempotent=False,
    result="Assertion",
    unwrap="one",
)
CREATE: Final[Operation[m.BadgeClass]] = Operation(
    id="badgeclasses.create",
    method="POST",
    template="/v2/badgeclasses",
    idempotent=False,
    result="BadgeClass",
    unwrap="one",
)
GET: Final[Operation[m.BadgeClass]] = Operation(
    id="badgeclasses.get",
    method="GET",
    template="/v2/badgeclasses/{badgeclass_id}",
    idempotent=True,
    result="BadgeClass",
    unwrap="one",
)
LIST: Final[Operation[builtins.list[m.BadgeClass]]] = Operation(
    id="badgeclasses.list",
    method="GET",
    template="/v2/badgeclasses",
    idempotent=True,
    result="BadgeClass",
    unwrap="many",
)


class BadgeClasses:
    """Badge classes: the badges that can be awarded."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def assertions(
        self,
        badgeclass_id: str,
        *,
        recipient: str | None = None,
        num: int | None = 100,
        include_expired: bool | None = None,
        include_revoked: bool | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> Pager[m.Assertion]:
        """List the awards of a badge class, newest first.

        Args:
            badgeclass_id: the entityId or id of the badge class.
            recipient: only awards to this identity, in plain text and letter by letter.
            num: awards a page; None may get all of them in one answer.
            include_expired: also awards that have expired; the server leaves them out.
            include_revoked: also awards that were taken back; the server leaves them out.
            after: a cursor of an earlier Link header.
            before: a cursor of an earlier Link header.

        Raises:
            NotFoundError: no such badge class, or none of this account's.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/assertions
        """
        return Pager(
            self._session,
            Call(
                operation=ASSERTIONS,
                path=(badgeclass_id,),
                query=(
                    ("recipient", recipient),
                    ("num", num),
                    ("include_expired", include_expired),
                    ("include_revoked", include_revoked),
                    ("after", after),
                    ("before", before),
                ),
            ),
        )

    async def award(self, badgeclass_id: str, body: m.AwardRequest) -> m.Assertion:
        """Award a badge to one recipient. The platform writes to them.

        Args:
            badgeclass_id: the entityId or id of the badge class.
            body: who is awarded, and for what.

        Raises:
            AlreadyHeldError: the recipient holds the badge and duplicates were not allowed.
            BadRequestError: see its field_errors.
            NotFoundError: no such badge class, or none of this account's.
            OutcomeUnknownError: it may or may not have been awarded: look before you repeat it.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/assertions
        """
        return (
            await self._session.send(Call(operation=AWARD, path=(badgeclass_id,), body=body))
        ).result

    async def create(self, body: m.BadgeClassRequest) -> m.BadgeClass:
        """Create a badge class.

        Args:
            body: the new badge class, with at least one of the two criteria.

        Raises:
            BadRequestError: see its field_errors.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/badgeclasses
        """
        return (await self._session.send(Call(operation=CREATE, body=body))).result

    async def get(
        self, badgeclass_id: str, *, include_archived: bool | None = None
    ) -> m.BadgeClass:
        """Get a badge class.

        Args:
            badgeclass_id: the entityId or id of the badge class.
            include_archived: also when it is archived; the server does not.

        Raises:
            NotFoundError: no such badge class, or none of this account's.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/badgeclasses
        """
        return (
            await self._session.send(
                Call(
                    operation=GET,
                    path=(badgeclass_id,),
                    query=(("include_archived", include_archived),),
                )
            )
        ).result

    def list(self, *, include_archived: bool | None = None) -> Pager[m.BadgeClass]:
        """List the badge classes of all issuers this account works for.

        Args:
            include_archived: also archived ones; the server leaves them out.

        Raises:
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/badgeclasses
        """
        return Pager(
            self._session,
            Call(operation=LIST, query=(("include_archived", include_archived),)),
        )
