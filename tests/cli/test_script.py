"""The face of the command: help, version, what it costs, and what it says without its extra."""

import sys
from importlib.metadata import version

import pytest

MAIN = "import sys; sys.argv[0] = 'aiobadges'; from aiobadges.cli.script import main; "


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["award", "sandbox", "Exit codes: 0 done, 1 error, 2 usage"]),
        (["--help"], ["award", "sandbox", "--version", "--debug"]),
        (["award", "--help"], ["run", "roster"]),
        (["award", "run", "--help"], ["--badge", "--sandbox", "--date-format", "--encoding"]),
        (["sandbox", "--help"], ["--port", "--latency", "reset"]),
    ],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_help_is_shown_when_asked_for_by(run, arguments, words):
    finished = run(*arguments)

    assert (finished.returncode, finished.stderr) == (0, "")
    assert [word for word in words if word not in finished.stdout] == []


def test_version_is_shown_when_asked_for(run_process):
    finished = run_process("--version")

    assert (finished.returncode, finished.stdout.strip()) == (0, version("aiobadges"))


@pytest.mark.parametrize("arguments", [["--help"], ["award", "run", "--help"], ["--version"]])
def test_nothing_heavy_is_imported_when_only_help_is_shown(run_process, arguments):
    code = MAIN + (
        "main(); heavy = {'aiohttp', 'sqlalchemy', 'cattrs', 'msgspec', 'jinja2'};"
        "sys.stderr.write(' '.join(heavy & set(sys.modules)))"
    )

    finished = run_process(*arguments, program=[sys.executable, "-c", code])

    assert finished.stdout
    assert finished.stderr == ""


@pytest.mark.parametrize("missing", ["cyclopts", "rich"])
def test_script_says_how_to_get_the_extra_when_it_is_missing(run_process, missing):
    code = f"import sys; sys.modules[{missing!r}] = None; " + MAIN + "sys.exit(main())"

    finished = run_process("--help", program=[sys.executable, "-c", code])

    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == (
        "The command line is an extra: python -m pip install 'aiobadges[cli]'\n"
    )
