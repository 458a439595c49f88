"""What can be imported, and what importing it costs."""

import ast
import importlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import aiobadges
import aiobadges.awards
import aiobadges.parchment
import aiobadges.thought_industries

ROOT = Path(aiobadges.__file__).parent


def module_name(file):
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = sorted(module_name(file) for file in ROOT.rglob("*.py") if file.name != "__main__.py")
PARTS = [aiobadges.awards, aiobadges.parchment, aiobadges.thought_industries]
FACES = [aiobadges, *PARTS]


def imported_for_typing(module):
    """List the names a module imports under TYPE_CHECKING."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    return [
        (alias.asname or alias.name, alias.name)
        for block in tree.body
        if isinstance(block, ast.If)
        and isinstance(block.test, ast.Name)
        and block.test.id == "TYPE_CHECKING"
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    ]


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()


@pytest.mark.parametrize("name", MODULES)
def test_every_exported_name_exists_when_its_module_is_imported(name):
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("aiobadges"):
            raise
        pytest.skip(f"needs an extra: {error.name}")
    exported = getattr(module, "__all__", ())
    assert len(set(exported)) == len(exported)
    for exported_name in exported:
        assert getattr(module, exported_name) is not None


def test_the_root_exports_exactly_what_checkers_see():
    seen = [name for name, _ in imported_for_typing(aiobadges)]
    assert sorted(seen) == sorted(set(aiobadges.__all__) - {"__version__"})


@pytest.mark.parametrize("face", PARTS, ids=lambda face: face.__name__)
def test_a_part_exports_exactly_what_checkers_see(face):
    seen = [name for name, _ in imported_for_typing(face)]
    assert sorted(seen) == sorted(face.__all__)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_a_name_is_exported_on_purpose_when_checkers_see_it(face):
    # `import X as X`: without it a strict checker takes the name for an implementation detail.
    assert all(name == original for name, original in imported_for_typing(face))


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_dir_lists_what_is_exported(face):
    assert dir(face) == sorted(face.__all__)


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_a_missing_name_is_an_attribute_error_that_names_the_module(face):
    with pytest.raises(AttributeError, match=f"{face.__name__!r} has no attribute 'Nothing'"):
        _ = face.Nothing


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.__name__)
def test_a_name_is_the_same_object_when_asked_for_twice(face):
    assert all(
        getattr(face, name) is getattr(face, name) for name in face.__all__ if name[0] != "_"
    )


def test_the_version_is_the_installed_one():
    assert aiobadges.__version__ == metadata.version("aiobadges")


LOADED = "import sys; print(*sorted({'aiohttp', 'cattrs', 'msgspec', 'attrs', 'sqlalchemy'} & set(sys.modules)))"


@pytest.mark.parametrize(
    ("statement", "loaded"),
    [
        ("import aiobadges", ""),
        ("import aiobadges.awards", ""),
        ("import aiobadges.parchment", ""),
        ("import aiobadges.thought_industries", ""),
        ("import aiobadges; dir(aiobadges)", ""),
        ("from aiobadges import BadgesError, UNSET", "attrs"),
    ],
)
def test_nothing_heavy_is_loaded_when_only_the_face_is_imported(statement, loaded):
    assert run(f"{statement}; {LOADED}") == loaded


@pytest.mark.parametrize(
    ("client", "package"),
    [("ParchmentClient", "parchment"), ("ThoughtIndustriesClient", "thought_industries")],
)
def test_the_models_are_not_loaded_when_the_client_is_imported(client, package):
    program = f"from aiobadges import {client}; import sys; "
    assert run(program + f"print('aiobadges.{package}.models' in sys.modules)") == "False"


def test_what_a_call_means_needs_no_network_library_when_imported():
    program = "import aiobadges.wire.codec, aiobadges.wire.outcome, aiobadges.wire.links; "
    network = "{'aiohttp', 'anyio', 'asyncio', 'socket', 'ssl'}"
    assert run(program + f"import sys; print(*{network} & set(sys.modules))") in {"", "socket"}


def test_star_import_gives_every_name_when_used():
    assert (
        run(
            "from aiobadges import *; import aiobadges; "
            "print(all(name in globals() for name in aiobadges.__all__))"
        )
        == "True"
    )
