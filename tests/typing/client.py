"""The types a user of the client sees. Checked, never run."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, assert_type

import aiobadges
from aiobadges import (
    UNSET,
    AwardRequest,
    BadgesError,
    Call,
    Operation,
    Options,
    Page,
    Pager,
    ParchmentClient,
    Recipient,
    Reply,
    Secret,
    Undecodable,
    Unset,
)
from aiobadges.parchment import updates
from aiobadges.parchment.images import data_uri, read_data_uri
from aiobadges.parchment.models import (
    Assertion,
    AssertionRecipient,
    BadgeClass,
    BadgeClassUpdate,
    BadgeUser,
    Evidence,
    Issuer,
    IssuerUpdate,
    RecipientType,
    RevokeRequest,
)
from aiobadges.parchment.update_bodies import badgeclass_body
from aiobadges.settings import RegionKind, RegionName


async def a_client() -> None:
    async with ParchmentClient.from_env() as client:
        assert_type(client, ParchmentClient)
        assert_type(client.region_kind, RegionKind)
        assert_type(client.with_options(attempts=1), ParchmentClient)
    region: RegionName = "sandbox"
    assert_type(ParchmentClient(region=region), ParchmentClient)
    ParchmentClient(region="eu", token="CANARY-TOKEN", concurrency=5, rate=None)
    ParchmentClient(region="europe")  # type: ignore[arg-type]
    ParchmentClient(region="eu", concurency=5)  # type: ignore[call-arg]
    ParchmentClient("eu")  # type: ignore[call-arg]


async def single_objects(client: ParchmentClient) -> None:
    issuer = await client.issuers.get("Uu4wd2I1SKmD3vmtMJ19hw")
    assert_type(issuer, Issuer)
    assert_type(issuer.entity_id, str)
    assert_type(issuer.name, str | None)
    assert_type(issuer.created_at, datetime | None)
    assert_type(await client.badgeclasses.get("b"), BadgeClass)
    assert_type(await client.users.get_self(), BadgeUser)
    assertion = await client.assertions.get("a")
    assert_type(assertion, Assertion)
    assert_type(assertion.entity_id, str)
    assert_type(assertion.narrative, str | None)
    assert_type(assertion.issued_on, datetime | None)
    assert_type(assertion.recipient, AssertionRecipient | None)
    if assertion.recipient:
        assert_type(assertion.recipient.type, RecipientType | None)
    revoked = await client.assertions.revoke("a", RevokeRequest(revocation_reason="wrong cohort"))
    assert_type(revoked, Assertion | None)


async def lists(client: ParchmentClient) -> None:
    issuer = await client.issuers.get("i")
    pager = client.issuers.assertions(issuer.entity_id, include_revoked=True)
    assert_type(pager, Pager[Assertion])
    page = await pager
    assert_type(page, Page[Assertion])
    assert_type(page.items, list[Assertion])
    assert_type(page.has_next, bool)
    assert_type(page.reply, Reply[list[Assertion]])
    for item in page:
        assert_type(item, Assertion)
    async for item in pager:
        assert_type(item, Assertion)
    async for each in pager.pages():
        assert_type(each, Page[Assertion])
    async for each in pager.pages(on_error="raise"):
        assert_type(each, Page[Assertion])
    async for tolerant in pager.pages(on_error="keep"):
        assert_type(tolerant, Page[Assertion | Undecodable])
        for kept in tolerant:
            assert_type(kept, Assertion | Undecodable)
    pager.pages(on_error="skip")  # type: ignore[call-overload]
    assert_type(pager.__aiter__(), AsyncIterator[Assertion])
    assert_type(client.badgeclasses.assertions("b"), Pager[Assertion])
    assert_type(client.badgeclasses.list(), Pager[BadgeClass])
    assert_type(client.issuers.list(), Pager[Issuer])
    assert_type([a async for a in client.badgeclasses.assertions("b")], list[Assertion])


async def an_award(client: ParchmentClient, moment: datetime) -> None:
    recipient = Recipient.email("ana@example.edu")
    assert_type(recipient, Recipient)
    assert_type(Recipient.telephone("+4930123456"), Recipient)
    assert_type(Recipient.url("https://example.org/ana", hashed=True), Recipient)
    request = AwardRequest(recipient=recipient, issued_on=moment, narrative=None, expires=UNSET)
    assert_type(request.recipient, Recipient)
    assert_type(request.issued_on, datetime | Unset)
    assert_type(request.narrative, str | None | Unset)
    assert_type(request.evidence, list[Evidence] | Unset)
    assert_type(request.allow_duplicate_awards, bool)
    if request.narrative is not UNSET:
        assert_type(request.narrative, str | None)
    assert_type(await client.badgeclasses.award("b", request), Assertion)
    AwardRequest(issued_on=moment)  # type: ignore[call-arg]
    AwardRequest(recipient="ana@example.edu")  # type: ignore[arg-type]
    await client.badgeclasses.award("b", recipient)  # type: ignore[arg-type]


async def whole_replies(client: ParchmentClient, operation: Operation[Issuer]) -> None:
    reply = await client.send(Call(operation=operation, path=("i",)), Options(attempts=1))
    assert_type(reply, Reply[Issuer])
    assert_type(reply.result, Issuer)
    assert_type(reply.status, int)
    assert_type(reply.request_id, str)
    assert_type(reply.next_url, str | None)
    own = await client.request("GET", "/v2/new", query={"num": 1})
    assert_type(own, Reply[Any])
    await client.request("OPTIONS", "/v2/new")  # type: ignore[arg-type]


async def errors(client: ParchmentClient) -> None:
    try:
        await client.issuers.get("i")
    except aiobadges.RejectedError as error:
        assert_type(error.status, int | None)
        assert_type(error.request_id, str)
        assert_type(error.field_errors, dict[str, tuple[str, ...]])
        assert_type(error.remedy, str)
        base: BadgesError = error
        raise base from None


def versions_and_secrets(secret: Secret) -> None:
    assert_type(secret.reveal(), str)


async def an_update(client: ParchmentClient) -> None:
    plan = await updates.badgeclass(client, "b", name="Math", tags=["a"], expires=None)
    assert_type(plan, updates.BadgeClassUpdatePlan)
    assert_type(plan.rebaked, int)
    assert_type(plan.body, BadgeClassUpdate)
    assert_type(plan.before, BadgeClass)
    assert_type(plan.changed, tuple[str, ...])
    assert_type(await plan.apply(), BadgeClass)
    issuer = await updates.issuer(client, "i", description="d", badgr_domain=UNSET)
    assert_type(issuer, updates.UpdatePlan[Issuer, IssuerUpdate])
    assert_type(await issuer.apply(), Issuer)
    await updates.badgeclass(client, "b", nmae="Math")  # type: ignore[call-arg]
    await updates.badgeclass(client, "b", name=None)  # type: ignore[arg-type]
    assert_type(badgeclass_body(plan.before, name="Math"), BadgeClassUpdate)
    assert_type(data_uri(b""), str)
    assert_type(await read_data_uri("badge.png"), str)
