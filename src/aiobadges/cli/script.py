"""The console script. It is there without the [cli] extra, and then says how to get it."""

from __future__ import annotations

import sys
from importlib.util import find_spec

__all__ = ["main"]


def main() -> int:
    """Run the command line and give its exit code."""
    if find_spec("cyclopts") is None or find_spec("rich") is None:
        sys.stderr.write("The command line is an extra: python -m pip install 'aiobadges[cli]'\n")
        return 1
    from aiobadges.cli.app import run  # noqa: PLC0415 - needs the extra

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
