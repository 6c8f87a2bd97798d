"""`./run manage verify`: the same checks as the file alone, from the checkout, without a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from procurement.domain.proof import canonical, digest_of, inclusion_proof, merkle_root
from tests.unit.procurement.receipts import FILES, manifest, own_package


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "answers.json").write_text(json.dumps(own_package()))
    (tmp_path / "bewijs.json").write_text(json.dumps(inclusion_proof([digest_of(manifest())], digest_of(manifest()))))
    (tmp_path / "receipt.json").write_bytes(canonical(manifest()))
    return tmp_path


def run(*arguments: object) -> tuple[int, str]:
    out, code = StringIO(), 0
    try:
        call_command("verify", *map(str, arguments), stdout=out)
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    return code, out.getvalue()


def test_all_at_once(folder: Path) -> None:
    root = merkle_root([digest_of(manifest())])
    code, said = run(folder / "receipt.json", folder, "--root", root, "--proof", folder / "bewijs.json")
    assert code == 0
    assert "Alles wat is nagekeken klopt." in said
    assert "staat niet op" not in said


def test_one_changed_byte(folder: Path) -> None:
    (folder / "visie.pdf").write_bytes(FILES["visie.pdf"][:-1] + b"!")
    assert run(folder / "receipt.json", folder)[0] == 1


def test_it_needs_no_database(folder: Path) -> None:
    environment = {
        **os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"
    }  # fmt: skip
    command = [sys.executable, "manage.py", "verify", str(folder / "receipt.json"), str(folder)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "klopt" in done.stdout
