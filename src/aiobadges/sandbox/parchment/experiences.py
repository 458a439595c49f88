"""Telling whether people passed an experience: one person, or a whole file of them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from aiobadges.sandbox import moments
from aiobadges.sandbox.parchment import advancing, envelope
from aiobadges.sandbox.parchment.fields import EMAIL
from aiobadges.sandbox.parchment.pathway_records import Evaluation
from aiobadges.sandbox.parchment.pathway_tree import experience_ids, root_of

if TYPE_CHECKING:
    from aiobadges.sandbox.exchange import Answer
    from aiobadges.sandbox.parchment.call import Call
    from aiobadges.sandbox.parchment.pathway_records import Pathway

__all__ = ["submit", "submit_csv"]

# The first is documented; what the real server says of a row it cannot read is not.
NOT_SUBSCRIBED: Final = "NOT_SUBSCRIBED"
UNREADABLE: Final = "INVALID_ROW"

HEADER: Final = ["recipientId", "passed"]


async def submit(call: Call) -> Answer:
    """Tell whether one person passed an experience."""
    pathway = _pathway(call)
    fields = call.fields()
    recipient = fields.nested("recipient", required=True)
    email = None
    if recipient is not None:
        # Two more kinds exist; their names are not documented.
        recipient.choice("@type", ("email",), required=True)
        email = recipient.text("email", required=True, like=EMAIL)
        fields.adopt("recipient", recipient)
    fields.raw("passed", required=True)
    passed = fields.flag("passed", default=False)
    fields.refuse_if_wrong()
    if not _take(call, pathway, email or "", passed=passed):
        raise envelope.bad_request(
            f"{NOT_SUBSCRIBED}: the recipient is in no group that follows the pathway"
        )
    return envelope.no_content()


async def submit_csv(call: Call) -> Answer:
    """Tell of many people whether they passed; each row stands for itself."""
    pathway = _pathway(call)
    if call.incoming.body:
        call.require_content_type("text/csv")
    errors: list[dict[str, Any]] = []
    successes: list[dict[str, Any]] = []
    for row in _rows(call.incoming.body):
        kind, _, identity = row[0].strip().partition(":")
        passed = {"true": True, "false": False}.get(row[-1].strip().lower())
        if len(row) != len(HEADER) or kind != "email" or not identity or passed is None:
            errors.append({"recipientId": None, "error": UNREADABLE})
            continue
        person = {"@type": kind, "email": identity}
        if _take(call, pathway, identity, passed=passed):
            successes.append(person)
        else:
            errors.append({"recipientId": person, "error": NOT_SUBSCRIBED})
    return envelope.bare({"errors": errors, "successes": successes})


def _pathway(call: Call) -> Pathway:
    pathway = call.pathway()
    tree = pathway.published
    if tree is None or call.incoming.ids["experience"] not in experience_ids(root_of(tree)):
        raise envelope.not_found()
    return pathway


def _take(call: Call, pathway: Pathway, email: str, *, passed: bool) -> bool:
    """Note an evaluation and move the person along; False when it is nobody who follows."""
    address = advancing.member(call.state, pathway, email)
    if address is None:
        return False
    call.state.evaluations.put(
        Evaluation(
            pathway=pathway.key,
            experience=call.incoming.ids["experience"],
            recipient=address.casefold(),
            passed=passed,
            at=moments.now(),
            version=call.state.next_version(pathway),
        )
    )
    advancing.advance(call.tenant, pathway, address)
    return True


def _rows(body: bytes) -> list[list[str]]:
    try:
        lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise envelope.bad_request(f"CSV parse error - {error}") from None
    if not lines or [cell.strip() for cell in lines[0]] != HEADER:
        raise envelope.bad_request(f"The first line must be: {','.join(HEADER)}")
    return [line for line in lines[1:] if any(cell.strip() for cell in line)]
