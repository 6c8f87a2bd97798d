"""What every PDF of the portal must be: tagged, titled, in Dutch, with its own fonts in it (PDF/UA-1)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pypdf import PdfReader


def text_of(pdf: bytes) -> str:
    """All text, in reading order, with single spaces. A long digest is broken over lines: its halves are joined."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    lines = [line for page in pages for line in page.splitlines()]
    text = ""
    for line in lines:
        joined = text[-1:] in "0123456789abcdef" and text and line[:1] in "0123456789abcdef"
        text += line if joined and _is_digest(text, line) else f" {line}"
    return " ".join(text.split())


def _is_digest(text: str, line: str) -> bool:
    last, first = text.split()[-1].removeprefix("sha256:"), (line.split() or [""])[0]
    return 16 <= len(last) < 64 and len(last) + len(first) <= 64 and set(last + first) <= set("0123456789abcdef")


def tags_of(reader: PdfReader) -> set[str]:
    """The kinds of elements in its structure."""
    found: set[str] = set()
    _walk(reader.trailer["/Root"]["/StructTreeRoot"], found)
    return found


def _walk(node: Any, found: set[str]) -> None:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for kid in node:
            _walk(kid, found)
    elif isinstance(node, dict):
        if "/S" in node:
            found.add(str(node["/S"]))
        _walk(node.get("/K"), found)


def assert_accessible(pdf: bytes, language: str = "nl") -> PdfReader:
    """Marked, titled, in its language, PDF/UA-1, each font embedded, and no heading skipped in the outline."""
    reader = PdfReader(BytesIO(pdf))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == language
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in catalog
    assert b"pdfuaid:part" in catalog["/Metadata"].get_data()
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert len(titles) == 1
    for page in reader.pages:
        assert page["/Tabs"] == "/S" or "/Annots" not in page
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "Letter-Sans" in font.get_object()["/BaseFont"]
            assert {"/FontFile2", "/FontFile3"} & set(descendant["/FontDescriptor"].get_object())
    return reader
