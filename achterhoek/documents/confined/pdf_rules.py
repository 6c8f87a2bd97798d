"""Is this PDF safe to show to others, and how many pages has it? Runs in the helper process; imports nothing of ours.

The answer is JSON: `{"pages": 3}`, or `{"problem": "script"}`; the words for people are the portal's.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any, BinaryIO, cast

import pikepdf
from pikepdf import settings

# What one stream, and all of them together, may become when they are unpacked. Pictures are not counted: a white
# page scanned in fine detail shrinks a thousandfold and is no trick.
STREAM_LIMIT = 64 * 1024 * 1024
TOTAL_LIMIT = 512 * 1024 * 1024
# Deflate makes nothing smaller than 1 : 1,032.
RATIO = 1032
PACKING = ("/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL")
DAMAGE = (
    pikepdf.PdfError, ArithmeticError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError,
)  # fmt: skip

settings.set_qpdf_limits(
    flate_max_memory=STREAM_LIMIT, run_length_max_memory=STREAM_LIMIT, png_max_memory=STREAM_LIMIT,
    tiff_max_memory=STREAM_LIMIT, dct_max_memory=STREAM_LIMIT, doc_max_warnings=1000, max_stream_filters=3,
)  # fmt: skip


class Problem(Exception):
    """Why a file is refused, in one word."""


def run(content: IO[bytes], *, max_objects: int) -> bytes:
    """The answer for one file."""
    try:
        return json.dumps({"pages": pages_of(content, max_objects)}).encode()
    except Problem as problem:
        return json.dumps({"problem": str(problem)}).encode()


def pages_of(content: IO[bytes], max_objects: int) -> int:
    """The number of pages; raises `Problem`."""
    try:
        # Nothing is guessed: of a file that lost its end readers would each show another half.
        with pikepdf.open(cast(BinaryIO, content), inherit_page_attributes=False, attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                raise Problem("protected")
            if len(pdf.objects) > max_objects:
                raise Problem("parts")
            look_through(pdf)
            if pages := len(pdf.pages):
                return pages
            raise Problem("damaged")
    except pikepdf.PasswordError:
        raise Problem("protected") from None
    # What the parts of a file made by hand can be is not what the library expects of them.
    except DAMAGE:
        raise Problem("damaged") from None


def look_through(pdf: pikepdf.Pdf) -> None:
    """Look at every part, wherever it hangs: of the document, of a page, under a button, or of nothing."""
    left = TOTAL_LIMIT
    for part in dictionaries(pdf):
        refuse_active_content(part)
        if isinstance(part, pikepdf.Stream):
            left -= unpacked_size(part)
            if left < 0:
                raise Problem("bomb")


def dictionaries(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every dictionary of the file."""
    for whole in pdf.objects:
        parts: list[Any] = [whole]
        while parts:
            part = parts.pop()
            held: Iterable[Any] = ()
            if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                yield part
                held = (value for _key, value in part.items())
            elif isinstance(part, pikepdf.Array):
                held = part
            parts += [value for value in held if isinstance(value, pikepdf.Object) and not value.is_indirect]


def refuse_active_content(part: Any) -> None:
    """No script (also not of an XFA form), no program to start, no file inside."""
    if part.get("/S") in (pikepdf.Name.JavaScript, pikepdf.Name.Launch) or "/XFA" in part:
        raise Problem("script")
    # A font or a picture may have the name JS or EF too.
    if isinstance(part.get("/JS"), pikepdf.String | pikepdf.Stream | str):
        raise Problem("script")
    files = part.get("/EF")
    if part.get("/Type") == pikepdf.Name.EmbeddedFile or (
        isinstance(files, pikepdf.Dictionary) and any(isinstance(file, pikepdf.Stream) for _key, file in files.items())
    ):
        raise Problem("inside")


def unpacked_size(stream: Any) -> int:
    """How much a stream becomes, at most; raises `Problem` where it is a trap for who opens it."""
    names = filters_of(stream)
    if sum(name in PACKING for name in names) > 1:
        raise Problem("bomb")
    if stream.get("/Subtype") == pikepdf.Name.Image or not names or names[0] not in ("/FlateDecode", "/Fl"):
        return 0
    packed = stream.get("/Length")
    if isinstance(packed, int) and packed * RATIO <= STREAM_LIMIT:
        return 0
    return inflated(stream.read_raw_bytes())


def filters_of(stream: Any) -> list[str]:
    given = stream.get("/Filter", stream.get("/F"))
    if isinstance(given, pikepdf.Array):
        return [str(name) for name in given]
    return [str(given)] if isinstance(given, pikepdf.Name) else []


def inflated(packed: bytes) -> int:
    """Unpack without keeping it, up to the limit."""
    unpacker = zlib.decompressobj()
    size = 0
    left = packed
    while left and not unpacker.eof:
        try:
            piece = unpacker.decompress(left, 1024 * 1024)
        except zlib.error:
            break  # readers stop here too
        size += len(piece)
        if size > STREAM_LIMIT:
            raise Problem("bomb")
        left = unpacker.unconsumed_tail
        if not piece and not left:
            break
    return size
