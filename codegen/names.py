"""Names in Python for names on the wire. One function each, used by everything that is generated."""

from __future__ import annotations

import functools
import keyword
import re

__all__ = ["constant_name", "is_class_name", "pascal_case", "snake_case"]


def _words(name: str) -> list[str]:
    """Split at what is no letter or digit, and where upper case begins: ``ob3AwardProperties``."""
    text = re.sub(r"[^0-9A-Za-z]+", " ", name)
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", text)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)
    return text.split()


@functools.cache  # a document has few names, each in many places
def snake_case(name: str) -> str:
    """Name an attribute or an argument: ``badgeclassOpenBadgeId`` -> ``badgeclass_open_badge_id``.

    A reserved word gets an underscore at its end, as does a name that began with ``@``: ``@type``
    and ``type`` can stand side by side.
    """
    snake = "_".join(_words(name)).lower()
    if snake[:1].isdigit() or not snake:
        snake = f"n{snake}"
    return f"{snake}_" if keyword.iskeyword(snake) or name.startswith("@") else snake


def pascal_case(name: str) -> str:
    """Name a class: ``by_open_badge_id`` -> ``ByOpenBadgeId``."""
    return "".join(word[:1].upper() + word[1:] for word in _words(name))


def constant_name(value: str) -> str:
    """Name a constant: ``openBadgeId`` -> ``OPEN_BADGE_ID``; ``""`` -> ``EMPTY``."""
    name = "_".join(_words(value)).upper()
    if not name:
        return "EMPTY" if not value else "VALUE_" + "_".join(f"{ord(c):X}" for c in value)
    return f"VALUE_{name}" if name[0].isdigit() else name


def is_class_name(name: str) -> bool:
    """Say whether a component can be a class as it is called."""
    return re.fullmatch(r"[A-Z][0-9A-Za-z]*", name) is not None and not keyword.iskeyword(name)
