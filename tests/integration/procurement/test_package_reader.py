"""A package may come from anywhere: what is hostile or broken is refused in words, and never unpacked."""

import io
import json
import os
import stat
import zipfile
from contextlib import suppress

import pytest
from django.core.files.storage import default_storage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from achterhoek.errors import RuleViolation
from procurement.services import package_reader
from procurement.services.package_reader import read_package
from tests.factories.packages import answers_of, sha256, zipped
from tests.factories.submissions import open_fair, pdf_bytes

PLAIN = {"format": "submission-export/1", "answers": [], "requirements": []}


def read(content: bytes):
    return read_package(io.BytesIO(content))


def refused(content: bytes) -> str:
    with pytest.raises(RuleViolation) as violation:
        read(content)
    return violation.value.message


def with_entry(name: str, content: bytes = b"x", answers=PLAIN, **more) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", **more) as made:
        made.writestr("answers.json", json.dumps(answers))
        made.writestr(name, content)
    return target.getvalue()


@pytest.mark.django_db
def test_a_right_package_is_read_whole():
    fair = open_fair()
    found = read(zipped(answers_of(fair), **{"LEESMIJ.txt": b"Lees mij"}))
    assert len(found.answers) == fair.round.questions.count()
    assert len(found.requirements) == fair.round.requirements.count()
    assert found.segments == [segment.slug for segment in fair.segments]
    for own in found.files.values():
        assert own.uploaded().read() == pdf_bytes()


@pytest.mark.django_db
def test_a_package_of_before_it_had_a_name_of_its_own_is_read_as_well():
    """A team may have kept its ZIP for years; its fingerprint may be registered."""
    fair = open_fair()
    older = answers_of(fair, format="submission-package/1")
    assert read(zipped(older)).answers == read(zipped(answers_of(fair))).answers


def test_a_package_of_another_kind_is_refused():
    for other in ("submission-export/2", "submission-manifest/2", "", None):
        assert refused(zipped({**PLAIN, "format": other}))


def test_no_zip_at_all():
    for content in (b"", b"PK", b"zomaar", b"PK\x05\x06" + b"\x00" * 18, os.urandom(5000)):
        assert refused(content)


def test_no_answers_in_it():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("iets.txt", "x")
    assert refused(target.getvalue())


@pytest.mark.parametrize(
    "name", ["../buiten.pdf", "/etc/passwd", "a/../../b", "a\\b", "C:/x", "files//x", "./x", "files/\x07bel"]
)
def test_a_path_that_leads_elsewhere(name):
    assert refused(with_entry(name))


def test_a_link():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("answers.json", json.dumps(PLAIN))
        link = zipfile.ZipInfo("files/x")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert refused(target.getvalue())


def test_a_bomb_is_not_unpacked():
    assert refused(with_entry("files/nul", b"\x00" * 20_000_000, compression=zipfile.ZIP_DEFLATED))


def test_answers_that_are_a_bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED) as made:
        made.writestr("answers.json", b" " * 20_000_000)
    assert refused(target.getvalue())


def test_too_many_entries(monkeypatch):
    monkeypatch.setattr(package_reader, "MAX_ENTRIES", 5)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("answers.json", json.dumps(PLAIN))
        for number in range(5):
            made.writestr(f"files/{number}", "x")
    assert refused(target.getvalue())


