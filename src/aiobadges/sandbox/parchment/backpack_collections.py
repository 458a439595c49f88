"""Collections: ``/v2/backpack/collections``. Awards get into one by replacing it, and only so."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import backpack, envelope, identifiers
from aiobadges.sandbox.parchment.public import collection_url
from aiobadges.sandbox.parchment.records import Collection

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.fields import Fields

__all__ = ["create", "delete", "get", "list_all", "update"]


async def list_all(call: Call) -> Answer:
    """Get the collections of the caller."""
    return envelope.ok([_as_json(call, one) for one in call.state.collections_of(call.user)])


async def get(call: Call) -> Answer:
    """Get one collection."""
    return envelope.ok([_as_json(call, _collection(call))])


async def create(call: Call) -> Answer:
    """Create a collection, which is empty."""
    fields = call.fields()
    name = fields.text("name", required=True)
    fields.raw("published", required=True)
    collection = Collection(
        entity_id=identifiers.entity_id(),
        id=identifiers.mongo_id(),
        created_at=moments.now(),
        owner=call.user.key,
        name=name or "",
        share_hash=secrets.token_hex(16),
        description=fields.text("description", nullable=True),
        published=fields.flag("published", default=False),
    )
    fields.refuse_if_wrong()
    call.state.collections.put(collection)
    return envelope.created(_as_json(call, collection))


async def update(call: Call) -> Answer:
    """Replace a collection; what the body leaves out is gone, but for the name it must have."""
    collection = _collection(call)
    fields = call.fields()
    name = fields.text("name")
    if name == "":
        fields.wrong("name", "This field may not be blank.")
    collection = replace(
        collection,
        name=name or collection.name,
        description=fields.text("description", nullable=True),
        published=fields.flag("published", default=False),
        assertions=_members(call, fields, "assertions"),
        credentials=_members(call, fields, "credentials"),
    )
    fields.refuse_if_wrong()
    call.state.collections.put(collection)
    return envelope.ok([_as_json(call, collection)])


async def delete(call: Call) -> Answer:
    """Delete a collection; what was in it stays in the backpack."""
    call.state.collections.remove(_collection(call))
    return envelope.no_content()


def _collection(call: Call) -> Collection:
    collection = call.state.collections.find(call.incoming.ids["id"])
    if collection is None or collection.owner != call.user.key:
        raise envelope.not_found()
    return collection


def _members(call: Call, fields: Fields, field: str) -> tuple[str, ...]:
    """Read members: ids in either form, each once, of what is in the backpack."""
    members = {}
    for name in fields.texts(field):
        item = backpack.find(call, name)
        if item is None:
            fields.wrong(field, f"There is no {name!r} in the backpack.")
        else:
            members[item.key] = True
    return tuple(members)


def _as_json(call: Call, collection: Collection) -> dict[str, Any]:
    def there(members: tuple[str, ...]) -> list[str]:
        # What was taken out of the backpack is in no collection either.
        return [key for key in members if backpack.find(call, key) is not None]

    published = collection.published
    return {
        "id": collection.id,
        "entityId": collection.entity_id,
        "name": collection.name,
        "description": collection.description,
        "share_url": collection_url(collection.share_hash) if published else None,
        "shareHash": collection.share_hash if published else None,
        "published": published,
        "owner": collection.owner,
        "assertions": there(collection.assertions),
        "credentials": there(collection.credentials),
        "entityType": "BackpackCollection",
    }
