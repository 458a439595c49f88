"""Lets schemathesis make up requests for the sandbox, from the document, the same ones every time.

``python tests/contract/fuzzing.py`` prints which statuses each operation has answered with. The exit
code is 0 when every answer was as documented and every operation succeeded at least once.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from http import HTTPStatus
from importlib import resources
from pathlib import Path

from aiobadges.sandbox import SandboxThread

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "openapi" / "parchment.yaml"
SEED = 42
EXAMPLES = 10
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


def run(sandbox: SandboxThread, seen_file: Path) -> int:
    """Run schemathesis; give its exit code."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        str(program),
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        str(DOCUMENT),
        "--url",
        sandbox.url,
    ]
    command += ["--header", f"Authorization: Bearer {sandbox.token}"]
    command += ["--workers", "1", "--seed", str(SEED), "--max-examples", str(EXAMPLES)]
    command += ["--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)]
    command += ["--generation-database", "none"]
    environment = {
        "SANDBOX_URL": sandbox.url,
        "SEEN_FILE": str(seen_file),
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONHASHSEED": str(SEED),  # sets are walked through in the same order, too
    }
    environment = {**os.environ, **environment}
    # It keeps what it has seen where it runs, and what an earlier run saw shall change nothing.
    return subprocess.run(command, env=environment, cwd=seen_file.parent, check=False).returncode


def main() -> int:
    """Run the program; give the exit code."""
    catalog = json.loads(
        resources.files("aiobadges.parchment").joinpath("catalog.json").read_text()
    )
    names = [operation["id"] for operation in catalog["operations"]]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, SandboxThread() as sandbox:
        seen_file = Path(folder) / "seen.json"
        exit_code = run(sandbox, seen_file)
        if not seen_file.exists():
            sys.stdout.write(f"WRONG schemathesis ended with {exit_code} and saw nothing\n")
            return 1
        seen: dict[str, dict[str, int]] = json.loads(seen_file.read_text())
    without = [name for name in names if not any(map(_is_success, seen.get(name, {})))]

    width = max(map(len, names))
    for name in names:
        statuses = sorted(seen.get(name, {}).items())
        told = ", ".join(f"{status} x{times}" for status, times in statuses) or "never"
        sys.stdout.write(f"{name:{width}}  {told}\n")
    sys.stdout.write(
        f"{len(names) - len(without)} of {len(names)} operations succeeded when made up by "
        f"schemathesis; {time.monotonic() - started:.0f} s\n"
    )
    sys.stdout.write("".join(f"WRONG {name}: never succeeded\n" for name in without))
    return int(exit_code != 0 or bool(without))


def _is_success(status: str) -> bool:
    return int(status) < HTTPStatus.MULTIPLE_CHOICES


if __name__ == "__main__":
    sys.exit(main())
