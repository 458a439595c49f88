"""The objects of the Parchment API.

Models that can be sent have three states a field: a value, ``None`` (JSON null) and ``UNSET`` (not
sent). Models that are only received have ``None`` for whatever the server left out; only ids that
every answer carries are required.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from aiobadges.parchment.recipients import RecipientFactory
from aiobadges.values import UNSET, OpenStrEnum, Unset


class RecipientType(OpenStrEnum):
    """What identifies a recipient."""

    EMAIL = "email"
    TELEPHONE = "telephone"
    URL = "url"
    OPEN_BADGE_ID = "openBadgeId"


class StaffRole(OpenStrEnum):
    """What a member of an issuer's staff may do."""

    OWNER = "owner"
    EDITOR = "editor"
    STAFF = "staff"


class Acceptance(OpenStrEnum):
    """Whether a recipient took a badge into the backpack."""

    UNACCEPTED = "Unaccepted"
    ACCEPTED = "Accepted"
    REJECTED = "Rejected"


class DurationUnit(OpenStrEnum):
    """The unit of a duration."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@attrs.define(slots=True, kw_only=True)
class BadgeUserEmail:
    """An e-mail address of a user."""

    email: str | None = attrs.field(default=None, metadata={"wire": "email"})
    """The address."""
    verified: bool | None = attrs.field(default=None, metadata={"wire": "verified"})
    """Whether the user proved to own it."""
    primary: bool | None = attrs.field(default=None, metadata={"wire": "primary"})
    """Whether mail goes to it."""
    case_variants: list[str] | None = attrs.field(default=None, metadata={"wire": "caseVariants"})
    """Spellings of the same address that badges were awarded to."""


@attrs.define(slots=True, kw_only=True)
class UserRecipient:
    """How badges of this user name their recipient."""

    identity: str | None = attrs.field(default=None, metadata={"wire": "identity"})
    """The address, number or URL."""
    type: RecipientType | None = attrs.field(default=None, metadata={"wire": "type"})
    """What the identity is."""


@attrs.define(slots=True, kw_only=True)
class BadgeUser:
    """A user of the platform."""

    entity_id: str = attrs.field(metadata={"wire": "entityId"})
    """The id to use in calls."""
    id: str | None = attrs.field(default=None, metadata={"wire": "id"})
    """The second id, 24 hexadecimal digits; calls take it, too."""
    entity_type: str | None = attrs.field(default=None, metadata={"wire": "entityType"})
    """The kind of object this is."""
    first_name: str | None = attrs.field(default=None, metadata={"wire": "firstName"})
    """Given name."""
    last_name: str | None = attrs.field(default=None, metadata={"wire": "lastName"})
    """Family name."""
    emails: list[BadgeUserEmail] | None = attrs.field(default=None, metadata={"wire": "emails"})
    """Every address of the user."""
    url: list[str] | None = attrs.field(default=None, metadata={"wire": "url"})
    """URLs the user can be awarded by."""
    telephone: list[str] | None = attrs.field(default=None, metadata={"wire": "telephone"})
    """Numbers the user can be awarded by."""
    badgr_domain: str | None = attrs.field(default=None, metadata={"wire": "badgrDomain"})
    """The host of the organization's pages."""
    agreed_terms_version: int | None = attrs.field(
        default=None, metadata={"wire": "agreedTermsVersion"}
    )
    """The version of the terms the user agreed to."""
    has_agreed_to_latest_terms_version: bool | None = attrs.field(
        default=None, metadata={"wire": "hasAgreedToLatestTermsVersion"}
    )
    """Whether that is the latest version."""
    marketing_opt_in: bool | None = attrs.field(default=None, metadata={"wire": "marketingOptIn"})
    """Whether the vendor may write about its products."""
    has_password_set: bool | None = attrs.field(default=None, metadata={"wire": "hasPasswordSet"})
    """Whether the user can sign in by password, as API calls need it."""
    recipient: UserRecipient | None = attrs.field(default=None, metadata={"wire": "recipient"})
    """How badges name this user."""


