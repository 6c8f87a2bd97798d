"""Who sees which decision, college decision and letter; and what their pages show, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import municipality_ids_of
from achterhoek.audit.models import AuditEvent
from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from achterhoek.mail.models import OutboxMessage
from procurement.domain.coverage import Cell, Coverage, Delivery, coverage
from procurement.enums import CollegeDecisionStatus, DecisionStatus, LetterStatus, Outcome, Stage
from procurement.models import CollegeDecision, Decision, Letter, Participation, Ranking, RankingRow
from procurement.rules import overseen
from procurement.selectors.letters import figure

LETTER_FILE = "letter"


# Who sees what -----------------------------------------------------------------------------------------


def visible_decisions(user: Any) -> QuerySet[Decision]:
    """Decisions of the regions in which the user is lead or auditor."""
    return (
        Decision.objects.filter(overseen(user, region="segment_round__round__tender__region"))
        .select_related(
            "segment_round__round__tender__region__authority",
            "segment_round__segment__lot",
            "ranking",
            "proposed_by",
            "signed_by",
        )
        .defer("ranking__dossier", "ranking__result")
    )


def visible_college_decisions(user: Any) -> QuerySet[CollegeDecision]:
    """Those of the municipalities whose secretary the user is; all of the region for its lead and auditor."""
    own = Q(municipality__in=municipality_ids_of(user))
    of_region = overseen(user, region="decision__segment_round__round__tender__region")
    return (
        CollegeDecision.objects.filter(own | of_region)
        .select_related(
            "municipality",
            "decided_by",
            "decision__proposed_by",
            "decision__ranking",
            "decision__segment_round__segment__lot",
            "decision__segment_round__round__tender__region",
        )
        .defer("decision__ranking__dossier", "decision__ranking__result")
    )


def visible_letters(user: Any) -> QuerySet[Letter]:
    """A bidder's own people once it was sent; the lead and the auditor of the region as soon as it is made."""
    if not getattr(user, "is_authenticated", False):
        return Letter.objects.none()
    own = Q(entry__submission__organisation__memberships__user=user, status=LetterStatus.SENT)
    of_region = overseen(user, region="batch__ranking__segment_round__round__tender__region")
    made = Q(file__isnull=False)
    return Letter.objects.filter(own | (of_region & made)).distinct()


@reads(LETTER_FILE)
def may_read_letter(user: Any, stored: StoredFile) -> bool:
    """The gate's rule for the files of letters."""
    return visible_letters(user).filter(file=stored).exists()


# Pages -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RankedLine:
    """One line of the ranking a decision is on, ready to show."""

    entry_id: int
    rank: int | None
    name: str
    number: str
    outcome: str
    outcome_label: str
    total: str

    @property
    def chosen(self) -> bool:
        return self.outcome == Outcome.SELECTED


@dataclass(frozen=True)
class LetterLine:
    """One letter of a decision, as the lead follows it."""

    pk: Any
    batch_id: int
    entry_id: int
    name: str
    kind_label: str
    status: str
    status_label: str
    error: str
    file_id: Any
    size: int | None
    first_read_at: datetime | None
    looked_at: datetime | None
    mail: OutboxMessage | None


def ranked_lines(ranking: Ranking) -> list[RankedLine]:
    """Who gets what, in the order of the ranking. One query."""
    return [
        RankedLine(entry_id, rank, name, number, outcome, Outcome(outcome).said_in(stage), figure(total))
        for entry_id, rank, name, number, outcome, total, stage in RankingRow.objects.filter(ranking=ranking)
        .order_by("position")
        .values_list(
            "entry_id",
            "rank",
            "entry__submission__organisation__name",
            "entry__submission__number",
            "outcome",
            "total",
            "entry__submission__round__stage",
        )
    ]


def letter_lines(decision: Decision) -> list[LetterLine]:
    """The letters of a decision in the order of the ranking. One query."""
    letters = (
        decision.letters.select_related("file", "entry__submission__organisation", "message")
        .filter(entry__ranking_rows__ranking=decision.ranking)
        .order_by("entry__ranking_rows__position")
    )
    return [
        LetterLine(
            pk=letter.pk,
            batch_id=letter.batch_id,
            entry_id=letter.entry_id,
            name=letter.entry.submission.organisation.name,
            kind_label=letter.get_kind_display(),
            status=letter.status,
            status_label=letter.get_status_display(),
            error=letter.error,
            file_id=letter.file_id,
            size=letter.file.size if letter.file else None,
            first_read_at=letter.first_read_at,
            looked_at=letter.proofread_at,
            mail=letter.message,
        )
        for letter in letters
    ]


def college_lines(decision: Decision) -> list[CollegeDecision]:
    """What each college decided. One query."""
    return list(decision.college_decisions.select_related("municipality", "decided_by").order_by("municipality__name"))


