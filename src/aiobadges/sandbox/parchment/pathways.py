"""Pathways: ``/v2/pathways``, their versions and who follows them. All answers come bare.

The scopes are not documented: any token will do, and the role in the issuer decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import advancing, envelope, identifiers, pathway_tree
from aiobadges.sandbox.parchment.pathway_records import Pathway
from aiobadges.sandbox.parchment.progress import steps_of
from aiobadges.sandbox.parchment.public import badge_of
from aiobadges.sandbox.parchment.shapes import PathwayPreferences
from aiobadges.sandbox.parchment.state import may_act_as

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.fields import Fields
    from aiobadges.sandbox.parchment.records import Issuer
    from aiobadges.sandbox.parchment.state import State

__all__ = [
    "create",
    "get_draft",
    "get_published",
    "list_of_issuer",
    "publish",
    "publish_draft",
    "revert",
    "subscribe",
    "update_draft",
]


async def list_of_issuer(call: Call) -> Answer:
    """Get the pathways of an issuer, without their trees.

    The shape of this answer is not documented: the envelope here, as for other lists of an issuer.
    """
    pathways = call.state.pathways_of(call.issuer())
    return envelope.ok([_as_json(call.state, pathway) for pathway in pathways])


async def create(call: Call) -> Answer:
    """Create a pathway as a draft."""
    fields = call.fields()
    issuer = _issuer(call, fields)
    preferences = fields.shape("preferences", PathwayPreferences, nullable=True)
    draft = pathway_tree.read(fields, "draftRoot")
    fields.refuse_if_wrong()
    now = moments.now()
    pathway = Pathway(
        id=identifiers.mongo_id(),
        issuer=issuer.key if issuer else "",
        created_at=now,
        created_by=call.user.key,
        draft=draft,
        draft_version=1,
        draft_updated_at=now,
        preferences=preferences,
    )
    call.state.pathways.put(pathway)
    return _with_tree(call, pathway, pathway.draft)


async def get_draft(call: Call) -> Answer:
    """Get the draft."""
    pathway = call.pathway()
    return _with_tree(call, pathway, pathway.draft)


async def update_draft(call: Call) -> Answer:
    """Replace the draft."""
    pathway = call.pathway(role="editor")
    fields = call.fields()
    issuer = _issuer(call, fields)
    if issuer is not None and issuer.key != pathway.issuer:
        fields.wrong("issuerId", "The pathway belongs to another issuer.")
    draft = pathway_tree.read(fields, "root")
    fields.refuse_if_wrong()
    return _put_draft(call, pathway, draft)


async def revert(call: Call) -> Answer:
    """Replace the draft by what is published."""
    pathway = call.pathway(role="editor")
    if pathway.published is None:
        raise envelope.bad_request("The pathway was never published.")
    return _put_draft(call, pathway, pathway.published)


async def get_published(call: Call) -> Answer:
    """Get what is published."""
    pathway = call.pathway()
    if pathway.published is None:
        raise envelope.not_found()
    return _with_tree(call, pathway, pathway.published)


async def publish(call: Call) -> Answer:
    """Let the draft be what people follow from now on."""
    pathway = call.pathway(role="editor")
    if pathway.draft is None:
        raise envelope.bad_request("The draft has no steps.")
    pathway = publish_draft(pathway, moments.now())
    call.state.pathways.put(pathway)
    advancing.advance_everybody(call.tenant, pathway)
    return _with_tree(call, pathway, pathway.published)


async def subscribe(call: Call) -> Answer:
    """Let groups begin or cease to follow a pathway."""
    pathway = call.pathway(role="editor")
    fields = call.fields()
    added = fields.texts("groupIdsToAdd", required=True)
    removed = fields.texts("groupIdsToRemove", required=True)
    for name in added:
        group = call.state.groups.get(name)
        if group is None or group.issuer != pathway.issuer or group.archived:
            fields.wrong("groupIdsToAdd", f"The issuer has no group {name!r}.")
    fields.refuse_if_wrong()
    wanted = dict.fromkeys((*pathway.groups, *added))
    groups = tuple(name for name in wanted if name not in removed)
    pathway = replace(pathway, groups=groups)
    call.state.pathways.put(pathway)
    advancing.advance_everybody(call.tenant, pathway)
    return envelope.no_content()


def publish_draft(pathway: Pathway, now: str) -> Pathway:
    """Give a pathway whose draft, which it has, is published."""
    tree = pathway.draft or {}
    steps = steps_of(pathway_tree.root_of(tree))
    counted = {url for step in steps for url in pathway_tree.badges_that_count(step)}
    return replace(
        pathway,
        published=tree,
        published_version=pathway.draft_version,
        published_at=now,
        counted_badges=tuple(sorted(counted)),
    )


def _issuer(call: Call, fields: Fields) -> Issuer | None:
    name = fields.text("issuerId", required=True)
    if name is None:
        return None
    issuer = call.state.issuers.find(name)
    if issuer is None or not may_act_as("editor", issuer, call.user):
        fields.wrong("issuerId", "You do not have permission to edit pathways of this issuer.")
        return None
    return issuer


def _put_draft(call: Call, pathway: Pathway, draft: dict[str, Any] | None) -> Answer:
    pathway = replace(
        pathway,
        draft=draft,
        draft_version=pathway.draft_version + 1,
        draft_updated_at=moments.now(),
    )
    call.state.pathways.put(pathway)
    return _with_tree(call, pathway, draft)


def _with_tree(call: Call, pathway: Pathway, tree: dict[str, Any] | None) -> Answer:
    return envelope.bare({**_as_json(call.state, pathway), "root": tree})


def _as_json(state: State, pathway: Pathway) -> dict[str, Any]:
    return {
        "pathwayId": pathway.id,
        "issuerId": state.issuers.rows[pathway.issuer].id,
        "draftStructureVersion": pathway.draft_version,
        "lastPublishedAt": pathway.published_at,
        "draftLastUpdatedAt": pathway.draft_updated_at,
        "creationDate": pathway.created_at,
        "hasThirdPartyBadges": _has_foreign_badges(state, pathway),
        "hasDraftChanges": pathway.draft != pathway.published,
        "preferences": pathway.preferences,
    }


def _has_foreign_badges(state: State, pathway: Pathway) -> bool:
    if pathway.draft is None:
        return False
    own = {badge.key for badge in state.badges_of(state.issuers.rows[pathway.issuer])}
    return any(
        badge_of(url) not in own
        for step in steps_of(pathway_tree.root_of(pathway.draft))
        for url in (*pathway_tree.badges_that_count(step), step.completion_badge)
        if url
    )
