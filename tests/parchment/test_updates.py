"""Read, look, write: against the sandbox, and a server that keeps whatever it is sent."""

import json

import pytest

from aiobadges.errors import InvalidCallError, NotFoundError
from aiobadges.parchment import updates
from aiobadges.parchment.images import data_uri
from aiobadges.parchment.models import (
    AwardRequest,
    Evidence,
    IssuerRequestStaff,
    Recipient,
    RevokeRequest,
    StaffRole,
)
from aiobadges.sandbox import (
    CLAIM_CODE,
    COLLEAGUE,
    EXAMPLE_UNIVERSITY,
    MATH_EXPERT,
    OLD_DIPLOMA,
    REGISTRAR,
    SHOWCASE,
)

BADGE = f"/v2/badgeclasses/{MATH_EXPERT}"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'


@pytest.fixture
def client(sandbox, client_of):
    return client_of(sandbox, concurrency=50)


async def stored(client, path):
    (one,) = (await client.request("GET", path)).result
    return one


async def enrich(client):
    """Give the badge class members of which this version knows nothing."""
    now = await stored(client, BADGE)
    body = {
        "name": now["name"],
        "description": now["description"],
        "image": now["image"],
        "criteriaNarrative": "Pass the **exam**.",
        "tags": ["math", "exam"],
        "alignments": [{"targetName": "Algebra", "targetUrl": "https://s.example", "xLevel": 7}],
        "expires": {"amount": 2, "duration": "years"},
        "extensions": {"extensions:x": {"@context": "https://x.example", "deep": [1, None]}},
        "ob3Properties": {"creditHours": 3, "xCredential": "microcredential"},
        "preferences": {"includeOnPublicPages": True, "xWallet": {"on": None}},
    }
    await client.request("PUT", BADGE, body=body)
    return await stored(client, BADGE)


async def award(client, *addresses):
    return [
        await client.badgeclasses.award(
            MATH_EXPERT, AwardRequest(recipient=Recipient.email(address))
        )
        for address in addresses
    ]


# Badge classes --------------------------------------------------------------------------------


async def test_all_but_the_change_survives_when_a_badge_class_is_updated(client):
    before = await enrich(client)
    plan = await updates.badgeclass(client, MATH_EXPERT, name="Math Expert II")
    badge = await plan.apply()
    assert badge.name == "Math Expert II"
    assert await stored(client, BADGE) == before | {"name": "Math Expert II"}


async def test_nothing_is_sent_when_a_badge_class_is_only_planned(client):
    before = await enrich(client)
    plan = await updates.badgeclass(client, MATH_EXPERT, description="Better")
    assert (plan.changed, plan.body.description) == (("description",), "Better")
    assert plan.before.description == before["description"]
    assert await stored(client, BADGE) == before


async def test_the_plan_counts_the_badges_that_are_baked_anew(client):
    one, two, _ = await award(client, "a@example.edu", "b@example.edu", "c@example.edu")
    await client.assertions.revoke(one.entity_id, RevokeRequest(revocation_reason="wrong"))
    expire = await updates.assertion(client, two.entity_id, expires=two.issued_on)
    await expire.apply()
    assert (await updates.badgeclass(client, MATH_EXPERT, name="New")).rebaked == 2


async def test_the_count_goes_over_all_pages(client):
    await award(client, *(f"s{n}@example.edu" for n in range(205)))
    assert (await updates.badgeclass(client, MATH_EXPERT, name="New")).rebaked == 205


async def test_nothing_is_baked_or_sent_when_nothing_changes(sandbox, client_of):
    events = []
    client = client_of(sandbox, hooks=[events.append])
    await award(client, "a@example.edu")
    plan = await updates.badgeclass(client, MATH_EXPERT, name="Math Expert")
    assert (plan.changed, plan.rebaked) == ((), 0)
    assert await plan.apply() == plan.before
    assert [event.operation for event in events] == ["badgeclasses.award", "badgeclasses.get"]


async def test_a_new_picture_is_sent_as_a_data_uri(client):
    plan = await updates.badgeclass(client, MATH_EXPERT, image=data_uri(SVG))
    assert plan.changed == ("image",)
    assert (await plan.apply()).image_path.endswith(".svg")


async def test_what_somebody_else_has_changed_is_not_overwritten(client):
    plan = await updates.badgeclass(client, MATH_EXPERT, name="Mine")
    await (await updates.badgeclass(client, MATH_EXPERT, tags=["theirs"])).apply()
    before = await stored(client, BADGE)
    with pytest.raises(InvalidCallError, match="tags changed on the server") as caught:
        await plan.apply()
    assert caught.value.remedy == "Plan the change again"
    assert await stored(client, BADGE) == before


async def test_members_of_tomorrow_survive_when_the_server_keeps_them(serve, client_of):
    badge = {"entityId": "b", "name": "n", "description": "d", "image": "https://i.example/i"}
    kept = badge | {"xTop": {"deep": [1, None]}, "xNull": None, "expires": None}

    def answer(asked):
        if "/assertions" in asked.line:
            return {"body": {"status": {}, "result": [{"entityId": "a"}, {"no": "id"}]}}
        if asked.line.startswith("PUT"):
            kept.clear()
            kept.update(json.loads(asked.body), entityId="b")
        return {"body": {"status": {}, "result": [kept]}}

    before = dict(kept)
    server = await serve(answer)
    plan = await updates.badgeclass(client_of(server), "b", name="New")
    assert plan.rebaked == 2  # one of them cannot be read
    await plan.apply()
    nulls = {"criteriaUrl": None, "criteriaNarrative": None}
    assert kept == before | nulls | {"name": "New"}


