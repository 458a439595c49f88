"""Rows of a CSV body: what each cell holds."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.wire.csv_rows import csv_bytes


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, "true"),
        (False, "false"),
        (None, ""),
        (3, "3"),
        (2.5, "2.5"),
        ("plain", "plain"),
        ("a,b", '"a,b"'),
        ('say "so"', '"say ""so"""'),
        ("two\nlines", '"two\nlines"'),
        ("Nörd", "Nörd"),
    ],
)
def test_a_value_has_its_cell(value, cell):
    assert csv_bytes(["x", "y"], [{"x": value, "y": 0}]) == f"x,y\n{cell},0\n".encode()


def test_a_cell_is_empty_when_its_column_is_missing():
    assert csv_bytes(["x", "y"], [{"y": 1}]) == b"x,y\n,1\n"


def test_there_is_a_header_when_there_are_no_rows():
    assert csv_bytes(["recipientId", "passed"], []) == b"recipientId,passed\n"


@pytest.mark.parametrize("value", [[1], {"a": 1}, object()], ids=["list", "object", "else"])
def test_a_value_is_refused_when_it_fits_no_cell(value):
    with pytest.raises(ValueError, match="a cell holds text"):
        csv_bytes(["x"], [{"x": value}])


@given(st.lists(st.fixed_dictionaries({"x": st.text(), "y": st.text()})))
def test_what_was_written_is_read_back_by_any_reader(rows):
    text = csv_bytes(["x", "y"], rows).decode()
    assert list(csv.DictReader(io.StringIO(text, newline=""))) == rows
