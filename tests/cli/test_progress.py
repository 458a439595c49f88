"""The progress bar: live when somebody watches, silent when nobody does."""

import os
import subprocess

import pytest

pty = pytest.importorskip("pty")

RUN = ["award", "run", "graduates.csv", "--badge", "Math Expert", "--concurrency", "4"]


def read_to_end(terminal):
    """Read what was written to a terminal until the other side is closed."""
    chunks = []
    while True:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # Linux says so when nobody holds the other end
            break
        if not chunk:
            break
        chunks.append(chunk)
    return b"".join(chunks).decode()


def test_bar_moves_and_names_troubles_when_somebody_watches(begin, sandboxed, roster):
    sandbox = sandboxed(latency=0.05)
    sandbox.thread.faults.next("badgeclasses.award", "refused", times=2)
    sandbox.thread.faults.next("badgeclasses.award", "drop_after_work")
    roster(30)
    ours, theirs = pty.openpty()
    process = begin(*RUN, env=sandbox.env | {"TERM": "xterm"}, stderr=theirs)
    os.close(theirs)

    shown = read_to_end(ours)
    os.close(ours)
    out, _ = process.communicate(timeout=15)

    assert process.returncode == 3
    assert "awarding" in shown
    assert "30/30" in shown
    assert any(f" {done}/30" in shown for done in range(1, 30))
    assert "2 rejected" in shown
    assert "1 unclear" in shown
    assert shown.rstrip().splitlines()[-1].count("unclear") == 0  # it was looked into
    assert "awarding" not in out


def test_nothing_is_drawn_when_nobody_watches(run, sandboxed, roster):
    sandbox = sandboxed()
    roster(3)

    finished = run(*RUN, env=sandbox.env)

    assert finished.stderr == ""
    assert finished.stdout.lstrip().startswith("awarded  3")


def test_bar_is_gone_from_the_output_when_it_goes_into_a_pipe(begin, sandboxed, roster):
    sandbox = sandboxed()
    roster(3)

    process = begin(*RUN, env=sandbox.env, stderr=subprocess.STDOUT)
    out, _ = process.communicate(timeout=15)

    assert "awarding" not in out
    assert "\x1b" not in out
