"""What the proces-verbaal of a whole procedure says (Aw 2.132), and who reads the ones that were made.

Of a round whose vault is closed it holds no more than what was published; of a decision nothing before it was sent.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import translation

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from procurement.domain.proof import digest_of
from procurement.enums import (
    Interest,
    ObjectionStatus,
    Procedure,
    RequirementKind,
    RoundStatus,
    SubmissionStatus,
    TenderStatus,
)
from procurement.models import (
    ClarificationRequest,
    CommitteeMember,
    Draw,
    InterestCorrection,
    InterestDeclaration,
    Objection,
    Participation,
    ProcedureRecord,
    Reevaluation,
    Requirement,
    Round,
    Segment,
    Tender,
)
from procurement.rules import overseen
from procurement.selectors.outage import late_count
from procurement.selectors.record_outcomes import Facts, outcomes_of, taken_back, told_decisions

RECORD_FILE = "procedure_record"
FORMAT = "procedure-record/2"
# Longer than this a framework needs a reason (Aw 2.140(3)).
FRAMEWORK_YEARS = 4


def visible_records(user: Any) -> QuerySet[ProcedureRecord]:
    """For the lead and the auditor of the region."""
    found = ProcedureRecord.objects.filter(overseen(user, region="tender__region"))
    return found.select_related("file", "made_by", "tender")


@reads(RECORD_FILE)
def may_read_record(user: Any, stored: StoredFile) -> bool:
    """The gate's rule for the files of these records."""
    return bool(user.is_authenticated) and visible_records(user).filter(file=stored).exists()


def records_of(user: Any, tender: Tender) -> list[ProcedureRecord]:
    """The records of a tender, the newest first. One query."""
    return list(visible_records(user).filter(tender=tender).order_by("-sequence"))


def facts_digest(facts: Facts) -> str:
    """The digest of these facts: the same as long as there is nothing else to say."""
    return digest_of(json.loads(json.dumps(facts, cls=DjangoJSONEncoder)))


def record_facts(tender_id: int) -> Facts:
    """All that the record says today, in Dutch, as it is printed; a fixed number of queries but for prices."""
    with translation.override("nl"):
        tender = Tender.objects.select_related("region__authority").get(pk=tender_id)
        decisions = list(told_decisions(tender))
        outcomes = outcomes_of(decisions)
        return {
            "format": FORMAT,
            "authority": _authority(tender),
            "tender": _tender(tender),
            "segments": _segments(tender),
            "grounds": _grounds(tender),
            "rounds": _rounds(tender),
            "late": late_count(tender),
            "clarifications": _clarifications(tender),
            "selection": [found for found in outcomes if not found["award"]],
            "award": [found for found in outcomes if found["award"]],
            "withdrawn": taken_back(decisions),
            "undecided": _undecided(tender, outcomes),
            "draws": _draws(tender),
            "reevaluations": _reevaluations(tender),
            "interests": _interests(tender),
            "ended_seats": _ended_seats(tender),
            "corrections": _corrections(tender),
            "objections": _objections(tender),
        }


def _authority(tender: Tender) -> Facts:
    authority = tender.region.authority
    return {
        "name": authority.name,
        "kvk": authority.kvk_number,
        "address": f"{authority.street}, {authority.postcode} {authority.city}",
    }


def _tender(tender: Tender) -> Facts:
    return {
        "title": tender.title,
        "slug": tender.slug,
        "summary": tender.summary,
        "procedure": tender.get_procedure_display(),
        "history": tender.is_history,
        "known": tender.procedure != Procedure.UNKNOWN,
        "negotiated": tender.procedure == Procedure.NEGOTIATED,
        "stopped": tender.status == TenderStatus.WITHDRAWN,
        "strategy": tender.strategy,
        "framework_motivation": tender.framework_motivation,
        "terms": tender.term_pattern,
        "long": sum(tender.term_pattern) > FRAMEWORK_YEARS,
        "published_at": tender.published_at,
        "evaluators": tender.evaluators_announced,
    }


def _segments(tender: Tender) -> list[Facts]:
    taking_part = Participation.objects.filter(participates=True).select_related("municipality")
    found = (
        Segment.objects.filter(tender=tender)
        .select_related("lot")
        .prefetch_related(Prefetch("participations", taking_part.order_by("municipality__name"), to_attr="taking_part"))
        .order_by("position", "pk")
    )
    return [
        {
            "lot": segment.lot.name,
            "name": segment.name,
            "municipalities": [row.municipality.name for row in segment.taking_part],
        }
        for segment in found
    ]


def _grounds(tender: Tender) -> list[str]:
    """The grounds for exclusion and the suitability requirements that were announced."""
    asked = Requirement.objects.filter(round__tender=tender).exclude(kind=RequirementKind.MINIMUM)
    return [str(found) for found in asked.order_by("round_id", "position", "pk")]


def _rounds(tender: Tender) -> list[Facts]:
    handed_in = Count("submissions", filter=Q(submissions__status=SubmissionStatus.SUBMITTED))
    rounds = (
        Round.objects.filter(tender=tender)
        .exclude(status=RoundStatus.PLANNED)
        .annotate(handed_in=handed_in)
        .prefetch_related("extensions", "opening__openers")
        .order_by("pk")
    )
    return [_round(found) for found in rounds]


