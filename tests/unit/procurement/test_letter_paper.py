"""A region's own words and its logo: what may stand in a letter, and what is refused with its reason."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.letter_frame import LEAST_CONTRAST, contrast_on_white
from procurement.domain.letter_texts import FIELDS, TextFault, fault_in, fields_in, paragraphs
from procurement.domain.logo import MAX_BYTES, PNG_TYPE, SVG_TYPE, logo_type

VALUES = {name: f"<{name}>" for name in FIELDS}


def test_fields_are_filled_in_and_empty_lines_part_paragraphs():
    text = "Beste mensen van {aanbieder},\n\nUw kenmerk is\n{ uw_kenmerk }.\r\n\r\n{{letterlijk}}"
    assert fields_in(text) == ("aanbieder", "uw_kenmerk")
    assert paragraphs(text, VALUES) == ("Beste mensen van <aanbieder>,", "Uw kenmerk is <uw_kenmerk>.", "{letterlijk}")
    assert paragraphs(" \n ", VALUES) == ()


@pytest.mark.parametrize(
    ("text", "unknown", "line"),
    [("a {naam}", "naam", 1), ("\n{}", "{}", 2), ("a {segment", "", 1), ("a\nb} c", "", 2), ("{a.b}", "a.b", 1)],
)
def test_what_is_wrong_is_named_with_its_line(text, unknown, line):
    fault = fault_in(text)
    assert fault is not None
    assert (fault.unknown, fault.line) == (unknown, line)
    with pytest.raises(TextFault):
        paragraphs(text, VALUES)


@given(st.text(alphabet="ab {}\n", max_size=30))
def test_a_text_is_whole_or_refused(text):
    fault = fault_in(text)
    if fault is None:
        assert all(part.strip() == part and part for part in paragraphs(text, VALUES))


def test_contrast_is_that_of_the_standard():
    assert contrast_on_white("#ffffff") == pytest.approx(1)
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#777777") < LEAST_CONTRAST < contrast_on_white("#767676")


def png(width: int = 1, height: int = 1) -> bytes:
    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")


def svg(inside: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'.encode()


def test_a_png_and_a_plain_svg_are_logos():
    assert logo_type(png()) == PNG_TYPE
    assert logo_type(svg('<rect width="9" height="9" fill="url(#a)"/>')) == SVG_TYPE


@pytest.mark.parametrize(
    "content",
    [
        b"", b"GIF89a", png()[:-3], png() + b"x", png().replace(b"IDAT", b"IDAX"), png(width=5000, height=1),
        svg("<script/>"), svg('<image href="file:///etc/passwd"/>'), svg('<use href="https://x.example/#a"/>'),
        svg("<style>@import 'x'</style>"), svg('<rect fill="url(https://x.example/a)"/>'), svg('<g onload="x"/>'),
        svg("<foreignObject/>"), b"<!DOCTYPE svg>" + svg(""), svg("<g>"), svg(" " * MAX_BYTES), b"<html/>",
    ],
)  # fmt: skip
def test_what_is_broken_or_reaches_out_is_no_logo(content):
    assert logo_type(content) is None
