"""A thousand uploads of nonsense: no crash, no internal error, and nothing dangerous is taken in.

What is taken in is looked at by another library than the one that judged it.
"""

from __future__ import annotations

import io
import logging
import random
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
import pypdf
import pytest
from django.test import Client
from django.test.utils import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from achterhoek.documents import sealed
from achterhoek.documents.models import StoredFile
from tests.factories import UserFactory
from tests.factories.documents import pdf
from tests.uploading import PIECE, Tus, nothing_refers_to

pytestmark = [pytest.mark.usefixtures("store"), pytest.mark.urls("tests.factories.documents")]

RUNS = {"files": 600, "pieces": 120, "headers": 280}
QUIET = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def launching() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    start = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=start)
    document.pages[0].obj.Annots = pikepdf.Array([link])
    return saved(document)


def saved(document: pikepdf.Pdf, **options: Any) -> bytes:
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def packed_objects(content: bytes) -> bytes:
    """The same with its parts in compressed streams."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return saved(document, object_stream_mode=pikepdf.ObjectStreamMode.generate)


HARMLESS = [pdf(), pdf(3, size=2000), packed_objects(pdf(2))]
HOSTILE = [pdf(script=True), pdf(inside=True), pdf(password="x"), launching(), packed_objects(pdf(script=True))]
SEEDS = HARMLESS + HOSTILE
HOSTILE_WORDS = [b"/JavaScript", b"/JS (a)", b"/S /Launch", b"/EmbeddedFile", b"/Encrypt 1 0 R", b"/OpenAction"]
Change = Callable[[bytes, random.Random], bytes]


def flip(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.randint(1, 12)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randint(1, len(content))]


def splice(content: bytes, dice: random.Random) -> bytes:
    other = dice.choice(SEEDS)
    return content[: dice.randrange(len(content))] + other[dice.randrange(len(other)) :]


def prefix(content: bytes, dice: random.Random) -> bytes:
    return dice.randbytes(dice.randint(1, 1500)) + content


def append(content: bytes, dice: random.Random) -> bytes:
    return content + dice.choice(SEEDS)


def word(content: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(content))
    return content[:place] + dice.choice(HOSTILE_WORDS) + content[place:]


def swap(content: bytes, dice: random.Random) -> bytes:
    """A name for another of the same length: the table of contents stays right."""
    pairs = [(b"/Pages", b"/Names"), (b"/Type", b"/#54yp"), (b"/JavaScript", b"/JavaScrip#"), (b"/Kids", b"/Page")]
    old, new = dice.choice(pairs)
    return content.replace(old, new[: len(old)].ljust(len(old)), dice.randint(1, 3))


def escape(content: bytes, dice: random.Random) -> bytes:
    """The same names in other letters; the file is saved anew, as a tool of an attacker would."""
    return content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/Launch", b"/L#61unch")


def squeeze(content: bytes, dice: random.Random) -> bytes:
    return b"%PDF-1.7\n1 0 obj <</Filter/FlateDecode/Length 999>> stream\n" + zlib.compress(content) + b"\nendstream"


def noise(content: bytes, dice: random.Random) -> bytes:
    return b"%PDF-" + dice.randbytes(dice.randint(0, 3000))


CHANGES: list[Change] = [flip, cut, splice, prefix, append, word, swap, escape, squeeze, noise]


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A PDF, good or bad, with one to three things done to it."""
    content = draw(st.sampled_from(SEEDS))
    dice = random.Random(draw(st.integers(0, 2**32)))
    for change in draw(st.lists(st.sampled_from(CHANGES), min_size=1, max_size=3)):
        content = change(content, dice) or b"%PDF-"
    return content


def objects_of(reader: pypdf.PdfReader) -> Iterator[Any]:
    """Every dictionary that can be reached from the document or its pages."""
    left, seen = [reader.trailer], set()
    while left:
        part = left.pop()
        if isinstance(part, pypdf.generic.IndirectObject):
            if part.idnum in seen:
                continue
            seen.add(part.idnum)
            try:
                part = part.get_object()
            except Exception:  # what cannot be read cannot do anything either
                continue
        if isinstance(part, dict):
            yield part
            left += [part.raw_get(key) if hasattr(part, "raw_get") else part[key] for key in part]
        elif isinstance(part, list):
            left += list(part)


