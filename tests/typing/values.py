"""The types of the small values. Checked, never run."""

from typing import Literal, assert_never, assert_type

from aiobadges import UNSET, OpenStrEnum, Secret, UnknownVariant, Unset
from aiobadges.parchment.models import RecipientType, StaffRole


def three_states(value: str | None | Unset) -> str:
    if value is UNSET:
        assert_type(value, Literal[Unset.UNSET])
        return "not sent"
    if value is None:
        return "null"
    assert_type(value, str)
    return value


def every_state(value: bool | None | Unset) -> int:  # noqa: FBT001 - it is the subject
    match value:
        case Unset.UNSET:
            return 0
        case None:
            return 1
        case True | False:
            return 2
        case _:
            assert_never(value)


def open_enumerations(role: StaffRole) -> None:
    text: str = role
    assert_type(role.is_known, bool)
    assert_type(StaffRole("auditor"), StaffRole)
    value: str = role.value
    kind: OpenStrEnum = RecipientType.EMAIL
    _ = text, value, kind


def unknown_variants(variant: UnknownVariant) -> None:
    assert_type(variant.tag, str | None)


def secrets(secret: Secret) -> None:
    text: str = secret  # type: ignore[assignment]
    _ = text
