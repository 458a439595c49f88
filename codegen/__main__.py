"""The command line: ``python -m codegen [--check | --diff REF]``, for every document at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen.changes import main_diff
from codegen.document import DocumentError
from codegen.generate import Target, check, write

_ROOT = Path(__file__).parent.parent


def _target(document: str, package: str) -> Target:
    file = _ROOT / "openapi" / document
    return Target(
        document=file,
        output=_ROOT / "src" / "aiobadges" / package,
        package=f"aiobadges.{package}",
        lock=file.with_suffix(".lock"),
    )


TARGETS = (
    _target("parchment.yaml", "parchment"),
    _target("thought_industries/operations.graphql", "thought_industries"),
)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m codegen",
        description="Compile the curated documents into models, codecs, resources and catalogs.",
    )
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file is not up to date"
    )
    chosen.add_argument(
        "--diff", metavar="REF", help="write nothing; say what changed since a revision"
    )
    one = parser.add_argument_group("one document instead of all of them")
    one.add_argument("--document", type=Path)
    one.add_argument("--output", type=Path)
    one.add_argument("--package")
    one.add_argument("--lock", type=Path, help="beside the document when not given")
    named = parser.parse_args(arguments)
    if named.document and not (named.output and named.package):
        parser.error("--document needs --output and --package")
    return named


def _targets(named: argparse.Namespace) -> tuple[Target, ...]:
    if not named.document:
        return TARGETS
    lock = named.lock or named.document.with_suffix(".lock")
    return (Target(document=named.document, output=named.output, package=named.package, lock=lock),)


def _write(target: Target) -> None:
    output = write(target)
    count = len(output.api.operations)
    print(f"{target.package}: {len(output.files)} files for {count} operations")
    if shared := sorted(output.api.shared()):
        print(f"sent and received, so three states both ways: {', '.join(shared)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Returns:
        0, or 1 when a document cannot be compiled, a file is not up to date, or something breaks
        since a revision; 2 when a revision cannot be compared.
    """
    chosen = _arguments(arguments)
    targets = _targets(chosen)
    if chosen.diff is not None:
        return max(main_diff(chosen.diff, target.document) for target in targets)
    try:
        if chosen.check:
            differences = [one for target in targets for one in check(target)]
            print("\n".join(differences) or "every generated file is up to date")
            return 1 if differences else 0
        for target in targets:
            _write(target)
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
