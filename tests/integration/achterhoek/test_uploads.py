"""How a file comes in: encrypted, in pieces that are safe once they are counted, and judged when it is whole."""

from __future__ import annotations

import hashlib
import io
import os
import uuid
import zipfile
import zlib
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from achterhoek.accounts.models import User
from achterhoek.documents import intake, sealed, storage, upkeep, uploads
from achterhoek.documents.gate import may_read, open_for, opens, reads
from achterhoek.documents.models import Scan, StoredFile, Upload
from achterhoek.documents.services import accept_pdf, content_digest, discard, store_bytes
from achterhoek.documents.thumbnails import make_thumbnail
from achterhoek.errors import RuleViolation
from achterhoek.sealing import age
from achterhoek.sealing.services import make_key, make_withheld_key
from tests.concurrency import at_once
from tests.factories import UserFactory
from tests.factories.documents import KIND, MEGABYTE, Desk, pdf, test_key
from tests.uploading import everything_stored, nothing_refers_to

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("store")]


@pytest.fixture
def by() -> User:
    return UserFactory()


def begun(by: User, size: int, name: str = "plan.pdf") -> Upload:
    return uploads.begin(kind=KIND, purpose="plan", name=name, size=size, sealing_key=test_key(), by=by)


def sent(by: User, content: bytes, name: str = "plan.pdf") -> Upload:
    return uploads.append(upload=begun(by, len(content), name), offset=0, stream=io.BytesIO(content))


def test_what_lies_in_storage_and_in_the_database_says_nothing(by: User) -> None:
    content = pdf(2, size=9 * MEGABYTE) + b"%zeer-geheim-merk"
    upload = sent(by, content, "..\\map/ons geheime plan.pdf")
    assert [part["size"] for part in upload.parts] == [4 * MEGABYTE, 4 * MEGABYTE, len(content) - 8 * MEGABYTE]
    stored = uploads.finish(upload=upload)
    assert (stored.size, stored.pages, stored.sha256) == (len(content), 2, hashlib.sha256(content).hexdigest())
    assert (stored.name, stored.file.name) == ("", "")
    assert not any(b"zeer-geheim-merk" in kept or b"%PDF" in kept for kept in everything_stored().values())
    assert not any("plan.pdf" in str(value) for value in StoredFile.objects.values().get().values())
    key = sealed.key_of(stored)
    assert key.name == "ons geheime plan.pdf"
    assert b"".join(sealed.chunks(stored, key.secret)) == content
    assert key.secret not in repr(key)


def test_the_upload_itself_keeps_nothing_that_opens_the_file(by: User) -> None:
    upload = sent(by, pdf())
    uploads.finish(upload=upload)
    upload.refresh_from_db()
    assert (bytes(upload.envelope), upload.parts) == (b"", [])


def test_a_piece_that_does_not_fit_is_not_taken(by: User) -> None:
    upload = begun(by, 100)
    upload = uploads.append(upload=upload, offset=0, stream=io.BytesIO(b"x" * 40))
    for wrong in (0, 39, 41, 100):
        with pytest.raises(uploads.OffsetConflict) as told:
            uploads.append(upload=upload, offset=wrong, stream=io.BytesIO(b"y" * 10))
        assert told.value.offset == 40
    assert upload.offset == 40


class Cut:
    """A connection that breaks off in the middle."""

    def __init__(self, content: bytes) -> None:
        self.content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        piece = self.content.read(size)
        if not piece:
            raise ConnectionResetError
        return piece


def test_what_came_before_a_cut_is_kept(by: User) -> None:
    content = pdf(size=5 * MEGABYTE)
    upload = uploads.append(upload=begun(by, len(content)), offset=0, stream=Cut(content[: 5 * MEGABYTE]))
    assert upload.offset == 5 * MEGABYTE
    with pytest.raises(uploads.OffsetConflict):
        uploads.finish(upload=upload)
    upload = uploads.append(upload=upload, offset=upload.offset, stream=io.BytesIO(content[upload.offset :]))
    stored = uploads.finish(upload=upload)
    assert stored.sha256 == hashlib.sha256(content).hexdigest()


