"""`manage.py term`: dates of the law and of contracts, on the command line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def run(line: str) -> subprocess.CompletedProcess[str]:
    """The real command, with no database within reach."""
    environment = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    return subprocess.run(
        [sys.executable, "manage.py", "term", *line.split()],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
    )


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
    done = run(line)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == printed.replace(" ", "\n") + "\n"


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
    done = run(line)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
