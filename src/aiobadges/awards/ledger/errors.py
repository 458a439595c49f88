"""What can go wrong with a ledger. Nothing is sent that could not be written down first."""

from __future__ import annotations

from aiobadges.errors import BadgesError, InvalidCallError

__all__ = ["ForeignRunError", "LedgerError", "LedgerPlaceError", "NoSuchRunError", "RunInUseError"]


class LedgerError(BadgesError):
    """The ledger cannot be read or written: disk full, locked, damaged. The run stops."""


class LedgerPlaceError(InvalidCallError):
    """A ledger cannot lie there, or was written by a later version."""


class NoSuchRunError(InvalidCallError):
    """The ledger has no run of that name."""


class ForeignRunError(InvalidCallError):
    """The run belongs to another place, account or issuer than the client. Nothing was sent."""


class RunInUseError(InvalidCallError):
    """Another process is working on the run.

    Attributes:
        host: the machine it runs on.
        pid: its process id there.
    """

    def __init__(self, message: str, *, host: str = "", pid: int = 0, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.host = host
        self.pid = pid
