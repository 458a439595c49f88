"""The table of operations: under which path and scope each is, and what does it.

Ids, methods and paths are those of ``openapi/parchment.yaml``. Behind ``ref`` and ``openBadgeId``
stands a public address in base64; for what comes back it makes no difference which of them it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiobadges.sandbox.parchment import (
    assertions,
    awarding,
    backpack,
    backpack_collections,
    badgeclasses,
    claim_codes,
    experiences,
    importing,
    issuers,
    organizations,
    pathways,
    progress_answers,
    staff,
    users,
)
from aiobadges.sandbox.parchment.tokens import ALL_SCOPES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call

__all__ = ["ROUTES", "Route"]

# Any one of the scopes will do. The documentation names rw:issuer for reading, too; r:issuer opens
# none of these.
PROFILE: Final = frozenset({"r:profile", "rw:profile"})
ISSUER: Final = frozenset({"rw:issuer"})
BACKPACK: Final = frozenset({"r:backpack", "rw:backpack"})
BACKPACK_WRITES: Final = frozenset({"rw:backpack"})
ORGANIZATION: Final = frozenset({"r:org"})
ANY: Final = frozenset(ALL_SCOPES)  # a bearer token; the scope is not documented


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    Attributes:
        id: resource path and verb.
        method: the HTTP method.
        template: the path with placeholders in braces.
        scopes: any one of these opens it.
        run: does it.
    """

    id: str
    method: str
    template: str
    scopes: frozenset[str]
    run: Callable[[Call], Awaitable[Answer]]


_Row = tuple[str, str, "Callable[[Call], Awaitable[Answer]]"]


def _under(template: str, scopes: frozenset[str], *rows: _Row) -> tuple[Route, ...]:
    """Make the routes of one path."""
    return tuple(Route(name, method, template, scopes, run) for name, method, run in rows)