def test_more_than_was_announced_is_refused(by: User) -> None:
    with pytest.raises(uploads.TooManyBytes):
        uploads.append(upload=begun(by, 100), offset=0, stream=io.BytesIO(b"x" * 101))
    assert Upload.objects.get().offset == 0
    assert not nothing_refers_to()


def test_two_at_once_for_the_same_piece_leave_one(by: User) -> None:
    content = pdf(size=MEGABYTE)
    upload = begun(by, len(content))
    works = [
        lambda: uploads.append(upload=Upload.objects.get(), offset=0, stream=io.BytesIO(content)) for _ in range(3)
    ]
    failures = [failure for failure in at_once(*works) if failure is not None]
    assert len(failures) == 2
    assert all(isinstance(failure, uploads.OffsetConflict) for failure in failures)
    assert not nothing_refers_to()
    assert uploads.finish(upload=upload).sha256 == hashlib.sha256(content).hexdigest()


def test_finishing_twice_at_once_makes_one_file_and_attaches_it_once(by: User) -> None:
    upload = sent(by, pdf(size=MEGABYTE))
    done = at_once(*[lambda: intake.complete(upload=Upload.objects.get(), by=by)] * 3)
    assert done == [None, None, None]
    assert Desk.attached == [upload.pk]
    assert StoredFile.objects.get().pk == upload.pk
    assert intake.complete(upload=upload, by=by) == StoredFile.objects.get()


def test_a_file_that_cannot_be_attached_any_more_is_not_kept(by: User) -> None:
    upload = sent(by, pdf())
    Desk.closed = "De termijn is voorbij."
    assert intake.complete(upload=upload, by=by) is None
    upload.refresh_from_db()
    assert (upload.error, upload.parts, bytes(upload.envelope)) == ("De termijn is voorbij.", [], b"")
    assert not StoredFile.objects.exists()
    assert not everything_stored()
    assert intake.complete(upload=upload, by=by) is None


@pytest.mark.parametrize(("size", "words"), [(0, "leeg"), (2 * 1024**3 + 1, "hoogstens"), (-1, "leeg")])
def test_a_size_that_cannot_be_is_refused_before_anything_comes_in(by: User, size: int, words: str) -> None:
    with pytest.raises(RuleViolation, match=words):
        begun(by, size)
    assert begun(by, 2 * 1024**3).offset == 0


