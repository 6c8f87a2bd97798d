"""Small PDFs to hand in: real, tagged ones, with a title, a language and text that can be read aloud."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, String

LEFT, TOP, BOTTOM = 64, 770, 64
# Tag, size in points, characters that fit on a line.
HEADING = ("H1", 17, 50)
TEXT = ("P", 11, 84)


def small_pdf(title: str, paragraphs: list[str]) -> bytes:
    """One A4 page with a heading and these paragraphs; the same text always gives the same bytes."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    blocks = [(*HEADING, title), *((*TEXT, paragraph) for paragraph in paragraphs)]
    page.obj.Contents = pdf.make_stream(b"\n".join(_content(blocks)))
    font = pdf.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
    )
    page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
    page.obj.StructParents = 0
    page.obj.Tabs = Name.S
    _tag(pdf, page, [tag for tag, *_rest in blocks])
    pdf.Root.Lang = String("nl-NL")
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.docinfo[Name.Title] = title
    made = io.BytesIO()
    pdf.save(made, deterministic_id=True)
    return made.getvalue()


def _content(blocks: list[tuple[str, int, int, str]]) -> Iterator[bytes]:
    """The page's text, each block marked with the number that the structure refers to."""
    y = float(TOP)
    for number, (tag, size, width, text) in enumerate(blocks):
        yield f"/{tag} <</MCID {number}>> BDC BT /F1 {size} Tf {LEFT} {y:.1f} Td {size * 1.4:.1f} TL".encode()
        for line in textwrap.wrap(text, width):
            if y < BOTTOM:
                break
            yield b"(" + _escaped(line) + b") Tj T*"
            y -= size * 1.4
        yield b"ET EMC"
        y -= size


def _escaped(text: str) -> bytes:
    plain = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return plain.encode("cp1252", errors="replace")


def _tag(pdf: pikepdf.Pdf, page: pikepdf.Page, tags: list[str]) -> None:
    """The structure tree: a document of headings and paragraphs, in the order in which they are read."""
    root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    document = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, P=root))
    kids = [
        pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{tag}"), P=document, Pg=page.obj, K=number))
        for number, tag in enumerate(tags)
    ]
    document.K = Array(kids)
    root.K = Array([document])
    root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array([0, Array(kids)])))
    root.ParentTreeNextKey = 1
    pdf.Root.StructTreeRoot = root
