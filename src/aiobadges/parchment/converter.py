"""The cattrs converter of the Parchment models."""

from __future__ import annotations

import cattrs

from aiobadges.wire.codec import build_converter

__all__ = ["make_converter"]


def make_converter() -> cattrs.Converter:
    """Give a new converter for `aiobadges.parchment.models`.

    Register hooks of your own on it and pass it as ``ParchmentClient(converter=...)``. It refuses
    wrong types where plain cattrs would convert them, and uses the names on the wire.
    """
    return build_converter()
