"""``aiobadges award``: awarding badges from a roster, and everything about the runs of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter, validators

from aiobadges.cli.place import LedgerOption, Place

__all__ = ["app"]

app = App(name="award", help="Award badges from a roster, go on with runs, check and undo them.")

_MORE_THAN_ZERO = validators.Number(gt=0)
_Yes = Annotated[bool, Parameter(negative="", help="Go on without asking.")]
_Flag = Annotated[bool, Parameter(negative="")]


@app.command
async def run(
    roster: Path,
    /,
    *,
    badge: str | None = None,
    issuer: str | None = None,
    place: Place | None = None,
    ledger: LedgerOption = None,
    yes: _Yes = False,
    max_awards: Annotated[int | None, Parameter(validator=_MORE_THAN_ZERO)] = None,
    canary: Annotated[int | None, Parameter(validator=_MORE_THAN_ZERO)] = None,
    first_to: str | None = None,
    award_revoked: _Flag = False,
    renew: _Flag = False,
    concurrency: Annotated[int, Parameter(validator=_MORE_THAN_ZERO)] = 20,
    rate: Annotated[float | None, Parameter(validator=_MORE_THAN_ZERO)] = None,
    timezone: str = "UTC",
    date_format: str | None = None,
    encoding: str | None = None,
) -> int:
    """Award every row of a roster, and write what became of each row beside it.

    Everywhere but in the sandbox it asks first: type the number of people, or give --yes. Each
    award is written down before it is sent. Ctrl-C begins no further row and brings those under
    way to their end; whatever breaks a run off, 'aiobadges award resume' goes on with it and
    nobody is written to twice. At the end the platform is listed and compared.

    Parameters
    ----------
    roster
        A CSV file. It needs a column 'identifier' or 'email'; Parchment's own column names work.
    badge
        The name or id of the badge class for the whole roster; else a column 'badge'.
    issuer
        The name or id of the issuer, where several have a badge class of that name.
    max_awards
        Refuse to award more people than this; 500 with --yes unless you say more.
    canary
        Award so many rows first, compare with the platform, and ask again before the others.
    first_to
        Award this address first (yours, say), and ask again before the others.
    award_revoked
        Award also whom the badge was taken from before.
    renew
        Award also whose earlier award has expired.
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
    from aiobadges.awards.plan import PlanPolicy  # noqa: PLC0415 - it is heavy
    from aiobadges.cli.award_run import (  # noqa: PLC0415 - the same
        AwardRunOptions,
        Caution,
        award_run,
    )

    return await award_run(
        AwardRunOptions(
            roster=roster,
            badge=badge,
            issuer=issuer,
            place=place or Place(),
            ledger=ledger,
            caution=Caution(yes=yes, max_awards=max_awards, canary=canary, first_to=first_to),
            policy=PlanPolicy(award_revoked=award_revoked, renew=renew),
            concurrency=concurrency,
            rate=rate,
            timezone=timezone,
            date_format=date_format,
            encoding=encoding,
        )
    )


@app.command(name="list")
async def list_(*, unfinished: _Flag = False, ledger: LedgerOption = None) -> int:
    """List the runs, newest first.

    Parameters
    ----------
    unfinished
        Only those with a row that has not come to its end.
    """
    from aiobadges.cli.award_runs import list_runs  # noqa: PLC0415 - it is heavy

    return await list_runs(ledger, unfinished=unfinished)


@app.command
async def show(run: str, /, *, ledger: LedgerOption = None) -> int:
    """Show a run: where it stands, what needs a look, and how to go on.

    Parameters
    ----------
    run
        Its four letters and digits, as 'aiobadges award list' shows them.
    """
    from aiobadges.cli.award_runs import show_run  # noqa: PLC0415 - it is heavy

    return await show_run(run, ledger)


