"""The evaluation report as PDF/UA-1: asked for by the lead, made by a worker, kept for good.

A report is proof and exists in Dutch only: its words stand in templates/letters/.
"""

from __future__ import annotations

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from achterhoek.jobs.services import begin, fail, finish, reach, start_job
from achterhoek.queue import after_commit
from procurement.enums import Method, SegmentRoundStatus
from procurement.models import EvaluationReport, Ranking, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.ranking import latest_ranking
from procurement.selectors.report import REPORT_FILE, ReportContent, report_content
from procurement.services.letter_pdf import html_to_pdf
from procurement.services.locks import locked_segment_round
from procurement.services.receipt_documents import SHEET

REPORTABLE = (SegmentRoundStatus.RANKED, SegmentRoundStatus.DECIDED)
# What a worker reports: what it says is there, it is set, it is kept.
STEPS = 3


@transaction.atomic
def request_report(*, segment_round: SegmentRound, by: User) -> Job:
    """Ask a worker for the report. Asking twice before it is there gives the same job.

    Raises `NotAllowed`, `RuleViolation` (not ranked).
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    _reportable(current)
    number = current.reports.count() + 1
    job = start_job(
        key=f"report:{current.pk}:{number}",
        label=_("Evaluation report of %(segment)s") % {"segment": current.segment},
        by=by,
        return_url=reverse("procurement:exports", args=[current.pk]),
    )
    after_commit("procurement.make_report", current.pk, by.pk, str(job.pk), number)
    record("procurement.report.requested", by=by, target=current, detail={"number": number})
    return job


def make_report(*, segment_round: SegmentRound, by: User, job_id: str, number: int) -> EvaluationReport | None:
    """Make the report of this number and keep it, and tell the job how it went. Twice gives the same one."""
    begin(job_id, total=STEPS)
    try:
        made = EvaluationReport.objects.filter(segment_round=segment_round, sequence=number).first()
        if made is None:
            content = report_content(_reportable(segment_round))
            reach(job_id, 1)
            pdf = html_to_pdf(report_html(content), sheet=SHEET)
            reach(job_id, 2)
            made = _keep(content, pdf, number=number, by=by)
    except RuleViolation as error:
        fail(job_id, error.message)
        return None
    except Exception:
        fail(job_id, _("Something went wrong. Ask for the report again."))
        raise
    finish(job_id)
    return made


def report_html(content: ReportContent) -> str:
    """The report as a whole HTML document. The same content gives the same text."""
    round = content.segment_round.round
    context = {
        "content": content,
        "segment": content.segment_round.segment,
        "round": round,
        "tender": round.tender,
        "region": round.tender.region,
        "made": content.ranking.computed_at,
        "by_value": content.segment_round.method == Method.AWARD_ON_VALUE,
    }
    with translation.override("nl"):
        return render_to_string("letters/evaluation_report.html", {**context, "stage": round.get_stage_display()})


@transaction.atomic
def _keep(content: ReportContent, pdf: bytes, *, number: int, by: User) -> EvaluationReport:
    """Keep it, where nobody else did meanwhile and the ranking is still the newest."""
    current = locked_segment_round(content.segment_round.pk)
    require_lead(by, current.round.tender)
    if _reportable(current).pk != content.ranking.pk:
        raise RuleViolation(_("A newer ranking was made meanwhile. Ask for the report again."))
    made = EvaluationReport.objects.filter(segment_round=current, sequence=number).first()
    if made is not None:
        return made
    name = f"beoordelingsverslag-{current.round.tender.slug}-{current.round.stage}-{current.segment.slug}-{number}.pdf"
    stored = store_bytes(content=pdf, name=name, content_type=PDF, kind=REPORT_FILE, by=by)
    made = EvaluationReport.objects.create(
        segment_round=current, ranking=content.ranking, sequence=number, file=stored, asked_by=by
    )
    record(
        "procurement.report.made",
        by=by,
        target=current,
        detail={"number": number, "ranking": content.ranking.digest, "sha256": stored.sha256},
    )
    return made


def _reportable(segment_round: SegmentRound) -> Ranking:
    """The ranking that the report is about: only then everything is judged, and the prices are open."""
    ranking = latest_ranking(segment_round)
    if segment_round.status not in REPORTABLE or ranking is None:
        raise RuleViolation(_("The report is made once there is a ranking."))
    ranking.segment_round = segment_round
    return ranking
