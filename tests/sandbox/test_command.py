"""``python -m aiobadges.sandbox``."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from aiobadges.sandbox import MATH_EXPERT
from aiobadges.sandbox.command import main


def get(url, path):
    request = urllib.request.Request(  # noqa: S310 - http on loopback
        url + path, headers={"Authorization": "Bearer sandbox-token"}
    )
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - the same
        return response.status, dict(response.headers), json.load(response)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_program_ends_well_when_told_to_stop(program, number):
    process, url = program()
    assert get(url, "/v2/issuers")[0] == 200

    process.send_signal(number)

    out, err = process.communicate(timeout=5)
    assert (process.returncode, out, err) == (0, "", "")


def test_program_ends_at_once_when_clients_keep_connections(program):
    process, url = program()
    host, port = url.removeprefix("http://").split(":")
    keeper = (
        "import http.client, sys; c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]));"
        "c.request('GET', '/_sandbox/counters'); c.getresponse().read(); print(flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", keeper, host, port], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        client.stdout.readline()
        process.terminate()
        process.communicate(timeout=1.5)
        client.stdin.close()

    assert process.returncode == 0


def test_options_reach_the_sandbox_when_given(program):
    _, url = program(
        "--public-url", "https://badges.example.edu",
        "--rate-limit", "2/600",
        "--cursor-names", "older,newer",
        "--token-lifetime", "60",
        "--latency", "0.01",
        "--work-seconds", "0.01",
        "--fault-seed", "1",
        "--fault", "unavailable=0.0", "hang=0.0",
        "--fault", "html=0",
    )  # fmt: skip
    assert get(url, f"/v2/badgeclasses/{MATH_EXPERT}/assertions?num=1")[0] == 200
    assert get(url, "/v2/issuers")[0] == 200
    with pytest.raises(urllib.error.HTTPError, match="429") as caught:
        get(url, "/v2/issuers")
    caught.value.close()
    form = b"username=registrar%40example.edu&password=sandbox"
    with urllib.request.urlopen(f"{url}/o/token", form, timeout=5) as response:  # noqa: S310
        assert json.load(response)["expires_in"] == 60


def test_faults_are_met_when_given(program):
    _, url = program("--fault", "unavailable=1.0")

    with pytest.raises(urllib.error.HTTPError, match="503") as caught:
        get(url, "/v2/issuers")

    caught.value.close()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--fault", "explode=0.1"], "no fault 'explode'; the faults are before_work"),
        (["--fault", "hang"], "could not convert"),
        (["--fault", "hang=7"], "probabilities lie between 0 and 1"),
        (["--rate-limit", "none"], "invalid"),
        (["--cursor-names", "after"], "give two names"),
    ],
    ids=["kind", "no share", "share", "limit", "cursors"],
)
def test_usage_is_shown_when_an_option_is_wrong(capsys, arguments, text):
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 2
    assert text in capsys.readouterr().err


def test_program_says_where_the_other_one_is_when_the_state_file_is_in_use(
    program, tmp_path, capsys
):
    path = str(tmp_path / "state.jsonl")
    process, url = program("--state", path)

    code = main(["--state", path])

    assert code == 1
    assert f"the sandbox at {url} (process {process.pid})" in capsys.readouterr().err


def test_program_says_what_is_wrong_when_the_port_is_taken(program, capsys):
    _, url = program()

    code = main(["--port", url.rsplit(":", 1)[1]])

    assert code == 1
    assert "address already in use" in capsys.readouterr().err