@app.command
async def resume(
    run: str | None = None,
    /,
    *,
    place: Place | None = None,
    ledger: LedgerOption = None,
    yes: _Yes = False,
    max_awards: Annotated[int | None, Parameter(validator=_MORE_THAN_ZERO)] = None,
    concurrency: Annotated[int, Parameter(validator=_MORE_THAN_ZERO)] = 20,
    rate: Annotated[float | None, Parameter(validator=_MORE_THAN_ZERO)] = None,
) -> int:
    """Go on with a run that was stopped, paused or killed.

    What may or may not have been awarded is looked up on the platform first. Where the run was
    planned is where it goes on, unless an option or the environment says otherwise, and then it
    is refused.

    Parameters
    ----------
    run
        Which one; not needed when only one is unfinished.
    max_awards
        Refuse to award more people than this, when the run was never begun.
    concurrency
        Awards in flight at most.
    rate
        Awards a second at most.
    """
    from aiobadges.cli.award_resume import award_resume  # noqa: PLC0415 - it is heavy
    from aiobadges.cli.award_run import Caution  # noqa: PLC0415 - the same

    return await award_resume(
        run,
        place or Place(),
        ledger,
        caution=Caution(yes=yes, max_awards=max_awards),
        concurrency=concurrency,
        rate=rate,
    )


@app.command
async def audit(run: str, /, *, place: Place | None = None, ledger: LedgerOption = None) -> int:
    """Compare a run with what the platform lists now; exit code 6 when anything is off.

    It names awards of the run that are missing or revoked, awards that nobody here planned, and
    people who hold a badge twice. Nothing is changed.

    Parameters
    ----------
    run
        Its four letters and digits.
    """
    from aiobadges.cli.award_resume import award_audit  # noqa: PLC0415 - it is heavy

    return await award_audit(run, place or Place(), ledger)


@app.command
async def undo(
    run: str,
    /,
    *,
    reason: str,
    only: Path | None = None,
    rows: str | None = None,
    where: str | None = None,
    place: Place | None = None,
    ledger: LedgerOption = None,
    yes: _Yes = False,
) -> int:
    """Revoke the awards of a run, all or some; never one that this run did not make.

    Rows that were not begun are given up, and unclear ones looked into first, so that going on
    with the run awards none of them. It can be broken off and given again. A run that was never
    begun is forgotten. The people are not told by us, and the mails of the awards cannot be taken
    back.

    Parameters
    ----------
    run
        Its four letters and digits.
    reason
        Why; whoever opens the badge can read it.
    only
        A CSV file: only the people in it. Results files and exports work as they are.
    rows
        Only these rows of the roster, as a spreadsheet counts them: 12-48, or 3,7,12-48.
    where
        Only rows whose column has a value: column=value.
    """
    from aiobadges.cli.award_undo import UndoOptions, award_undo  # noqa: PLC0415 - it is heavy

    return await award_undo(
        UndoOptions(
            run=run,
            reason=reason,
            only=only,
            rows=rows,
            where=where,
            place=place or Place(),
            ledger=ledger,
            yes=yes,
        )
    )


@app.command
async def export(
    run: str,
    /,
    *,
    failed: _Flag = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    ledger: LedgerOption = None,
) -> int:
    """Write the rows of a run as CSV: the roster's columns, then what became of each.

    Parameters
    ----------
    run
        Its four letters and digits.
    failed
        Only rows that need a look; mend them and give the file to 'aiobadges award run'.
    output
        Into this new file, instead of to the terminal.
    """
    from aiobadges.cli.award_runs import export_run  # noqa: PLC0415 - it is heavy

    return await export_run(run, ledger, failed=failed, output=output)


@app.command
async def trace(person: str, /, *, place: Place | None = None, ledger: LedgerOption = None) -> int:
    """Tell all there is about one person: each attempt, each award, and what it comes to.

    Parameters
    ----------
    person
        An e-mail address, a telephone number, the id of an award, or its link.
    """
    from aiobadges.cli.award_trace import award_trace  # noqa: PLC0415 - it is heavy

    return await award_trace(person, place or Place(), ledger)
