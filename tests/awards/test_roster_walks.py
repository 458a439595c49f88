"""A roster is walked over, and never held: what each walk gives, and what it refuses."""

import os
import pickle
import subprocess
import sys
import threading

import pytest

from aiobadges.awards.roster import csv_file
from aiobadges.awards.roster.csv_file import CsvTable
from aiobadges.awards.roster.reading import Reading, read_roster
from aiobadges.awards.roster.row import RosterError

ROSTER = "email,name\nana@example.edu,Ana\nbo@example.edu,Bo\ncy@example.edu,Cy\n"


def numbers(roster):
    return [row.number for row in roster]


def long_roster(rows):
    lines = (f"person{number}@example.edu,Ana,Passed with distinction\n" for number in range(rows))
    return "email,name,narrative\n" + "".join(lines)


def test_rows_are_the_same_when_they_are_walked_over_again(read):
    roster = read(ROSTER)

    assert list(roster) == list(roster)
    assert numbers(roster) == [2, 3, 4]


async def test_rows_are_the_same_when_they_are_read_in_a_thread(read):
    roster = read(long_roster(1201))

    assert [row async for row in roster] == list(roster)


@pytest.mark.parametrize(
    "content",
    [
        ROSTER.replace("Cy", "Di"),
        ROSTER.replace("bo@", "b o"),
        ROSTER + "di@example.edu,Di\n",
        ROSTER.removesuffix("cy@example.edu,Cy\n"),
        ROSTER.replace("Bo", '"Bo'),
        ROSTER.replace("Bo", "B\0"),
        "",
    ],
    ids=["cell", "bad row", "longer", "shorter", "no CSV", "null byte", "empty"],
)
def test_walk_is_refused_when_the_file_was_changed_since_it_was_checked(read, tmp_path, content):
    roster = read(ROSTER)
    file = tmp_path / "graduates.csv"
    before = file.stat()
    file.write_text(content)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))  # the time says nothing

    with pytest.raises(RosterError, match="was changed while it was read; nothing was sent"):
        list(roster)


def test_walk_is_refused_when_the_file_is_gone(read, tmp_path):
    roster = read(ROSTER)
    (tmp_path / "graduates.csv").unlink()

    with pytest.raises(RosterError, match="the file cannot be read: No such file"):
        list(roster)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_rows_are_read_twice_when_the_file_can_be_read_once_only(tmp_path, now):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=(ROSTER,))
    writer.start()

    roster = read_roster(pipe, Reading(now=now))
    writer.join()

    assert numbers(roster) == numbers(roster) == [2, 3, 4]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_pipe_is_refused_when_it_gives_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "_LARGEST_FILE", 2**20)
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(b"email\n" + b"\n" * 2**20,))
    writer.start()

    with pytest.raises(RosterError, match="larger than 1 MiB; split it"):
        list(CsvTable(pipe))
    writer.join()


def test_one_person_is_first_when_the_roster_begins_with_them(read):
    roster = read("email\nana@example.edu\nbo@example.edu\nANA@example.edu\ncy@example.edu\n")

    assert numbers(roster.beginning_with("BO@example.edu")) == [3, 2, 4, 5]
    assert numbers(roster.beginning_with("ana@example.edu")) == [2, 4, 3, 5]


def test_first_row_is_awarded_to_who_comes_first_when_they_are_not_in_the_roster(read):
    roster = read("email,name,narrative\nana@example.edu,Ana,Passed.\nbo@example.edu,Bo,Too.\n")

    extra, *others = roster.beginning_with("Me@example.edu")

    assert (extra.number, extra.identifier, extra.name, extra.narrative, extra.cells) == (
        0, "Me@example.edu", "", "Passed.", {},
    )  # fmt: skip
    assert others == list(roster)


def test_problems_are_all_counted_when_there_are_too_many_to_name(read):
    with pytest.raises(RosterError, match=r"graduates\.csv: 2,500 problems$") as caught:
        read("email\n" + "nobody\n" * 2500)

    assert (len(caught.value.problems), caught.value.problems[-1].row) == (1000, 1001)
    assert pickle.loads(pickle.dumps(caught.value)).count == 2500  # noqa: S301 - our own bytes


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "utf-16"])
def test_row_is_named_when_the_text_goes_wrong_far_into_the_file(problems, encoding):
    raw = long_roster(3000).encode(encoding)
    at = len(raw) - 4 if encoding == "utf-16" else len(raw) - 5
    raw = raw[:at] + (b"\x00\xdc" if encoding == "utf-16" else b"\xff") + raw[at + 2 :]

    [problem] = problems(raw, encoding=encoding)

    assert problem.row == 3001
    assert f"the text is not {encoding} near" in problem.message


def test_file_is_refused_when_a_line_is_no_row_for_its_length(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_file, "_LONGEST_LINE", 1000)
    file = tmp_path / "graduates.csv"
    file.write_text("email,name\nana@example.edu," + "x," * 500 + "\n")

    with pytest.raises(RosterError, match="a line of the file is too long to be a row"):
        list(CsvTable(file))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Mac"])
def test_rows_are_the_same_when_lines_end_otherwise(read, end):
    content = ("\n \n" + ROSTER).replace("\n", end)

    assert [(row.number, row.name) for row in read(content)] == [(4, "Ana"), (5, "Bo"), (6, "Cy")]


WALKS = """
import sys, tracemalloc
from pathlib import Path
from aiobadges.awards import read_roster

tracemalloc.start()
for file in sys.argv[1:]:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    for _ in read_roster(Path(file)):
        pass
    print(tracemalloc.get_traced_memory()[1] - before)
"""


def test_memory_is_the_same_when_a_roster_is_five_times_as_long(tmp_path):
    files = [tmp_path / f"{number}.csv" for number in range(3)]
    for file, rows in zip(files, (200, 2_000, 10_000), strict=True):
        file.write_text(long_roster(rows))

    # In a process of its own: in this one others, too, allocate.
    walked = subprocess.run(
        [sys.executable, "-c", WALKS, *map(str, files)],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )

    _, few, many = map(int, walked.stdout.split())
    assert many - few < 100_000  # 8,000 rows, if they were held, would be several millions
