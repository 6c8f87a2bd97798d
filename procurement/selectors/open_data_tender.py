"""The tender in a release of open data: what is asked, by which rules, until when, and what followed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from achterhoek.nlds.formatting import format_moment
from procurement.domain.open_data import Json, Supplier, Until, lean, moment, number, party
from procurement.domain.open_data_steps import milestones
from procurement.enums import Method, Procedure, Stage, TenderStatus
from procurement.models import (
    Criterion,
    DeadlineExtension,
    Draw,
    Participation,
    ReceiptRoot,
    Round,
    Segment,
    SegmentRound,
    Tender,
)
from procurement.selectors.open_data_facts import Published

METHODS = {
    Procedure.RESTRICTED: "selective",
    Procedure.OPEN: "open",
    Procedure.OPEN_HOUSE: "open",
    Procedure.NEGOTIATED: "selective",
    Procedure.SIMPLE: "open",
}
STATES = {
    TenderStatus.PUBLISHED: "active",
    TenderStatus.COMPLETED: "complete",
    TenderStatus.WITHDRAWN: "cancelled",
}

SUBCONTRACTING = (
    "Nieuwe onderaannemers alleen met een goede reden. De contractpartij meldt elke wijziging vooraf, en het team "
    "contract- en leveranciersmanagement beslist."
)


def buyer_of(tender: Tender) -> Json:
    authority = tender.region.authority
    address = {"streetAddress": authority.street, "postalCode": authority.postcode, "locality": authority.city}
    return lean(
        {
            **party(Supplier(authority.kvk_number, authority.name), ["buyer", "procuringEntity"]),
            "address": lean({**address, "countryName": "Nederland"}),
            "contactPoint": lean({"name": authority.name, "email": authority.email, "telephone": authority.phone}),
        }
    )


def municipalities_of(tender: Tender) -> list[Json]:
    """The municipalities that take part in at least one segment: they buy together."""
    towns = {p.municipality.slug: p.municipality.name for s in tender.segments.all() for p in _taking_part(s)}
    return [
        {"id": f"{tender.region.slug}-{slug}", "name": f"Gemeente {name}", "roles": ["buyer"]}
        for slug, name in sorted(towns.items())
    ]


def _taking_part(segment: Segment) -> list[Participation]:
    found: list[Participation] = segment.taking_part  # type: ignore[attr-defined]
    return found


def tender_json(held: Published, ocid: str, base: str, until: Until) -> Json:
    """The tender as it was known then."""
    tender, buyer = held.tender, buyer_of(held.tender)
    rounds = {found.stage: found for found in tender.rounds.all()}
    selection, award = rounds.get(Stage.SELECTION), rounds.get(Stage.AWARD)
    electronic = selection is not None and not tender.is_history
    status = status_of(held, until)
    return lean(
        {
            "id": ocid,
            "title": tender.title,
            "description": tender.summary,
            "status": status,
            "procuringEntity": {"id": buyer["id"], "name": buyer["name"]},
            "procurementMethod": METHODS.get(Procedure(tender.procedure)),
            "procurementMethodDetails": str(Procedure(tender.procedure).label) if tender.procedure != "unknown" else "",
            "procurementMethodRationale": tender.strategy,
            "mainProcurementCategory": "services",
            "awardCriteria": "ratedCriteria" if award else "",
            "submissionMethod": ["electronicSubmission"] if electronic else [],
            "submissionMethodDetails": f"{base}/aanbestedingen/{tender.slug}/" if electronic else "",
            "tenderPeriod": _period(selection, until),
            "documents": [
                *(root_json(root, base) for root in roots_of(tender) if until.seen(root.at)),
                *(draw_json(draw, tender, base, until) for draw in draws_of(tender) if until.seen(draw.committed_at)),
            ],
            "amendments": [_amendment(moved) for moved in extensions_of(tender) if until.seen(moved.at)],
            "milestones": milestones(held.decisions, held.again, until),
            "contractTerms": _terms(tender),
            "subcontractingTerms": {"description": SUBCONTRACTING} if electronic else {},
            "lotDetails": _lot_details(tender),
            "lots": [_lot(segment, status, selection, award, tender) for segment in tender.segments.all()],
        }
    )


def status_of(held: Published, until: Until) -> str:
    """Open until the moment it was closed; history is as it ended."""
    if held.closed_at is not None and not until.seen(held.closed_at):
        return STATES[TenderStatus.PUBLISHED]
    return STATES[TenderStatus(held.tender.status)]


def roots_of(tender: Tender) -> list[ReceiptRoot]:
    return [root for found in tender.rounds.all() for root in found.receipt_roots.all()]


def draws_of(tender: Tender) -> list[Draw]:
    """The draws with a promise, already read; a draw by hand names bidders and is not published."""
    rules = [rules for found in tender.rounds.all() for rules in found.segment_rounds.all()]
    return [draw for found in rules for draw in found.draws.all()]


def extensions_of(tender: Tender) -> list[DeadlineExtension]:
    return [moved for found in tender.rounds.all() for moved in found.extensions.all()]


def _amendment(moved: DeadlineExtension) -> Json:
    was, became = format_moment(moved.deadline_was), format_moment(moved.deadline)
    return {
        "id": f"extension-{moved.pk}",
        "date": moment(moved.at),
        "rationale": "Storing vlak voor de sluitingstijd (artikel 2.109 Aanbestedingswet 2012)",
        "description": f"De sluitingstijd was {was} en werd {became}.",
    }


def root_json(root: ReceiptRoot, base: str) -> Json:
    """The published root of a round's receipts, so that whoever keeps open data keeps it too."""
    return {
        "id": f"receipt-root-{root.pk}",
        "documentType": "x_receiptRoot",
        "title": f"Gezamenlijk controlegetal van de ontvangstbewijzen ({root.round.get_stage_display().lower()})",
        "description": root.root,
        "url": f"{base}/verifieer/",
        "datePublished": moment(root.at),
        "language": "nl",
    }