@attrs.define(slots=True, kw_only=True)
class IssuerStaff:
    """A member of an issuer's staff."""

    role: StaffRole | None = attrs.field(default=None, metadata={"wire": "role"})
    """What the member may do."""
    user: str | None = attrs.field(default=None, metadata={"wire": "user"})
    """The entityId of the user."""
    user_profile: BadgeUser | None = attrs.field(default=None, metadata={"wire": "userProfile"})
    """The user."""


@attrs.define(slots=True, kw_only=True)
class Issuer:
    """Who awards badges."""

    entity_id: str = attrs.field(metadata={"wire": "entityId"})
    """The id to use in calls."""
    id: str | None = attrs.field(default=None, metadata={"wire": "id"})
    """The second id, 24 hexadecimal digits; calls take it, too."""
    entity_type: str | None = attrs.field(default=None, metadata={"wire": "entityType"})
    """The kind of object this is."""
    open_badge_id: str | None = attrs.field(default=None, metadata={"wire": "openBadgeId"})
    """The public address of the issuer's profile."""
    created_at: datetime | None = attrs.field(default=None, metadata={"wire": "createdAt"})
    """When it was created."""
    created_by: str | None = attrs.field(default=None, metadata={"wire": "createdBy"})
    """The entityId of the user who created it."""
    name: str | None = attrs.field(default=None, metadata={"wire": "name"})
    """Its name."""
    image: str | None = attrs.field(default=None, metadata={"wire": "image"})
    """The address of its logo."""
    email: str | None = attrs.field(default=None, metadata={"wire": "email"})
    """The address people can write to."""
    description: str | None = attrs.field(default=None, metadata={"wire": "description"})
    """What it is."""
    url: str | None = attrs.field(default=None, metadata={"wire": "url"})
    """Its home page."""
    staff: list[IssuerStaff] | None = attrs.field(default=None, metadata={"wire": "staff"})
    """Who works for it."""
    badgr_domain: str | None = attrs.field(default=None, metadata={"wire": "badgrDomain"})
    """The host of the organization's pages."""
    organization_id: str | None = attrs.field(default=None, metadata={"wire": "organizationId"})
    """The organization it belongs to."""
    extensions: dict[str, Any] | None = attrs.field(default=None, metadata={"wire": "extensions"})
    """Open Badges extensions by name."""
    source: str | None = attrs.field(default=None, metadata={"wire": "source"})
    """Where it comes from, such as local."""
    source_url: str | None = attrs.field(default=None, metadata={"wire": "sourceUrl"})
    """Its first address, when it was imported."""
    original_json: str | None = attrs.field(default=None, metadata={"wire": "originalJson"})
    """Its first JSON, when it was imported."""
    image_path: str | None = attrs.field(default=None, metadata={"wire": "imagePath"})
    """Where the platform stores the logo."""


@attrs.define(slots=True, kw_only=True)
class IssuerRequestStaff:
    """A member of the staff of a new issuer."""

    user: str = attrs.field(metadata={"wire": "user"})
    """The entityId of the user."""
    role: StaffRole = attrs.field(metadata={"wire": "role"})
    """What the member may do."""


@attrs.define(slots=True, kw_only=True)
class IssuerRequest:
    """A new issuer."""

    name: str = attrs.field(metadata={"wire": "name"})
    """Its name, at most 1,024 characters."""
    email: str = attrs.field(metadata={"wire": "email"})
    """A verified address of the caller, at most 255 characters."""
    url: str = attrs.field(metadata={"wire": "url"})
    """Its home page."""
    description: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "description"})
    """What it is; Markdown, at most 16,384 characters."""
    image: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "image"})
    """Its logo, PNG or SVG: a data URI or an address."""
    staff: list[IssuerRequestStaff] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "staff"}
    )
    """Who works for it."""
    badgr_domain: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "badgrDomain"})
    """The host of the organization's pages."""
    created_by: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "createdBy"})
    """The entityId of the user who creates it."""
    organization_id: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "organizationId"}
    )
    """The organization it shall belong to; needs write access to it."""
    source_url: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "sourceUrl"})
    """Its first address, when it is imported."""
    original_json: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "originalJson"}
    )
    """Its first JSON, when it is imported."""


