"""The application: its groups of commands, and one handler for everything that goes wrong.

Nothing heavy is imported before a command runs: ``--help`` must not wait for the HTTP library.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version

from cyclopts import App, CycloptsError, MissingArgumentError, Parameter

from aiobadges.awards.roster.row import RosterError
from aiobadges.cli import account, award, demo, learning, sandbox
from aiobadges.cli.exit_codes import ExitCode, exit_code_of
from aiobadges.errors import BadgesError

__all__ = ["app", "run"]


def _worth_showing(default: object) -> str | None:
    """Show a default, but for a switch, which is off unless it is given."""
    return None if default is None or default is False or default == "" else str(default)


app = App(
    name="aiobadges",
    default_parameter=Parameter(show_default=_worth_showing),
    help="Award and manage badges on Parchment Digital Badges (Badgr), never to anyone twice.",
    version=lambda: version("aiobadges"),
    help_epilogue="Exit codes: 0 done, 1 error, 2 usage or bad file, 3 look at the rows, 4 sign in,"
    " 5 refused, 6 the platform differs, 130 interrupted. With --debug an error shows its traceback.",
)
app.command(award.app)
app.command(learning.app)
app.command(sandbox.app)
app.command(demo.demo)
account.add_commands(app)


def run(arguments: Sequence[str]) -> int:
    """Run a command and give its exit code; no error of ours ends in a traceback."""
    is_debugging = "--debug" in arguments
    tokens = [argument for argument in arguments if argument != "--debug"]
    try:
        result = app(tokens, exit_on_error=False, print_error=False, result_action="return_value")
    except BadgesError as error:
        if is_debugging:
            traceback.print_exception(error)
        else:
            _print_error(error)
        return exit_code_of(error)
    except MissingArgumentError as error:
        sys.stderr.write(f"aiobadges: {_what_is_missing(error)}\n")
        return ExitCode.USAGE
    except CycloptsError as error:
        sys.stderr.write(f"aiobadges: {error}\n")
        return ExitCode.USAGE
    except (KeyboardInterrupt, asyncio.CancelledError):
        return ExitCode.INTERRUPTED
    return result if isinstance(result, int) else ExitCode.DONE


def _what_is_missing(error: MissingArgumentError) -> str:
    command = " ".join(error.command_chain or ())
    name = error.argument.name if error.argument else "an argument"
    if error.keyword is not None:
        return f"{error.keyword} needs a value; see: aiobadges {command} --help"
    return f"'{command}' needs {name}; see: aiobadges {command} --help"


def _print_error(error: BadgesError) -> None:
    sys.stderr.write(f"aiobadges: {error}\n")
    if isinstance(error, RosterError) and len(error.problems) > 1:
        for problem in error.problems:
            sys.stderr.write(f"  {problem}\n")
        if (more := error.count - len(error.problems)) > 0:
            sys.stderr.write(f"  and {more:,} more\n")