ROUTES: Final = (
    *_under(
        "/v2/users/self",
        PROFILE,
        ("users.get_self", "GET", users.get),
        ("users.update_self", "PUT", users.update),
        ("users.patch_self", "PATCH", users.patch),
    ),
    *_under(
        "/v2/users/{id}",
        PROFILE,
        ("users.get", "GET", users.get),
        ("users.update", "PUT", users.update),
        ("users.patch", "PATCH", users.patch),
    ),
    *_under(
        "/v2/issuers",
        ISSUER,
        ("issuers.list", "GET", issuers.list_all),
        ("issuers.create", "POST", issuers.create),
    ),
    *_under(
        "/v2/issuers/{id}",
        ISSUER,
        ("issuers.get", "GET", issuers.get),
        ("issuers.update", "PUT", issuers.update),
        ("issuers.patch", "PATCH", issuers.update),
        ("issuers.delete", "DELETE", issuers.delete),
    ),
    *_under(
        "/v2/issuers/openBadgeId/{ref}",
        ISSUER,
        ("issuers.by_open_badge_id.get", "GET", issuers.get),
        ("issuers.by_open_badge_id.update", "PUT", issuers.update),
        ("issuers.by_open_badge_id.patch", "PATCH", issuers.update),
        ("issuers.by_open_badge_id.delete", "DELETE", issuers.delete),
    ),
    *_under(
        "/v2/issuers/ref/{ref}",
        ISSUER,
        ("issuers.by_ref.get", "GET", issuers.get),
        ("issuers.by_ref.update", "PUT", issuers.update),
        ("issuers.by_ref.patch", "PATCH", issuers.update),
        ("issuers.by_ref.delete", "DELETE", issuers.delete),
    ),
    *_under(
        "/v2/issuers/{id}/badgeclasses",
        ISSUER,
        ("issuers.badgeclasses", "GET", issuers.list_badgeclasses),
        ("issuers.create_badgeclass", "POST", badgeclasses.create_in),
    ),
    *_under(
        "/v2/issuers/{id}/assertions",
        ISSUER,
        ("issuers.assertions", "GET", issuers.list_assertions),
        ("issuers.award", "POST", awarding.award_by_issuer),
    ),
    *_under(
        "/v2/issuers/{id}/pathways", ISSUER, ("issuers.pathways", "GET", pathways.list_of_issuer)
    ),
    *_under(
        "/v2/issuers/{id}/staff",
        ISSUER,
        ("issuers.staff.add", "POST", staff.add),
        ("issuers.staff.update", "PUT", staff.update),
        ("issuers.staff.patch", "PATCH", staff.update),
    ),
    *_under(
        "/v2/issuers/{id}/staff/invitations", ISSUER, ("issuers.staff.invite", "POST", staff.invite)
    ),
    *_under(
        "/v2/issuers/{id}/staff/{email}", ISSUER, ("issuers.staff.remove", "DELETE", staff.remove)
    ),
    *_under(
        "/v2/badgeclasses",
        ISSUER,
        ("badgeclasses.list", "GET", badgeclasses.list_all),
        ("badgeclasses.create", "POST", badgeclasses.create),
    ),
    *_under(
        "/v2/badgeclasses/{id}",
        ISSUER,
        ("badgeclasses.get", "GET", badgeclasses.get),
        ("badgeclasses.update", "PUT", badgeclasses.update),
        ("badgeclasses.delete", "DELETE", badgeclasses.delete),
    ),
    *_under(
        "/v2/badgeclasses/ref/{ref}",
        ISSUER,
        ("badgeclasses.by_ref.get", "GET", badgeclasses.get),
        ("badgeclasses.by_ref.update", "PUT", badgeclasses.update),
        ("badgeclasses.by_ref.delete", "DELETE", badgeclasses.delete),
    ),
    *_under(
        "/v2/badgeclasses/{id}/duplicate",
        ISSUER,
        ("badgeclasses.duplicate", "POST", badgeclasses.duplicate),
    ),
    *_under(
        "/v2/badgeclasses/reactivate/{id}",
        ISSUER,
        ("badgeclasses.reactivate", "POST", badgeclasses.reactivate),
    ),
    *_under(
        "/v2/badgeclasses/reactivate/ref/{ref}",
        ISSUER,
        ("badgeclasses.by_ref.reactivate", "POST", badgeclasses.reactivate),
    ),
    *_under(
        "/v2/badgeclasses/{id}/assertions",
        ISSUER,
        ("badgeclasses.assertions", "GET", badgeclasses.list_assertions),
        ("badgeclasses.award", "POST", awarding.award),
    ),
    *_under(
        "/v2/badgeclasses/{id}/claim-codes",
        ISSUER,
        ("badgeclasses.claim_codes.list", "GET", claim_codes.list_all),
        ("badgeclasses.claim_codes.create", "POST", claim_codes.create),
    ),
    *_under(
        "/v2/badgeclasses/{id}/claim-codes/{code}",
        ISSUER,
        ("badgeclasses.claim_codes.update", "PUT", claim_codes.update),
        ("badgeclasses.claim_codes.delete", "DELETE", claim_codes.delete),
    ),
    *_under(
        "/v2/badgeclasses/{id}/claim-codes/{code}/enable",
        ISSUER,
        ("badgeclasses.claim_codes.enable", "PATCH", claim_codes.enable),
    ),
    *_under(
        "/v2/badgeclasses/{id}/claim-codes/{code}/disable",
        ISSUER,
        ("badgeclasses.claim_codes.disable", "PATCH", claim_codes.disable),
    ),
    *_under(
        "/v2/assertions/revoke", ISSUER, ("assertions.revoke_many", "POST", assertions.revoke_many)
    ),
    *_under(
        "/v2/assertions/{id}",
        ISSUER,
        ("assertions.get", "GET", assertions.get),
        ("assertions.update", "PUT", assertions.update),
        ("assertions.revoke", "DELETE", assertions.revoke),
    ),
    *_under(
        "/v2/backpack/assertions", BACKPACK, ("backpack.assertions.list", "GET", backpack.list_all)
    ),
    *_under(
        "/v2/backpack/assertions/{id}",
        BACKPACK,
        ("backpack.assertions.get", "GET", backpack.get),
    ),
    *_under(
        "/v2/backpack/assertions/{id}",
        BACKPACK_WRITES,
        ("backpack.assertions.update", "PUT", backpack.accept),
        ("backpack.assertions.remove", "DELETE", backpack.remove),
    ),
    *_under(
        "/v2/backpack/import",
        BACKPACK_WRITES,
        ("backpack.import_assertion", "POST", importing.bring),
    ),
    *_under(
        "/v2/backpack/collections",
        BACKPACK,
        ("backpack.collections.list", "GET", backpack_collections.list_all),
    ),
    *_under(
        "/v2/backpack/collections",
        BACKPACK_WRITES,
        ("backpack.collections.create", "POST", backpack_collections.create),
    ),
    *_under(
        "/v2/backpack/collections/{id}",
        BACKPACK,
        ("backpack.collections.get", "GET", backpack_collections.get),
    ),
    *_under(
        "/v2/backpack/collections/{id}",
        BACKPACK_WRITES,
        ("backpack.collections.update", "PUT", backpack_collections.update),
        ("backpack.collections.delete", "DELETE", backpack_collections.delete),
    ),
    *_under(
        "/v2/organizations", ORGANIZATION, ("organizations.list", "GET", organizations.list_all)
    ),
    *_under(
        "/v2/organizations/{id}/public-issuers",
        ANY,
        ("organizations.public_issuers", "GET", organizations.public_issuers),
    ),
    *_under(
        "/v2/organizations/{id}/group-export/general-data",
        ANY,
        ("organizations.export_groups", "GET", organizations.export_groups),
    ),
    *_under("/v2/pathways", ANY, ("pathways.create", "POST", pathways.create)),
    *_under(
        "/v2/pathways/{id}/versions/draft",
        ANY,
        ("pathways.draft.get", "GET", pathways.get_draft),
        ("pathways.draft.update", "PUT", pathways.update_draft),
    ),
    *_under(
        "/v2/pathways/{id}/versions/draft/revert",
        ANY,
        ("pathways.draft.revert", "POST", pathways.revert),
    ),
    *_under(
        "/v2/pathways/{id}/versions/published",
        ANY,
        ("pathways.published.get", "GET", pathways.get_published),
        ("pathways.publish", "POST", pathways.publish),
    ),
    *_under(
        "/v2/pathways/{id}/subscriptions",
        ANY,
        ("pathways.subscribe_groups", "POST", pathways.subscribe),
    ),
    *_under(
        "/v2/pathways/{id}/experience/{experience}/submit",
        ANY,
        ("pathways.submit_experience", "POST", experiences.submit),
    ),
    *_under(
        "/v2/pathways/{id}/experience/{experience}/submit-csv",
        ANY,
        ("pathways.submit_experience_csv", "POST", experiences.submit_csv),
    ),
    *_under(
        "/v2/pathways/{id}/recipient-progress",
        ANY,
        ("pathways.recipient_progress", "GET", progress_answers.of_recipient),
    ),
    *_under(
        "/v2/pathways/{id}/recipient-groups/{group}/progress",
        ANY,
        ("pathways.group_progress", "GET", progress_answers.of_group),
    ),
    *_under(
        "/v2/pathways/{id}/aggregate-progress",
        ANY,
        ("pathways.aggregate_progress", "GET", progress_answers.of_everybody),
    ),
)
