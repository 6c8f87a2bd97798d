"""Whether a file can be the logo on a letter: a whole PNG, or an SVG that fetches nothing and does nothing. Pure."""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final
from xml.etree import ElementTree

MAX_BYTES: Final = 200 * 1024
"""It stands in every letter of a batch, so a large one makes each of them large."""
MAX_SIDE: Final = 4000
PNG_TYPE, SVG_TYPE = "image/png", "image/svg+xml"

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SVG: Final = "{http://www.w3.org/2000/svg}"
# What draws; nothing that runs, loads or embeds.
_DRAWS: Final = frozenset({
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "title", "desc", "defs", "use",
    "linearGradient", "radialGradient", "stop", "clipPath", "symbol", "text", "tspan", "style", "metadata",
})  # fmt: skip
_ELSEWHERE: Final = re.compile(r"url\(\s*['\"]?(?!#)|@import|@font-face|javascript:|expression\(", re.IGNORECASE)


def logo_type(content: bytes) -> str | None:
    """The type of the picture; None where it cannot be a logo."""
    if len(content) > MAX_BYTES:
        return None
    if content.startswith(_PNG):
        return PNG_TYPE if _whole_png(content) else None
    return SVG_TYPE if _plain_svg(content) else None


def _whole_png(content: bytes) -> bool:
    """From its header to its end, each part with the right check sum, and no larger than a letter can hold."""
    place, kinds = len(_PNG), []
    while place + 12 <= len(content):
        length, kind = struct.unpack(">I4s", content[place : place + 8])
        body = content[place + 8 : place + 8 + length]
        check = content[place + 8 + length : place + 12 + length]
        if len(check) < 4 or zlib.crc32(kind + body) != struct.unpack(">I", check)[0]:
            return False
        if kind == b"IHDR" and not (len(body) == 13 and all(0 < side <= MAX_SIDE for side in _sides(body))):
            return False
        kinds.append(kind)
        place += 12 + length
    return place == len(content) and kinds[:1] == [b"IHDR"] and b"IDAT" in kinds and kinds[-1] == b"IEND"


def _sides(header: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", header[:8])
    return width, height


def _plain_svg(content: bytes) -> bool:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"<?xml-stylesheet" in content:
        return False
    try:
        text = content.decode("utf-8")
        root = ElementTree.fromstring(text)  # noqa: S314 (no DOCTYPE, so no entities)
    except (UnicodeDecodeError, ElementTree.ParseError, ValueError):
        return False
    return root.tag == f"{_SVG}svg" and not _ELSEWHERE.search(text) and all(_draws(element) for element in root.iter())


def _draws(element: ElementTree.Element) -> bool:
    if element.tag.startswith(_SVG) and element.tag.removeprefix(_SVG) not in _DRAWS:
        return False
    for name, value in element.attrib.items():
        short = name.rpartition("}")[2].lower()
        if short.startswith("on") or (short in ("href", "src") and not value.startswith("#")):
            return False
    return True
