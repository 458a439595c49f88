"""The gates of the project, each by name: ``nox -s tests``, ``nox -s lint``, ..."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint", "typing", "docs", "build"]
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.needs_version = ">=2025.5.1"

PRISM = "5.14.2"
PYPROJECT = nox.project.load_toml("pyproject.toml")


def groups(*names: str) -> list[str]:
    """Give the packages of dependency groups; old pips do not know ``--group``."""
    return list(nox.project.dependency_groups(PYPROJECT, *names))


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on all cores, with branch coverage of the hand-written code."""
    session.install("-e", ".[cli]", *groups("tests"))
    session.run("coverage", "erase")
    # Not in the session's own folder for temporary files: what is generated there is not formatted.
    report = f"--junitxml={session.cache_dir / 'tests.xml'}"
    # One more than there are processors: many tests wait for a clock or another process.
    has_affinity = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1
    workers = str(processors + 1)
    pytest = ("-m", "pytest", "-n", workers, "--dist", "worksteal", report)
    session.run("coverage", "run", *pytest, *session.posargs)
    session.run("coverage", "combine", "--quiet")
    if not session.posargs:
        session.run("coverage", "report")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and the floors of the house."""
    session.install("-e", ".[cli]", *groups("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")


@nox.session
def typing(session: nox.Session) -> None:
    """Check types twice: mypy and pyright see different things."""
    session.install("-e", ".[cli]", *groups("typing"))
    session.run("mypy")
    session.run("pyright")


@nox.session
def codegen(session: nox.Session) -> None:
    """Compile the curated document; ``nox -s codegen -- --check`` says whether that was done."""
    session.install("-e", ".", *groups("codegen"))
    session.run("python", "-m", "codegen", *session.posargs)


@nox.session
def contract(session: nox.Session) -> None:
    """Hold document, sandbox and client against each other with tools that nobody here wrote."""
    session.install("-e", ".", *groups("contract"))
    session.run("openapi-spec-validator", "openapi/parchment.yaml")
    session.run("python", "-m", "codegen", "--check")
    session.run("python", "tests/contract/through_prism.py", str(prism(session)))
    session.run("python", "tests/contract/fuzzing.py")


def prism(session: nox.Session) -> Path:
    """Install Stoplight Prism with the Node of the session, once; give the program."""
    folder = Path(session.create_tmp()).resolve()
    wanted = {"@stoplight/prism-cli": PRISM}
    manifest = folder / "package.json"
    program = folder / "node_modules" / ".bin" / "prism"
    has_it = manifest.exists() and json.loads(manifest.read_text()).get("dependencies") == wanted
    if not (has_it and program.exists()):
        manifest.write_text(json.dumps({"private": True, "dependencies": wanted}))
        session.run(
            "npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error"
        )
    return program


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation; a warning is an error."""
    session.install("-e", ".[cli]", *groups("docs"))
    session.run("sphinx-build", "-W", "-b", "html", "docs", "docs/_build/html")


@nox.session
def build(session: nox.Session) -> None:
    """Build the distributions, and use what the wheel installs."""
    session.install(*groups("build"))
    folder = Path(session.create_tmp()) / "dist"
    shutil.rmtree(folder, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(folder))
    session.run("twine", "check", "--strict", *map(str, folder.iterdir()))
    wheel = next(folder.glob("*.whl"))
    session.install("--force-reinstall", "--no-deps", str(wheel))
    session.install(f"{wheel}[cli]")
    session.chdir(folder)  # away from the sources
    session.run("aiobadges", "--version")
    session.run("python", "-c", "import aiobadges; print(aiobadges.ParchmentClient)")


@nox.session
def bench(session: nox.Session) -> None:
    """Measure: ratios of interleaved rounds, medians; with ``--memory`` what long runs take, only."""
    session.install("--force-reinstall", "--no-deps", ".")
    session.install(".[cli]")
    if "--memory" in session.posargs:  # 250,000 awards: it takes minutes
        options = [one for one in session.posargs if one != "--memory"]
        session.run("python", "benchmarks/memory.py", *options)
        return
    session.run("python", "benchmarks/imports.py")
    session.run("python", "benchmarks/awards.py", *session.posargs)


@nox.session
def chaos(session: nox.Session) -> None:
    """Award 10,000 people under faults, kills and pauses; ``-- --awards 500 --seed 7`` for less."""
    session.install("-e", ".[cli]")
    session.run("python", "tests/chaos/chaos.py", *session.posargs)
