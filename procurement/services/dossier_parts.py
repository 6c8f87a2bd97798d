"""The first half of a tender's dossier: what was published, and what came in, through the same gates as the pages.

Of a round whose vault is closed there is nothing but what was published; prices only where they were opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from achterhoek.accounts.models import User
from procurement.domain.proof import canonical
from procurement.enums import ReceiptKind, RoundStatus, SubmissionStatus
from procurement.models import (
    Answer,
    Clarification,
    CompletenessCheck,
    Criterion,
    Participation,
    Receipt,
    Replan,
    Requirement,
    RequirementConfirmation,
    Round,
    Segment,
    SegmentRound,
    Submission,
    Tender,
)
from procurement.selectors.gate import readable_answers, readable_submissions
from procurement.selectors.opening_record import price_records
from procurement.selectors.outage import late_attempts
from procurement.selectors.vault import opened_round, opening_of
from procurement.services.dossier_writer import FilePart, Part, json_part

Found = Iterator[Part | FilePart]
Chapter = Callable[[], Found]
STAGES = {"selection": "selectie", "award": "gunning"}


def folder_of(round: Round) -> str:
    """Where all of a round stands in the dossier."""
    return STAGES.get(round.stage, round.stage)


def tender_parts(tender: Tender) -> Found:
    """What is bought, from whom it was asked, the plan with its changes, and the rules of each segment."""
    yield json_part("aanbesteding/gegevens.json", "De aanbesteding zoals zij is gepubliceerd", _tender(tender))
    yield json_part("aanbesteding/segmenten.json", "Percelen, segmenten en deelnemende gemeenten", _segments(tender))
    yield json_part("aanbesteding/planning.json", "De planning, elke wijziging met reden, en besluiten", _plan(tender))
    yield json_part("aanbesteding/regels.json", "Per fase en segment: criteria, eisen en vragen", _rules(tender))


def _tender(tender: Tender) -> dict[str, Any]:
    authority = tender.region.authority
    names = (
        "slug", "title", "summary", "procedure", "status", "strategy", "framework_motivation", "term_pattern",
        "notice_months", "contract_start", "scale_max", "score_step", "openers_required", "custody",
        "custodians_total", "custodians_needed", "evaluators_announced", "bidders_hidden", "content", "published_at",
    )  # fmt: skip
    return {name: getattr(tender, name) for name in names} | {
        "region": tender.region.name,
        "authority": {"name": authority.name, "kvk_number": authority.kvk_number, "city": authority.city},
    }


def _segments(tender: Tender) -> list[dict[str, Any]]:
    places = defaultdict(list)
    rows = Participation.objects.filter(segment__tender=tender).order_by("municipality__name")
    for segment, name, takes_part, reason in rows.values_list(
        "segment_id", "municipality__name", "participates", "reason"
    ):
        places[segment].append({"municipality": name, "participates": takes_part, "reason": reason})
    found = Segment.objects.filter(tender=tender).select_related("lot").prefetch_related("subsegments")
    return [
        {
            "slug": segment.slug,
            "name": segment.name,
            "lot": segment.lot.name,
            "description": segment.description,
            "funding": segment.funding,
            "start_date": segment.start_date,
            "subsegments": [{"name": sub.name, "funding": sub.funding} for sub in segment.subsegments.all()],
            "participation": places[segment.pk],
        }
        for segment in found.order_by("position", "pk")
    ]


def _plan(tender: Tender) -> dict[str, Any]:
    phases = tender.phases.values("code", "title", "content", "planned_start", "planned_end", "precision", "source")
    moved = Replan.objects.filter(phase__tender=tender).order_by("phase__position", "position")
    decided = tender.decision_log.values("date", "body", "subject", "decision", "reservation", "source")
    return {
        "phases": list(phases),
        "replans": list(moved.values("phase__code", "field", "from_value", "to_value", "decided_on", "reason")),
        "decision_log": list(decided),
    }


def _rules(tender: Tender) -> dict[str, Any]:
    criteria: dict[int, list[Any]] = defaultdict(list)
    names = ("code", "title", "description", "kind", "weight", "max_value", "minimum", "formula", "low", "high")
    for row in Criterion.objects.filter(segment_round__round__tender=tender).values("segment_round_id", *names):
        criteria[row.pop("segment_round_id")].append(row)
    rules = SegmentRound.objects.filter(round__tender=tender).select_related("round", "segment")
    asked = Requirement.objects.filter(round__tender=tender)
    requirements = asked.values("round__stage", "segment__slug", "code", "title", "text", "kind")
    return {
        "requirements": list(requirements.order_by("round_id", "position", "pk")),
        "segments": [
            {
                "stage": found.round.stage,
                "segment": found.segment.slug,
                "places": found.places,
                "method": found.method,
                "minimum_total": found.minimum_total,
                "tie_break": found.tie_break,
                "on_exclusion": found.on_exclusion,
                "criteria": criteria[found.pk],
            }
            for found in rules.order_by("round_id", "segment__position", "segment_id")
        ],
    }


def round_parts(user: User, round: Round) -> Found:
    """A round: its deadline and roots; and once its vault is open the opening, the receipts and their manifests."""
    where = folder_of(round)
    yield json_part(f"{where}/ronde.json", "Termijnen, verlengingen en gezamenlijke controlegetallen", _round(round))
    opened = opened_round(user, round.pk)
    opening = opening_of(opened) if opened else None
    if opened is None or opening is None:
        return
    yield json_part(
        f"{where}/opening.json",
        "Wie de kluis opende, wat erin lag, en wat te laat kwam",
        {
            "at": opening.at,
            "finished_at": opening.finished_at,
            "confirmed": list(round.confirmations.order_by("at").values("opener__name", "at")),
            "submissions": opening.submissions,
            "late": [
                {"organisation": late.organisation, "at": late.at, "what": late.what} for late in late_attempts(opened)
            ],
        },
    )
    if opening.record is not None:
        yield FilePart(f"{where}/proces-verbaal-opening.pdf", "Proces-verbaal van opening", opening.record)
    for price in price_records(round):
        name = price.opening.segment_round.segment
        about = f"Proces-verbaal van de opening van de prijzen: {name}"
        yield FilePart(f"{where}/proces-verbaal-prijzen-{name.slug}.pdf", about, price.file)
    yield from _receipts(round, where)


def _round(round: Round) -> dict[str, Any]:
    opened = round.status == RoundStatus.OPENED
    roots = round.receipt_roots.values("deadline", "root", "at", *(["blind"] if opened else []))
    extended = round.extensions.values("deadline_was", "deadline", "outage_from", "outage_until", "reason", "at")
    return {
        "stage": round.stage,
        "status": round.status,
        "opens_at": round.opens_at,
        "deadline": round.deadline,
        "opened_at": round.opened_at,
        "extensions": list(extended),
        "receipt_roots": list(roots),
    }


def _receipts(round: Round, where: str) -> Found:
    """Each manifest byte for byte as its digest was taken: `sha256sum` of the file gives the receipt's digest."""
    found = Receipt.objects.filter(submission__round=round).order_by("pk")
    rows = found.values("number", "kind", "at", "digest", "submission__number", "submission__organisation__name")
    yield json_part(f"{where}/ontvangstbewijzen.json", "Alle ontvangstbewijzen met hun controlegetal", list(rows))
    for receipt in found.iterator(chunk_size=100):
        what = "intrekking" if receipt.kind == ReceiptKind.WITHDRAWAL else "inzending"
        path = f"{where}/ontvangstbewijzen/{receipt.number}.json"
        yield Part(path, f"Manifest van een {what}", [canonical(receipt.manifest)])


