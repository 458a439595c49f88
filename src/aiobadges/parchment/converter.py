"""The cattrs converter of the Parchment models."""

from __future__ import annotations

from typing import Final

import cattrs

from aiobadges.wire.codec import build_converter
from aiobadges.wire.generated import GeneratedCodecs

__all__ = ["make_converter"]

_CODECS: Final = GeneratedCodecs("aiobadges.parchment.models", "aiobadges.parchment.codecs")


def make_converter(*, detailed_validation: bool = False) -> cattrs.Converter:
    """Give a new converter for `aiobadges.parchment.models`.

    Register hooks of your own on it and pass it as ``ParchmentClient(converter=...)``. It refuses
    wrong types where plain cattrs would convert them, and uses the names on the wire.

    Args:
        detailed_validation: read slower, and say what is wrong attribute by attribute, in cattrs'
            own errors. A client does so by itself when it has to.
    """
    converter = build_converter(detailed_validation=detailed_validation)
    _CODECS.register(converter)
    return converter
