"""Pictures of badges and issuers: PNG or SVG, square, as the data URI that a request carries.

Whatever the server would refuse, or show badly for ever on every badge that is awarded with it,
is refused here, before it is sent.
"""

from __future__ import annotations

import asyncio
import base64
import math
import os
import re
import struct
import zlib
from pathlib import Path
from typing import Final
from xml.parsers import expat

from aiobadges.errors import InvalidCallError

__all__ = ["LARGEST_IMAGE", "data_uri", "read_data_uri"]

LARGEST_IMAGE: Final = 4 * 2**20
"""Bytes. The vendor names no limit; a copy of the picture goes into each badge that is awarded."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SVG: Final = "http://www.w3.org/2000/svg"
_OTHERS: Final = {
    b"\xff\xd8\xff": "a JPEG",
    b"GIF8": "a GIF",
    b"RIFF": "a WebP",
    b"BM": "a BMP",
    b"II*\x00": "a TIFF",
    b"MM\x00*": "a TIFF",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "compressed, perhaps an SVGZ",
}
_LENGTH: Final = re.compile(
    r"\s*\+?(\d+(?:\.\d*)?|\.\d+)(?:e([+-]?\d{1,2}))?\s*([a-z]*)\s*", re.ASCII | re.IGNORECASE
)
_PIXELS: Final = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "em": 16.0,
    "rem": 16.0,
    "ex": 8.0,
}
_SAVE_AGAIN: Final = "Save it again as PNG or SVG: the platform takes no other kind"


def data_uri(image: bytes) -> str:
    """Give the data URI of a picture, for the ``image`` of a badge class or an issuer.

    Args:
        image: the whole content of a PNG or SVG file, square, at most `LARGEST_IMAGE` bytes.

    Raises:
        InvalidCallError: it is of another kind, not square, damaged or too large.
    """
    if len(image) > LARGEST_IMAGE:
        raise _too_large(len(image))
    if not image.strip():
        raise InvalidCallError("the picture is empty", remedy="Check the file")
    if image.startswith(_PNG):
        kind, size = "png", _png_size(image)
    else:
        for start, name in _OTHERS.items():
            if image.startswith(start):
                raise InvalidCallError(f"the picture is {name}", remedy=_SAVE_AGAIN)
        kind, size = "svg+xml", _svg_size(image)
    width, height = size
    if not math.isclose(width, height, rel_tol=1e-3):
        raise InvalidCallError(
            f"the picture is {width:g} wide and {height:g} high, not square",
            remedy="Crop it, or widen its canvas with a transparent margin",
        )
    return f"data:image/{kind};base64,{base64.b64encode(image).decode()}"


async def read_data_uri(path: str | os.PathLike[str]) -> str:
    """Give the data URI of a picture in a file, which is read in a thread.

    Args:
        path: a PNG or SVG file; what it holds counts, not how it is called.

    Raises:
        InvalidCallError: the file cannot be read, or as for `data_uri`.
    """
    return await asyncio.to_thread(_read, Path(path))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            image = file.read(LARGEST_IMAGE + 1)
            size = os.fstat(file.fileno()).st_size
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that is no name of a file"
        raise InvalidCallError(f"the picture {path} cannot be read: {why}") from None
    try:
        if len(image) > LARGEST_IMAGE:
            raise _too_large(size)
        return data_uri(image)
    except InvalidCallError as error:
        raise InvalidCallError(f"{path}: {error.message}", remedy=error.remedy) from None


def _too_large(size: int) -> InvalidCallError:
    return InvalidCallError(
        f"the picture has {size} bytes; {LARGEST_IMAGE} are the most this library sends",
        remedy="Scale it down: 400 x 400 pixels are enough for a badge",
    )


def _png_size(image: bytes) -> tuple[float, float]:
    """Read width and height, and make sure that the file is whole (PNG specification, 5.3)."""
    damaged = InvalidCallError("the PNG is damaged or cut off", remedy="Save it again")
    place, size = len(_PNG), (0, 0)
    while place + 12 <= len(image):
        length, name = struct.unpack_from(">I4s", image, place)
        end = place + 12 + length
        if end > len(image):
            break
        (checksum,) = struct.unpack_from(">I", image, end - 4)
        if zlib.crc32(memoryview(image)[place + 4 : end - 4]) != checksum:
            break
        if place == len(_PNG):
            if name != b"IHDR" or length != 13:  # noqa: PLR2004 - its length never differs
                break
            size = struct.unpack_from(">II", image, place + 8)
        if name == b"IEND":
            if 0 in size:
                break
            return size
        place = end
    raise damaged


class _Root:
    """What an SVG says of itself on top. Nothing it refers to is loaded."""

    def __init__(self) -> None:
        self.name = ""
        self.attributes: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.name:
            self.name, self.attributes = name, attributes

    @staticmethod
    def entity(*_: object) -> None:
        # A few of them make gigabytes ("a billion laughs"), here and at whoever shows the badge.
        raise InvalidCallError(
            "the SVG defines entities", remedy="Save it as plain SVG, without a DTD of its own"
        )


def _svg_size(image: bytes) -> tuple[float, float]:
    root = _Root()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = root.start
    parser.EntityDeclHandler = root.entity
    try:
        parser.Parse(image, True)
    except (expat.ExpatError, LookupError, ValueError):
        if root.name != f"{_SVG} svg":
            raise InvalidCallError(
                "the picture is neither PNG nor SVG", remedy=_SAVE_AGAIN
            ) from None
        raise InvalidCallError(
            f"the SVG is damaged in line {parser.ErrorLineNumber}", remedy="Save it again"
        ) from None
    if root.name != f"{_SVG} svg":
        raise InvalidCallError(
            "the picture is XML, but no SVG",
            remedy=f'Its first element must be <svg xmlns="{_SVG}">',
        )
    width, height = (_pixels(root.attributes.get(side)) for side in ("width", "height"))
    if width and height:
        return width, height
    return _view_box(root.attributes.get("viewBox", ""))


def _pixels(length: str | None) -> float | None:
    """Read an absolute length; None for one that depends on where the picture is shown."""
    found = _LENGTH.fullmatch(length or "")
    if found is None:
        return None
    number, exponent, unit = found.groups()
    factor = _PIXELS.get(unit.lower())
    return None if factor is None else float(f"{number}e{exponent or 0}") * factor


def _view_box(text: str) -> tuple[float, float]:
    try:
        _, _, width, height = map(float, re.split(r"[\s,]+", text.strip()))
    except ValueError:
        width = height = 0.0
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise InvalidCallError(
            "the SVG does not say how large it is",
            remedy='Give its <svg> element a viewBox, such as viewBox="0 0 400 400"',
        )
    return width, height
