"""Numbered papers about a whole tender (its record, its dossier): asked for, made by a worker, kept for good.

One mechanism for each kind: asking twice before it is there gives the same job, making it twice gives the same paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import begin, fail, finish, start_job
from achterhoek.queue import after_commit
from procurement.models import ProcedureRecord, Tender, TenderDossier
from procurement.rules import OVERSEERS, require_role
from procurement.services.locks import locked_tender

M = TypeVar("M", ProcedureRecord, TenderDossier)


@dataclass(frozen=True)
class Kind(Generic[M]):
    """One kind of paper. `label` names the job (with `%(tender)s`); `again` is told where the work broke off."""

    model: type[M]
    key: str
    task: str
    label: str | Promise
    again: str | Promise

    def of(self, tender: Tender, number: int) -> M | None:
        """The paper of this number, where it is there already."""
        return self.model.objects.filter(tender=tender, sequence=number).first()


@dataclass(frozen=True)
class Asked:
    """What the asking service writes into the log."""

    tender: Tender
    number: int
    job: Job


def require_published(tender: Tender) -> None:
    """There is nothing to tell of a tender that nobody saw yet. Raises `RuleViolation`."""
    if tender.published_at is None:
        raise RuleViolation(_("The tender has not been published yet."))


@transaction.atomic
def ask(kind: Kind[M], *, tender: Tender, by: User) -> Asked:
    """Have the next paper of this kind made after the commit. Raises `NotAllowed`, `RuleViolation` (not published)."""
    current = locked_tender(tender.pk)
    require_role(by, current, *OVERSEERS)
    require_published(current)
    number = kind.model.objects.filter(tender=current).count() + 1
    job = start_job(
        key=f"{kind.key}:{current.pk}:{number}",
        label=str(kind.label) % {"tender": current},
        by=by,
        return_url=reverse("procurement:records", args=[current.slug]),
    )
    after_commit(kind.task, current.pk, by.pk, str(job.pk), number)
    return Asked(current, number, job)


def make(
    kind: Kind[M], *, tender: Tender, by: User, job_id: str, number: int, pieces: int, work: Callable[[], M]
) -> M | None:
    """Do the work where it was not done yet, and tell the job how it went. None: a rule was in the way."""
    begin(job_id, total=pieces)
    try:
        made = kind.of(tender, number)
        if made is None:
            require_role(by, tender, *OVERSEERS)
            made = work()
    except RuleViolation as error:
        fail(job_id, error.message)
        return None
    except Exception:
        fail(job_id, str(kind.again))
        raise
    finish(job_id)
    return made
