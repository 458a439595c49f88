"""Thought Industries learning paths: a GraphQL API, its limits in points, its learners by token.

Everything is loaded when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiobadges.thought_industries import models as models
    from aiobadges.thought_industries.client import (
        ThoughtIndustriesClient as ThoughtIndustriesClient,
    )
    from aiobadges.thought_industries.converter import make_converter as make_converter

__all__ = ["ThoughtIndustriesClient", "make_converter", "models"]


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - at first use, as everything here

    match name:
        case "ThoughtIndustriesClient":
            return import_module("aiobadges.thought_industries.client").ThoughtIndustriesClient
        case "make_converter":
            return import_module("aiobadges.thought_industries.converter").make_converter
        case "models":
            return import_module("aiobadges.thought_industries.models")
        case _:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(__all__)
