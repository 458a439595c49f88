"""The sandbox as a process of its own: started, steered and read over HTTP, and by nothing else."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections import Counter
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import attrs
from faults import AWARD, LISTING, TOKEN, odds

from aiobadges.sandbox import MATH_EXPERT
from aiobadges.sandbox import TOKEN as ACCESS

__all__ = ["BadgeServer", "Outbox"]

_LATENCY = 0.03
_WORK_SECONDS = 0.02
"""How long the server looks before it inserts: what two requests can slip through together."""
_PATIENCE = 60.0


@attrs.frozen(kw_only=True)
class Outbox:
    """What the server has written to people."""

    mails: int
    reached: int
    doubled: tuple[str, ...]


class BadgeServer:
    """One server, ended with the block."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = ""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "aiobadges.sandbox"]
        command += ["--latency", str(_LATENCY), "--work-seconds", str(_WORK_SECONDS)]
        with (self._folder / "server.txt").open("wb") as said:
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=said, stdin=subprocess.DEVNULL, text=True
            )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip().removeprefix("listening on ")
        if not self.url:
            raise RuntimeError(f"the sandbox did not start: see {self._folder / 'server.txt'}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def fail(self, share: float, seed: int) -> None:
        """Let awards, listings and sign-ins go wrong from now on."""
        for number, operation in enumerate((AWARD, LISTING, TOKEN)):
            self._ask(
                "POST",
                "/_sandbox/faults",
                {
                    "probability": odds(share, operation),
                    "operation": operation,
                    "seed": seed + number,
                },
            )

    def recover(self) -> None:
        """Let everything go well from now on."""
        self._ask("POST", "/_sandbox/faults", {"clear": True})

    def requests(self) -> Counter[str]:
        """Say how many requests each operation has had."""
        return Counter(self._ask("GET", "/_sandbox/counters")["requests"]["by_operation"])

    def posts(self) -> int:
        """Say how many awards were asked for, whatever became of them."""
        return self.requests()[AWARD]

    def outbox(self) -> Outbox:
        """Say who was written to."""
        outbox = self._ask("GET", "/_sandbox/outbox")
        return Outbox(
            mails=outbox["sent"],
            reached=outbox["recipients"],
            doubled=tuple(one["to"] for one in outbox["doubled"]),
        )

    def holders(self) -> Counter[str]:
        """List the badge class as it stands: how many live assertions each recipient has."""
        listed = self._ask("GET", f"/v2/badgeclasses/{MATH_EXPERT}/assertions")["result"]
        return Counter(one["recipient"]["plaintextIdentity"] for one in listed)

    def seen_of(self, recipient: str) -> list[dict[str, Any]]:
        """Give every assertion of a recipient, from the server's own memory."""
        found: list[dict[str, Any]] = self._ask(
            "GET", f"/_sandbox/awards?recipient={quote(recipient)}"
        )["awards"]
        return found

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=_PATIENCE)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Authorization": f"Bearer {ACCESS}"})
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{method} {path}: {answer.status} {said.decode()}")
        return json.loads(said)
