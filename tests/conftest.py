"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

# A slow machine is no wrong answer: how long an example takes says more about its neighbours.
settings.register_profile("aiobadges", deadline=None)
settings.load_profile("aiobadges")
