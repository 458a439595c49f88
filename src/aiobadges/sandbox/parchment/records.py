"""The records of the Parchment tables, as they lie in memory and in the state file.

Moments are text (see `moments`), ids come in the two forms that the hosted service has: a 24-digit
Mongo id (``id``) and a 22-character entity id, which is the key.
"""

from typing import Any

from msgspec import field

from aiobadges.sandbox.store import Record

__all__ = [
    "Assertion",
    "BadgeClass",
    "ClaimCode",
    "Collection",
    "Entity",
    "Import",
    "Invitation",
    "Issuer",
    "Organization",
    "StaffMember",
    "Token",
    "User",
]


class Entity(Record, frozen=True, kw_only=True):
    """What all objects of the API share."""

    entity_id: str
    id: str
    created_at: str

    @property
    def key(self) -> str:
        """The entity id."""
        return self.entity_id

    @property
    def aliases(self) -> tuple[str, ...]:
        """The Mongo id; paths take both."""
        return (self.id,)


class User(Entity, frozen=True, kw_only=True, tag="user"):
    """Somebody with an account. The username is the primary e-mail address."""

    username: str
    password: str
    first_name: str
    last_name: str
    marketing_opt_in: bool = False


class StaffMember(Record, frozen=True, kw_only=True, tag="staff"):
    """A user's place in an issuer: owner, editor or staff."""

    user: str
    role: str


class Issuer(Entity, frozen=True, kw_only=True, tag="issuer"):
    """An organization that awards."""

    name: str
    email: str
    url: str
    description: str | None
    created_by: str
    staff: tuple[StaffMember, ...]
    image_type: str | None = None
    badgr_domain: str | None = None
    organization_id: str | None = None
    source_url: str | None = None
    original_json: str | None = None
    extensions: dict[str, Any] = field(default_factory=dict)


class Invitation(Record, frozen=True, kw_only=True, tag="invitation"):
    """A place in an issuer that waits for somebody who has no account yet."""

    issuer: str
    email: str
    role: str

    @property
    def key(self) -> str:
        """Issuer and address: there is one place for each person."""
        return f"{self.issuer} {self.email.casefold()}"


class Organization(Record, frozen=True, kw_only=True, tag="organization"):
    """A body that several issuers belong to."""

    id: str
    name: str
    url: str
    email: str
    description: str
    admins: tuple[str, ...]

    @property
    def key(self) -> str:
        """The Mongo id, the only one it has."""
        return self.id


class BadgeClass(Entity, frozen=True, kw_only=True, tag="badgeclass"):
    """A badge that can be awarded."""

    issuer: str
    created_by: str
    name: str
    description: str
    image_type: str
    criteria_url: str | None = None
    criteria_narrative: str | None = None
    achievement_type: str | None = None
    tags: tuple[str, ...] = ()
    alignments: tuple[dict[str, Any], ...] = ()
    expires_amount: int | None = None
    expires_duration: str | None = None
    extensions: dict[str, Any] = field(default_factory=dict)
    ob3_properties: dict[str, Any] | None = None
    preferences: dict[str, Any] | None = None
    image_alt_text: str | None = None
    archived: bool = False
    archived_at: str | None = None
    archival_note: str | None = None


class ClaimCode(Record, frozen=True, kw_only=True, tag="claim_code"):
    """A code with which people fetch a badge for themselves."""

    code: str
    badgeclass: str
    created_at: str
    created_by: str
    label: str | None = None
    limit: int | None = None
    expiration_date: str | None = None
    enabled: bool = True
    archived: bool = False
    claims: int = 0

    @property
    def key(self) -> str:
        """The code."""
        return self.code


class Assertion(Entity, frozen=True, kw_only=True, tag="assertion"):
    """An awarded badge. Serials count up without end and are the order of creation."""

    serial: int
    badgeclass: str
    issuer: str
    created_by: str
    recipient: str
    recipient_type: str
    salt: str | None
    issued_on: str
    expires: str | None = None
    narrative: str | None = None
    evidence: tuple[dict[str, Any], ...] = ()
    extensions: dict[str, Any] = field(default_factory=dict)
    ob3_award_properties: dict[str, Any] | None = None
    revoked: bool = False
    revocation_reason: str | None = None
    acceptance: str = "Unaccepted"

    def is_expired(self, now: str) -> bool:
        """Say whether it has run out."""
        return self.expires is not None and self.expires <= now

    def is_live(self, now: str) -> bool:
        """Say whether it counts as an award the recipient holds."""
        return not self.revoked and not self.is_expired(now)


class Token(Record, frozen=True, kw_only=True, tag="token"):
    """An access token with its refresh token. ``expires`` in seconds since 1970, None for never."""

    access: str
    refresh: str
    user: str
    scopes: tuple[str, ...]
    expires: float | None

    @property
    def key(self) -> str:
        """The access token."""
        return self.access


class Import(Entity, frozen=True, kw_only=True, tag="import"):
    """An award from elsewhere in somebody's backpack. ``identity`` tells it from others."""

    owner: str
    identity: str
    issued_on: str
    narrative: str | None = None
    badge_url: str | None = None
    image: str | None = None
    source_url: str | None = None
    original_json: str | None = None
    acceptance: str = "Accepted"


class Collection(Entity, frozen=True, kw_only=True, tag="collection"):
    """Awards that somebody shows together, by entity id."""

    owner: str
    name: str
    share_hash: str
    description: str | None = None
    published: bool = False
    assertions: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
