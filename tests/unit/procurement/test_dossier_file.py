"""A dossier that anybody can check: one byte other, a part gone, a part put in, each shows; and nothing else does."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from procurement.domain import dossier_file
from procurement.domain.dossier_file import (
    DIFFERENT,
    EXTRA,
    INDEX,
    MISSING,
    SUMS,
    TWICE,
    Finding,
    Line,
    Unreadable,
    check,
    index_bytes,
    index_digest,
    sums_bytes,
    told,
)

PARTS = {"a/een.json": b'{"een": 1}\n', "b/twee.pdf": b"%PDF- twee", "leeg.txt": b""}


def parts_with_index(parts: dict[str, bytes]) -> dict[str, bytes]:
    lines = [Line(path, len(body), hashlib.sha256(body).hexdigest(), "iets") for path, body in parts.items()]
    index = index_bytes({"title": "Jeugdhulp", "number": 1}, lines, [])
    return {**parts, INDEX: index, SUMS: sums_bytes(index, lines)}


def written(place: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w") as archive:
        for path, body in parts.items():
            archive.writestr(path, body)
    return place


@pytest.fixture
def whole() -> dict[str, bytes]:
    return parts_with_index(PARTS)


def test_a_whole_dossier_is_right_as_zip_and_unpacked(tmp_path: Path, whole: dict[str, bytes]) -> None:
    place = written(tmp_path / "d.zip", whole)
    checked = check(place)
    assert checked.right
    assert checked.parts == 3
    assert checked.digest == index_digest(whole[INDEX])
    assert "In orde" in told(checked)
    with zipfile.ZipFile(place) as archive:
        archive.extractall(tmp_path / "uit")
    assert check(tmp_path / "uit").right


@pytest.mark.parametrize("path", list(PARTS)[:2])
def test_one_byte_of_a_part_shows(tmp_path: Path, whole: dict[str, bytes], path: str) -> None:
    body = bytearray(whole[path])
    body[3] ^= 1
    checked = check(written(tmp_path / "d.zip", {**whole, path: bytes(body)}))
    assert checked.findings == (Finding(path, DIFFERENT),)
    assert "NIET in orde: 1" in told(checked)


def test_a_byte_of_the_archive_itself_shows(tmp_path: Path, whole: dict[str, bytes]) -> None:
    place = written(tmp_path / "d.zip", whole)
    content = place.read_bytes()
    at = content.index(b"%PDF- twee")
    place.write_bytes(content[:at] + b"$" + content[at + 1 :])
    assert check(place).findings == (Finding("b/twee.pdf", DIFFERENT),)


def test_a_part_that_lacks_and_one_that_was_put_in_show(tmp_path: Path, whole: dict[str, bytes]) -> None:
    less = {path: body for path, body in whole.items() if path != "leeg.txt"}
    checked = check(written(tmp_path / "d.zip", {**less, "b/extra.pdf": b"x"}))
    assert set(checked.findings) == {Finding("leeg.txt", MISSING), Finding("b/extra.pdf", EXTRA)}


def test_a_part_that_is_there_twice_shows(tmp_path: Path, whole: dict[str, bytes]) -> None:
    place = written(tmp_path / "d.zip", whole)
    with zipfile.ZipFile(place, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("leeg.txt", b"")
    assert check(place).findings == (Finding("leeg.txt", TWICE),)


def test_who_writes_the_index_anew_gets_another_digest(tmp_path: Path, whole: dict[str, bytes]) -> None:
    forged = parts_with_index({**PARTS, "a/een.json": b'{"een": 2}\n'})
    checked = check(written(tmp_path / "d.zip", forged))
    assert checked.right
    assert checked.digest != index_digest(whole[INDEX])


def test_an_index_that_was_changed_alone_shows(tmp_path: Path, whole: dict[str, bytes]) -> None:
    changed = whole[INDEX].replace(b"Jeugdhulp", b"Jeugdhulq")
    checked = check(written(tmp_path / "d.zip", {**whole, INDEX: changed}))
    assert checked.findings == (Finding(SUMS, DIFFERENT),)


@pytest.mark.parametrize(
    "index",
    [b"", b"[]", b'{"format": "iets/1", "parts": []}', b'{"format": "tender-dossier/1", "parts": [{"path": "../x"}]}'],
)
def test_what_is_no_dossier_is_refused(tmp_path: Path, index: bytes) -> None:
    with pytest.raises(Unreadable):
        check(written(tmp_path / "d.zip", {INDEX: index}))


def test_what_is_no_zip_or_has_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.zip").write_bytes(b"geen zip")
    for place in (tmp_path / "d.zip", tmp_path / "weg.zip", written(tmp_path / "e.zip", {"a": b""})):
        with pytest.raises(Unreadable):
            check(place)


def test_it_runs_alone_and_says_by_its_exit_status_what_it_found(tmp_path: Path, whole: dict[str, bytes]) -> None:
    """As its receiver runs it: with Python alone, from a folder of their own."""
    tool = tmp_path / "controleer.py"
    tool.write_bytes(Path(dossier_file.__file__).read_bytes())
    right = written(tmp_path / "d.zip", whole)
    wrong = written(tmp_path / "e.zip", {**whole, "leeg.txt": b"x"})
    statuses = []
    for arguments in ([right.name], [wrong.name], ["weg.zip"], []):
        command = [sys.executable, "-I", tool.name, *arguments]
        statuses.append(subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode)
    assert statuses == [0, 1, 2, 2]
