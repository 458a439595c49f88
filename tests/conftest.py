"""What holds for all tests."""

from __future__ import annotations

import pytest
from hypothesis import settings

from .canary_watch import Canary

# A slow machine is no wrong answer: how long an example takes says more about its neighbours.
settings.register_profile("aiobadges", deadline=None)
settings.load_profile("aiobadges")

# Now, and not when pytest is configured: other conftests may be imported before that, and with them
# what is watched.
canary = Canary()
canary.install()


def pytest_configure(config: pytest.Config) -> None:
    """Let the canary see each test."""
    config.pluginmanager.register(canary, "canary")
