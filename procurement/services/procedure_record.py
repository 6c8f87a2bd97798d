"""The proces-verbaal of a whole procedure as PDF/UA-1 (Aw 2.132): asked for, made by a worker, numbered, kept for good.

A record is proof and exists in Dutch only: its words stand in templates/letters/.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import reach
from procurement.models import ProcedureRecord, Tender
from procurement.selectors.procedure_record import RECORD_FILE, facts_digest, record_facts
from procurement.selectors.record_outcomes import Facts
from procurement.services.letter_pdf import html_to_pdf
from procurement.services.locks import locked_tender
from procurement.services.receipt_documents import SHEET
from procurement.services.tender_papers import Kind, ask, make

# What a worker reports: what it says is there, it is set, it is kept.
STEPS = 3
RECORD = Kind(
    ProcedureRecord,
    key="procedure_record",
    task="procurement.make_procedure_record",
    label=_("Record of the procedure of %(tender)s"),
    again=_("Something went wrong. Ask for the record again."),
)


@transaction.atomic
def request_record(*, tender: Tender, by: User) -> Job:
    """Ask a worker for the record. Asking twice before it is there gives the same job.

    Raises `NotAllowed`, `RuleViolation` (not published).
    """
    asked = ask(RECORD, tender=tender, by=by)
    record("procurement.procedure_record.requested", by=by, target=asked.tender, detail={"number": asked.number})
    return asked.job


def make_record(*, tender: Tender, by: User, job_id: str, number: int) -> ProcedureRecord | None:
    """Make the record of this number and keep it, and tell the job how it went. Twice gives the same one."""

    def work() -> ProcedureRecord:
        at = database_now()
        facts = record_facts(tender.pk)
        digest = facts_digest(facts)
        reach(job_id, 1)
        pdf = html_to_pdf(record_html(tender, facts, digest=digest, number=number, at=at), sheet=SHEET)
        reach(job_id, 2)
        return _keep(tender, pdf, digest=digest, number=number, by=by)

    return make(RECORD, tender=tender, by=by, job_id=job_id, number=number, pieces=STEPS, work=work)


def record_html(tender: Tender, facts: Facts, *, digest: str, number: int, at: datetime) -> str:
    """The record as a whole HTML document. The same facts, number and moment give the same text."""
    context = {"tender": tender, "region": tender.region, "facts": facts, "digest": digest}
    with translation.override("nl"):
        return render_to_string("letters/procedure_record.html", {**context, "sequence": number, "made": at})


@transaction.atomic
def _keep(tender: Tender, pdf: bytes, *, digest: str, number: int, by: User) -> ProcedureRecord:
    """Keep it, where nobody else did meanwhile."""
    current = locked_tender(tender.pk)
    if (made := RECORD.of(current, number)) is not None:
        return made
    name = f"proces-verbaal-{current.slug}-{number}.pdf"
    stored = store_bytes(content=pdf, name=name, content_type=PDF, kind=RECORD_FILE, by=by)
    made = ProcedureRecord.objects.create(tender=current, sequence=number, file=stored, digest=digest, made_by=by)
    detail = {"number": number, "facts": digest, "sha256": stored.sha256}
    record("procurement.procedure_record.made", by=by, target=current, detail=detail)
    return made
