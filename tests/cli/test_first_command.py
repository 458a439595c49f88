"""The first command of the README, as a newcomer runs it: twice."""

import codecs
import re
import shutil
import sys
from collections import Counter
from importlib.metadata import entry_points
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "graduates.csv"
FIRST = ["award", "run", "graduates.csv", "--badge", "Math Expert", "--sandbox"]


def counts(out):
    """Read the summary."""
    return {
        name: int(number)
        for name, number in re.findall(r"^ *([a-z ]+?)  (\d+)$", out, re.MULTILINE)
    }


@pytest.fixture
def example(tmp_path):
    shutil.copy(EXAMPLE, tmp_path / "graduates.csv")
    with EXAMPLE.open(encoding="utf-8") as lines:
        return sum(1 for _ in lines) - 1


def test_every_row_is_awarded_when_it_is_run_the_first_time(run_process, example):
    finished = run_process(*FIRST)

    assert finished.returncode == 0
    assert {"awarded": example, "already held": 0, "rejected": 0, "unknown": 0}.items() <= counts(
        finished.stdout
    ).items()
    assert re.search(r"^ +seconds  \d+\.\d$", finished.stdout, re.MULTILINE)
    assert re.search(r"^ +awards/s  \d+$", finished.stdout, re.MULTILINE)
    assert finished.stdout.splitlines()[-1] == f"mails: {example} sent, nobody written to twice"
    assert finished.stderr == ""


def test_results_say_what_became_of_each_row_when_it_is_run(run, example, tmp_path, results):
    out = run(*FIRST).stdout

    name = re.search(r"^results: (graduates\.results-[0-9A-Z]{4}\.csv)$", out, re.MULTILINE)[1]
    raw = (tmp_path / name).read_bytes()
    [rows] = results()
    given = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert raw.startswith(codecs.BOM_UTF8)
    assert raw.decode("utf-8-sig").splitlines()[0] == (
        given[0] + ",status,assertion_id,assertion_url,error_code,error_message"
    )
    assert [line.rsplit(",", 5)[0] for line in raw.decode("utf-8-sig").splitlines()[1:]] == given[
        1:
    ]
    assert Counter(row["status"] for row in rows) == {"awarded": example}
    for row in rows:  # an id may begin with a minus, which a spreadsheet would take for a formula
        assert row["assertion_url"].endswith(f"/{row['assertion_id'].removeprefix(chr(39))}")
    assert len({row["assertion_id"] for row in rows}) == example


def test_every_row_is_already_held_when_it_is_run_a_second_time(run, example, results):
    run(*FIRST)

    again = run(*FIRST)

    assert again.returncode == 0
    assert counts(again.stdout)["awarded"] == 0
    assert counts(again.stdout)["already held"] == example
    assert again.stdout.splitlines()[-1] == "mails: 0 sent, nobody written to twice"
    first, second = results()
    assert {row["status"] for row in second} == {"already_held"}
    assert [row["email"] for row in first] == [row["email"] for row in second]


def test_results_are_a_roster_again_when_they_are_fed_back(run, example, tmp_path, results):
    run(*FIRST)
    [file] = tmp_path.glob("*.results-*.csv")
    file.rename(tmp_path / "again.csv")

    finished = run("award", "run", "again.csv", "--badge", "Math Expert", "--sandbox")

    assert finished.returncode == 0
    assert counts(finished.stdout)["already held"] == example
    [rows] = results()
    assert list(rows[0]) == [
        *EXAMPLE.read_text(encoding="utf-8").splitlines()[0].split(","),
        "status",
        "assertion_id",
        "assertion_url",
        "error_code",
        "error_message",
    ]


def test_roster_is_left_as_it_was_when_it_is_awarded(run, example, tmp_path):
    run(*FIRST)

    assert example
    assert (tmp_path / "graduates.csv").read_bytes() == EXAMPLE.read_bytes()


def test_nothing_is_asked_for_when_the_environment_names_an_account_elsewhere(run, roster):
    roster(2)

    finished = run(*FIRST, env={"AIOBADGES_REGION": "us", "AIOBADGES_TOKEN": "CANARY-TOKEN"})

    assert finished.returncode == 0
    assert "mails: 2 sent" in finished.stdout


def test_the_console_script_is_the_same_command_when_it_is_installed(run_process, roster):
    [script] = entry_points(group="console_scripts", name="aiobadges")
    roster(2)

    finished = run_process(*FIRST, program=[str(Path(sys.executable).with_name(script.name))])

    assert script.value == "aiobadges.cli.script:main"
    assert finished.returncode == 0
    assert "mails: 2 sent, nobody written to twice" in finished.stdout


def test_each_row_gets_its_own_badge_when_a_column_names_it(run, tmp_path, results):
    (tmp_path / "graduates.csv").write_text(
        "Identifier,Badge Class ID,grade\n"
        "ana@example.edu,Math Expert,1.0\n"
        "ana@example.edu,chemistry basics,1.3\n"
        "ANA@example.edu,Math Expert,1.0\n",
        encoding="utf-8",
    )

    finished = run("award", "run", "graduates.csv", "--sandbox")

    assert finished.returncode == 0
    assert counts(finished.stdout)["awarded"] == 2
    assert counts(finished.stdout)["duplicate"] == 1
    assert finished.stdout.splitlines()[-1] == "mails: 2 sent, nobody written to twice"
    assert finished.stderr == "columns without a meaning here, kept in the results: grade\n"
    [rows] = results()
    assert [row["status"] for row in rows] == ["awarded", "awarded", "duplicate"]
    assert rows[2]["error_code"] == "Duplicate"
    assert rows[2]["error_message"] == "row 2 names the same recipient and badge"


def test_cells_are_read_as_told_when_the_file_leaves_it_open(run, tmp_path, results):
    (tmp_path / "graduates.csv").write_bytes(
        "email;name;issued_on\nana@example.edu;Zoë;30.06.2025\n".encode("cp1252")
    )

    finished = run(
        *FIRST, "--encoding", "cp1252", "--date-format", "%d.%m.%Y", "--timezone", "Europe/Berlin"
    )

    assert finished.returncode == 0
    [[row]] = results()
    assert (row["name"], row["issued_on"], row["status"]) == ("Zoë", "30.06.2025", "awarded")


def test_awards_are_spaced_when_a_rate_is_given(run, roster):
    roster(6)

    finished = run(*FIRST, "--rate", "10")

    seconds = float(re.search(r"seconds +([\d.]+)", finished.stdout)[1])
    assert finished.returncode == 0
    assert seconds >= 0.4
