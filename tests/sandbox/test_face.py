"""The public face of the package: complete, lazy, and a witness."""

import subprocess
import sys

import pytest

import aiobadges.sandbox as face


def run(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.parametrize("name", face.__all__)
def test_name_is_loaded_when_it_is_used(name):
    assert getattr(face, name) is not None
    assert name in dir(face)


def test_unknown_name_is_refused_when_it_is_used():
    with pytest.raises(AttributeError, match="no attribute 'Sandpit'"):
        _ = face.Sandpit


def test_nothing_is_loaded_when_the_package_is_imported():
    loaded = run("import sys, aiobadges.sandbox; print(*sys.modules)")

    assert {"aiohttp", "msgspec", "asyncio", "aiobadges.sandbox.server"}.isdisjoint(loaded)


def test_nothing_of_the_library_is_loaded_when_the_sandbox_is():
    loaded = run("import sys; from aiobadges.sandbox import SandboxThread; print(*sys.modules)")

    library = {name for name in loaded if name.startswith("aiobadges.")}
    assert all(name.startswith("aiobadges.sandbox") for name in library)