def dangers(content: bytes) -> list[str]:
    """What another library finds in it."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            return ["encrypted"]
        parts = list(objects_of(reader))
    except Exception:  # it reads less than the one that judged: it shows nobody anything
        return []
    found = []
    for part in parts:
        action = str(part.get("/S", ""))
        if action in ("/JavaScript", "/Launch"):
            found.append(action)
        if isinstance(part.get("/JS"), str):
            found.append("/JS")
        if str(part.get("/Type", "")) == "/EmbeddedFile":
            found.append("/EmbeddedFile")
    return found


@pytest.fixture
def uploader() -> Tus:
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    client = Client(raise_request_exception=True)
    client.force_login(UserFactory())
    return Tus(client)


def taken_in() -> list[bytes]:
    found = []
    for stored in StoredFile.objects.all():
        found.append(b"".join(sealed.chunks(stored, sealed.key_of(stored).secret)))
    return found


def test_the_other_library_sees_what_is_dangerous() -> None:
    """A judge who sees nothing proves nothing."""
    assert all(dangers(content) for content in HOSTILE)
    assert not any(dangers(content) for content in HARMLESS)


@pytest.mark.django_db
def test_files_of_nonsense(uploader: Tus) -> None:
    count = {"ready": 0, "refused": 0}

    @settings(QUIET, max_examples=RUNS["files"])
    @given(content=mangled())
    def run(content: bytes) -> None:
        state = uploader.send(content)
        count[state["state"]] += 1
        if state["state"] == "ready":
            assert dangers(content) == []
            assert taken_in() == [content]
            StoredFile.objects.all().delete()
        else:
            assert len(state["message"]) > 20

    run()
    assert count["refused"] > 100
    assert count["ready"] > 10


@pytest.mark.django_db
def test_pieces_in_any_order(uploader: Tus) -> None:
    """Whatever is sent where: what was counted is what came first, in order, and a file is whole or none."""
    whole = pdf(2, size=500)

    @settings(QUIET, max_examples=RUNS["pieces"])
    @given(st.lists(st.tuples(st.integers(0, len(whole) + 5), st.integers(0, len(whole) + 5)), max_size=5))
    def run(pieces: list[tuple[int, int]]) -> None:
        uploader.create(len(whole))
        have = 0
        for start, end in pieces:
            piece = whole[start:end]
            answer = uploader.patch(start, piece) if piece else None
            if answer is not None and answer.status_code == 204:
                assert start == have
                have += len(piece)
        assert uploader.head()["Upload-Offset"] == str(have)
        if have < len(whole):
            assert uploader.patch(have, whole[have:]).status_code == 204
        assert uploader.state()["state"] == "ready"
        assert taken_in() == [whole]
        StoredFile.objects.all().delete()

    run()


HEADER = st.one_of(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
    st.sampled_from(["", "0", "-1", "1e9", "9" * 30, "0x10", "١", "1.0.0", PIECE, "filename !!!", "filename", ","]),
    st.integers(-5, 2**70).map(str),
)


@pytest.mark.django_db
@override_settings(MAX_UNFINISHED_UPLOADS=2**31, MAX_UNFINISHED_BYTES=2**63)
def test_headers_of_nonsense(uploader: Tus) -> None:
    content = pdf()

    @settings(QUIET, max_examples=RUNS["headers"])
    @given(
        length=HEADER, metadata=HEADER, offset=HEADER, version=st.sampled_from(["1.0.0", "1.0.0", "0.2", ""]),
        kind=st.sampled_from([PIECE, "text/plain", "multipart/form-data", "application/x-www-form-urlencoded"]),
    )  # fmt: skip
    def run(length: str, metadata: str, offset: str, version: str, kind: str) -> None:
        given = {"Upload-Metadata": metadata, "Tus-Resumable": version}
        assert uploader.create(length, **given).status_code in (201, 400, 403, 412, 413, 422)
        assert uploader.create(len(content)).status_code == 201
        answer = uploader.patch(offset, content, content_type=kind, **{"Tus-Resumable": version})
        assert answer.status_code in (204, 400, 409, 412, 413, 415)
        assert uploader.head()["Upload-Offset"] in ("0", str(len(content)))

    run()
    assert not nothing_refers_to()
