"""Options that many commands share: where the account is, and where the ledger lies."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import attrs
from cyclopts import Parameter

from aiobadges.settings import RegionName

__all__ = ["LedgerOption", "Place"]

LedgerOption: TypeAlias = Annotated[
    str | None,
    Parameter(
        name="--ledger",
        help="Where awards are written down, a file or a database URL;"
        " else what AIOBADGES_LEDGER says, else a file of yours.",
    ),
]


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Place:
    """Where to go, and as whom."""

    sandbox: Annotated[
        bool,
        Parameter(
            negative="", help="The sandbox on this machine: no account, and nothing leaves it."
        ),
    ] = False
    region: Annotated[
        RegionName | None,
        Parameter(
            show_choices=False,  # each has two names
            help="Where the account is: us, eu, au, ca, sg, demo, test, sandbox.",
        ),
    ] = None
    base_url: Annotated[str | None, Parameter(help="Another server, instead of a region.")] = None
    profile: Annotated[str | None, Parameter(help="A profile of the configuration file.")] = None

    @property
    def is_named(self) -> bool:
        """Whether any option says where to go."""
        return bool(self.sandbox or self.region or self.base_url or self.profile)
