"""What a leak is, and the taps on logs, errors and values through which one is seen.

A leak is a token wherever somebody else could read it, and an address in a log. To be seen, a
token must be known as one: tests name theirs ``CANARY-TOKEN...``, and so does the sandbox in this
process those that it makes up (`mark_what_the_sandbox_makes_up`). Addresses are known by their @.

Nothing in here knows pytest: processes that tests start watch their own logs with it, too. It
imports little for the same reason.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import pickle
import re
import sys
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

TOKEN = "CANARY-TOKEN"
# The others are the ones that every sandbox has, also one in a process of its own.
TOKENS = re.compile(rf"{TOKEN}|sandbox-token|sandbox-api-key|learner-token-")
ADDRESS = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")

# What is alike has its secrets alike: so many errors of one place, so many values of one class.
ALIKE = 3

VALUES = {
    "awards.audit": ["Audit", "DoubledAward", "ExtraAward", "MissingAward"],
    "awards.ledger.ledger": ["Ledger"],
    "awards.ledger.changes": ["Change"],
    "awards.ledger.effects": ["Effect"],
    "awards.ledger.runs": ["RunRecord"],
    "awards.once": ["AlreadyHeld", "Awarded", "Pending", "Rejected"],
    "awards.outcome": ["Outcome"],
    "awards.roster.row": ["Problem", "Row"],
    "awards.run": ["AwardRun"],
    "awards.sightings": ["Sighting"],
    "awards.trace": ["PlatformAward", "Trace", "TracedEffect"],
    "parchment.client": ["ParchmentClient"],
    "settings": ["Settings", "TenantSettings"],
    "thought_industries.client": ["ThoughtIndustriesClient"],
    "transport.auth.refreshing": ["RefreshingTokens"],
    "transport.auth.stores": ["FileStore", "MemoryStore"],
    "transport.auth.tokens": ["StaticToken", "TokenSet"],
    "transport.exchange": ["HttpExchange"],
    "transport.session": ["Options", "Session"],
    "values": ["Secret"],
    "wire.exchange": ["Broken", "Request", "Response"],
    "wire.operation": ["Call"],
    "wire.retry": ["Again"],
}
# Where a secret comes in as plain text, from a caller who has it in his own variables, or from
# the environment. From here on it is a Secret.
WHERE_SECRETS_COME_IN = {
    "ParchmentClient.__init__",
    "ThoughtIndustriesClient.__init__",
    "_credentials",
    "_first_place",
    "_place",
    "resolve",
    "resolve_tenant",
}
# Never meant for another process: what is on the wire when somebody signs in is a secret.
NOT_PICKLED = {"Request", "Response"}


class Sieve:
    """Looks for leaks in text, and tells each that it finds."""

    def __init__(self, report: Callable[[str], object]) -> None:
        self._report = report

    def text(self, text: str, where: str) -> None:
        """Look for tokens."""
        if found := TOKENS.search(text):
            self._report(f"a token in {where}: {_around(text, found)}")

    def log(self, text: str, where: str) -> None:
        """Look for tokens and addresses."""
        self.text(text, where)
        if ("@" in text or "%40" in text) and (found := ADDRESS.search(text)):
            self._report(f"an address in {where}: {_around(text, found)}")

    def data(self, data: bytes, where: str) -> None:
        """Look for tokens in what is no text, or not known to be."""
        self.text(data.decode("latin-1"), where)


def _around(text: str, found: re.Match[str]) -> str:
    return repr(text[max(0, found.start() - 60) : found.end() + 20])


def tap_logs(sieve: Sieve) -> None:
    """See every record of every logger, as if the root logger stood at DEBUG.

    A logger that was given a level of its own keeps it, and handlers get what they got before:
    they are not what is tested here.
    """
    is_enabled, handle = logging.Logger.isEnabledFor, logging.Logger.handle
    formatter = logging.Formatter()

    def is_enabled_for_us(logger: logging.Logger, level: int) -> bool:
        if is_enabled(logger, level):
            return True
        up: logging.Logger | None = logger
        while up is not None and up is not logging.root:
            if up.level:
                return False
            up = up.parent
        return logger.manager.disable < level

    def look_and_handle(logger: logging.Logger, record: logging.LogRecord) -> None:
        where = f"the log {record.name}"
        sieve.log(f"{formatter.format(record)}\n{vars(record)!r}", where)
        if is_enabled(logger, record.levelno):
            handle(logger, record)

    logging.Logger.isEnabledFor = is_enabled_for_us  # type: ignore[method-assign]
    logging.Logger.handle = look_and_handle  # type: ignore[method-assign]


class Specimens:
    """The errors and values of one test, looked at when made, and a few of each when it ends.

    What a test is about may be that something is let go of: values are held weakly. Errors
    cannot be, for they show most while they fly: the first of each place are held.
    """

    def __init__(self, sieve: Sieve) -> None:
        self._sieve = sieve
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._seen: Counter[object] = Counter()
        self._errors: list[BaseException] = []
        self._values: list[weakref.ref[Any]] = []

    def tap_errors(self) -> None:
        """See every error of aiobadges."""
        from aiobadges.errors import BadgesError

        def made(error: BadgesError) -> None:
            maker = sys._getframe(2)
            self._sieve.text(f"{error.args!r} {vars(error)!r}", f"a new {type(error).__name__}")
            if self._is_new((type(error), maker.f_code, maker.f_lineno)):
                self._errors.append(error)

        _tap_making(BadgesError, made)

    def tap_values(self) -> None:
        """See the values that are named above."""
        for module, names in VALUES.items():
            for name in names:
                __import__(f"aiobadges.{module}")
                _tap_making(getattr(sys.modules[f"aiobadges.{module}"], name), self._value_made)

    def _value_made(self, value: object) -> None:
        if self._is_new(type(value)):
            self._look_at_value(value, "a new")
            with contextlib.suppress(TypeError):  # a Secret: it never changes, so once is enough
                self._values.append(weakref.ref(value))

    def _is_new(self, kind: object) -> bool:
        self._seen[kind] += 1
        return self._seen[kind] <= ALIKE

    def look(self) -> None:
        """Look at all that were kept."""
        for error in self._errors:
            for link, is_shown in _chain(error):
                self._look_at_error(link, is_shown=is_shown)
        for reference in self._values:
            if (value := reference()) is not None:
                self._look_at_value(value, "a")

    def _look_at_error(self, error: BaseException, *, is_shown: bool) -> None:
        where = f"a {type(error).__name__}"
        self._sieve.text(f"{error} {error!r} {error.args!r}", where)
        self._sieve.text(_shown(vars(error)), f"the attributes of {where}")
        self._look_at_pickle(error, where)
        for frame in _frames(error) if is_shown else ():
            for name, value in frame.f_locals.items():
                code = frame.f_code.co_qualname
                self._sieve.text(_shown(value), f"the variable {name} of {code}, through {where}")

    def _look_at_value(self, value: object, kind: str) -> None:
        where = f"{kind} {type(value).__name__}"
        self._sieve.text(f"{_shown(value)} {value!s}", where)
        if type(value).__name__ not in NOT_PICKLED:
            self._look_at_pickle(value, where)

    def _look_at_pickle(self, value: object, where: str) -> None:
        try:
            data = pickle.dumps(value)
        except Exception:  # noqa: BLE001 - what cannot be pickled leaks nothing that way
            return
        self._sieve.data(data, f"the pickle of {where}")


def _tap_making(of: type, made: Callable[[Any], None]) -> None:
    make = of.__init__

    @functools.wraps(make)
    def make_and_tell(self: Any, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        made(self)

    of.__init__ = make_and_tell  # type: ignore[misc]


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # noqa: BLE001 - a value half made, or of a test that breaks its repr
        return ""


def _chain(error: BaseException) -> Iterator[tuple[BaseException, bool]]:
    """Give an error and what led to it, and whether a traceback shows each of them."""
    seen: set[int] = set()
    link: BaseException | None = error
    is_shown = True
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link, is_shown
        is_shown = is_shown and (link.__cause__ is not None or not link.__suppress_context__)
        link = link.__cause__ or link.__context__


def _frames(error: BaseException) -> Iterator[FrameType]:
    """Give the frames whose variables are ours to keep clean: the library's and aiohttp's."""
    traceback = error.__traceback__
    while traceback is not None:
        parts = Path(traceback.tb_frame.f_code.co_filename).parts
        is_ours = "aiobadges" in parts and "tests" not in parts and "sandbox" not in parts
        code = traceback.tb_frame.f_code
        if "aiohttp" in parts or (is_ours and code.co_qualname not in WHERE_SECRETS_COME_IN):
            yield traceback.tb_frame
        traceback = traceback.tb_next


def mark_what_the_sandbox_makes_up() -> None:
    """Let the sandboxes of this process mark the tokens they give out, and their one password."""
    from aiobadges.sandbox.parchment import identifiers, seed

    make = identifiers.secret
    identifiers.secret = lambda: f"{TOKEN}-{make()}"
    seed.PASSWORD = f"{TOKEN}-password"  # type: ignore[misc]
