"""What ``aiobadges learning`` does: ask for a path, and for a learner's progress, and draw a tree."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from aiobadges.cli.exit_codes import ExitCode
from aiobadges.cli.running_sandbox import running_sandbox
from aiobadges.errors import InvalidCallError, NotFoundError
from aiobadges.sandbox.thought_industries.seed import ANA_TOKEN, API_KEY
from aiobadges.settings import resolve_tenant
from aiobadges.thought_industries.client import ThoughtIndustriesClient
from aiobadges.thought_industries.models import (
    CourseProgress,
    LearningPathDetail,
    MilestoneCompletion,
    MilestoneCourseItem,
    MilestoneOutline,
)
from aiobadges.values import Secret

__all__ = ["show_path", "show_progress"]


async def show_path(slug: str, *, host: str | None, is_sandbox: bool) -> ExitCode:
    """Print a learning path.

    Raises:
        BadgesError: host or key are missing, there is no such path, or no good answer came.
    """
    async with _client(host, is_sandbox=is_sandbox) as client:
        path = await _path(client, slug)
    tree = _tree(f"{path.name} ({path.slug}), {path.status}")
    for milestone in path.milestones or ():
        if milestone is not None:
            branch = tree.add(_text(f"{milestone.name}: {milestone.requirement}"))
            for line in _outline(milestone):
                branch.add(_text(line))
    _print(tree)
    return ExitCode.DONE


def show_progress(slug: str, *, host: str | None, is_sandbox: bool) -> ExitCode:
    """Print how far a learner is in a learning path.

    Raises:
        BadgesError: host, key or token are missing, there is no such path, or no good answer came.
    """
    if not is_sandbox:
        resolve_tenant({"host": host}, os.environ)  # nobody types a token in vain
    # Asked for before the event loop runs: within it Ctrl-C would not end the prompt.
    token = Secret(ANA_TOKEN) if is_sandbox else _learner_token()
    return asyncio.run(_show_progress(slug, token, host=host, is_sandbox=is_sandbox))


async def _show_progress(
    slug: str, token: Secret, *, host: str | None, is_sandbox: bool
) -> ExitCode:
    async with _client(host, is_sandbox=is_sandbox) as client:
        learner = client.acting_as(token)
        path, completions = await asyncio.gather(
            _path(learner, slug), learner.milestones.completions(slug)
        )
        milestones = [one for one in path.milestones or () if one is not None]
        courses = {one.content_id: None for each in milestones for one in _courses(each)}
        found = await asyncio.gather(*map(learner.courses.progress, courses))
    done = _completed_at(completions or [])
    count = sum(one.id in done for one in milestones)
    tree = _tree(f"{path.name}: {count} of {len(milestones)} milestones completed")
    progress = dict(zip(courses, found, strict=True))
    for milestone in milestones:
        is_done = milestone.id in done
        since = done.get(milestone.id)
        state = f"completed{_on(since)}" if is_done else "not completed"
        branch = tree.add(_text(f"{milestone.name} ({milestone.requirement}): {state}"))
        for item in _courses(milestone):
            branch.add(_text(f"{item.content_title}: {_percent(progress[item.content_id])}"))
    _print(tree)
    return ExitCode.DONE


@asynccontextmanager
async def _client(host: str | None, *, is_sandbox: bool) -> AsyncIterator[ThoughtIndustriesClient]:
    async with AsyncExitStack() as stack:
        if is_sandbox:
            if host:
                raise InvalidCallError(
                    "--sandbox and another place are given", remedy="Leave one of them out"
                )
            url = await stack.enter_async_context(running_sandbox())
            client = ThoughtIndustriesClient(host=url, api_key=API_KEY)
        else:
            client = ThoughtIndustriesClient.from_env(host=host)
        yield await stack.enter_async_context(client)


def _learner_token() -> Secret:
    token = os.environ.get("AIOBADGES_TI_AUTH_TOKEN", "").strip()
    if not token and sys.stdin.isatty():
        token = getpass.getpass("the learner's token: ", stream=sys.stderr).strip()
    if not token:
        raise InvalidCallError(
            "no learner is named: progress is one learner's",
            remedy="Set AIOBADGES_TI_AUTH_TOKEN to the learner's token",
        )
    return Secret(token)


async def _path(client: ThoughtIndustriesClient, slug: str) -> LearningPathDetail:
    path = await client.learning_paths.by_slug(slug)
    if path is None:
        raise NotFoundError(
            f"there is no learning path {slug!r}",
            remedy="The slug is the end of its address: /learning-paths/lab-safety",
        )
    return path


def _courses(milestone: MilestoneOutline) -> list[MilestoneCourseItem]:
    return milestone.milestone_courses or []


def _outline(milestone: MilestoneOutline) -> Iterator[str]:
    if milestone.release_date is not None:
        yield f"release: {milestone.release_date:%Y-%m-%d}"
    elif milestone.release_days:
        yield f"release: {milestone.release_days} days after the start"
    else:
        yield "release: at once"
    if milestone.completion_criteria_description:
        yield f"criteria: {milestone.completion_criteria_description}"
    for criterion in milestone.completion_criteria or ():
        if criterion is not None:
            award = criterion.award_type.label if criterion.award_type else None
            yield f"criterion: {criterion.type} {criterion.threshold}{f' {award}' if award else ''}"
    for item in _courses(milestone):
        yield f"{item.content_grouping}: {item.content_title} ({item.requirement})"
    if (assessment := milestone.milestone_competency_assessment) is not None:
        yield f"assessment: {assessment.title}"


def _completed_at(completions: list[MilestoneCompletion]) -> dict[str, datetime | None]:
    """Give when each milestone was completed, by id; the first time where there are several."""
    found: dict[str, datetime | None] = {}
    for one in completions:
        if one.milestone is not None:
            before = found.get(one.milestone.id)
            is_earlier = before is None or (one.timestamp is not None and one.timestamp < before)
            found[one.milestone.id] = one.timestamp if is_earlier else before
    return found


def _on(moment: datetime | None) -> str:
    return f" on {moment:%Y-%m-%d}" if moment else ""


def _percent(progress: CourseProgress | None) -> str:
    if progress is None or progress.percent_complete is None:
        return "not begun"
    return f"{progress.percent_complete} %"


def _text(line: str) -> Text:
    """Write what a server says: nothing in it is markup."""
    return Text(line)


def _tree(title: str) -> Tree:
    return Tree(_text(title))


def _print(tree: Tree) -> None:
    Console(highlight=False, soft_wrap=True).print(tree)
