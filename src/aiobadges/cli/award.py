"""``aiobadges award``: awarding badges from a roster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from aiobadges.settings import RegionName

__all__ = ["app"]

app = App(name="award", help="Award badges from a roster.")

_MORE_THAN_ZERO = validators.Number(gt=0)


@app.command
async def run(
    roster: Path,
    /,
    *,
    badge: str | None = None,
    issuer: str | None = None,
    sandbox: Annotated[bool, Parameter(negative="")] = False,
    region: RegionName | None = None,
    base_url: str | None = None,
    profile: str | None = None,
    concurrency: Annotated[int, Parameter(validator=_MORE_THAN_ZERO)] = 20,
    rate: Annotated[float | None, Parameter(validator=_MORE_THAN_ZERO)] = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str | None = None,
) -> int:
    """Award every row of a roster, and write what became of each row beside it.

    Until runs are recorded, only the sandbox, the test region and servers on this machine are
    awarded to. Ctrl-C begins no further row and brings those under way to their end.

    Parameters
    ----------
    roster
        A CSV file. It needs a column 'identifier' or 'email'; Parchment's own column names work.
    badge
        The name or id of the badge class for the whole roster; else a column 'badge'.
    issuer
        The name or id of the issuer, where several have a badge class of that name.
    sandbox
        Award to the sandbox on this machine: no account, nothing leaves it.
    region
        Where the account is: us, eu, au, ca, sg, demo, test, sandbox.
    base_url
        Another server, instead of a region.
    profile
        A profile of the configuration file.
    concurrency
        Awards in flight at most.
    rate
        Awards a second at most.
    timezone
        The time zone of dates that name none, such as Europe/Berlin.
    date_format
        How dates are written when not as 2026-06-30, such as %d.%m.%Y.
    encoding
        The encoding of the file when it is not UTF-8, such as cp1252.
    """
    from aiobadges.cli.award_run import AwardRunOptions, award_run  # noqa: PLC0415 - it is heavy

    return await award_run(
        AwardRunOptions(
            roster=roster,
            badge=badge,
            issuer=issuer,
            sandbox=sandbox,
            region=region,
            base_url=base_url,
            profile=profile,
            concurrency=concurrency,
            rate=rate,
            timezone=timezone,
            date_format=date_format,
            encoding=encoding,
        )
    )
