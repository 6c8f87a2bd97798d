"""Marks: words and numbers that exist nowhere else, and the search for them in whatever bytes there are."""

from __future__ import annotations

import base64
import io
import re
import secrets
import struct
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

LETTERS = "bcdfghjklmnpqrstvwxz"
# Between the digits of a number as people read it.
BETWEEN_DIGITS = re.compile(rb"(?<=\d)(?:[.,' ]|\xc2\xa0|\xe2\x80\xaf)(?=\d)")
ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
MOST_INFLATED, MOST_PACKED = 4 * 1024 * 1024, 64 * 1024


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def in_base64(content: bytes) -> list[bytes]:
    """The middle of what these bytes become in base64, wherever they begin."""
    found = []
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + content + b"\0" * ((-shift - len(content)) % 3))
        first = -(-shift * 8 // 6)
        last = (shift + len(content)) * 8 // 6
        found.append(text[first:last])
    return found


@cache
def forms_of(content: bytes) -> tuple[list[bytes], list[bytes]]:
    """How these bytes may look: forms to be sought whatever the case, and forms of which the case counts."""
    either = [content.lower(), content.hex().encode()]
    if content.isascii():
        text = content.decode().lower()
        either += [text.encode("utf-16-le"), text.encode("utf-16-be")]
    exact = in_base64(content)
    return either, list(dict.fromkeys([*exact, *(form.translate(bytes.maketrans(b"+/", b"-_")) for form in exact)]))


class Marks:
    """All marks of one test. They share a stem, so that one search finds out whether there is any."""

    def __init__(self) -> None:
        self.stem = "q" + _letters(9)
        self.digits = str(10**7 * (1 + secrets.randbelow(9)) + secrets.randbelow(10**7))
        self.told: dict[str, str] = {}

    def word(self, label: str) -> str:
        """A new word; the label says where it was put."""
        mark = self.stem + _letters(6)
        self.told[mark] = label
        return mark

    def number(self, label: str) -> Decimal:
        """A new number of eleven digits."""
        while (mark := f"{self.digits}{secrets.randbelow(900) + 100}") in self.told:
            pass
        self.told[mark] = label
        return Decimal(mark)

    def labels(self, *beginnings: str) -> set[str]:
        return {label for label in self.told.values() if label.startswith(beginnings)}

    def found_in(self, content: bytes) -> set[str]:
        """The labels of the marks in these bytes, in whichever form."""
        found = set()
        for stem, marks in ((self.stem, self._words()), (self.digits, self._numbers())):
            whole = BETWEEN_DIGITS.sub(b"", content) if stem.isdigit() and is_text(content) else content
            lower = whole.lower()
            if self._in(stem.encode(), whole, lower):
                hits = {label for mark, label in marks if self._in(mark.encode(), whole, lower)}
                found |= hits or {f"something that begins as {stem}"}
        return found | self._packed_numbers(content)

    def found_in_layers(self, content: bytes) -> set[str]:
        """The same, also in what is packed in it."""
        return set().union(*(self.found_in(layer) for layer in layers(content)))

    def _packed_numbers(self, content: bytes) -> set[str]:
        """A number in a row of PostgreSQL: groups of four digits, two bytes each."""
        # The first seven digits are those of the stem: where they are not, no number is.
        first = struct.pack("<HH", int(self.digits[:3]), int(self.digits[3:7]))
        if first not in content:
            return set()
        return {label for mark, label in self._numbers() if first + struct.pack("<H", int(mark[7:])) in content}

    def _words(self) -> list[tuple[str, str]]:
        return [(mark, label) for mark, label in self.told.items() if not mark.isdigit()]

    def _numbers(self) -> list[tuple[str, str]]:
        return [(mark, label) for mark, label in self.told.items() if mark.isdigit()]

    @staticmethod
    def _in(mark: bytes, content: bytes, lower: bytes) -> bool:
        either, exact = forms_of(mark)
        return any(form in lower for form in either) or any(form in content for form in exact)


def is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def layers(content: bytes, depth: int = 3) -> Iterator[bytes]:
    """These bytes, and what is packed in them: ZIP entries, compressed streams, the text of a PDF."""
    yield content
    if depth == 0:
        return
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as found:
            for name in found.namelist():
                yield name.encode()
                yield from layers(found.read(name), depth - 1)
        return
    if content[:5] == b"%PDF-":
        reader = PdfReader(io.BytesIO(content))
        yield "\n".join(page.extract_text() for page in reader.pages).encode()
        yield repr(reader.metadata).encode()
    for place in ZLIB.finditer(content):
        try:
            packed = content[place.start() : place.start() + MOST_PACKED]
            unpacked = zlib.decompressobj(wbits=47).decompress(packed, MOST_INFLATED)
        except zlib.error:
            continue
        if unpacked:
            yield unpacked


def marked_pdf(*, title: str, text: str, name: str) -> SimpleUploadedFile:
    """A PDF with a mark on its page, one in what it says of itself, and one in its name; none of it compressed."""
    document = pikepdf.new()
    document.add_blank_page()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page = document.pages[0]
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
    page.obj.Contents = document.make_stream(f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode())
    document.docinfo["/Title"] = title
    content = io.BytesIO()
    document.save(content, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return SimpleUploadedFile(f"{name}.pdf", content.getvalue(), content_type="application/pdf")