def decision_events(decision: Decision) -> list[dict[str, Any]]:
    """What happened to a decision and to its letters, oldest first, from the audit log. Two queries."""
    titles = {
        "procurement.decision.propose": _("Proposed"),
        "procurement.decision.approve": _("Approved by the colleges"),
        "procurement.decision.adopt": _("Adopted"),
        "procurement.decision.sign": _("Signed"),
        "procurement.decision.request_sending": _("Letters asked for"),
        "procurement.decision.send": _("Sent to the bidders"),
        "procurement.decision.finalise": _("Final"),
        "procurement.decision.withdraw": _("Withdrawn"),
        "procurement.decision.take_back": _("Withdrawn by letter"),
        "procurement.letterbatch.request": _("Letters asked for"),
        "procurement.letterbatch.send": _("Letters sent"),
        "procurement.letterbatch.stop": _("Letters stopped"),
    }
    purposes = {str(batch.pk): batch.get_purpose_display() for batch in decision.batches.all()}
    events = AuditEvent.objects.filter(
        Q(target_type="procurement.decision", target_id=str(decision.pk))
        | Q(target_type="procurement.letterbatch", target_id__in=list(purposes)),
        action__in=titles,
    ).order_by("id")
    return [
        {
            "moment": event.at,
            "title": titles[event.action],
            "text": event.detail.get("reason") or event.detail.get("mandate") or _purpose_of(event, purposes),
            "actor": str(event.actor) if event.actor else "",
        }
        for event in events.select_related("actor")
    ]


def _purpose_of(event: AuditEvent, purposes: dict[str, str]) -> str:
    return purposes.get(event.target_id, "") if event.target_type == "procurement.letterbatch" else ""


def colleges_home(user: Any) -> tuple[list[CollegeDecision], list[CollegeDecision]]:
    """For the secretary's first page: what waits for the own college, and what it decided. One query."""
    found = (
        visible_college_decisions(user)
        .exclude(decision__status=DecisionStatus.WITHDRAWN)
        .order_by("decision__segment_round__segment__position", "municipality__name", "-decision_id")
    )
    waiting: list[CollegeDecision] = []
    decided: list[CollegeDecision] = []
    for row in found:
        open_ = row.status == CollegeDecisionStatus.PENDING and row.decision.status == DecisionStatus.PROPOSED
        (waiting if open_ else decided).append(row)
    return waiting, decided


def own_municipality_names(user: Any) -> list[str]:
    return list(
        user.role_assignments.filter(role=Role.COLLEGE, municipality__isnull=False)
        .order_by("municipality__name")
        .values_list("municipality__name", flat=True)
    )


@dataclass(frozen=True)
class CoverageRow:
    """A segment of the tender: in each municipality how many deliver it, or None where it does not take part."""

    segment: str
    decided: bool
    counts: tuple[int | None, ...]


@dataclass(frozen=True)
class CoverageTable:
    municipalities: tuple[str, ...]
    rows: tuple[CoverageRow, ...]
    below_one: int
    below_two: int


def coverage_of_tender(decision: Decision) -> CoverageTable:
    """The zorglandschap if all proposed and adopted awards of this tender hold: segment by municipality.

    Who is awarded a segment delivers it in every municipality that takes part (a condition of the tender,
    002_6dfa1213d0e534a1.txt). Segments without a proposal are listed, and count for nothing. Two queries.
    """
    tender = decision.segment_round.round.tender
    segments: dict[str, str] = {}
    places: dict[str, dict[str, str]] = {}
    for slug, name, m_slug, m_name, takes_part in (
        Participation.objects.filter(segment__tender=tender, segment__segment_rounds__round__stage=Stage.AWARD)
        .order_by("segment__position", "municipality__name")
        .values_list("segment__slug", "segment__name", "municipality__slug", "municipality__name", "participates")
    ):
        segments[slug] = name
        if takes_part:
            places.setdefault(slug, {})[m_slug] = m_name
    names = dict(sorted({s: n for of in places.values() for s, n in of.items()}.items(), key=lambda item: item[1]))
    deliveries = [
        Delivery(str(organisation), slug, frozenset(places.get(slug, {})))
        for slug, organisation in RankingRow.objects.filter(
            outcome=Outcome.SELECTED,
            ranking__decisions__segment_round__round=decision.segment_round.round,
            ranking__decisions__status__in=set(DecisionStatus.values) - {DecisionStatus.WITHDRAWN},
        ).values_list("entry__segment__slug", "entry__submission__organisation_id")
    ]
    decided = {delivery.segment for delivery in deliveries}
    cells = [Cell(slug, m) for slug, of in places.items() for m in of if slug in decided]
    found = coverage(cells, deliveries)
    return CoverageTable(
        municipalities=tuple(names.values()),
        rows=tuple(_coverage_row(slug, segments[slug], slug in decided, places[slug], names, found) for slug in places),
        below_one=found.below_one,
        below_two=found.below_two,
    )


def _coverage_row(
    slug: str, name: str, decided: bool, places: dict[str, str], names: dict[str, str], found: Coverage
) -> CoverageRow:
    counted = {cell.cell.municipality: len(cell.deliverers) for cell in found.cells if cell.cell.segment == slug}
    return CoverageRow(name, decided, tuple(counted.get(m, 0) if m in places else None for m in names))


# The bidder's own ---------------------------------------------------------------------------------------


def letters_of_user(user: Any) -> list[Letter]:
    """The letters to the organisations of this user, newest first. One query."""
    return list(
        Letter.objects.filter(status=LetterStatus.SENT, entry__submission__organisation__memberships__user=user)
        .select_related(
            "file",
            "decision",
            "entry__segment",
            "entry__submission__organisation",
            "entry__submission__round__tender",
        )
        .order_by("-sent_at", "-decision_id")
    )


def standstill_moment(decision: Decision) -> datetime | None:
    """The first moment after the standstill: midnight in Dutch time, for the countdown."""
    if decision.standstill_until is None:
        return None
    midnight = datetime.combine(decision.standstill_until, datetime.max.time()).replace(microsecond=0)
    return timezone.make_aware(midnight)
