"""The pages of the API reference: whole, with links that lead somewhere, and code that is code."""

import ast
import importlib.util
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def load():
    spec = importlib.util.spec_from_file_location(
        "reference_pages", ROOT / "docs" / "reference_pages.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REFERENCE = load()
CATALOG = REFERENCE.load_catalog()
PAGES = REFERENCE.make_pages(CATALOG)
OPERATIONS = {operation["id"]: operation for operation in CATALOG["operations"]}
ANCHOR = r"^\((operation-[\w-]+)\)="


def section_of(operation):
    """Give what the page of an operation's resource says of it."""
    page = PAGES[f"{operation['id'].partition('.')[0]}.md"]
    anchor = f"operation-{re.sub('[._]', '-', operation['id'])}"
    (_, after) = page.split(f"({anchor})=\n")
    return re.split(r"^(?:\(operation-|## client\.)", after, flags=re.MULTILINE)[0]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_an_operation_is_described_with_all_the_catalog_knows(operation):
    section = section_of(operation)

    assert operation["summary"] in section
    assert operation["description"] in section
    assert f"`{operation['method']} {operation['path']}`" in section
    assert operation["examples"]["python"] in section
    assert operation["examples"]["request"].rstrip() in section
    assert operation["vendor_page"] in section
    assert f"`{operation['evidence']}`" in section
    for scope in operation["scopes"]:
        assert f"`{scope}`" in section
    for parameter in operation["parameters"]:
        assert f"| `{parameter['name']}` |" in section
        assert f"`{parameter['wire']}` in the {parameter['in']}" in section
    for one in operation["raises"]:
        assert f"`~aiobadges.errors.{one['error']}`" in section


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_python_of_an_operation_is_python(operation):
    blocks = re.findall(r"^```python\n(.*?)^```", section_of(operation), re.MULTILINE | re.DOTALL)

    assert len(blocks) == 2
    for block in blocks:
        compile(block, "reference", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_every_operation_is_in_the_index_and_its_link_leads_to_it():
    text = "\n".join(PAGES.values())
    anchors = re.findall(ANCHOR, text, re.MULTILINE)
    links = re.findall(r"\]\(#([\w-]+)\)", PAGES["index.md"])

    assert len(anchors) == len(OPERATIONS)
    assert sorted(links) == sorted(anchors)


def test_every_page_is_reached_from_the_index():
    (toctree,) = re.findall(r"```\{toctree\}\n:hidden:\n(.*?)```", PAGES["index.md"], re.DOTALL)

    assert {f"{name}.md" for name in toctree.split()} == PAGES.keys() - {"index.md"}


def test_every_class_that_is_referred_to_exists():
    references = set(re.findall(r"\{py:class\}`~([\w.]+)\.(\w+)`", "\n".join(PAGES.values())))

    assert ("aiobadges.parchment.models.assertions", "AwardRequest") in references
    for module, name in references:
        assert getattr(import_module(module), name).__name__ == name


def test_rows_of_a_table_have_as_many_cells_as_its_head():
    for page in PAGES.values():
        for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
            assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1


def test_the_grades_are_those_of_the_corrections():
    corrections = (ROOT / "openapi" / "CORRECTIONS.md").read_text(encoding="utf-8")
    table = corrections.partition("**Evidence**")[2].partition("**How sure**")[0]

    assert list(REFERENCE.GRADES) == re.findall(r"^\| ([\w-]+) \|", table, re.MULTILINE)[1:]


def test_a_page_that_is_none_any_more_goes_and_one_that_is_the_same_is_left_alone(tmp_path):
    folder = tmp_path / "reference"
    REFERENCE.write_pages(folder)
    before = {page.name: page.stat().st_mtime_ns for page in folder.iterdir()}
    (folder / "gone.md").write_text("# Gone\n")

    REFERENCE.write_pages(folder)

    assert {page.name: page.stat().st_mtime_ns for page in folder.iterdir()} == before
    assert before.keys() == PAGES.keys()