def bid_parts(user: User, round: Round) -> Found:
    """What was handed in, as far as this user may read it: nothing of a closed vault, no price that is sealed."""
    found = readable_submissions(user).filter(
        round=round, round__status=RoundStatus.OPENED, status=SubmissionStatus.SUBMITTED
    )
    for submission in found.select_related("organisation").order_by("number").iterator(chunk_size=50):
        yield from _bid(user, round, submission)


def _bid(user: User, round: Round, submission: Submission) -> Found:
    where = f"{folder_of(round)}/inzendingen/{submission.number}"
    answers = list(
        readable_answers(user)
        .filter(submission=submission)
        .select_related("question__segment", "file")
        .order_by("question__segment_id", "question__position", "question_id")
    )
    confirmed = RequirementConfirmation.objects.filter(submission=submission).order_by("requirement_id")
    checked = CompletenessCheck.objects.filter(submission=submission)
    yield json_part(
        f"{where}/inzending.json",
        f"De inzending van {submission.organisation.name}",
        {
            "number": submission.number,
            "organisation": submission.organisation.name,
            "kvk_number": submission.organisation.kvk_number,
            "submitted_at": submission.submitted_at,
            "segments": list(submission.entries.order_by("pk").values("segment__slug", "status", "status_reason")),
            "answers": [_answer(answer) for answer in answers],
            "requirements": list(confirmed.values("requirement__code", "meets", "explanation")),
            "completeness": list(checked.values("outcome", "point", "reason", "checked_at")),
        },
    )
    for answer in answers:
        if answer.file is not None:
            segment = answer.question.segment
            name = f"{segment.slug if segment else 'algemeen'}-{answer.question.code}-{answer.pk}.pdf"
            about = f"{answer.question.title} ({submission.organisation.name})"
            yield FilePart(f"{where}/{name}", about, answer.file)
    yield from _clarifications(submission, where)


def _answer(answer: Answer) -> dict[str, Any]:
    question = answer.question
    return {
        "question": question.code,
        "title": question.title,
        "segment": question.segment.slug if question.segment else "",
        "text": answer.text,
        "number": answer.number,
        "boolean": answer.boolean,
        "file_sha256": answer.file.sha256 if answer.file else "",
    }


def _clarifications(submission: Submission, where: str) -> Found:
    found = Clarification.objects.filter(submission=submission).select_related("file", "letter").order_by("pk")
    for number, asked in enumerate(found, start=1):
        said = {
            "subject": asked.request.subject,
            "question": asked.request.text,
            "sent_at": asked.request.sent_at,
            "due_at": asked.request.due_at,
            "answer": asked.answer,
            "answered_at": asked.answered_at,
        }
        yield json_part(f"{where}/verduidelijking-{number}.json", "Vraag om verduidelijking en het antwoord", said)
        if asked.letter is not None:
            yield FilePart(f"{where}/verduidelijking-{number}-brief.pdf", "Brief met de vraag", asked.letter)
        if asked.file is not None:
            yield FilePart(f"{where}/verduidelijking-{number}.pdf", "Bijlage bij een verduidelijking", asked.file)
