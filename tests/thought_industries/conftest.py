"""A dialect with models of its own, operations to call, and answers as a server would write them."""

import json
from datetime import UTC, datetime

import attrs
import pytest

from aiobadges.thought_industries.dialect import ThoughtIndustriesDialect
from aiobadges.values import Secret
from aiobadges.wire.codec import Codec, build_converter
from aiobadges.wire.exchange import Response

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
KEY = "CANARY-TOKEN/y +ü?&secret"
TOKEN = "learner-token-of-ana"


@attrs.define(slots=True, kw_only=True)
class Path:
    id: str
    name: str | None = None
    created_at: datetime | None = attrs.field(default=None, metadata={"wire": "createdAt"})


@attrs.define(slots=True, kw_only=True)
class Progress:
    percent_complete: int | None = attrs.field(default=None, metadata={"wire": "percentComplete"})


MODELS = {"Path": Path, "Progress": Progress}


def make_codec():
    return Codec(build_converter(), MODELS.__getitem__)


@pytest.fixture
def dialect():
    return ThoughtIndustriesDialect(
        "https://acme.example", Secret(KEY), make_codec, learner=Secret(TOKEN), now=lambda: NOW
    )


@pytest.fixture
def answer():
    """Write an answer; a body that is no bytes becomes JSON."""

    def answer(body, status=200, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return Response(status=status, headers=named, body=raw)

    return answer