@attrs.define(slots=True, kw_only=True)
class Alignment:
    """How a badge class meets a standard."""

    target_name: str = attrs.field(metadata={"wire": "targetName"})
    """The name of the standard."""
    target_url: str = attrs.field(metadata={"wire": "targetUrl"})
    """Its address."""
    target_description: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "targetDescription"}
    )
    """What it asks for."""
    target_framework: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "targetFramework"}
    )
    """The framework it belongs to."""
    target_code: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "targetCode"})
    """Its code in that framework."""
    display_as_skill: bool | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "displayAsSkill"}
    )
    """Whether it is shown as a skill."""


@attrs.define(slots=True, kw_only=True)
class BadgeExpiration:
    """How long an award is valid."""

    amount: int | None | Unset = attrs.field(default=UNSET, metadata={"wire": "amount"})
    """How many units."""
    duration: DurationUnit | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "duration"}
    )
    """The unit."""


@attrs.define(slots=True, kw_only=True)
class Ob3Properties:
    """What Open Badges 3 adds to a badge class."""

    credit_hours: float | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "creditHours"}
    )
    """Credit hours it is worth."""
    field_of_study: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "fieldOfStudy"}
    )
    """The field of study."""
    human_code: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "humanCode"})
    """A code for people."""
    specialization: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "specialization"}
    )
    """The specialization."""


@attrs.define(slots=True, kw_only=True)
class CustomPropertyValue:
    """A value of a property that the issuer defined."""

    property_id: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "propertyId"})
    """Which property."""
    string_value: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "stringValue"})
    """Its value, when it is a text."""
    double_value: float | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "doubleValue"}
    )
    """Its value, when it is a number."""
    array_value: list[str] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "arrayValue"}
    )
    """Its value, when it is a list."""
    public: bool | None | Unset = attrs.field(default=UNSET, metadata={"wire": "public"})
    """Whether the public page shows it."""


@attrs.define(slots=True, kw_only=True)
class BadgePreferences:
    """How a badge class is shown."""

    include_on_public_pages: bool | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "includeOnPublicPages"}
    )
    """Whether the issuer's public page lists it."""
    custom_property_values: list[CustomPropertyValue] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "customPropertyValues"}
    )
    """Values of the issuer's own properties."""
    enabled_print_cert_template_ids: list[str] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "enabledPrintCertTemplateIds"}
    )
    """Certificates that can be printed."""
    default_print_cert_template_id: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "defaultPrintCertTemplateId"}
    )
    """The certificate offered first."""


