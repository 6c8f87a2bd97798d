"""The one writer of the register's versions."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.clock import database_today
from achterhoek.errors import NotAllowed
from contracts.models import RegisterVersion

# Whose work changes the list: signing (lead, Team CLM) and the changes of subcontractors (Team CLM).
PUBLISHERS = (Role.LEAD, Role.CLM)


@transaction.atomic
def publish_version(*, note: str, by: User | None, on: date | None = None) -> RegisterVersion:
    """Date the register anew and say what changed ("versie 27 juni 2024", 001_422a0b480e5412d9.txt).

    `on` is the day from which the list reads differently: today, or later where a change takes effect
    later. A second change on one day is added to that day's note. `by=None` is the clock.
    Raises `NotAllowed`.
    """
    if by is not None and not has_role(by, *PUBLISHERS):
        raise NotAllowed(_("Your role may not take this step."))
    day = on or database_today()
    RegisterVersion.objects.bulk_create([RegisterVersion(date=day, note="")], ignore_conflicts=True)
    version = RegisterVersion.objects.select_for_update().get(date=day)
    version.note = f"{version.note}\n{note}".strip()
    version.save(update_fields=["note"])
    record("contracts.registerversion.publish", by=by, target=version, detail={"note": note})
    return version
