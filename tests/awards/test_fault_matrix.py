"""The fault matrix: each cell is a test whose name begins with its number, in the files beside.

====================================  ===================================================
``test_fault_matrix_awards.py``       POST of an award: 1 to 10, 12 to 17, 38
``test_fault_matrix_listings.py``     GET of a listing: 22 to 27
``test_fault_matrix_tokens.py``       signing in and refreshing: 11, 28 to 30
``test_fault_matrix_ledger.py``       the ledger on the disk: 31, 32
``test_fault_matrix_clocks.py``       clocks and rates: 35, 36
``test_fault_matrix_revocations.py``  DELETE of an award: 37
====================================  ===================================================
"""

from __future__ import annotations

import re
from pathlib import Path

CELLS = set(range(1, 39))
ELSEWHERE = {
    18: "killed at each crash point: test_processes.py",
    19: "SIGTERM and Ctrl-C while requests are under way: tests/cli/test_interrupts.py",
    20: "asleep beyond its lease: test_processes.py",
    21: "a batch of awards in one request: there is no such call, each award is sent by itself",
    33: "PostgreSQL restarts: of a ledger that is kept there",
    34: "PostgreSQL loses the answer to a commit: of a ledger that is kept there",
}
TEST = re.compile(r"^(?:async )?def test_((?:\d+[a-z]?_)+)", re.MULTILINE)


def cells_with_a_test():
    files = Path(__file__).parent.glob("test_fault_matrix_*.py")
    names = [name for file in files for name in TEST.findall(file.read_text("utf-8"))]
    return {int(number) for name in names for number in re.findall(r"\d+", name)}


def test_every_cell_has_a_test_here_or_is_named_elsewhere():
    missing = CELLS - ELSEWHERE.keys() - cells_with_a_test()
    assert not missing, f"cells without a test: {sorted(missing)}"


def test_no_test_has_a_number_that_is_no_cell_of_these_files():
    assert cells_with_a_test() <= CELLS - ELSEWHERE.keys()
