"""Issuers: who awards badges."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Final

from aiobadges.transport.pager import Pager
from aiobadges.wire.operation import Call, Operation

if TYPE_CHECKING:
    from aiobadges.parchment import models as m
    from aiobadges.transport.session import Session

__all__ = ["ASSERTIONS", "CREATE", "GET", "LIST", "Issuers"]

ASSERTIONS: Final[Operation[builtins.list[m.Assertion]]] = Operation(
    id="issuers.assertions",
    method="GET",
    template="/v2/issuers/{issuer_id}/assertions",
    idempotent=True,
    result="Assertion",
    unwrap="many",
)
CREATE: Final[Operation[m.Issuer]] = Operation(
    id="issuers.create",
    method="POST",
    template="/v2/issuers",
    idempotent=False,
    result="Issuer",
    unwrap="one",
)
GET: Final[Operation[m.Issuer]] = Operation(
    id="issuers.get",
    method="GET",
    template="/v2/issuers/{issuer_id}",
    idempotent=True,
    result="Issuer",
    unwrap="one",
)
LIST: Final[Operation[builtins.list[m.Issuer]]] = Operation(
    id="issuers.list",
    method="GET",
    template="/v2/issuers",
    idempotent=True,
    result="Issuer",
    unwrap="many",
)


class Issuers:
    """Issuers: who awards badges."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def assertions(
        self,
        issuer_id: str,
        *,
        recipient: str | None = None,
        num: int | None = 100,
        include_expired: bool | None = None,
        include_revoked: bool | None = None,
        after: str | None = None,
        before: str | None = None,
    ) -> Pager[m.Assertion]:
        """List the awards of all badge classes of an issuer, newest first.

        Args:
            issuer_id: the entityId or id of the issuer.
            recipient: only awards to this identity, in plain text and letter by letter.
            num: awards a page; None may get all of them in one answer.
            include_expired: also awards that have expired; the server leaves them out.
            include_revoked: also awards that were taken back; the server leaves them out.
            after: a cursor of an earlier Link header.
            before: a cursor of an earlier Link header.

        Raises:
            NotFoundError: no such issuer, or none of this account's.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/assertions
        """
        return Pager(
            self._session,
            Call(
                operation=ASSERTIONS,
                path=(issuer_id,),
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

    async def create(self, body: m.IssuerRequest, *, include_staff: str | None = None) -> m.Issuer:
        """Create an issuer.

        Args:
            body: the new issuer; its address must be a verified one of this account.
            include_staff: ``"false"`` leaves the staff out of the answer.

        Raises:
            BadRequestError: see its field_errors.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/issuers
        """
        return (
            await self._session.send(
                Call(operation=CREATE, query=(("include_staff", include_staff),), body=body)
            )
        ).result

    async def get(self, issuer_id: str, *, include_staff: str | None = None) -> m.Issuer:
        """Get an issuer.

        Args:
            issuer_id: the entityId or id of the issuer.
            include_staff: ``"false"`` leaves the staff out of the answer.

        Raises:
            NotFoundError: no such issuer, or none of this account's.
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/issuers
        """
        return (
            await self._session.send(
                Call(operation=GET, path=(issuer_id,), query=(("include_staff", include_staff),))
            )
        ).result

    def list(self, *, include_staff: str | None = None) -> Pager[m.Issuer]:
        """List the issuers this account works for.

        Args:
            include_staff: ``"false"`` leaves the staff out of the answer.

        Raises:
            UnauthorizedError: the token is not accepted.

        Source:
            https://developerdocs.instructure.com/services/parchment-digital-badges/openapi/issuers
        """
        return Pager(self._session, Call(operation=LIST, query=(("include_staff", include_staff),)))
