"""``aiobadges learning``: learning paths of a Thought Industries tenant."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

__all__ = ["app"]

app = App(name="learning", help="Look at learning paths, and how far a learner is.")


@app.command
async def show(
    slug: str,
    /,
    *,
    host: str | None = None,
    sandbox: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Print a learning path: its milestones with requirement, release, criteria and courses.

    The key of the tenant comes from AIOBADGES_TI_API_KEY.

    Parameters
    ----------
    slug
        The learning path's name in addresses, such as lab-safety.
    host
        The tenant, such as acme.thoughtindustries.com, instead of AIOBADGES_TI_HOST.
    sandbox
        Ask the sandbox on this machine; its learning path is lab-safety.
    """
    from aiobadges.cli.learning_path import show_path  # noqa: PLC0415 - it is heavy

    return await show_path(slug, host=host, is_sandbox=sandbox)


@app.command
def progress(
    slug: str,
    /,
    *,
    host: str | None = None,
    sandbox: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Print how far one learner is in a learning path, milestone by milestone.

    The learner's token comes from AIOBADGES_TI_AUTH_TOKEN, else it is asked for, the key of the
    tenant from AIOBADGES_TI_API_KEY.

    Parameters
    ----------
    slug
        The learning path's name in addresses, such as lab-safety.
    host
        The tenant, such as acme.thoughtindustries.com, instead of AIOBADGES_TI_HOST.
    sandbox
        Ask the sandbox on this machine, as its learner Ana.
    """
    from aiobadges.cli.learning_path import show_progress  # noqa: PLC0415 - it is heavy

    return show_progress(slug, host=host, is_sandbox=sandbox)