def draw_json(draw: Draw, tender: Tender, base: str, until: Until) -> Json:
    """What was promised of the seed of a draw, so that nobody can exchange it; and the seed once it was shown."""
    rules = draw.segment_round
    stage = rules.round.get_stage_display().lower()
    again = ", opnieuw beoordeeld" if draw.reevaluation_id else ""
    seed = f" Het geheim is getoond: {draw.seed}" if draw.seed and until.seen(draw.shown_at) else ""
    return {
        "id": f"draw-{draw.pk}",
        "documentType": "x_drawCommitment",
        "title": f"Controlegetal van de loting: {rules.segment.name} ({stage}{again})",
        "description": f"{draw.commitment}{seed}",
        "url": f"{base}/aanbestedingen/{tender.slug}/",
        "datePublished": moment(draw.committed_at),
        "language": "nl",
    }


def _period(selection: Round | None, until: Until) -> Json:
    """The time to submit, with the deadline that held then: a later one is known from its extension on."""
    if selection is None:
        return {}
    return lean({"startDate": moment(selection.opens_at), "endDate": moment(_deadline(selection, until))})


def _deadline(selection: Round, until: Until) -> datetime | None:
    later = [moved for moved in selection.extensions.all() if not until.seen(moved.at)]
    return later[0].deadline_was if later else selection.deadline


def _terms(tender: Tender) -> Json:
    """How long contracts run, and why longer than four years (Aw 2.140(3))."""
    if not tender.term_pattern:
        return {}
    years = " + ".join(str(years) for years in tender.term_pattern)
    return {"otherTerms": f"Looptijd in jaren: {years}. {tender.framework_motivation}".strip()}


def _lot_details(tender: Tender) -> Json:
    """One may bid for all segments, and be awarded all of them."""
    total = len(tender.segments.all())
    return {"maximumLotsBidPerSupplier": total, "maximumLotsAwardedPerSupplier": total} if total else {}


def _lot(segment: Segment, status: str, selection: Round | None, award: Round | None, tender: Tender) -> Json:
    choosing, judging = _rules(selection, segment), _rules(award, segment)
    parts = [f"{sub.name} ({sub.get_funding_display()})" for sub in segment.subsegments.all()]
    description = f"{segment.description} Onderdelen: {', '.join(parts)}." if parts else segment.description
    return lean(
        {
            "id": segment.slug,
            "title": segment.name,
            "description": description,
            "status": status,
            "mainProcurementCategory": "services",
            "contractPeriod": lean({"startDate": moment(segment.start_date or tender.contract_start)}),
            "secondStage": {"maximumCandidates": choosing.places, "successiveReduction": False} if choosing else {},
            "selectionCriteria": _selection_criteria(choosing),
            "awardCriteria": _award_criteria(judging),
        }
    )


def _rules(round: Round | None, segment: Segment) -> SegmentRound | None:
    if round is None:
        return None
    return next((rules for rules in round.segment_rounds.all() if rules.segment_id == segment.pk), None)


def _selection_criteria(rules: SegmentRound | None) -> Json:
    if rules is None or not rules.criteria.all():
        return {}
    return {
        "criteria": [
            lean(
                {
                    "type": "technical",
                    "description": _said(criterion),
                    "forReduction": True,
                    "numbers": _numbers(criterion),
                }
            )
            for criterion in rules.criteria.all()
        ]
    }


def _award_criteria(rules: SegmentRound | None) -> Json:
    if rules is None:
        return {}
    weighting = "Gunnen op waarde" if rules.method == Method.AWARD_ON_VALUE else "Gewogen punten"
    said = {
        "weightingDescription": f"{weighting}; aantal contracten: {rules.places}.",
        "criteria": [
            lean(
                {
                    "type": "price" if criterion.kind == "price" else "quality",
                    "name": f"{criterion.code} {criterion.title}",
                    "description": criterion.description,
                    "numbers": _numbers(criterion),
                }
            )
            for criterion in rules.criteria.all()
        ],
    }
    return lean(said)


def _said(criterion: Criterion) -> str:
    return f"{criterion.code} {criterion.title}. {criterion.description}".strip()


def _numbers(criterion: Criterion) -> list[dict[str, Any]]:
    numbers: list[dict[str, Any]] = []
    if criterion.weight is not None:
        numbers.append({"number": number(criterion.weight), "weight": "pointsExact"})
    if criterion.minimum is not None:
        numbers.append({"number": number(criterion.minimum), "threshold": "minimumScore"})
    return numbers
