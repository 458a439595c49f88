"""Pictures: what becomes a data URI, and what is refused with a remedy before it is sent."""

import base64
import gzip
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiobadges.errors import InvalidCallError
from aiobadges.parchment import images
from aiobadges.parchment.images import LARGEST_IMAGE, data_uri, read_data_uri

XMLNS = 'xmlns="http://www.w3.org/2000/svg"'


def chunk(name, data=b""):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width=2, height=2, *more):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * ((width + 1) * height)) if max(width, height) < 999 else b""
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            *more,
            chunk(b"IDAT", pixels),
            chunk(b"IEND"),
        ]
    )


def svg(attributes='viewBox="0 0 10 10"', before="", inside="<circle r='5'/>"):
    return f"{before}<svg {XMLNS} {attributes}>{inside}</svg>".encode()


def opened(uri):
    head, _, data = uri.partition(",")
    return head, base64.b64decode(data, validate=True)


# Taken ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("image", [png(), png(400, 400), png(2, 2, chunk(b"tEXt", b"a\0b"))])
def test_a_square_png_becomes_a_data_uri_that_holds_it(image):
    assert opened(data_uri(image)) == ("data:image/png;base64", image)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(svg(), id="viewBox alone"),
        pytest.param(svg('viewBox="-5,-5 , 10 1e1"'), id="commas and exponents"),
        pytest.param(svg('width="400" height="400px"'), id="width and height"),
        pytest.param(svg('width="1in" height="2.54cm"'), id="different units"),
        pytest.param(svg('width="72pt" height="6pc"'), id="points and picas"),
        pytest.param(svg('width=" 10.5MM " height="42q"'), id="space and case"),
        pytest.param(svg('width="100%" height="100%" viewBox="0 0 1 1"'), id="percent"),
        pytest.param(svg('width="300" viewBox="0 0 1 1"'), id="height by viewBox"),
        pytest.param(
            svg('width="64" height="64" viewBox="0 0 9 1"'), id="wide drawing, square box"
        ),
        pytest.param(svg('width="100.0001" height="100"'), id="rounding"),
        pytest.param(b"\xef\xbb\xbf" + svg(), id="byte order mark"),
        pytest.param(svg(before="<?xml version='1.0'?>\n<!-- made by hand -->"), id="prologue"),
        pytest.param(
            svg(
                before='<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
                '"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
            ),
            id="doctype of a drawing program",
        ),
        pytest.param(
            f'<?xml version="1.0" encoding="utf-16"?><svg {XMLNS} viewBox="0 0 1 1"/>'.encode(
                "utf-16"
            ),
            id="utf-16",
        ),
        pytest.param(
            b'<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>', id="prefix"
        ),
    ],
)
def test_a_square_svg_becomes_a_data_uri_that_holds_it(image):
    assert opened(data_uri(image)) == ("data:image/svg+xml;base64", image)


# Refused --------------------------------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


