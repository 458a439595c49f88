"""Every operation of the API, used as an application would: things are made, changed and undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiobadges import ParchmentClient
from aiobadges.parchment import models as m
from aiobadges.sandbox import (
    AUTUMN_GROUP,
    CHEMISTRY_BASICS,
    COLLEAGUE_USERNAME,
    EXAMPLE_ORGANIZATION,
    EXAMPLE_UNIVERSITY,
    LAB_ASSISTANT,
    LAB_WEEK,
    MATH_EXPERT,
    OLD_DIPLOMA,
    REGISTRAR,
    SAFETY_TRAINING,
    SHOWCASE,
    SPRING_GROUP,
    USERNAME,
)

__all__ = ["WALKS"]

PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=="
LENA = m.EmailIdentifier(email="lena@example.edu")


async def users(client: ParchmentClient) -> None:
    me = await client.users.get_self()
    assert me.entity_id == REGISTRAR
    renamed = await client.users.update(REGISTRAR, m.UserUpdate(first_name="Robin"))
    assert renamed.first_name == "Robin"
    await client.users.update_self(m.UserUpdate(first_name="Ruth", last_name="Registrar"))
    await client.users.patch_self(m.UserUpdate(marketing_opt_in=True))
    await client.users.patch(REGISTRAR, m.UserUpdate(marketing_opt_in=False))
    assert (await client.users.get(REGISTRAR)).marketing_opt_in is False


def issuer_request(name: str) -> m.IssuerRequest:
    return m.IssuerRequest(
        name=name,
        email="night@example.edu",
        url="https://night.example",
        description="Evenings.",
        image=PNG,
    )


def issuer_update(name: str) -> m.IssuerUpdate:
    return m.IssuerUpdate(
        name=name, email="night@example.edu", url="https://night.example", description="Nights."
    )


async def issuers(client: ParchmentClient) -> None:
    made = (await client.issuers.create(issuer_request("Night School"))).entity_id
    await client.issuers.update(made, issuer_update("Night College"))
    await client.issuers.patch(made, issuer_update("Night Academy"), include_staff="false")
    assert (await client.issuers.get(made, include_staff="true")).name == "Night Academy"
    assert made in {issuer.entity_id async for issuer in client.issuers.list()}
    await client.issuers.delete(made)

    by_id = client.issuers.by_open_badge_id
    named = (await client.issuers.create(issuer_request("Open School"))).open_badge_id or ""
    await by_id.update(named, issuer_update("Open College"))
    await by_id.patch(named, issuer_update("Open Academy"))
    assert (await by_id.get(named)).name == "Open Academy"
    await by_id.delete(named)

    by_ref = client.issuers.by_ref
    ref = (await client.issuers.create(issuer_request("Far School"))).open_badge_id or ""
    await by_ref.update(ref, issuer_update("Far College"))
    await by_ref.patch(ref, issuer_update("Far Academy"))
    assert (await by_ref.get(ref)).name == "Far Academy"
    await by_ref.delete(ref)


async def what_an_issuer_has(client: ParchmentClient) -> None:
    badge = await client.issuers.create_badgeclass(
        EXAMPLE_UNIVERSITY,
        m.IssuerBadgeClassRequest(
            name="Physics", description="Knows physics.", image=PNG, criteria_narrative="Pass."
        ),
    )
    names = {one.entity_id async for one in client.issuers.badgeclasses(EXAMPLE_UNIVERSITY)}
    assert badge.entity_id in names
    for number in range(3):
        await client.issuers.award(
            EXAMPLE_UNIVERSITY,
            m.IssuerAwardRequest(
                badgeclass=badge.entity_id,
                recipient=m.Recipient.email(f"student{number}@example.edu"),
                allow_duplicate_awards=False,
            ),
        )
    awards = [one async for one in client.issuers.assertions(EXAMPLE_UNIVERSITY, num=1)]
    assert len(awards) == 3
    assert LAB_ASSISTANT in {
        one.pathway_id async for one in client.issuers.pathways(EXAMPLE_UNIVERSITY)
    }


async def staff(client: ParchmentClient) -> None:
    place = client.issuers.staff
    member = m.StaffRequest(email=COLLEAGUE_USERNAME, role=m.StaffRole.STAFF)
    await place.add(EXAMPLE_UNIVERSITY, member)
    member.role = m.StaffRole.EDITOR
    await place.update(EXAMPLE_UNIVERSITY, member)
    member.role = m.StaffRole.OWNER
    await place.patch(EXAMPLE_UNIVERSITY, member)
    await place.remove(EXAMPLE_UNIVERSITY, COLLEAGUE_USERNAME)
    await place.invite(
        EXAMPLE_UNIVERSITY, m.StaffRequest(email="new@example.edu", role=m.StaffRole.STAFF)
    )


def badge_request(name: str) -> m.BadgeClassRequest:
    return m.BadgeClassRequest(
        issuer=EXAMPLE_UNIVERSITY,
        name=name,
        description="Knows physics.",
        image=PNG,
        criteria_narrative="Pass.",
        tags=["science"],
        alignments=[m.Alignment(target_name="Physics", target_url="https://skills.example/1")],
        expires=m.BadgeExpiration(amount=2, duration=m.DurationUnit.YEARS),
        extensions={"extensions:x": {"@context": "https://x.example", "type": ["Extension"]}},
        ob3_properties=m.Ob3Properties(credit_hours=4.5),
        preferences=m.BadgePreferences(include_on_public_pages=True),
        image_alt_text="An atom",
    )


def badge_update(name: str) -> m.BadgeClassUpdate:
    return m.BadgeClassUpdate(
        name=name, description="Knows it.", image=PNG, criteria_url="https://physics.example"
    )


async def badgeclasses(client: ParchmentClient) -> None:
    made = (await client.badgeclasses.create(badge_request("Physics"))).entity_id
    assert (await client.badgeclasses.update(made, badge_update("Optics"))).name == "Optics"
    await client.badgeclasses.delete(made, archival_note="Replaced.")
    assert made not in {one.entity_id async for one in client.badgeclasses.list()}
    every = client.badgeclasses.list(include_archived=True)
    assert made in {one.entity_id async for one in every}
    assert (await client.badgeclasses.get(made, include_archived=True)).archived is True
    assert (await client.badgeclasses.reactivate(made)).archived is False
    copied = await client.badgeclasses.duplicate(made, m.DuplicateRequest(new_name="Optics II"))
    assert (await client.badgeclasses.get(copied.entity_id)).name == "Optics II"
    await client.badgeclasses.delete(made, hard_delete="true")

    by_ref = client.badgeclasses.by_ref
    ref = (await client.badgeclasses.create(badge_request("Waves"))).open_badge_id or ""
    assert (await by_ref.update(ref, badge_update("Sound"))).name == "Sound"
    await by_ref.delete(ref, archival_note="Replaced.")
    assert (await by_ref.get(ref, include_archived=True)).archived is True
    assert (await by_ref.reactivate(ref)).archived is False
    await by_ref.delete(ref, hard_delete="true")


async def claim_codes(client: ParchmentClient) -> None:
    codes = client.badgeclasses.claim_codes
    request = m.ClaimCodeRequest(
        label="Open day", limit=40, expiration_date=datetime(2030, 5, 31, 23, 59, tzinfo=UTC)
    )
    code = (await codes.create(MATH_EXPERT, request)).code
    listed = codes.list(MATH_EXPERT, include_claim_code_count=True)
    assert code in {one.code async for one in listed}
    await codes.update(MATH_EXPERT, code, m.ClaimCodeRequest(label=None))
    assert (await codes.disable(MATH_EXPERT, code)).code == code
    await codes.enable(MATH_EXPERT, code)
    await codes.delete(MATH_EXPERT, code)


def award_request(address: str) -> m.AwardRequest:
    return m.AwardRequest(
        recipient=m.Recipient.email(address),
        issued_on=datetime(2025, 5, 29, 16, 30, tzinfo=UTC),
        allow_duplicate_awards=True,
        narrative="Nine of ten.",
        evidence=[m.Evidence(url="https://portfolio.example/1", genre="Film")],
        ob3_award_properties=m.Ob3AwardProperties(role="Guest"),
    )


async def assertions(client: ParchmentClient) -> None:
    ana = award_request("ana@example.edu")
    made, *_ = [await client.badgeclasses.award(MATH_EXPERT, ana) for _ in range(3)]
    held = await client.assertions.get(made.entity_id)
    assert held.narrative == "Nine of ten."
    await client.assertions.update(made.entity_id, m.AssertionUpdate(narrative=None, expires=None))
    pages = client.badgeclasses.assertions(MATH_EXPERT, recipient="ana@example.edu", num=1).pages()
    found = [page async for page in pages]
    assert [len(page) for page in found] == [1, 1, 1]
    await client.assertions.revoke(made.entity_id, m.RevokeRequest(revocation_reason="Mistake."))
    assert (await client.assertions.get(made.entity_id)).revoked is True
    everything = client.badgeclasses.assertions(MATH_EXPERT, include_revoked=True)
    others = [one.entity_id async for one in everything if not one.revoked]
    results = await client.assertions.revoke_many(
        [
            *[m.Revocation(entity_id=one, revocation_reason="Mistake.") for one in others],
            m.Revocation(entity_id="unknown", revocation_reason="Mistake."),
        ]
    )
    assert [one.revoked for one in results] == [*[True] * len(others), False]


async def backpack(client: ParchmentClient) -> None:
    held = (await client.badgeclasses.award(MATH_EXPERT, award_request(USERNAME))).entity_id
    assert held in {one.entity_id async for one in client.backpack.assertions.list()}
    accepted = m.BackpackAssertionUpdate(acceptance=m.Acceptance.ACCEPTED)
    for name in (held, OLD_DIPLOMA):
        await client.backpack.assertions.update(name, accepted)
        assert (await client.backpack.assertions.get(name)).acceptance == m.Acceptance.ACCEPTED
    url = "https://badges.example.org/assertions/7741"
    for body in (
        m.ImportRequest(url=url),
        m.ImportRequest(assertion={"id": f"{url}2"}),
        m.ImportRequest(image=PNG),
    ):
        brought = await client.backpack.import_assertion(body)
        await client.backpack.assertions.remove(brought.entity_id)

    collections = client.backpack.collections
    made = await collections.create(m.CollectionRequest(name="Mine", published=False))
    await collections.update(made.entity_id, m.CollectionUpdate(assertions=[held]))
    assert (await collections.get(made.entity_id)).assertions == [held]
    assert {SHOWCASE, made.entity_id} <= {one.entity_id async for one in collections.list()}
    await collections.delete(made.entity_id)
    await client.backpack.assertions.remove(held)


async def organizations(client: ParchmentClient) -> None:
    place = client.organizations
    assert EXAMPLE_ORGANIZATION in {one.id async for one in place.list()}
    public = place.public_issuers(EXAMPLE_ORGANIZATION, name_query="university", num="1")
    assert [issuer.name async for issuer in public] == ["Example University"]
    csv = await place.export_groups(EXAMPLE_ORGANIZATION, include_archived_groups=True)
    assert "Past" in csv


async def pathways(client: ParchmentClient) -> None:
    draft = await client.pathways.draft.get(LAB_ASSISTANT)
    assert draft.root is not None
    made = await client.pathways.create(
        m.PathwayRequest(issuer_id=EXAMPLE_UNIVERSITY, draft_root=draft.root)
    )
    await client.pathways.publish(made.pathway_id)
    changed = m.PathwayElement(name="Another", completion_badge=draft.root.completion_badge)
    await client.pathways.draft.update(
        made.pathway_id, m.PathwayDraftUpdate(issuer_id=EXAMPLE_UNIVERSITY, root=changed)
    )
    published = await client.pathways.published.get(made.pathway_id)
    assert published.root is not None
    assert published.root.name == draft.root.name
    reverted = await client.pathways.draft.revert(made.pathway_id)
    assert reverted.root is not None
    assert reverted.root.name == draft.root.name
    await client.pathways.subscribe_groups(
        made.pathway_id,
        m.GroupSubscriptions(group_ids_to_add=[AUTUMN_GROUP], group_ids_to_remove=[]),
    )
    autumn = await client.pathways.group_progress(made.pathway_id, AUTUMN_GROUP)
    assert autumn.pathway_id == made.pathway_id


async def progress(client: ParchmentClient) -> None:
    passed = m.ExperienceSubmission(recipient=LENA, passed=True)
    await client.pathways.submit_experience(LAB_ASSISTANT, SAFETY_TRAINING, passed)
    outcome = await client.pathways.submit_experience_csv(
        LAB_ASSISTANT,
        LAB_WEEK,
        [
            m.ExperienceCsvRow(recipient_id="email:lena@example.edu", passed=True),
            m.ExperienceCsvRow(recipient_id="email:nobody@example.edu", passed=True),
        ],
    )
    assert (len(outcome.successes or []), len(outcome.errors or [])) == (1, 1)
    lena = await client.pathways.recipient_progress(
        LAB_ASSISTANT, recipient_identifier="email:lena@example.edu"
    )
    assert lena.progress is not None
    assert lena.progress.end_progress is not None
    assert lena.progress.end_progress.status == m.ProgressStatus.COMPLETED
    await client.pathways.group_progress(LAB_ASSISTANT, SPRING_GROUP)
    await client.pathways.aggregate_progress(LAB_ASSISTANT)
    badges = client.badgeclasses.assertions(CHEMISTRY_BASICS, recipient=LENA.email)
    assert [one.revoked async for one in badges] == [False]


WALKS: tuple[Callable[[ParchmentClient], Awaitable[None]], ...] = (
    users,
    issuers,
    what_an_issuer_has,
    staff,
    badgeclasses,
    claim_codes,
    assertions,
    backpack,
    organizations,
    pathways,
    progress,
)
