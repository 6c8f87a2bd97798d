"""The dossier ZIP: unpacked in an empty folder, Python alone computes the very same result."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from procurement.services.dossier_zip import dossier_zip
from procurement.services.ranking import rank_segment
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def made_zip():
    made = evaluation(entries=3, places=1)
    made.to_fixed(["6", "8", "6"])
    return rank_segment(segment_round=made.segment_round, by=made.lead)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Python without its packages, its environment and the folder it is started from."""
    command = [sys.executable, "-I", "-S", "rank.py", *arguments]
    return subprocess.run(command, cwd=folder, env={}, capture_output=True, check=False)


def test_unpacked_in_an_empty_folder_it_gives_the_very_same_bytes(tmp_path: Path) -> None:
    ranking = made_zip()
    zipfile.ZipFile(io.BytesIO(dossier_zip(ranking))).extractall(tmp_path)

    result = run(tmp_path, "dossier.json")

    assert result.returncode == 0, result.stderr.decode()
    assert result.stdout == (tmp_path / "result.json").read_bytes()
    assert result.stdout == ranking.result.encode() + b"\n"


def test_the_dossier_in_it_has_the_digest_that_the_ranking_cites() -> None:
    ranking = made_zip()
    archive = zipfile.ZipFile(io.BytesIO(dossier_zip(ranking)))

    assert "sha256:" + hashlib.sha256(archive.read("dossier.json")).hexdigest() == ranking.digest
    assert ranking.digest in archive.read("README.txt").decode()
    assert archive.read("VERSION").decode().strip() == ranking.code_version


def test_every_file_in_it_has_its_digest_in_the_list() -> None:
    archive = zipfile.ZipFile(io.BytesIO(dossier_zip(made_zip())))
    listed = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())

    assert listed == {
        name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist() if name != "SHA256SUMS"
    }


def test_the_same_ranking_gives_the_same_bytes() -> None:
    ranking = made_zip()

    assert dossier_zip(ranking) == dossier_zip(ranking)


def test_a_changed_dossier_gives_another_result_and_nonsense_is_refused(tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(dossier_zip(made_zip()))).extractall(tmp_path)
    text = (tmp_path / "dossier.json").read_text()
    (tmp_path / "changed.json").write_text(text.replace('"consensus":"8"', '"consensus":"2"'))
    (tmp_path / "nonsense.json").write_text("nonsense")

    assert run(tmp_path, "changed.json").stdout != (tmp_path / "result.json").read_bytes()
    assert run(tmp_path, "nonsense.json").returncode == 2
    assert run(tmp_path, "absent.json").returncode == 2
    assert run(tmp_path).returncode == 2