def _round(found: Round) -> Facts:
    """Before the vault is open nobody knows how many there are (Aw 2.108)."""
    opened = found.status == RoundStatus.OPENED
    opening = getattr(found, "opening", None) if opened else None
    return {
        "stage": found.get_stage_display(),
        "opens_at": found.opens_at,
        "deadline": found.deadline,
        "opened_at": found.opened_at,
        "handed_in": found.handed_in if opened else None,  # type: ignore[attr-defined]
        "openers": sorted(str(opener) for opener in opening.openers.all()) if opening else [],
        "extensions": [
            {"was": moved.deadline_was, "became": moved.deadline, "reason": moved.reason}
            for moved in found.extensions.all()
        ],
    }


def _undecided(tender: Tender, outcomes: list[Facts]) -> list[str]:
    """Segments of which no award decision holds that was told: their contracts are not given, or not yet."""
    decided = {found["segment"] for found in outcomes if found["award"]}
    names = Segment.objects.filter(tender=tender).order_by("position", "pk").values_list("name", flat=True)
    return [name for name in names if name not in decided]


def _clarifications(tender: Tender) -> list[Facts]:
    """What bidders were asked to clarify (Aw 2.55), of how many, and how many answered; the answers lie by the bids."""
    asked = ClarificationRequest.objects.filter(_in_opened_round("", tender)).select_related("round")
    answered = Count("clarifications", filter=Q(clarifications__answered_at__isnull=False))
    return [
        {
            "stage": found.round.get_stage_display(),
            "subject": found.subject,
            "sent_at": found.sent_at,
            "asked": found.asked,
            "answered": found.answered,
        }
        for found in asked.annotate(asked=Count("clarifications"), answered=answered).order_by("sent_at", "pk")
    ]


def _in_opened_round(path: str, tender: Tender) -> Q:
    return Q(**{f"{path}round__tender": tender, f"{path}round__status": RoundStatus.OPENED})


def _draws(tender: Tender) -> list[Facts]:
    held = Draw.objects.filter(_in_opened_round("segment_round__", tender), held_at__isnull=False)
    return [
        {
            "segment": draw.segment_round.segment.name,
            "stage": draw.segment_round.round.get_stage_display(),
            "kind": draw.get_kind_display(),
            "held_at": draw.held_at,
            "commitment": draw.commitment,
            "instead": draw.instead_reason,
        }
        for draw in held.select_related("segment_round__segment", "segment_round__round").order_by("pk")
    ]


def _reevaluations(tender: Tender) -> list[Facts]:
    """Those that have ended: a scoring that runs is not decided yet."""
    ended = Reevaluation.objects.filter(_in_opened_round("segment_round__", tender), finished_at__isnull=False)
    rows = ended.select_related("segment_round__segment", "segment_round__round").prefetch_related("criteria")
    return [
        {
            "segment": found.segment_round.segment.name,
            "stage": found.segment_round.round.get_stage_display(),
            "cause": found.get_cause_display(),
            "reason": found.reason,
            "criteria": [str(criterion) for criterion in found.criteria.all()],
            "started_at": found.started_at,
            "finished_at": found.finished_at,
            "explanation": found.explanation,
        }
        for found in rows.order_by("pk")
    ]


def _interests(tender: Tender) -> list[Facts]:
    """Interests that were found, in general words: who, of what kind, in how many bids; never which, nor why."""
    words = dict(Interest.choices)
    declared = InterestDeclaration.objects.filter(
        _in_opened_round("seat__segment_round__", tender), superseded_at__isnull=True
    ).exclude(interest=Interest.NONE)
    rows = declared.values_list(
        "seat__user__name", "seat__segment_round__segment__name", "seat__segment_round__round__stage", "interest"
    )
    counted = rows.annotate(Count("pk")).order_by(
        "seat__segment_round__round__stage", "seat__segment_round__segment__name", "seat__user__name", "interest"
    )
    return [
        {"member": name, "segment": segment, "stage": stage, "interest": str(words[Interest(kind)]), "bids": bids}
        for name, segment, stage, kind, bids in counted
    ]


def _ended_seats(tender: Tender) -> list[Facts]:
    ended = CommitteeMember.objects.filter(_in_opened_round("segment_round__", tender), ended_at__isnull=False)
    return [
        {
            "member": str(seat.user),
            "segment": seat.segment_round.segment.name,
            "ended_at": seat.ended_at,
            "reason": seat.end_reason,
        }
        for seat in ended.select_related("user", "segment_round__segment").order_by("ended_at", "pk")
    ]


def _corrections(tender: Tender) -> list[Facts]:
    """Interests declared by mistake, as the lead agreed."""
    agreed = InterestCorrection.objects.filter(
        _in_opened_round("declaration__seat__segment_round__", tender), agreed=True
    )
    rows = agreed.select_related("asked_by", "decided_by").order_by("decided_at", "pk")
    return [
        {"member": str(found.asked_by), "decided_by": str(found.decided_by), "decided_at": found.decided_at}
        for found in rows
    ]


def _objections(tender: Tender) -> list[Facts]:
    """What was brought against the decisions, and what came of it; never the grounds, which may hold secrets."""
    found = Objection.objects.filter(decision__segment_round__round__tender=tender)
    rows = found.select_related("organisation", "decision__segment_round__segment").order_by("received_at", "number")
    return [
        {
            "number": one.number,
            "kind": one.get_kind_display(),
            "organisation": one.organisation.name,
            "segment": one.decision.segment_round.segment.name,
            "received_at": one.received_at,
            "state": one.get_status_display(),
            "consequence": one.get_consequence_display() if one.status == ObjectionStatus.UPHELD else "",
            "case": " ".join(filter(None, (one.court, one.case_number))),
            "ended_at": one.ended_at,
        }
        for one in rows
    ]