def flate_bomb(times: int = 1) -> bytes:
    """A page whose content is gigabytes of nothing in particular, when it is unpacked."""
    packed = zlib.compress(b" " * (150 * MEGABYTE), 9)
    document = pikepdf.new()
    document.add_blank_page()
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    names = pikepdf.Array([pikepdf.Name.FlateDecode] * times)
    stream = pikepdf.Stream(document, packed)
    stream.Filter = names if times > 1 else pikepdf.Name.FlateDecode
    document.pages[0].obj.Contents = stream
    content = io.BytesIO()
    document.save(content, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return content.getvalue()


def bomb_of_objects() -> bytes:
    """An object stream that becomes 150 MB before there is anything to look at."""
    packed = zlib.compress(b" " * (150 * MEGABYTE), 9)
    out = io.BytesIO()
    out.write(b"%PDF-1.7\n")
    places = []
    for number, body in (
        (
            1,
            b"<</Type/ObjStm/N 2/First 10/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
            + packed
            + b"\nendstream",
        ),
    ):
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    start = out.tell()
    entries = b"\x00\x00\x00\x00\x00\x00\xff" + b"\x01" + places[0].to_bytes(4, "big") + b"\x00\x00"
    entries += b"\x02" + (1).to_bytes(4, "big") + b"\x00\x00" + b"\x02" + (1).to_bytes(4, "big") + b"\x00\x01"
    entries += b"\x01" + start.to_bytes(4, "big") + b"\x00\x00"
    out.write(b"4 0 obj\n<</Type/XRef/Size 5/W[1 4 2]/Root 2 0 R/Length %d>>stream\n" % len(entries))
    out.write(entries + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % start)
    return out.getvalue()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.pdf", b"%PDF-1.7" + b"0" * (20 * MEGABYTE))
    return out.getvalue()


def form_with_a_script() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.AcroForm = pikepdf.Dictionary(XFA=document.make_stream(b"<xdp/>"), Fields=pikepdf.Array())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


HOSTILE = {
    "a program": (b"MZ" + b"\0" * 3000, "geen pdf"),
    "a zip bomb": (zip_bomb(), "geen pdf"),
    "a zip that says it is a pdf": (b"%PDF-1.7\n" + zip_bomb(), "beschadigd"),
    "broken": (b"%PDF-1.7 and then nothing", "beschadigd"),
    "half a pdf": (pdf(size=5000)[:400], "beschadigd"),
    "protected": (pdf(password="x"), "beveiligd"),
    "a script": (pdf(script=True), "script"),
    "a form with a script": (form_with_a_script(), "script"),
    "a file inside": (pdf(inside=True), "andere bestanden"),
    "too many pages": (pdf(3), "hoogstens 2 pagina"),
    "a page that becomes 150 MB": (flate_bomb(), "te zwaar"),
    "a page packed twice": (flate_bomb(2), "te zwaar"),
    "objects that become 150 MB": (bomb_of_objects(), "zwaar|beschadigd"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_cannot_be_is_refused_in_words_and_nothing_of_it_is_kept(by: User, what: str) -> None:
    content, words = HOSTILE[what]
    Desk.pages = 2
    upload = sent(by, content)
    assert intake.complete(upload=upload, by=by) is None
    upload.refresh_from_db()
    with pytest.raises(RuleViolation, match=words):
        raise RuleViolation(upload.error)
    with pytest.raises(RuleViolation, match=words):
        accept_pdf(upload=SimpleUploadedFile("a.pdf", content), kind=KIND, sealing_key=test_key(), by=by, max_pages=2)
    assert not StoredFile.objects.exists()
    assert not everything_stored()


def test_a_form_gives_the_same_sealed_file(by: User) -> None:
    content = pdf(3, size=5 * MEGABYTE)
    stored = accept_pdf(upload=SimpleUploadedFile("ons plan.pdf", content), kind=KIND, sealing_key=test_key(), by=by)
    assert (stored.name, stored.pages, len(stored.parts)) == ("", 3, 2)
    key = sealed.key_of(stored)
    assert key.name == "ons plan.pdf"
    assert content_digest(stored, key.secret) == stored.sha256 == hashlib.sha256(content).hexdigest()
    discard(stored)
    assert not everything_stored()


def test_a_file_that_is_not_an_answer_lies_there_as_it_is(by: User) -> None:
    stored = store_bytes(content=b"brief", name="brief.txt", content_type="text/plain", kind=KIND, by=None)
    assert content_digest(stored) == hashlib.sha256(b"brief").hexdigest()
    key = open_for(by, stored)
    assert key is None
    stored.uploaded_by = by
    assert open_for(by, stored) == sealed.FileKey("", "brief.txt")


def test_an_envelope_goes_from_hand_to_hand(by: User) -> None:
    """Its organisation's, nobody's (a package has it), the round's."""
    stored = uploads.finish(upload=sent(by, pdf()))
    key = sealed.key_of(stored)
    sealed.drop_envelope([stored])
    stored.refresh_from_db()
    assert stored.envelope is None
    assert open_for(by, stored) is None
    with pytest.raises(sealed.NoEnvelope):
        sealed.key_of(stored)
    with pytest.raises(ValueError, match="another file"):
        sealed.seal_to(stored, make_key("round"), sealed.FileKey(age.new_identity(), "x"))
    sealed.seal_to(stored, make_key("round"), key)
    stored = StoredFile.objects.get()
    assert sealed.key_of(stored) == key


def test_what_only_custodians_can_open_is_opened_by_nobody(by: User) -> None:
    stored = uploads.finish(upload=sent(by, pdf()))
    withheld, _secret = make_withheld_key("round")
    sealed.seal_to(stored, withheld, sealed.key_of(stored))
    assert may_read(by, stored)
    assert open_for(by, stored) is None


def test_a_room_may_have_the_key_elsewhere(by: User) -> None:
    stored = uploads.finish(upload=sent(by, pdf()))
    key = sealed.key_of(stored)
    sealed.drop_envelope([stored])
    StoredFile.objects.update(kind="elsewhere")
    stored.refresh_from_db()
    reads("elsewhere")(lambda user, _stored: user == by)
    opens("elsewhere")(lambda user, _stored: key)
    assert open_for(by, stored) == key
    assert open_for(UserFactory(), stored) is None


@pytest.mark.parametrize("scan", [Scan.WAITING, Scan.INFECTED])
def test_a_file_that_was_not_found_clean_is_read_by_nobody(by: User, scan: Scan) -> None:
    stored = uploads.finish(upload=sent(by, pdf()))
    assert open_for(by, stored)
    stored.scan = scan
    assert open_for(by, stored) is None


def test_one_changed_byte_in_storage_is_noticed(by: User) -> None:
    stored = uploads.finish(upload=sent(by, pdf(size=1000)))
    secret = sealed.key_of(stored).secret
    place = Path(default_storage.path(stored.parts[0]["key"]))
    content = bytearray(place.read_bytes())
    content[500] ^= 1
    place.write_bytes(content)
    with pytest.raises(age.SealBroken):
        content_digest(stored, secret)
    default_storage.delete(stored.parts[0]["key"])
    with pytest.raises(FileNotFoundError):
        content_digest(stored, secret)


def test_the_first_page_is_drawn_and_sealed(by: User) -> None:
    stored = uploads.finish(upload=sent(by, pdf()))
    assert make_thumbnail(stored.pk)
    assert make_thumbnail(stored.pk)
    stored.refresh_from_db()
    assert not any(kept.startswith(b"\x89PNG") for kept in everything_stored().values())
    assert sealed.thumbnail_of(stored, sealed.key_of(stored).secret).startswith(b"\x89PNG")
    discard(stored)
    assert not everything_stored()


def test_a_file_without_its_key_gets_no_picture(by: User) -> None:
    stored = uploads.finish(upload=sent(by, pdf()))
    sealed.drop_envelope([stored])
    assert not make_thumbnail(stored.pk)
    stored.delete()
    assert not make_thumbnail(stored.pk or uuid.uuid4())


def test_the_sweep_takes_what_belongs_to_nothing_after_a_day(by: User) -> None:
    kept = uploads.finish(upload=sent(by, pdf()))
    stopped, going = begun(by, 100), begun(by, 100)
    stopped = uploads.append(upload=stopped, offset=0, stream=io.BytesIO(b"x" * 50))
    going = uploads.append(upload=going, offset=0, stream=io.BytesIO(b"x" * 50))
    Upload.objects.filter(pk__in=[stopped.pk, kept.pk]).update(changed_at=timezone.now() - timedelta(hours=25))
    orphan = storage.put(b"of a worker that was killed")
    assert upkeep.sweep() == 2
    assert set(Upload.objects.all()) == {going}
    assert orphan in everything_stored()
    yesterday = (timezone.now() - timedelta(hours=25)).timestamp()
    os.utime(default_storage.path(orphan), (yesterday, yesterday))
    os.utime(default_storage.path(kept.parts[0]["key"]), (yesterday, yesterday))
    assert upkeep.sweep() == 1
    assert set(everything_stored()) == {kept.parts[0]["key"], going.parts[0]["key"]}


def test_an_upload_that_a_worker_died_with_is_given_out_again_once(by: User) -> None:
    upload = sent(by, pdf())
    assert upkeep.unfinished_uploads() == []
    Upload.objects.update(changed_at=timezone.now() - timedelta(minutes=6))
    assert upkeep.unfinished_uploads() == [(upload.pk, by.pk)]
    assert upkeep.unfinished_uploads() == []
