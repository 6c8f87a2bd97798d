"""`manage.py term`: dates of the law and of contracts, on the command line."""

import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import execute_from_command_line

ROOT = Path(__file__).resolve().parents[3]


def run(line: str) -> tuple[int, str, str]:
    """What somebody types, from its arguments to its exit status; no test here may ask the database anything."""
    out, errors = StringIO(), StringIO()
    status: object = 0
    with redirect_stdout(out), redirect_stderr(errors):
        try:
            execute_from_command_line(["manage.py", "term", *line.split()])
        except SystemExit as ended:
            status = ended.code
    assert isinstance(status, int)
    return status, out.getvalue(), errors.getvalue()


@pytest.mark.parametrize(("line", "ends"), [("standstill 2020-10-12", (0, "2020-11-02\n")), ("holiday x", (2, ""))])
def test_the_real_command_with_no_database_within_reach(line: str, ends: tuple[int, str]) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "term", *line.split()],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
    )
    assert (done.returncode, done.stdout) == ends
    assert "Traceback" not in done.stderr
    assert ("invalid choice: 'holiday'" in done.stderr) is (ends[0] == 2)


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("standstill 2020-10-12", "2020-11-02"),
        ("participation 2021-04-01", "2021-05-03"),
        ("tender 2021-06-01", "2021-07-12"),
        ("tender 2021-06-01 --electronic", "2021-07-06"),
        ("nota 2021-07-12", "2021-07-02"),
        ("contract 2022-07-01 3 2 2", "2025-06-30 2027-06-30 2029-06-30"),
        ("notice 2025-07-01 6", "2024-12-31"),
    ],
)
def test_one_date_a_line(line: str, printed: str) -> None:
    assert run(line) == (0, printed.replace(" ", "\n") + "\n", "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("standstill 2021-02-30", "2021-02-30 is not on the calendar"),
        ("standstill 20210301", "'20210301' is not a date"),
        ("standstill 1-3-2021", "'1-3-2021' is not a date"),
        ("standstill 9999-12-31", "outside the calendar"),
        ("nota 0001-01-01", "outside the calendar"),
        ("contract 2022-07-01 0", "'0' has to be a whole number, 1 or more"),
        ("contract 2022-07-01 9999", "outside the calendar"),
        ("contract 2022-07-01", "years"),
        ("notice 2025-07-01 six", "'six' has to be a whole number"),
        ("holiday 2025-07-01", "invalid choice: 'holiday'"),
        ("", "kind"),
    ],
)
def test_wrong_input_is_told_and_gives_2(line: str, message: str) -> None:
    status, out, errors = run(line)
    assert (status, out) == (2, "")
    assert message in errors
    assert "Traceback" not in errors