async def test_a_badge_class_that_is_not_there_is_said_before_anything_is_sent(client):
    with pytest.raises(NotFoundError):
        await updates.badgeclass(client, "nothing", name="New")


# The others -----------------------------------------------------------------------------------


async def test_all_but_the_change_survives_when_an_issuer_is_updated(client):
    path = f"/v2/issuers/{EXAMPLE_UNIVERSITY}"
    body = {
        key: value
        for key, value in (await stored(client, path)).items()
        if key in {"name", "email", "url", "description"}
    }
    body["extensions"] = {"extensions:x": {"deep": [None]}}
    body["staff"] = [{"user": REGISTRAR, "role": "owner"}, {"user": COLLEAGUE, "role": "editor"}]
    await client.request("PUT", path, body=body)
    before = await stored(client, path)
    plan = await updates.issuer(client, EXAMPLE_UNIVERSITY, description="Better")
    assert [member.user for member in plan.body.staff] == [REGISTRAR, COLLEAGUE]
    issuer = await plan.apply()
    assert issuer.staff[1].role is StaffRole.EDITOR
    assert await stored(client, path) == before | {"description": "Better"}


async def test_staff_is_changed_when_it_is_given(client):
    staff = [
        IssuerRequestStaff(user=REGISTRAR, role=StaffRole.OWNER),
        IssuerRequestStaff(user=COLLEAGUE, role=StaffRole.OWNER),
    ]
    issuer = await (await updates.issuer(client, EXAMPLE_UNIVERSITY, staff=staff)).apply()
    assert {member.user: member.role for member in issuer.staff}[COLLEAGUE] is StaffRole.OWNER


async def test_all_but_the_change_survives_when_an_award_is_updated(client):
    recipient = {"identity": "ana@example.edu", "type": "email", "hashed": True}
    await client.request(
        "POST",
        f"{BADGE}/assertions",
        body={
            "recipient": recipient,
            "narrative": "Did it",
            "evidence": [{"url": "https://e.example"}],
            "issuedOn": "2026-01-02T03:04:05.678901Z",
            "expires": "2036-01-02T03:04:05.000Z",
            "extensions": {"extensions:x": {"deep": [None]}},
            "ob3AwardProperties": {"role": "tutor", "xNew": 1},
        },
    )
    (award_before,) = (await client.request("GET", f"{BADGE}/assertions")).result
    plan = await updates.assertion(client, award_before["entityId"], narrative="Did it well")
    assert await plan.apply()
    path = f"/v2/assertions/{award_before['entityId']}"
    assert await stored(client, path) == award_before | {"narrative": "Did it well"}
    more = await updates.assertion(
        client,
        award_before["entityId"],
        evidence=[*plan.body.evidence, Evidence(narrative="Seen by two")],
    )
    shown = (await more.apply()).evidence
    assert [(item.url, item.narrative) for item in shown] == [
        ("https://e.example", None),
        (None, "Seen by two"),
    ]


async def test_members_stay_in_when_a_collection_is_renamed(client):
    await (
        await updates.collection(client, SHOWCASE, assertions=[OLD_DIPLOMA], published=True)
    ).apply()
    path = f"/v2/backpack/collections/{SHOWCASE}"
    before = await stored(client, path)
    await (await updates.collection(client, SHOWCASE, name="Best")).apply()
    assert before["assertions"] == [OLD_DIPLOMA]
    assert await stored(client, path) == before | {"name": "Best"}


async def test_the_limit_stays_when_a_claim_code_is_labelled_anew(client):
    path = f"{BADGE}/claim-codes"
    first = await updates.claim_code(client, MATH_EXPERT, CLAIM_CODE, limit=30)
    await first.apply()
    before = await stored(client, path)
    code = await (await updates.claim_code(client, MATH_EXPERT, CLAIM_CODE, label="Fair")).apply()
    assert (code.label, code.limit) == ("Fair", 30)
    assert await stored(client, path) == before | {"label": "Fair"}


async def test_a_claim_code_that_is_not_there_is_said(client):
    with pytest.raises(NotFoundError, match="no such claim code"):
        await updates.claim_code(client, MATH_EXPERT, "nothing", label="x")


@pytest.mark.parametrize("name", ["self", REGISTRAR])
async def test_the_last_name_stays_when_the_first_is_changed(client, name):
    before = await stored(client, "/v2/users/self")
    await (await updates.user(client, name, first_name="Ann")).apply()
    assert await stored(client, "/v2/users/self") == before | {"firstName": "Ann"}


async def test_steps_keep_what_is_not_known_of_them_when_a_draft_is_changed(client):
    (pathway,) = (await client.issuers.pathways(EXAMPLE_UNIVERSITY)).items
    path = f"/v2/pathways/{pathway.pathway_id}/versions/draft"
    before = (await client.request("GET", path)).result
    root = before["root"] | {"xColour": "red", "description": "Old"}
    await client.request("PUT", path, body={"issuerId": before["issuerId"], "root": root})
    now = await updates.pathway_draft(client, pathway.pathway_id)
    steps = now.body.root
    steps.description = "New"
    assert now.changed == ("root",)
    await now.apply()
    after = (await client.request("GET", path)).result
    assert after["root"] == root | {"description": "New"}
