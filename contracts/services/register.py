"""The one writer of the register's versions: they are dated, and kept when their day is over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from achterhoek.errors import NotAllowed
from contracts.domain.register import Register
from contracts.domain.register_json import as_json
from contracts.models import RegisterFile, RegisterVersion
from contracts.selectors.exports import as_csv, as_xlsx
from contracts.selectors.register import register_on
from contracts.services.texts import in_dutch

logger = structlog.get_logger(__name__)

# Whose work changes the list: signing (lead, Team CLM) and the changes of subcontractors (Team CLM).
PUBLISHERS = (Role.LEAD, Role.CLM)


@transaction.atomic
def publish_version(*, note: str, by: User | None, on: date | None = None) -> RegisterVersion:
    """Date the register anew and say what changed ("versie 27 juni 2024", 001_422a0b480e5412d9.txt).

    `on` is the day from which the list reads differently: today, or later where a change takes effect
    later. A second change on one day is added to that day's note. What is told of a day that is over already
    is told today, as that day's version is kept as it is. `by=None` is the clock. Raises `NotAllowed`.
    """
    if by is not None and not has_role(by, *PUBLISHERS):
        raise NotAllowed(_("Your role may not take this step."))
    version = _open_version(on or database_today())
    version.note = f"{version.note}\n{note}".strip()
    version.save(update_fields=["note"])
    record("contracts.registerversion.publish", by=by, target=version, detail={"note": note})
    return version


def _open_version(day: date) -> RegisterVersion:
    """The version of this day, locked; where it is kept already, that of today."""
    RegisterVersion.objects.bulk_create([RegisterVersion(date=day, note="")], ignore_conflicts=True)
    version = RegisterVersion.objects.select_for_update().defer("content").get(date=day)
    return _open_version(database_today()) if version.is_kept else version


def keep_due_versions() -> int:
    """Keep each version of which the day is over, the oldest first; how many. May run twice without harm."""
    due = RegisterVersion.objects.filter(digest="", date__lt=database_today()).order_by("date")
    return sum(_keep(pk) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _keep(pk: int) -> bool:
    version = RegisterVersion.objects.select_for_update().defer("content").get(pk=pk)
    if version.is_kept:
        return False
    with in_dutch():
        register = register_on(version.date)
        files = [_file(version, ending, make(register)) for ending, make in MAKERS.items()]
    RegisterFile.objects.bulk_create(files)
    version.content = as_json(register)
    version.digest = files[0].digest
    version.save(update_fields=["content", "digest"])
    detail = {file.ending: file.digest for file in files}
    record("contracts.registerversion.keep", by=None, target=version, detail=detail)
    logger.info("version of the register kept", version=version.date.isoformat(), digest=version.digest)
    return True


def _file(version: RegisterVersion, ending: str, content: bytes) -> RegisterFile:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return RegisterFile(version=version, ending=ending, content=content, digest=digest)


def _json(register: Register) -> bytes:
    return json.dumps(as_json(register), ensure_ascii=False, indent=1).encode()


MAKERS: dict[str, Callable[[Register], bytes]] = {"json": _json, "csv": as_csv, "xlsx": as_xlsx}
