"""Parchment Digital Badges (Badgr v2). Everything is loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiobadges.parchment import models as models
    from aiobadges.parchment.client import ParchmentClient as ParchmentClient
    from aiobadges.parchment.converter import make_converter as make_converter

__all__ = ["ParchmentClient", "make_converter", "models"]


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - at first use, as everything here

    match name:
        case "ParchmentClient":
            return import_module("aiobadges.parchment.client").ParchmentClient
        case "make_converter":
            return import_module("aiobadges.parchment.converter").make_converter
        case "models":
            return import_module("aiobadges.parchment.models")
        case _:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
