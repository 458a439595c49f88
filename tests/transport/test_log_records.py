"""What can be seen of calls: events and log records, and that no secret is among it."""

import asyncio
import contextlib
import logging
import pickle
import traceback

import attrs
import pytest

from aiobadges.errors import BadgesError, OutcomeUnknownError, SignInError, UnauthorizedError
from aiobadges.parchment.resources.users import GET_SELF
from aiobadges.sandbox import MATH_EXPERT, PASSWORD, USERNAME
from aiobadges.transport.auth.stores import MemoryStore
from aiobadges.transport.events import AttemptEnded, Paused, TokenRenewed, WillRetry
from aiobadges.transport.exchange import Timeouts
from aiobadges.transport.session import Options
from aiobadges.wire.operation import Call

LOGGER = "aiobadges.transport"
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

DOCUMENTED = {
    "event", "operation", "method", "template", "attempt", "status", "seconds", "request_id",
    "outcome",
}  # fmt: skip


def fields(record):
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


async def test_events_tell_of_each_attempt_and_each_wait(sandbox, client_of, clock):
    told = []
    client = client_of(sandbox, clock=clock, hooks=[told.append])
    sandbox.faults.next("users.get_self", "rate_limited", retry_after=3)

    await client.users.get_self()

    first, second = (event for event in told if isinstance(event, AttemptEnded))
    assert [type(event) for event in told] == [Paused, AttemptEnded, WillRetry, AttemptEnded]
    assert told[0] == Paused(seconds=3, status=429)
    assert told[2] == WillRetry(
        operation="users.get_self", attempt=1, seconds=0.25, outcome="RateLimitedError"
    )
    assert (first.attempt, first.status, first.outcome) == (1, 429, "RateLimitedError")
    assert (second.attempt, second.status, second.outcome) == (2, 200, "ok")
    assert first.request_id == second.request_id != ""
    assert (first.method, first.template) == ("GET", "/v2/users/self")


async def test_event_has_no_status_when_no_answer_came(sandbox, client_of, speak):
    told = []
    client = client_of(sandbox, hooks=[told.append])
    sandbox.faults.next("badgeclasses.award", "drop_before_work")

    await speak.error_of(speak.award(client))

    assert told[0].status is None
    assert told[0].outcome == "OutcomeUnknownError"


async def test_event_tells_of_a_new_token(sandbox, client_of):
    told = []
    client = client_of(sandbox, username=USERNAME, password=PASSWORD, hooks=[told.append])

    await client.users.get_self()

    assert [type(event) for event in told] == [TokenRenewed, AttemptEnded]


async def test_every_hook_is_told_and_its_error_comes_out(sandbox, client_of):
    told = []

    def fails(event):
        raise ZeroDivisionError(event)

    client = client_of(sandbox, hooks=[told.append, fails])

    with pytest.raises(ZeroDivisionError):
        await client.users.get_self()

    assert len(told) == 1
    async with asyncio.timeout(1), client.session.permit():
        pass


async def test_records_have_the_documented_fields(sandbox, client_of, clock, caplog):
    caplog.set_level(logging.DEBUG, LOGGER)
    client = client_of(sandbox, clock=clock, username=USERNAME, password=PASSWORD)
    sandbox.faults.next("users.get_self", "rate_limited", retry_after=3)

    await client.users.get_self()

    records = {record.event: record for record in caplog.records if record.name == LOGGER}
    assert {name: record.levelno for name, record in records.items()} == {
        "token-renewed": logging.INFO,
        "paused": logging.WARNING,
        "attempt-ended": logging.DEBUG,
        "will-retry": logging.INFO,
    }
    ended, retry, paused = (records[n] for n in ("attempt-ended", "will-retry", "paused"))
    assert {name for record in records.values() for name in fields(record)} <= DOCUMENTED
    assert ended.operation == retry.operation == "users.get_self"
    assert (ended.attempt, ended.status, ended.outcome) == (2, 200, "ok")
    assert ended.seconds >= 0
    assert len(ended.request_id) == 32
    assert (retry.attempt, retry.outcome, retry.seconds) == (1, "RateLimitedError", 0.25)
    assert (paused.seconds, paused.status) == (3, 429)
    assert ended.getMessage().startswith("attempt-ended operation=users.get_self")


async def test_nothing_is_written_when_the_application_configured_no_logging(
    sandbox, client_of, capfd
):
    sandbox.faults.next("users.get_self", "rate_limited", retry_after=0)

    await client_of(sandbox).users.get_self()

    assert capfd.readouterr() == ("", "")
    assert logging.getLogger(LOGGER).handlers


async def test_no_path_argument_is_logged_when_a_path_is_asked_for(sandbox, client_of, caplog):
    caplog.set_level(logging.DEBUG)

    with contextlib.suppress(BadgesError):
        await client_of(sandbox).request("GET", "/v2/assertions/CANARY%40example.edu")

    assert "CANARY" not in caplog.text
    assert not [r for r in caplog.records if "CANARY" in repr(vars(r))]


