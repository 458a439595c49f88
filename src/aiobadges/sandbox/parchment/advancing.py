"""Moving people along pathways: finds the steps they have completed, and awards the badges for it.

Each step is found complete once for each person, and its badge is awarded at most once, also when
the step falls back and is completed again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import granting
from aiobadges.sandbox.parchment.pathway_records import Completion
from aiobadges.sandbox.parchment.pathway_tree import root_of
from aiobadges.sandbox.parchment.progress import Deeds, evaluate, steps_of
from aiobadges.sandbox.parchment.public import badge_of, badge_url

if TYPE_CHECKING:
    from aiobadges.sandbox.parchment.call import Tenant
    from aiobadges.sandbox.parchment.pathway_records import Pathway
    from aiobadges.sandbox.parchment.records import Assertion
    from aiobadges.sandbox.parchment.state import State

__all__ = ["advance", "advance_everybody", "after_award", "after_course", "deeds_of", "member"]


def member(state: State, pathway: Pathway, address: str) -> str | None:
    """Give an address as it is written in a group that follows a pathway; None when in none."""
    wanted = address.casefold()
    members = state.members_of(pathway)
    return next((member for member in members if member.casefold() == wanted), None)


def deeds_of(state: State, pathway: Pathway, address: str) -> Deeds:
    """Collect what a person has done that may count on a pathway."""
    person = address.casefold()
    return Deeds(
        badges=state.badges_held_by(person, moments.now()),
        courses={(done.domain, done.course): done.at for done in state.courses_of(person)},
        experiences={e.experience: e.passed for e in state.evaluations_of(pathway, person)},
    )


def advance(tenant: Tenant, pathway: Pathway, address: str) -> None:
    """Look for steps that a person has completed, until there are no more.

    A badge that is awarded on the way may complete another step of the same pathway.
    """
    if pathway.published is None:
        return
    root, person = root_of(pathway.published), address.casefold()
    state = tenant.state
    while True:
        standings = evaluate(root, deeds_of(state, pathway, person))
        known = state.completions_of(pathway, person)
        completed = [
            step
            for step in steps_of(root)
            if (name := step.element_id or "") not in known
            and standings[name].status == "COMPLETED"
        ]
        if not completed:
            return
        for step in completed:
            award = _award(tenant, pathway, step.completion_badge or "", address)
            state.completions.put(
                Completion(
                    pathway=pathway.key,
                    element=step.element_id or "",
                    recipient=person,
                    at=moments.now(),
                    version=_version(state, pathway, person),
                    award=award.key if award else None,
                )
            )
            if award is not None:  # it may count on other pathways
                after_award(tenant, award)


def advance_everybody(tenant: Tenant, pathway: Pathway) -> None:
    """Look for steps completed by anybody who follows a pathway."""
    for address in tenant.state.members_of(pathway):
        advance(tenant, pathway, address)


def after_award(tenant: Tenant, assertion: Assertion) -> None:
    """Let an award count on the pathways that ask for its badge."""
    url = badge_url(assertion.badgeclass)
    for pathway in tuple(tenant.state.pathways.rows.values()):
        if url in pathway.counted_badges and (
            address := member(tenant.state, pathway, assertion.recipient)
        ):
            advance(tenant, pathway, address)


def after_course(tenant: Tenant, person: str) -> None:
    """Let a completed course count on the pathways that a person follows."""
    for pathway in tuple(tenant.state.pathways.rows.values()):
        if address := member(tenant.state, pathway, person):
            advance(tenant, pathway, address)


def _award(tenant: Tenant, pathway: Pathway, url: str, address: str) -> Assertion | None:
    state = tenant.state
    badge = state.badgeclasses.get(badge_of(url))
    if badge is None or badge.archived or badge.issuer != pathway.issuer:
        return None  # there is none, or none that this issuer can award
    if url in state.badges_held_by(address, moments.now()):
        return None
    order = granting.Order(recipient=granting.Recipient(address))
    return granting.grant(tenant, badge, order, by=pathway.created_by)


def _version(state: State, pathway: Pathway, person: str) -> int:
    return max((e.version for e in state.evaluations_of(pathway, person)), default=0)
