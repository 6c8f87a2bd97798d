"""What open data is made of: the published facts of tenders, read in a fixed number of queries.

Nothing that is sealed, and no names of who was not awarded: candidates, bidders and provisional awards are nobody's
business here (Aw 2.57, 2.108, 2.138). What came before a decision was sent is read only once it was sent.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Exists, Max, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Cast

from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_now, database_today
from procurement.domain.open_data import AwardFact, ContractFact, Supplier
from procurement.domain.open_data_steps import AgainFact, DecisionFact
from procurement.enums import (
    AwardStatus,
    DecisionStatus,
    EntryStatus,
    RoundStatus,
    Stage,
    SubmissionStatus,
    TenderStatus,
)
from procurement.models import (
    Award,
    AwardNotice,
    Criterion,
    Decision,
    Draw,
    Entry,
    Participation,
    Reevaluation,
    Round,
    Segment,
    SegmentRound,
    Tender,
)
from procurement.selectors.proof import published_roots

Contracts = Callable[[Collection[int]], list[ContractFact]]
# What changes the published facts without a date of its own: new files, and what happens to contracts.
_EVENTS = (
    Q(action="region.load")
    | Q(action__startswith="procurement.draw.")
    | Q(action__startswith="contracts.contract.")
    | Q(action__startswith="contracts.contractterm.")
    | Q(action__startswith="contracts.subcontractorchange.")
)
_CLOSED = ("procurement.tender.complete", "procurement.tender.withdraw")


@dataclass
class Published:
    """One tender with all that is public about it. `counts` are of segments that were awarded for good."""

    tender: Tender
    now: datetime
    closed_at: datetime | None = None
    decisions: list[DecisionFact] = field(default_factory=list)
    again: list[AgainFact] = field(default_factory=list)
    awards: list[AwardFact] = field(default_factory=list)
    contracts: list[ContractFact] = field(default_factory=list)
    counts: list[tuple[str, str, int, datetime]] = field(default_factory=list)


def told() -> QuerySet[Decision]:
    """Decisions that their bidders were told, those taken back afterwards included."""
    after = (DecisionStatus.SENT, DecisionStatus.FINAL, DecisionStatus.WITHDRAWN)
    return Decision.objects.filter(sent_at__isnull=False, status__in=after)


def fingerprint() -> tuple[str, datetime | None]:
    """A digest that changes with the published facts, and when they last did; ten small queries.

    Made of public facts alone, so that it does not betray that somebody submitted something.
    """
    tenders = Tender.objects.public().aggregate(
        Count("pk"), Max("published_at"), done=Count("pk", filter=~Q(status=TenderStatus.PUBLISHED))
    )
    rounds = Round.objects.filter(tender__published_at__isnull=False).aggregate(
        Max("deadline"), opened=Max("opens_at", filter=~Q(status=RoundStatus.PLANNED)), moved=Max("extensions__at")
    )
    decisions = told().aggregate(Count("pk"), Max("sent_at"), Max("final_at"), Max("withdrawn_at"))
    awards = Award.objects.exclude(status=AwardStatus.PENDING).filter(decision__in=told()).aggregate(Count("pk"))
    notices = AwardNotice.objects.aggregate(Count("published_at"), Max("published_at"))
    again = _told_again(Reevaluation.objects.all()).aggregate(Count("pk"), Max("started_at"), Max("finished_at"))
    events = AuditEvent.objects.filter(_EVENTS).aggregate(Max("pk"), Max("at"))
    roots = published_roots().order_by().aggregate(Count("pk"), Max("at"))
    # Subcontractors begin on a day, without anything being written on it.
    facts = [database_today()]
    moments = [tenders["published_at__max"], rounds["opened"], rounds["moved"], notices["published_at__max"]]
    moments += [decisions[f"{name}_at__max"] for name in ("sent", "final", "withdrawn")]
    moments += [again["started_at__max"], again["finished_at__max"], events["at__max"], roots["at__max"]]
    for found in (tenders, rounds, decisions, awards, notices, again, events, roots):
        facts += list(found.values())
    known = [found for found in moments if found]
    return hashlib.sha256(repr(facts).encode()).hexdigest(), max(known, default=None)


def _told_again(rows: QuerySet[Reevaluation]) -> QuerySet[Reevaluation]:
    """Scorings done again after a decision on the segment had been told: before that nobody knows the first one."""
    before = told().filter(segment_round=OuterRef("segment_round"), sent_at__lte=OuterRef("started_at"))
    return rows.filter(Exists(before))


def published(slugs: Collection[str] | None, contracts_of: Contracts) -> list[Published]:
    """All published tenders, or those of these short names; a fixed number of queries."""
    now = database_now()
    found = {tender.pk: Published(tender, now) for tender in _tenders(slugs)}
    _add_decisions(found)
    _add_again(found)
    _add_awards(found)
    _add_counts(found)
    _add_closing(found)
    for contract in contracts_of(list(found)):
        held = found[contract.tender]
        held.contracts.append(contract)
        if contract.award is None:
            # A contract from before this portal has no award here: what its signing says of the award is published.
            held.awards.append(
                AwardFact(
                    contract.award_id, contract.segment, contract.title, sent_at=contract.signed_at,
                    suppliers=contract.suppliers, earlier=True,
                )
            )  # fmt: skip
    return list(found.values())


def _tenders(slugs: Collection[str] | None) -> Iterable[Tender]:
    criteria = Criterion.objects.order_by("position", "id")
    promised = Draw.objects.exclude(commitment="").defer("sealed").order_by("pk")
    rules = SegmentRound.objects.select_related("segment").prefetch_related(
        Prefetch("criteria", criteria), Prefetch("draws", promised)
    )
    taking_part = Participation.objects.filter(participates=True).select_related("municipality")
    segments = Segment.objects.order_by("position", "id").prefetch_related(
        "subsegments", Prefetch("participations", taking_part, to_attr="taking_part")
    )
    rounds = Round.objects.order_by("id").prefetch_related(
        Prefetch("segment_rounds", rules), "receipt_roots", "extensions"
    )
    tenders = Tender.objects.public() if slugs is None else Tender.objects.public().filter(slug__in=slugs)
    return (
        tenders.select_related("region__authority")
        .prefetch_related(Prefetch("segments", segments), Prefetch("rounds", rounds))
        .order_by("pk")
    )


def _add_decisions(found: dict[int, Published]) -> None:
    rows = told().filter(segment_round__round__tender__in=found).order_by("sent_at", "pk")
    for decision in rows.select_related("segment_round__segment", "segment_round__round"):
        assert decision.sent_at is not None
        final = decision.status == DecisionStatus.FINAL
        fact = DecisionFact(
            id=decision.pk,
            segment=decision.segment_round.segment.slug,
            award=decision.segment_round.round.stage == Stage.AWARD,
            sent_at=decision.sent_at,
            signed_at=decision.adopted_at,
            standstill_until=decision.standstill_until,
            final_at=decision.final_at if final else None,
            withdrawn_at=decision.withdrawn_at if decision.status == DecisionStatus.WITHDRAWN else None,
        )
        found[decision.segment_round.round.tender_id].decisions.append(fact)


def _add_again(found: dict[int, Published]) -> None:
    rows = _told_again(Reevaluation.objects.filter(segment_round__round__tender__in=found)).order_by("pk")
    for one in rows.select_related("segment_round__segment", "segment_round__round"):
        fact = AgainFact(
            one.pk, one.segment_round.segment.slug, str(one.get_cause_display()), one.started_at, one.finished_at
        )
        found[one.segment_round.round.tender_id].again.append(fact)


def _add_awards(found: dict[int, Published]) -> None:
    rows = (
        Award.objects.filter(decision__in=told(), entry__segment__tender__in=found)
        .select_related("decision__award_notice", "entry__segment", "entry__submission__organisation")
        .order_by("pk")
    )
    for award in rows:
        found[award.entry.segment.tender_id].awards.append(_award(award))


def _award(award: Award) -> AwardFact:
    decision, winner = award.decision, award.entry.submission.organisation
    final, cancelled = award.status == AwardStatus.ACTIVE, award.status == AwardStatus.CANCELLED
    notice: AwardNotice | None = getattr(decision, "award_notice", None)
    published_at = notice.published_at if notice and final else None
    return AwardFact(
        id=f"award-{award.pk}",
        segment=award.entry.segment.slug,
        title=award.entry.segment.name,
        sent_at=decision.sent_at,
        final_at=decision.final_at if final else None,
        cancelled_at=(decision.withdrawn_at or decision.sent_at) if cancelled else None,
        suppliers=(Supplier(winner.kvk_number, winner.name, winner.city),) if final else (),
        notice=notice.reference if notice and published_at else "",
        noticed_at=published_at,
    )


def _add_counts(found: dict[int, Published]) -> None:
    """How many requests and bids a segment had: told with its final award, as the award notice does (Aw 2.134)."""
    finals = {
        (pk, decision.segment): decision.final_at
        for pk, one in found.items()
        for decision in one.decisions
        if decision.award and decision.final_at
    }
    entries = Entry.objects.filter(
        segment__tender__in=found, submission__status=SubmissionStatus.SUBMITTED,
        submission__round__status=RoundStatus.OPENED,
    )  # fmt: skip
    rows = entries.values_list("segment__tender", "segment__slug", "submission__round__stage").annotate(
        handed_in=Count("pk"), admitted=Count("pk", filter=Q(status=EntryStatus.ADMITTED))
    )
    for tender, segment, stage, handed_in, admitted in rows.order_by(
        "segment__position", "segment", "submission__round"
    ):
        final = finals.get((tender, segment))
        if final is None:
            continue
        measures: list[tuple[str, int]] = [("bids", handed_in), ("validBids", admitted)]
        if stage == Stage.SELECTION:
            measures = [("requests", handed_in)]
        found[tender].counts += [(segment, measure, value, final) for measure, value in measures]


def _add_closing(found: dict[int, Published]) -> None:
    keys = Tender.objects.filter(pk__in=found).annotate(as_text=Cast("pk", CharField())).values("as_text")
    events: QuerySet[AuditEvent, Any] = AuditEvent.objects.filter(
        action__in=_CLOSED, target_type=Tender._meta.label_lower, target_id__in=keys
    )
    latest: dict[int, datetime] = defaultdict()
    for target, at in events.order_by("pk").values_list("target_id", "at"):
        latest[int(target)] = at
    for pk, at in latest.items():
        if found[pk].tender.status != TenderStatus.PUBLISHED:
            found[pk].closed_at = at