@attrs.define(slots=True, kw_only=True)
class BadgeClass:
    """A badge that can be awarded."""

    entity_id: str = attrs.field(metadata={"wire": "entityId"})
    """The id to use in calls."""
    id: str | None = attrs.field(default=None, metadata={"wire": "id"})
    """The second id, 24 hexadecimal digits; calls take it, too."""
    entity_type: str | None = attrs.field(default=None, metadata={"wire": "entityType"})
    """The kind of object this is."""
    open_badge_id: str | None = attrs.field(default=None, metadata={"wire": "openBadgeId"})
    """The public address of the badge class."""
    created_at: datetime | None = attrs.field(default=None, metadata={"wire": "createdAt"})
    """When it was created."""
    created_by: str | None = attrs.field(default=None, metadata={"wire": "createdBy"})
    """The entityId of the user who created it."""
    issuer: str | None = attrs.field(default=None, metadata={"wire": "issuer"})
    """The entityId of its issuer."""
    issuer_open_badge_id: str | None = attrs.field(
        default=None, metadata={"wire": "issuerOpenBadgeId"}
    )
    """The public address of its issuer."""
    name: str | None = attrs.field(default=None, metadata={"wire": "name"})
    """Its name."""
    image: str | None = attrs.field(default=None, metadata={"wire": "image"})
    """The address of its image."""
    description: str | None = attrs.field(default=None, metadata={"wire": "description"})
    """What it stands for."""
    achievement_type: str | None = attrs.field(default=None, metadata={"wire": "achievementType"})
    """What kind of achievement it is."""
    criteria_url: str | None = attrs.field(default=None, metadata={"wire": "criteriaUrl"})
    """Where the criteria are told."""
    criteria_narrative: str | None = attrs.field(
        default=None, metadata={"wire": "criteriaNarrative"}
    )
    """The criteria; Markdown."""
    alignments: list[Alignment] | None = attrs.field(default=None, metadata={"wire": "alignments"})
    """The standards it meets."""
    tags: list[str] | None = attrs.field(default=None, metadata={"wire": "tags"})
    """Words to find it by."""
    expires: BadgeExpiration | None = attrs.field(default=None, metadata={"wire": "expires"})
    """How long an award is valid."""
    image_alt_text: str | None = attrs.field(default=None, metadata={"wire": "imageAltText"})
    """What the image shows."""
    ob3_properties: Ob3Properties | None = attrs.field(
        default=None, metadata={"wire": "ob3Properties"}
    )
    """What Open Badges 3 adds."""
    preferences: BadgePreferences | None = attrs.field(
        default=None, metadata={"wire": "preferences"}
    )
    """How it is shown."""
    extensions: dict[str, Any] | None = attrs.field(default=None, metadata={"wire": "extensions"})
    """Open Badges extensions by name."""
    source: str | None = attrs.field(default=None, metadata={"wire": "source"})
    """Where it comes from, such as local."""
    source_url: str | None = attrs.field(default=None, metadata={"wire": "sourceUrl"})
    """Its first address, when it was imported."""
    original_json: str | None = attrs.field(default=None, metadata={"wire": "originalJson"})
    """Its first JSON, when it was imported."""
    image_path: str | None = attrs.field(default=None, metadata={"wire": "imagePath"})
    """Where the platform stores the image."""
    archived: bool | None = attrs.field(default=None, metadata={"wire": "archived"})
    """Whether it is archived: no longer awarded, and left out of lists."""
    archived_date: datetime | None = attrs.field(default=None, metadata={"wire": "archivedDate"})
    """When it was archived."""
    archival_note: str | None = attrs.field(default=None, metadata={"wire": "archivalNote"})
    """Why it was archived."""


@attrs.define(slots=True, kw_only=True)
class BadgeClassRequest:
    """A new badge class. Give at least one of the two criteria."""

    issuer: str = attrs.field(metadata={"wire": "issuer"})
    """The id of the issuer."""
    name: str = attrs.field(metadata={"wire": "name"})
    """Its name, at most 1,024 characters."""
    description: str = attrs.field(metadata={"wire": "description"})
    """What it stands for; at most 16,384 characters."""
    image: str = attrs.field(metadata={"wire": "image"})
    """Its image, PNG or SVG, as a data URI."""
    achievement_type: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "achievementType"}
    )
    """What kind of achievement it is."""
    criteria_url: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "criteriaUrl"})
    """Where the criteria are told."""
    criteria_narrative: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "criteriaNarrative"}
    )
    """The criteria; Markdown."""
    alignments: list[Alignment] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "alignments"}
    )
    """The standards it meets."""
    tags: list[str] | None | Unset = attrs.field(default=UNSET, metadata={"wire": "tags"})
    """Words to find it by."""
    expires: BadgeExpiration | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "expires"}
    )
    """How long an award is valid."""
    image_alt_text: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "imageAltText"}
    )
    """What the image shows."""
    ob3_properties: Ob3Properties | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "ob3Properties"}
    )
    """What Open Badges 3 adds."""
    preferences: BadgePreferences | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "preferences"}
    )
    """How it is shown."""
    extensions: dict[str, Any] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "extensions"}
    )
    """Open Badges extensions by name."""