# Secrets and addresses ----------------------------------------------------------------------

ITS_PASSWORD = "CANARY-TOKEN-pass"
ADDRESS = "CANARY-ana@example.edu"
ACCOUNT = "CANARY-account@example.edu"
BADGE = "CANARY-badge"


class LeaseLostError(Exception):
    pass


class ListeningStore(MemoryStore):
    """Notes every token there ever was."""

    def __init__(self):
        super().__init__()
        self.tokens = []

    async def save(self, tokens):
        self.tokens += [tokens.access.reveal(), tokens.refresh.reveal()]
        await super().save(tokens)


def refuse():
    raise LeaseLostError


async def canary_scenario(sandbox, client_of, speak, clock):
    """Do everything that can go wrong; give the client, its events, and every error."""
    events, errors = [], []
    sandbox.add_user(ACCOUNT, ITS_PASSWORD)
    store = ListeningStore()
    client = client_of(
        sandbox, username=ACCOUNT, password=ITS_PASSWORD, token_store=store, clock=clock,
        hooks=[events.append], timeouts=Timeouts(read=0.1),
    )  # fmt: skip

    async def note(call):
        try:
            await call
        except (BadgesError, LeaseLostError) as error:
            errors.append(error)

    await note(client.users.get_self())
    for kind in ("rate_limited", "before_work", "cut_body", "hang", "html", "unauthorized",
                 "drop_after_work", "refused"):  # fmt: skip
        sandbox.faults.next("badgeclasses.award", kind, times=3)
        await note(speak.award(client, ADDRESS))
        sandbox.faults.clear()
        sandbox.faults.next("users.get_self", kind, times=9)
        await note(client.users.get_self())
        sandbox.faults.clear()
    await note(speak.award(client, ADDRESS))
    await note(speak.award(client.with_options(deadline=-1), ADDRESS))
    await note(client.badgeclasses.assertions(MATH_EXPERT, recipient=ADDRESS)._first())
    await note(client.badgeclasses.get(BADGE))
    await note(client.assertions.get(ADDRESS))
    await note(client.send(Call(operation=GET_SELF), Options(before_send=refuse)))
    sandbox.expire_tokens()
    await note(client.users.get_self())
    await note(client_of(sandbox, username=ACCOUNT, password="CANARY-TOKEN-wrong").users.get_self())
    await note(client_of(sandbox, token="CANARY-TOKEN").users.get_self())
    await client.aclose()
    await note(client.users.get_self())
    assert len(errors) > 15
    assert {SignInError, OutcomeUnknownError, UnauthorizedError, LeaseLostError} <= set(
        map(type, errors)
    )
    assert len(store.tokens) > 4
    return client, events, errors, ["CANARY", *store.tokens]


async def test_no_secret_and_no_address_is_shown_whatever_happens(
    sandbox, client_of, speak, clock, caplog
):
    caplog.set_level(logging.DEBUG)

    client, events, errors, canaries = await canary_scenario(sandbox, client_of, speak, clock)

    seen = [caplog.text, *(repr(vars(record)) for record in caplog.records)]
    seen += [repr(event) + str(attrs.asdict(event)) for event in events]
    seen += [repr(client), repr(client.session), repr(client.settings.password)]
    for error in errors:
        seen += [str(error), repr(error), repr(error.args), str(pickle.dumps(error))]
        seen += ["".join(traceback.format_exception(error))]
        seen += [repr(getattr(error, "site", None)), repr(getattr(error, "field_errors", None))]
    assert [(c, s[max(0, s.find(c) - 200) :][:400]) for c in canaries for s in seen if c in s] == []


async def test_no_token_stands_in_the_local_variables_of_a_traceback(
    sandbox, client_of, speak, clock
):
    """Error trackers and rich tracebacks show them."""
    _, _, errors, canaries = await canary_scenario(sandbox, client_of, speak, clock)
    tokens = [canary for canary in canaries if canary != "CANARY"]
    tokens += ["CANARY-TOKEN-pass", "CANARY-TOKEN-wrong", "CANARY-TOKEN"]

    for error in errors:
        here = traceback.TracebackException.from_exception(error, capture_locals=True)
        lines = "\n".join(
            f"{frame.filename}:{frame.name} {name} = {value}"
            for frame in frames(here)
            if not frame.filename.endswith("test_log_records.py")
            for name, value in (frame.locals or {}).items()
        )
        assert [lines[max(0, lines.find(t) - 300) :][:500] for t in tokens if t in lines] == []


def frames(trace):
    """Give the frames of an exception and of those it came from, as a printer follows them."""
    while trace is not None:
        yield from trace.stack
        follow = None if trace.__suppress_context__ else trace.__context__
        trace = trace.__cause__ or follow


async def test_errors_survive_a_process_pool(sandbox, client_of, speak, clock):
    _, _, errors, _ = await canary_scenario(sandbox, client_of, speak, clock)

    for error in errors:
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert type(copy.__cause__) is type(error.__cause__)
