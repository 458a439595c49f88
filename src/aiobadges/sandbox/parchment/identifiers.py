"""Ids and salts as the hosted service makes them."""

from __future__ import annotations

import base64
import secrets
import time

__all__ = ["entity_id", "mongo_id", "salt", "secret"]


def entity_id() -> str:
    """Make 22 characters of URL-safe base64 over 16 random bytes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16))[:22].decode()


def mongo_id() -> str:
    """Make 24 hexadecimal digits: four bytes of time, then random ones."""
    return f"{int(time.time()) & 0xFFFFFFFF:08x}{secrets.token_hex(8)}"


def salt() -> str:
    """Make a salt for a hashed recipient."""
    return secrets.token_hex(8)


def secret() -> str:
    """Make an access or refresh token."""
    return secrets.token_urlsafe(24)