@pytest.mark.parametrize(
    ("image", "complaint", "remedy"),
    [
        pytest.param(b"", "empty", "Check", id="nothing"),
        pytest.param(b" \n", "empty", "Check", id="white space"),
        pytest.param(b"\xff\xd8\xff\xe0JFIF", "a JPEG", "as PNG or SVG", id="jpeg"),
        pytest.param(b"GIF89a....", "a GIF", "as PNG or SVG", id="gif"),
        pytest.param(b"RIFF....WEBP", "a WebP", "as PNG or SVG", id="webp"),
        pytest.param(b"%PDF-1.7", "a PDF", "as PNG or SVG", id="pdf"),
        pytest.param(gzip.compress(svg()), "SVGZ", "as PNG or SVG", id="svgz"),
        pytest.param(b"hello", "neither PNG nor SVG", "as PNG or SVG", id="text"),
        pytest.param(bytes(range(200)), "neither PNG nor SVG", "as PNG or SVG", id="binary"),
        pytest.param(b"<!doctype html><html></html>", "neither", "as PNG or SVG", id="html"),
        pytest.param(b"<html><body/></html>", "no SVG", "first element", id="other xml"),
        pytest.param(b'<svg viewBox="0 0 1 1"/>', "no SVG", "xmlns", id="svg without namespace"),
        pytest.param(png(2, 3), "2 wide and 3 high", "Crop", id="tall png"),
        pytest.param(png(1000, 2), "1000 wide and 2 high", "Crop", id="wide png"),
        pytest.param(svg('viewBox="0 0 16 9"'), "16 wide and 9 high", "Crop", id="wide viewBox"),
        pytest.param(svg('width="2in" height="96"'), "192 wide", "Crop", id="units differ"),
        pytest.param(svg(""), "how large", "viewBox", id="svg without size"),
        pytest.param(svg('viewBox="0 0 0 0"'), "how large", "viewBox", id="empty viewBox"),
        pytest.param(svg('viewBox="0 0 nan nan"'), "how large", "viewBox", id="nan viewBox"),
        pytest.param(svg('viewBox="0 0 10"'), "how large", "viewBox", id="short viewBox"),
        pytest.param(svg('width="9" height="50%"'), "how large", "viewBox", id="half absolute"),
        pytest.param(svg(before=LAUGHS, inside="&c;"), "entities", "plain SVG", id="laughs"),
        pytest.param(svg()[:-3], "damaged in line 1", "again", id="cut svg"),
        pytest.param(png()[:-1], "damaged or cut off", "again", id="cut png"),
        pytest.param(png()[:20], "damaged or cut off", "again", id="png head only"),
        pytest.param(png().replace(b"IEND", b"IENX"), "damaged", "again", id="bad checksum"),
        pytest.param(png(0, 0), "damaged", "again", id="png without pixels"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + chunk(b"IEND"), "damaged", "again", id="png, no head"),
    ],
)
def test_a_picture_is_refused_with_a_remedy(image, complaint, remedy):
    with pytest.raises(InvalidCallError, match=complaint) as caught:
        data_uri(image)
    assert remedy in caught.value.remedy


def test_a_picture_is_refused_when_it_is_too_large():
    image = png(2, 2, chunk(b"tEXt", bytes(LARGEST_IMAGE)))
    with pytest.raises(InvalidCallError, match=f"{len(image)} bytes") as caught:
        data_uri(image)
    assert "Scale it down" in caught.value.remedy


@given(st.binary(max_size=200) | st.binary(max_size=99).map(lambda end: png()[:40] + end))
def test_any_bytes_are_taken_or_refused_and_nothing_else_happens(image):
    try:
        assert opened(data_uri(image))[1] == image
    except InvalidCallError as error:
        assert error.remedy  # noqa: PT017 - what the error says is the test


# Files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "Path"])
async def test_a_file_is_read_by_its_content_whatever_its_name(tmp_path, kind):
    file = tmp_path / "badge.jpg"
    file.write_bytes(png())
    assert await read_data_uri(kind(file)) == data_uri(png())


async def test_a_file_is_named_when_its_content_is_refused(tmp_path):
    file = tmp_path / "badge.png"
    file.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(InvalidCallError, match=r"badge\.png: the picture is a JPEG") as caught:
        await read_data_uri(file)
    assert "PNG or SVG" in caught.value.remedy


async def test_a_file_is_not_read_whole_when_it_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(images, "LARGEST_IMAGE", 10)
    file = tmp_path / "badge.png"
    file.write_bytes(bytes(1000))
    with pytest.raises(InvalidCallError, match=r"badge\.png: .* has 1000 bytes"):
        await read_data_uri(file)


@pytest.mark.parametrize("name", ["missing.png", ".", "a\0b"])
async def test_a_file_that_cannot_be_read_is_an_error_of_this_library(tmp_path, name):
    with pytest.raises(InvalidCallError, match="cannot be read"):
        await read_data_uri(f"{tmp_path}/{name}")
