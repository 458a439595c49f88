"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

from .canary_watch import Canary

# A slow machine is no wrong answer: how long an example takes says more about its neighbours.
settings.register_profile("aiobadges", deadline=None)
settings.load_profile("aiobadges")


def pytest_configure(config: pytest.Config) -> None:
    """Watch the whole suite for leaks, before it imports what is watched."""
    canary = Canary()
    canary.install()
    config.pluginmanager.register(canary, "canary")
