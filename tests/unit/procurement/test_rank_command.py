"""`manage.py rank`: what an auditor types."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from procurement.domain.scoring import rank
from tests.unit.procurement.dossiers import bid, dossier, graded

ROOT = Path(__file__).resolve().parents[3]
GOOD = dossier([graded("Q")], [bid("zorg-ë", {"Q": "8"})])
LINE = json.dumps(GOOD).encode()


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The real command, in a terminal that knows no more than ASCII, and with no database within reach."""
    environment = os.environ | {
        "PYTHONIOENCODING": "ascii",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], input=given, capture_output=True, cwd=ROOT, env=environment
    )


def test_a_file_holds_one_dossier_over_as_many_lines_as_it_likes(tmp_path: Path) -> None:
    path = tmp_path / "dossier.json"
    path.write_text(json.dumps(GOOD, indent=4), encoding="utf-8-sig")
    done = run("rank", str(path))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == rank(GOOD).to_json().encode() + b"\n"


def test_lines_in_give_lines_out_in_the_same_order() -> None:
    second = json.dumps(GOOD | {"places": 2}).encode()
    given = b"\n".join([b"\xef\xbb\xbf" + LINE, b"", b" \t\r", second + b"\r", b'{"x": "\xff"}', b"{}", LINE])
    done = run("rank", "-", given=given)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert [line.get("places") for line in lines] == [1, 2, None, None, 1]
    assert [error["code"] for error in lines[2]["errors"]] == ["bad_format"]
    assert b"2 dossiers were refused" in done.stderr


def test_no_lines_give_no_results() -> None:
    done = run("rank", "-", given=b"\n\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_each_result_is_out_before_the_next_dossier_is_in(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A year of dossiers need not fit in memory."""
    from django.core.management import call_command

    seen: list[int] = []

    class Slow(io.RawIOBase):
        lines = [LINE + b"\n", LINE + b"\n"]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            seen.append(len(capsysbinary.readouterr().out.splitlines()))
            line = self.lines.pop(0) if self.lines else b""
            buffer[: len(line)] = line
            return len(line)

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(Slow())))
    call_command("rank", "-")
    assert seen[:3] == [0, 1, 1]


@pytest.mark.parametrize("name", ["no/such/file.json", "."])
def test_a_file_that_cannot_be_read(name: str) -> None:
    done = run("rank", name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(f"CommandError: Cannot read {name}: ".encode())


def test_an_empty_file_is_a_refused_dossier(tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.touch()
    done = run("rank", str(path))
    assert done.returncode == 2
    assert json.loads(done.stdout)["errors"][0]["code"] == "bad_format"


def test_without_arguments_it_says_what_it_needs() -> None:
    done = run("rank")
    assert done.returncode == 2
    assert b"dossier" in done.stderr
