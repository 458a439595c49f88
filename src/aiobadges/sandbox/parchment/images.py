"""Uploaded images: only their type is looked at and remembered."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiobadges.sandbox.parchment.fields import Fields

__all__ = ["image_type"]

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
INVALID: Final = "Valid image file or data URI required."


def image_type(fields: Fields, *, required: bool, present: str | None = None) -> str | None:
    """Read an image: a data URI with a PNG or an SVG in it; give ``png`` or ``svg``.

    An http URL means "keep the present image" to the open source server, and there is none on
    create: a badge class is refused then, an issuer comes out without one. Its documentation
    promises more. JPEG is refused, too.

    Args:
        fields: the body.
        required: whether there must be an image in the end.
        present: the type of the present image; None without one.
    """
    value = fields.text("image", nullable=not required)
    if not value or value.startswith(("http://", "https://")):
        kept = present if value else None
        if required and not kept and "image" not in fields.errors:
            fields.wrong("image", INVALID)
        return kept
    kind = _type_of(value)
    if kind is None:
        fields.wrong("image", INVALID)
    return kind


def _type_of(uri: str) -> str | None:
    head, comma, data = uri.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        content = base64.b64decode(data, validate=True)
    except (ValueError, binascii.Error):
        return None
    if head.startswith("data:image/png") and content.startswith(PNG_SIGNATURE):
        return "png"
    if head.startswith("data:image/svg+xml") and b"<svg" in content:
        return "svg"
    return None