@attrs.define(slots=True, kw_only=True)
class Recipient(RecipientFactory):
    """Who is awarded. Make one with `email`, `telephone` or `url`."""

    identity: str = attrs.field(metadata={"wire": "identity"})
    """The address, number or URL itself."""
    type: RecipientType | None | Unset = attrs.field(default=UNSET, metadata={"wire": "type"})
    """What the identity is; the server takes an e-mail address for granted."""
    hashed: bool | None | Unset = attrs.field(default=UNSET, metadata={"wire": "hashed"})
    """Whether the public badge shows only a salted hash."""


@attrs.define(slots=True, kw_only=True)
class AssertionRecipient:
    """Who was awarded."""

    identity: str | None = attrs.field(default=None, metadata={"wire": "identity"})
    """What the public badge shows: the identity, or its salted hash."""
    type: RecipientType | None = attrs.field(default=None, metadata={"wire": "type"})
    """What the identity is."""
    hashed: bool | None = attrs.field(default=None, metadata={"wire": "hashed"})
    """Whether the public badge shows only a salted hash."""
    salt: str | None = attrs.field(default=None, metadata={"wire": "salt"})
    """The salt of the hash."""
    plaintext_identity: str | None = attrs.field(
        default=None, metadata={"wire": "plaintextIdentity"}
    )
    """The identity as it was awarded to."""


@attrs.define(slots=True, kw_only=True)
class Evidence:
    """What shows that the achievement is real. Give an address or a narrative."""

    url: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "url"})
    """Where it can be seen."""
    narrative: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "narrative"})
    """What was done; Markdown."""
    name: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "name"})
    """A title."""
    description: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "description"})
    """What it is."""
    genre: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "genre"})
    """What kind of thing it is."""
    audience: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "audience"})
    """Whom it is for."""


@attrs.define(slots=True, kw_only=True)
class Ob3AwardProperties:
    """What Open Badges 3 adds to an award."""

    activity_start: datetime | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "activityStart"}
    )
    """When the activity began."""
    activity_end: datetime | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "activityEnd"}
    )
    """When it ended."""
    license_number: str | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "licenseNumber"}
    )
    """The number of a licence."""
    role: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "role"})
    """The role the recipient had."""


@attrs.define(slots=True, kw_only=True)
class AssertionRef:
    """A reference to an award elsewhere."""

    assertion_url: str | None = attrs.field(default=None, metadata={"wire": "assertionUrl"})
    """Its address."""


@attrs.define(slots=True, kw_only=True)
class BadgeRef:
    """A reference to a badge class elsewhere."""

    badge_url: str | None = attrs.field(default=None, metadata={"wire": "badgeUrl"})
    """Its address."""


@attrs.define(slots=True, kw_only=True)
class IssuerRef:
    """A reference to an issuer elsewhere."""

    issuer_url: str | None = attrs.field(default=None, metadata={"wire": "issuerUrl"})
    """Its address."""


