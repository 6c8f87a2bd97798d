"""The proces-verbaal of a whole procedure as PDF/UA-1 (Aw 2.132): asked for, made by a worker, numbered, kept for good.

A record is proof and exists in Dutch only: its words stand in templates/letters/.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import begin, fail, finish, reach, start_job
from achterhoek.queue import after_commit
from procurement.models import ProcedureRecord, Tender
from procurement.rules import OVERSEERS, require_role
from procurement.selectors.procedure_record import RECORD_FILE, facts_digest, record_facts
from procurement.selectors.record_outcomes import Facts
from procurement.services.letter_pdf import html_to_pdf
from procurement.services.locks import locked_tender
from procurement.services.receipt_documents import SHEET

# What a worker reports: what it says is there, it is set, it is kept.
STEPS = 3


def require_published(tender: Tender) -> None:
    """There is nothing to record of a tender that nobody saw yet. Raises `RuleViolation`."""
    if tender.published_at is None:
        raise RuleViolation(_("The tender has not been published yet."))


@transaction.atomic
def request_record(*, tender: Tender, by: User) -> Job:
    """Ask a worker for the record. Asking twice before it is there gives the same job.

    Raises `NotAllowed`, `RuleViolation` (not published).
    """
    current = locked_tender(tender.pk)
    require_role(by, current, *OVERSEERS)
    require_published(current)
    number = current.procedure_records.count() + 1
    job = start_job(
        key=f"procedure_record:{current.pk}:{number}",
        label=_("Record of the procedure of %(tender)s") % {"tender": current},
        by=by,
        return_url=reverse("procurement:records", args=[current.slug]),
    )
    after_commit("procurement.make_procedure_record", current.pk, by.pk, str(job.pk), number)
    record("procurement.procedure_record.requested", by=by, target=current, detail={"number": number})
    return job


def make_record(*, tender: Tender, by: User, job_id: str, number: int) -> ProcedureRecord | None:
    """Make the record of this number and keep it, and tell the job how it went. Twice gives the same one."""
    begin(job_id, total=STEPS)
    try:
        made = ProcedureRecord.objects.filter(tender=tender, sequence=number).first()
        if made is None:
            require_role(by, tender, *OVERSEERS)
            at = database_now()
            facts = record_facts(tender.pk)
            digest = facts_digest(facts)
            reach(job_id, 1)
            pdf = html_to_pdf(record_html(tender, facts, digest=digest, number=number, at=at), sheet=SHEET)
            reach(job_id, 2)
            made = _keep(tender, pdf, digest=digest, number=number, by=by)
    except RuleViolation as error:
        fail(job_id, error.message)
        return None
    except Exception:
        fail(job_id, _("Something went wrong. Ask for the record again."))
        raise
    finish(job_id)
    return made


def record_html(tender: Tender, facts: Facts, *, digest: str, number: int, at: datetime) -> str:
    """The record as a whole HTML document. The same facts, number and moment give the same text."""
    context = {"tender": tender, "region": tender.region, "facts": facts, "digest": digest}
    with translation.override("nl"):
        return render_to_string("letters/procedure_record.html", {**context, "sequence": number, "made": at})


@transaction.atomic
def _keep(tender: Tender, pdf: bytes, *, digest: str, number: int, by: User) -> ProcedureRecord:
    """Keep it, where nobody else did meanwhile."""
    current = locked_tender(tender.pk)
    made = ProcedureRecord.objects.filter(tender=current, sequence=number).first()
    if made is not None:
        return made
    name = f"proces-verbaal-{current.slug}-{number}.pdf"
    stored = store_bytes(content=pdf, name=name, content_type=PDF, kind=RECORD_FILE, by=by)
    made = ProcedureRecord.objects.create(tender=current, sequence=number, file=stored, digest=digest, made_by=by)
    detail = {"number": number, "facts": digest, "sha256": stored.sha256}
    record("procurement.procedure_record.made", by=by, target=current, detail=detail)
    return made
