"""Published facts of tenders as an OCDS 1.1 release package. Nothing that is sealed, and no names of who was not
awarded: candidates, bidders and provisional awards are nobody's business here (Aw 2.57, 2.108, 2.138).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Prefetch, Q

from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_now
from achterhoek.region.models import Region
from procurement.domain.open_data import (
    EXTENSION_URLS,
    LICENSE,
    VERSION,
    AwardFact,
    ContractFact,
    Json,
    Supplier,
    award_json,
    contract_json,
    lean,
    moment,
    number,
    party,
    release_id,
    suppliers_of,
)
from procurement.enums import AwardStatus, DecisionStatus, Method, Procedure, RoundStatus, Stage, TenderStatus
from procurement.models import (
    Award,
    Criterion,
    Decision,
    Draw,
    Participation,
    ReceiptRoot,
    Round,
    Segment,
    SegmentRound,
    Tender,
)
from procurement.selectors.proof import published_roots

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
TOLD = (DecisionStatus.SENT, DecisionStatus.FINAL)
# What changes the published facts without a date of its own: new files, and what happens to contracts.
_EVENTS = (
    Q(action="region.load")
    | Q(action__startswith="procurement.draw.")
    | Q(action__startswith="contracts.contract.")
    | Q(action__startswith="contracts.contractterm.")
)


def fingerprint() -> tuple[str, datetime | None]:
    """A digest that changes with the published facts, and when they last did; six small queries.

    Made of public facts alone, so that it does not betray that somebody submitted something.
    """
    tenders = Tender.objects.public().aggregate(
        Count("pk"), Max("published_at"), done=Count("pk", filter=~Q(status=TenderStatus.PUBLISHED))
    )
    rounds = Round.objects.filter(tender__published_at__isnull=False).aggregate(
        Max("deadline"), opened=Max("opens_at", filter=~Q(status=RoundStatus.PLANNED))
    )
    decisions = Decision.objects.filter(status__in=TOLD).aggregate(Count("pk"), Max("sent_at"), Max("final_at"))
    awards = Award.objects.exclude(status=AwardStatus.PENDING).aggregate(Count("pk"))
    events = AuditEvent.objects.filter(_EVENTS).aggregate(Max("pk"), Max("at"))
    roots = published_roots().order_by().aggregate(Count("pk"), Max("at"))
    facts = [
        *tenders.values(), *rounds.values(), *decisions.values(), *awards.values(), *events.values(), *roots.values(),
    ]  # fmt: skip
    moments = [
        tenders["published_at__max"], decisions["sent_at__max"], decisions["final_at__max"], events["at__max"],
        roots["at__max"],
    ]  # fmt: skip
    known = [found for found in (*moments, rounds["opened"]) if found]
    return hashlib.sha256(repr(facts).encode()).hexdigest(), max(known, default=None)


def release_package(*, uri: str, base: str, contracts_of: Callable[[Collection[int]], list[ContractFact]]) -> Json:
    """The package of all published tenders, one release each; a fixed number of queries."""
    tenders = list(_tenders())
    ids = [tender.pk for tender in tenders]
    awards = _awards(ids)
    contracts: dict[int, list[ContractFact]] = {}
    for contract in contracts_of(ids):
        contracts.setdefault(contract.tender, []).append(contract)
    _digest, changed = fingerprint()
    return {
        "uri": uri,
        "version": VERSION,
        "extensions": list(EXTENSION_URLS),
        "publishedDate": moment(changed or database_now()),
        "publisher": {"name": _publisher()},
        "license": LICENSE,
        "releases": [
            _release(tender, awards.get(tender.pk, []), contracts.get(tender.pk, []), base) for tender in tenders
        ],
    }


def _publisher() -> str:
    region = Region.objects.select_related("authority").order_by("-is_default", "pk").first()
    return region.authority.name if region else ""


def _tenders() -> Iterable[Tender]:
    criteria = Criterion.objects.order_by("position", "id")
    promised = Draw.objects.exclude(commitment="").defer("sealed").order_by("pk")
    rules = SegmentRound.objects.select_related("segment").prefetch_related(
        Prefetch("criteria", criteria), Prefetch("draws", promised)
    )
    taking_part = Participation.objects.filter(participates=True).select_related("municipality")
    segments = Segment.objects.order_by("position", "id").prefetch_related(
        "subsegments", Prefetch("participations", taking_part, to_attr="taking_part")
    )
    return (
        Tender.objects.public()
        .select_related("region__authority")
        .prefetch_related(
            Prefetch("segments", segments),
            Prefetch(
                "rounds",
                Round.objects.order_by("id").prefetch_related(Prefetch("segment_rounds", rules), "receipt_roots"),
            ),
        )
        .order_by("pk")
    )


def _awards(tender_ids: Collection[int]) -> dict[int, list[AwardFact]]:
    found: dict[int, list[AwardFact]] = {}
    rows = (
        Award.objects.filter(decision__status__in=TOLD, entry__segment__tender__in=tender_ids)
        .select_related("decision", "entry__segment", "entry__submission__organisation")
        .order_by("pk")
    )
    for award in rows:
        segment = award.entry.segment
        final = award.status == AwardStatus.ACTIVE
        winner = award.entry.submission.organisation
        fact = AwardFact(
            id=f"award-{award.pk}",
            segment=segment.slug,
            status=award.status,
            title=segment.name,
            decided_at=award.decision.final_at if final else award.decision.sent_at,
            suppliers=(Supplier(winner.kvk_number, winner.name, winner.city),) if final else (),
        )
        found.setdefault(segment.tender_id, []).append(fact)
    return found


def _release(tender: Tender, awards: list[AwardFact], contracts: list[ContractFact], base: str) -> Json:
    ocid = f"{settings.OCDS_PREFIX}-{tender.region.slug}-{tender.slug}"
    # A contract from before this portal has no award here: what its signing says of the award is published.
    earlier = [
        AwardFact(f"award-{c.number}", c.segment, "active", c.title, None, c.suppliers)
        for c in contracts
        if c.award is None
    ]
    buyer = _buyer(tender)
    given = [*awards, *earlier]
    content = lean(
        {
            "ocid": ocid,
            "date": moment(_last_change(tender, awards, contracts)),
            "tag": ["tender", *(["award"] if given else []), *(["contract"] if contracts else [])],
            "initiationType": "tender",
            "language": "nl",
            "parties": [
                buyer,
                *_municipalities(tender),
                *(party(supplier, ["supplier"]) for supplier in suppliers_of(given, contracts)),
            ],
            "buyer": {"id": buyer["id"], "name": buyer["name"]},
            "tender": _tender(tender, ocid, buyer, base),
            "awards": [award_json(award) for award in given],
            "contracts": [contract_json(c, f"award-{c.number if c.award is None else c.award}") for c in contracts],
        }
    )
    return {**content, "id": release_id(ocid, content)}


def _last_change(tender: Tender, awards: list[AwardFact], contracts: list[ContractFact]) -> datetime | None:
    moments = [tender.published_at, *(a.decided_at for a in awards), *(c.signed_at for c in contracts)]
    moments += [found.opens_at for found in tender.rounds.all() if found.status != RoundStatus.PLANNED]
    moments += [root.at for found in tender.rounds.all() for root in found.receipt_roots.all()]
    moments += [draw.shown_at or draw.committed_at for found in tender.rounds.all() for draw in _draws(found)]
    return max((found for found in moments if found), default=None)


def _buyer(tender: Tender) -> Json:
    authority = tender.region.authority
    address = {"streetAddress": authority.street, "postalCode": authority.postcode, "locality": authority.city}
    return lean(
        {
            **party(Supplier(authority.kvk_number, authority.name), ["buyer", "procuringEntity"]),
            "address": lean({**address, "countryName": "Nederland"}),
            "contactPoint": lean({"name": authority.name, "email": authority.email, "telephone": authority.phone}),
        }
    )


def _municipalities(tender: Tender) -> list[Json]:
    """The municipalities that take part in at least one segment: they buy together."""
    towns = {p.municipality.slug: p.municipality.name for s in tender.segments.all() for p in _taking_part(s)}
    return [
        {"id": f"{tender.region.slug}-{slug}", "name": f"Gemeente {name}", "roles": ["buyer"]}
        for slug, name in sorted(towns.items())
    ]


def _taking_part(segment: Segment) -> list[Participation]:
    found: list[Participation] = segment.taking_part  # type: ignore[attr-defined]
    return found


def _tender(tender: Tender, ocid: str, buyer: Json, base: str) -> Json:
    rounds = {found.stage: found for found in tender.rounds.all()}
    selection, award = rounds.get(Stage.SELECTION), rounds.get(Stage.AWARD)
    electronic = selection is not None and not tender.is_history
    return lean(
        {
            "id": ocid,
            "title": tender.title,
            "description": tender.summary,
            "status": STATES[TenderStatus(tender.status)],
            "procuringEntity": {"id": buyer["id"], "name": buyer["name"]},
            "procurementMethod": METHODS.get(Procedure(tender.procedure)),
            "procurementMethodDetails": str(Procedure(tender.procedure).label) if tender.procedure != "unknown" else "",
            "procurementMethodRationale": tender.strategy,
            "mainProcurementCategory": "services",
            "awardCriteria": "ratedCriteria" if award else "",
            "submissionMethod": ["electronicSubmission"] if electronic else [],
            "submissionMethodDetails": f"{base}/aanbestedingen/{tender.slug}/" if electronic else "",
            "tenderPeriod": _period(selection),
            "documents": [
                *(root_json(root, base) for found in rounds.values() for root in found.receipt_roots.all()),
                *(draw_json(draw, tender, base) for found in rounds.values() for draw in _draws(found)),
            ],
            "contractTerms": _terms(tender),
            "lotDetails": _lot_details(tender),
            "lots": [_lot(tender, segment, selection, award) for segment in tender.segments.all()],
        }
    )


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


def draw_json(draw: Draw, tender: Tender, base: str) -> Json:
    """What was promised of the seed of a draw, so that nobody can exchange it; and the seed once it was shown."""
    rules = draw.segment_round
    stage = rules.round.get_stage_display().lower()
    again = ", opnieuw beoordeeld" if draw.reevaluation_id else ""
    seed = f" Het geheim is getoond: {draw.seed}" if draw.seed else ""
    return {
        "id": f"draw-{draw.pk}",
        "documentType": "x_drawCommitment",
        "title": f"Controlegetal van de loting: {rules.segment.name} ({stage}{again})",
        "description": f"{draw.commitment}{seed}",
        "url": f"{base}/aanbestedingen/{tender.slug}/",
        "datePublished": moment(draw.committed_at),
        "language": "nl",
    }


def _draws(round: Round) -> list[Draw]:
    """The draws of a round with a promise, already read; a draw by hand names bidders and is not published."""
    return [draw for rules in round.segment_rounds.all() for draw in rules.draws.all()]


def _period(selection: Round | None) -> Json:
    if selection is None:
        return {}
    return lean({"startDate": moment(selection.opens_at), "endDate": moment(selection.deadline)})


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


def _lot(tender: Tender, segment: Segment, selection: Round | None, award: Round | None) -> Json:
    choosing, judging = _rules(selection, segment), _rules(award, segment)
    parts = [f"{sub.name} ({sub.get_funding_display()})" for sub in segment.subsegments.all()]
    description = f"{segment.description} Onderdelen: {', '.join(parts)}." if parts else segment.description
    return lean(
        {
            "id": segment.slug,
            "title": segment.name,
            "description": description,
            "status": STATES[TenderStatus(tender.status)],
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
