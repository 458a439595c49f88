"""The command line: ``python -m codegen [--check | --diff REF]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen.changes import main_diff
from codegen.document import DocumentError
from codegen.generate import Target, check, write

_ROOT = Path(__file__).parent.parent


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m codegen",
        description="Compile the curated document into models, codecs, resources and a catalog.",
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file is not up to date"
    )
    way.add_argument(
        "--diff", metavar="REF", help="write nothing; say what changed since a revision, for users"
    )
    parser.add_argument("--document", type=Path, default=_ROOT / "openapi" / "parchment.yaml")
    parser.add_argument("--output", type=Path, default=_ROOT / "src" / "aiobadges" / "parchment")
    parser.add_argument("--package", default="aiobadges.parchment")
    parser.add_argument("--lock", type=Path, help="beside the document when not given")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program.

    Returns:
        0, or 1 when the document cannot be compiled, a file is not up to date, or a change breaks
        something; 2 when changes cannot be told.
    """
    chosen = _arguments(arguments)
    if chosen.diff is not None:
        return main_diff(chosen.diff, chosen.document)
    target = Target(
        document=chosen.document,
        output=chosen.output,
        package=chosen.package,
        lock=chosen.lock or chosen.document.with_suffix(".lock"),
    )
    try:
        if chosen.check:
            differences = list(check(target))
            print("\n".join(differences) or "every generated file is up to date")
            return 1 if differences else 0
        output = write(target)
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(output.files)} files for {len(output.api.operations)} operations")
    if shared := sorted(output.api.shared()):
        print(f"sent and received, so three states both ways: {', '.join(shared)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