def test_a_list_of_entries_that_would_fill_the_memory():
    """The list is read in one go: one of more than a few megabytes is not read at all."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("answers.json", json.dumps(PLAIN))
        for number in range(1000):
            made.writestr(f"files/{number}-" + "x" * 5000, "")
    assert refused(target.getvalue())


def test_entries_that_overlap():
    """Many names for the same bytes: small as a file, endless when unpacked."""
    body = with_entry("files/a", os.urandom(50_000))
    with zipfile.ZipFile(io.BytesIO(body)) as held:
        infos = held.infolist()
    target = io.BytesIO(body)
    with zipfile.ZipFile(target, "a") as made:
        for number in range(40):
            copy = zipfile.ZipInfo(f"files/{number}")
            source = infos[1]
            copy.header_offset, copy.CRC = source.header_offset, source.CRC
            copy.compress_size, copy.file_size = source.compress_size, source.file_size
            made.filelist.append(copy)
            made._didModify = True
    assert refused(target.getvalue())


def test_another_way_of_packing():
    assert refused(with_entry("files/x", b"x" * 1000, compression=zipfile.ZIP_BZIP2))


@pytest.mark.parametrize(
    "answers",
    [
        b"geen json", b"[]", b"{}", b'{"format": "iets anders"}', b"\xff\xfe", b"[" * 100_000,
        {**PLAIN, "answers": [{"segment": "", "question": "V1"}]},
        {**PLAIN, "answers": [{"segment": "", "question": "V1", "kind": "text", "salt": 1, "value": "x"}]},
        {**PLAIN, "answers": [{"segment": "", "question": "V1", "kind": "text", "salt": "", "value": "a\x00b"}]},
        {**PLAIN, "answers": [{"segment": "", "question": "V1", "kind": "text", "salt": "", "value": "\ud800"}]},
        {**PLAIN, "answers": [{"segment": "", "question": "V1", "kind": "text", "salt": "", "value": "x"}] * 2},
        {**PLAIN, "requirements": [{"segment": "", "requirement": "E", "salt": "", "meets": 1, "explanation": ""}]},
        {**PLAIN, "segments": "logeren"},
        {**PLAIN, "segments": [1]},
    ],
)  # fmt: skip
def test_answers_that_are_none(answers):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("answers.json", answers if isinstance(answers, bytes) else json.dumps(answers))
    assert refused(target.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"path": "files/weg.pdf"}, {"path": 1}, {"sha256": None}, {"path": "../x"}])
def test_a_file_that_is_not_where_it_should_be(change):
    fair = open_fair()
    answers = answers_of(fair)
    line = next(line for line in answers["answers"] if "file" in line)
    package = zipped(answers)
    line["file"] |= change
    assert refused(_again(package, answers))


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"sha256": sha256(b"anders")}, {"size": 3}])
def test_a_file_that_is_another(change):
    fair = open_fair()
    answers = answers_of(fair)
    line = next(line for line in answers["answers"] if "file" in line)
    line["file"] |= change
    own = read(zipped(answers)).files[line["file"]["path"]]
    if "size" in change:
        # The size is read from the ZIP itself; what the text says of it does not matter.
        assert own.uploaded().read() == pdf_bytes()
        return
    with pytest.raises(RuleViolation):
        own.uploaded()


def test_one_that_is_larger_than_a_file_may_be(settings):
    settings.MAX_UPLOAD_BYTES = 100
    answer = {"segment": "", "question": "V1", "kind": "file"}
    file = {"path": "files/x", "name": "x", "sha256": "0" * 64, "size": 200}
    assert refused(with_entry("files/x", b"y" * 200, {**PLAIN, "answers": [{**answer, "file": file}]}))


def _again(package: bytes, answers) -> bytes:
    """The same files with other answers."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as held, zipfile.ZipFile(target, "w") as made:
        made.writestr("answers.json", json.dumps(answers))
        for info in held.infolist():
            if info.filename != "answers.json":
                made.writestr(info.filename, held.read(info))
    return target.getvalue()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_changed_in_it_there_is_an_answer(data):
    """Cut, stretched and altered packages are read or refused, and never anything else."""
    package = bytearray(with_entry("files/x.pdf", b"%PDF-1.4 x" * 20, compression=zipfile.ZIP_DEFLATED))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(package) - 1))
        package[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    with suppress(RuleViolation):
        read(bytes(package))


def test_nothing_is_stored_by_reading():
    before = default_storage.listdir("")
    read(with_entry("files/x", b"y"))
    assert default_storage.listdir("") == before
