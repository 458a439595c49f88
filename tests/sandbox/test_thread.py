"""The sandbox in a thread, for synchronous callers."""

import json
import threading
import urllib.error
import urllib.request

import pytest

from aiobadges.sandbox import CLAIM_CODE, MATH_EXPERT, SandboxThread, StateInUseError


def send(url, body=None, method=None):
    request = urllib.request.Request(  # noqa: S310 - http on loopback
        url,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer sandbox-token", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - the same
        return json.load(response)


@pytest.fixture
def sandbox():
    with SandboxThread() as sandbox:
        yield sandbox


def award(sandbox, address="ana@example.edu"):
    body = {"recipient": {"identity": address}}
    return send(f"{sandbox.url}/v2/badgeclasses/{MATH_EXPERT}/assertions", body)


def test_awards_are_seen_from_another_thread_when_made(sandbox):
    award(sandbox)

    assert [seen.recipient for seen in sandbox.awards("ana@example.edu")] == ["ana@example.edu"]
    assert sandbox.outbox.sent == 1
    assert sandbox.counters.requests == 1


def test_faults_are_met_when_scripted_from_another_thread(sandbox):
    sandbox.faults.next("badgeclasses.award", "unavailable")

    with pytest.raises(urllib.error.HTTPError, match="503") as caught:
        award(sandbox)

    caught.value.close()


def test_everything_is_as_at_the_start_when_reset_from_another_thread(sandbox):
    award(sandbox)

    sandbox.reset()

    assert sandbox.outbox.sent == 0
    assert sandbox.expire_tokens() == 0


def test_account_can_be_added_from_another_thread(sandbox):
    sandbox.add_user("new@example.edu", "secret")

    with pytest.raises(ValueError, match="already"):
        sandbox.add_user("new@example.edu", "secret")


def test_what_the_api_cannot_do_is_done_from_another_thread(sandbox):
    assert sandbox.add_group("New", ["zoe@example.edu"])
    sandbox.complete_course("zoe@example.edu", "lms.example", "7")

    assert sandbox.awards("zoe@example.edu") == []
    assert sandbox.claim(CLAIM_CODE, "zoe@example.edu")
    assert sandbox.outbox.by_recipient() == {"zoe@example.edu": 1}


def test_outbox_can_be_read_from_many_threads_when_awards_are_made(sandbox):
    problems = []
    done = threading.Event()

    def read():
        try:
            while not done.is_set():
                assert sum(sandbox.outbox.by_recipient().values()) <= 200
                sandbox.outbox.doubled()
                sandbox.counters.by_operation  # noqa: B018 - reading is the test
        except Exception as error:  # noqa: BLE001 - reported below
            problems.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(200):
        award(sandbox, f"p{n}@example.edu")
    done.set()
    for reader in readers:
        reader.join()

    assert problems == []
    assert sandbox.outbox.sent == 200


def test_awards_can_still_be_read_when_stopped():
    sandbox = SandboxThread()
    sandbox.start()
    award(sandbox)

    sandbox.stop()
    sandbox.stop()

    assert len(sandbox.awards("ana@example.edu")) == 1
    with pytest.raises(RuntimeError, match="not started"):
        _ = sandbox.url


def test_second_start_is_refused_when_it_runs(sandbox):
    with pytest.raises(RuntimeError, match="runs already"):
        sandbox.start()


def test_failure_is_raised_in_the_callers_thread_when_it_cannot_start(tmp_path):
    with SandboxThread(state=tmp_path / "state.jsonl") as first:
        second = SandboxThread(state=tmp_path / "state.jsonl")

        with pytest.raises(StateInUseError) as caught:
            second.start()

        assert caught.value.url == first.url
    with second:
        assert second.url


def test_token_is_the_static_one_when_asked_for(sandbox):
    assert sandbox.token == "sandbox-token"
