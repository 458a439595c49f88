import copy
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from codegen.generate import Target, write

DOCUMENTS = Path(__file__).parent / "documents"
LIBRARY = DOCUMENTS / "library.yaml"


def target_of(document, folder):
    """Where a document is compiled to: the package `library` in some folder."""
    return Target(
        document=document,
        output=folder / "library",
        package="library",
        lock=folder / "library.lock",
    )


@pytest.fixture(autouse=True)
def quick_programs(monkeypatch):
    """Programs of others that generation starts are not measured: it would take them twice as long."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(scope="session")
def parsed_library():
    return yaml.safe_load(LIBRARY.read_text(encoding="utf-8"))


@pytest.fixture
def library_root(parsed_library):
    """The small document as it is parsed, for a test to break."""
    return copy.deepcopy(parsed_library)


@pytest.fixture(scope="session")
def library_folder(tmp_path_factory):
    """A folder with the package made of the small document."""
    folder = tmp_path_factory.mktemp("generated")
    target = target_of(LIBRARY, folder)
    write(target)
    (target.output / "__init__.py").touch()
    return folder


@pytest.fixture
def imported(monkeypatch):
    """Imports a generated package from a folder, and forgets it after the test."""

    def load(folder):
        for name in [name for name in sys.modules if name.partition(".")[0] == "library"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.syspath_prepend(folder)
        importlib.invalidate_caches()
        return SimpleNamespace(
            models=importlib.import_module("library.models"),
            codecs=importlib.import_module("library.codecs"),
            resources=importlib.import_module("library.resources"),
        )

    return load


@pytest.fixture
def library(library_folder, imported):
    """The package made of the small document."""
    return imported(library_folder)
