"""From a row to the request that awards it, as it stands on the wire."""

import json
from datetime import UTC, datetime

import pytest

from aiobadges.awards.requests import award_request
from aiobadges.awards.roster.row import Evidence, Row
from aiobadges.parchment.dialect import ParchmentDialect

ANA = {"number": 2, "identifier": "ana@example.edu"}


@pytest.fixture(scope="module")
def body():
    """Write the body of a row's request."""
    codec = ParchmentDialect("http://127.0.0.1").codec
    return lambda **row: json.loads(codec.encode(award_request(Row(**{**ANA, **row}))))


def test_request_says_no_more_than_who_when_the_row_does_not(body):
    assert body() == {
        "recipient": {"identity": "ana@example.edu", "type": "email", "hashed": True},
        "allowDuplicateAwards": False,
    }


@pytest.mark.parametrize(
    ("kind", "identifier", "hashed"),
    [
        ("email", "ana@example.edu", True),
        ("telephone", "+4930123456", True),
        ("url", "https://example.edu/7", False),
    ],
)
def test_recipient_is_hashed_when_it_could_be_looked_up(body, kind, identifier, hashed):
    recipient = body(identifier=identifier, identifier_type=kind)["recipient"]

    assert recipient == {"identity": identifier, "type": kind, "hashed": hashed}


def test_name_is_the_recipient_profile_extension_when_the_row_has_one(body):
    assert body(name="Ana Müller")["extensions"] == {
        "extensions:recipientProfile": {
            "@context": "https://openbadgespec.org/extensions/recipientProfile/context.json",
            "type": ["Extension", "extensions:RecipientProfile"],
            "name": "Ana Müller",
        }
    }


def test_evidence_says_only_what_it_has_when_an_item_is_half(body):
    evidence = (
        Evidence(url="https://example.edu/1", narrative="both"),
        Evidence(url="https://example.edu/2"),
        Evidence(narrative="third"),
    )

    assert body(evidence=evidence)["evidence"] == [
        {"url": "https://example.edu/1", "narrative": "both"},
        {"url": "https://example.edu/2"},
        {"narrative": "third"},
    ]


def test_dates_and_narrative_are_sent_when_the_row_has_them(body):
    sent = body(
        narrative="Passed.",
        issued_on=datetime(2026, 6, 30, 12, tzinfo=UTC),
        expires=datetime(2030, 1, 1, tzinfo=UTC),
    )

    assert sent["narrative"] == "Passed."
    assert datetime.fromisoformat(sent["issuedOn"]) == datetime(2026, 6, 30, 12, tzinfo=UTC)
    assert datetime.fromisoformat(sent["expires"]) == datetime(2030, 1, 1, tzinfo=UTC)


def test_duplicates_are_never_allowed_when_a_row_says_everything_it_can(body):
    everything = body(
        badge="Math Expert",
        name="Ana",
        narrative="x",
        external_id="7",
        cells={"allowDuplicateAwards": "true", "notify": "yes"},
    )

    assert everything["allowDuplicateAwards"] is False
    assert "notify" not in everything