@attrs.define(slots=True, kw_only=True)
class Assertion:
    """An awarded badge."""

    entity_id: str = attrs.field(metadata={"wire": "entityId"})
    """The id to use in calls."""
    id: str | None = attrs.field(default=None, metadata={"wire": "id"})
    """The second id, 24 hexadecimal digits; calls take it, too."""
    entity_type: str | None = attrs.field(default=None, metadata={"wire": "entityType"})
    """The kind of object this is."""
    open_badge_id: str | None = attrs.field(default=None, metadata={"wire": "openBadgeId"})
    """The public address of the award."""
    created_at: datetime | None = attrs.field(default=None, metadata={"wire": "createdAt"})
    """When the platform stored it."""
    created_by: str | None = attrs.field(default=None, metadata={"wire": "createdBy"})
    """The entityId of the user who awarded it."""
    badgeclass: str | None = attrs.field(default=None, metadata={"wire": "badgeclass"})
    """The entityId of the badge class."""
    badgeclass_open_badge_id: str | None = attrs.field(
        default=None, metadata={"wire": "badgeclassOpenBadgeId"}
    )
    """The public address of the badge class."""
    issuer: str | None = attrs.field(default=None, metadata={"wire": "issuer"})
    """The entityId of the issuer."""
    issuer_open_badge_id: str | None = attrs.field(
        default=None, metadata={"wire": "issuerOpenBadgeId"}
    )
    """The public address of the issuer."""
    image: str | None = attrs.field(default=None, metadata={"wire": "image"})
    """The address of the baked image."""
    recipient: AssertionRecipient | None = attrs.field(default=None, metadata={"wire": "recipient"})
    """Who was awarded."""
    issued_on: datetime | None = attrs.field(default=None, metadata={"wire": "issuedOn"})
    """The date of the award, as the issuer set it."""
    narrative: str | None = attrs.field(default=None, metadata={"wire": "narrative"})
    """What was achieved; Markdown without images."""
    evidence: list[Evidence] | None = attrs.field(default=None, metadata={"wire": "evidence"})
    """What shows it."""
    expires: datetime | None = attrs.field(default=None, metadata={"wire": "expires"})
    """When it stops being valid."""
    ob3_award_properties: Ob3AwardProperties | None = attrs.field(
        default=None, metadata={"wire": "ob3AwardProperties"}
    )
    """What Open Badges 3 adds."""
    revoked: bool | None = attrs.field(default=None, metadata={"wire": "revoked"})
    """Whether it was taken back."""
    revocation_reason: str | None = attrs.field(default=None, metadata={"wire": "revocationReason"})
    """Why."""
    acceptance: Acceptance | None = attrs.field(default=None, metadata={"wire": "acceptance"})
    """Whether the recipient took it into the backpack."""
    extensions: dict[str, Any] | None = attrs.field(default=None, metadata={"wire": "extensions"})
    """Open Badges extensions by name."""
    assertion_ref: AssertionRef | None = attrs.field(
        default=None, metadata={"wire": "assertionRef"}
    )
    """The award it was imported from."""
    badge_ref: BadgeRef | None = attrs.field(default=None, metadata={"wire": "badgeRef"})
    """The badge class it was imported with."""
    issuer_ref: IssuerRef | None = attrs.field(default=None, metadata={"wire": "issuerRef"})
    """The issuer it was imported with."""
    pending: bool | None = attrs.field(default=None, metadata={"wire": "pending"})
    """Whether the recipient must confirm the address first."""
    source: str | None = attrs.field(default=None, metadata={"wire": "source"})
    """Where it comes from, such as local."""
    source_url: str | None = attrs.field(default=None, metadata={"wire": "sourceUrl"})
    """Its first address, when it was imported."""
    original_json: str | None = attrs.field(default=None, metadata={"wire": "originalJson"})
    """Its first JSON, when it was imported."""
    image_path: str | None = attrs.field(default=None, metadata={"wire": "imagePath"})
    """Where the platform stores the image."""


@attrs.define(slots=True, kw_only=True)
class AwardRequest:
    """A badge for one recipient."""

    recipient: Recipient = attrs.field(metadata={"wire": "recipient"})
    """Who is awarded."""
    issued_on: datetime | None | Unset = attrs.field(default=UNSET, metadata={"wire": "issuedOn"})
    """The date of the award; not in the future. The server takes now."""
    allow_duplicate_awards: bool = attrs.field(
        default=False, metadata={"wire": "allowDuplicateAwards"}
    )
    """Whether to award somebody who holds the badge already."""
    narrative: str | None | Unset = attrs.field(default=UNSET, metadata={"wire": "narrative"})
    """What was achieved; Markdown without images."""
    evidence: list[Evidence] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "evidence"}
    )
    """What shows it."""
    expires: datetime | None | Unset = attrs.field(default=UNSET, metadata={"wire": "expires"})
    """When it stops being valid."""
    ob3_award_properties: Ob3AwardProperties | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "ob3AwardProperties"}
    )
    """What Open Badges 3 adds."""
    extensions: dict[str, Any] | None | Unset = attrs.field(
        default=UNSET, metadata={"wire": "extensions"}
    )
    """Open Badges extensions by name."""


@attrs.define(slots=True, kw_only=True)
class RevokeRequest:
    """Why an award is taken back."""

    revocation_reason: str = attrs.field(metadata={"wire": "revocation_reason"})
    """The reason; the recipient can read it."""
