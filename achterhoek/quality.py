"""`./run check`: every rule that a machine can hold. All run, all that fails is shown."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from achterhoek.sealing.age import new_identity

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
SOURCES = ("achterhoek", "contracts", "procurement", "providers")
# Scripts of the environment by their full path: it need not be activated.
SCRIPTS = Path(PYTHON).parent


@dataclass(frozen=True, slots=True)
class Check:
    """One command that must end well."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def production_environment() -> dict[str, str]:
    """An environment that production settings accept, made up for this run; nothing of it is connected to."""
    return {
        "DJANGO_SETTINGS_MODULE": "achterhoek.settings.production",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "portal.example",
        "BASE_URL": "https://portal.example",
        "DATABASE_URL": "postgres://achterhoek@database.example/achterhoek",
        "REDIS_URL": "redis://valkey.example:6379/0",
        "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
        "SEALING_KEYS": new_identity(),
        "AUDIT_KEYS": secrets.token_urlsafe(32),
    }


def checks() -> list[Check]:
    deploy = [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    migrations = [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]
    return [
        Check("ruff check", [PYTHON, "-m", "ruff", "check", "."]),
        Check("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        Check("mypy", [PYTHON, "-m", "mypy", *SOURCES]),
        Check("layers", [str(SCRIPTS / "lint-imports")]),
        Check("templates, lint", [PYTHON, "-m", "djlint", "templates", "--lint", "--quiet"]),
        # In a letter each space is printed, so its templates are not set anew.
        Check(
            "templates, format",
            [PYTHON, "-m", "djlint", "templates", "--check", "--extend-exclude", "templates/letters"],
        ),
        Check("migrations", migrations),
        Check("production settings", deploy, production_environment()),
        Check("translations", [PYTHON, "-m", "achterhoek.l10n", "check"]),
    ]


def run(check: Check) -> tuple[Check, int, str]:
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env={**os.environ, **check.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return check, done.returncode, done.stdout


def main() -> int:
    failed = []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for check, status, output in pool.map(run, checks()):
            print(f"{'failed' if status else 'ok':7} {check.name}", flush=True)
            if status:
                failed.append(check.name)
                print("\n".join(f"        {line}" for line in output.strip().splitlines()), flush=True)
    print(f"failed: {', '.join(failed)}" if failed else "all is well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
