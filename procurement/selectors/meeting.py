"""The consensus meeting: who is in it, what is on its agenda, how a score came to be, and the minutes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min, Prefetch, QuerySet

from achterhoek.documents.gate import reads
from achterhoek.documents.models import StoredFile
from procurement.domain.score_scale import spread_of
from procurement.domain.visibility import ScoreAccess, Viewer, ViewerRole, score_access
from procurement.enums import EntryStatus, Interest, ScoringOrder, SeatRole, SegmentRoundStatus
from procurement.models import (
    CommitteeMember,
    ConsensusMeeting,
    ConsensusScore,
    Criterion,
    Entry,
    InterestDeclaration,
    SegmentRound,
)
from procurement.rules import is_lead
from procurement.selectors.basis import Pair, counting_scores, open_criteria, stale_consensus
from procurement.selectors.evaluation import (
    graded_criteria,
    managed_segment_rounds,
    readable_segment_entries,
    scoring_state,
    seats_of,
)
from procurement.selectors.naming import label_of

MINUTES_FILE = "consensus_minutes"
DONE, TO_DO, STALE = "done", "todo", "stale"
# When there is a meeting to speak of: once scoring alone has ended.
MEETING = (
    SegmentRoundStatus.CONSENSUS,
    SegmentRoundStatus.FIXED,
    SegmentRoundStatus.RANKED,
    SegmentRoundStatus.DECIDED,
)


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody in the meeting of a segment. `leads`: the lead, or who holds the chair's seat; `oversees`: the lead
    or the auditor, who have the pages of the whole evaluation."""

    segment_round: SegmentRound
    access: ScoreAccess
    leads: bool
    oversees: bool = False

    @property
    def may_record(self) -> bool:
        return self.leads and self.segment_round.status == SegmentRoundStatus.CONSENSUS


@dataclass(frozen=True, slots=True)
class Item:
    """One bid on one criterion, and how far it is. `spread` says how far the individual scores lie apart."""

    entry_id: int
    label: str
    criterion: Criterion
    state: str
    spread: str
    open: bool

    @property
    def done(self) -> bool:
        return self.state == DONE


def attendance(user: Any, pk: int) -> Attendance | None:
    """In what capacity this user is in the meeting of this segment; None for who is not in it."""
    found = managed_segment_rounds(user).filter(pk=pk).first()
    if found is not None:
        leads = is_lead(user, found.round.tender)
        role = ViewerRole.LEAD if leads else ViewerRole.AUDITOR
        return Attendance(found, score_access(Viewer(user.pk, role), scoring_state(found)), leads, oversees=True)
    seats = seats_of(user).select_related("segment_round__segment", "segment_round__round__tender__region")
    seat = seats.filter(segment_round=pk).first()
    if seat is None:
        return None
    role = ViewerRole.EVALUATOR if seat.role == SeatRole.MEMBER else ViewerRole.ATTENDANT
    access = score_access(Viewer(user.pk, role), scoring_state(seat.segment_round))
    return Attendance(seat.segment_round, access, seat.role == SeatRole.CHAIR)


def agenda(user: Any, segment_round: SegmentRound) -> list[Item]:
    """Every bid that this user may read on every criterion, in the order in which the segment is scored.

    The same number of queries for 1 bid and for 300. Only for who may see the scores.
    """
    entries = list(
        readable_segment_entries(user, segment_round)
        .filter(status=EntryStatus.ADMITTED)
        .select_related("submission__organisation")
        .order_by("submission__number", "id")
    )
    tender = segment_round.round.tender
    labels = {entry.pk: label_of(user, entry, tender) for entry in entries}
    criteria = list(graded_criteria(segment_round))
    still_open = open_criteria(segment_round)
    states, spreads = _states(segment_round, still_open), _spreads(segment_round)
    pairs: Iterable[tuple[Entry, Criterion]] = ((entry, criterion) for entry in entries for criterion in criteria)
    if segment_round.scoring_order == ScoringOrder.PER_CRITERION:
        pairs = ((entry, criterion) for criterion in criteria for entry in entries)
    return [
        Item(
            entry.pk,
            labels[entry.pk],
            criterion,
            states.get((entry.pk, criterion.pk), TO_DO),
            spreads.get((entry.pk, criterion.pk), ""),
            criterion in still_open,
        )
        for entry, criterion in pairs
    ]


def _states(segment_round: SegmentRound, criteria: list[Criterion]) -> dict[Pair, str]:
    stale = stale_consensus(segment_round, criteria)
    given = ConsensusScore.objects.filter(criterion__segment_round=segment_round)
    return {
        (entry, criterion): STALE if criterion in stale.get(entry, ()) else DONE
        for entry, criterion in given.values_list("entry_id", "criterion_id")
    }


def _spreads(segment_round: SegmentRound) -> dict[Pair, str]:
    scale_max = segment_round.round.tender.scale_max
    rows = counting_scores(segment_round).order_by().values_list("entry_id", "criterion_id")
    found = rows.annotate(low=Min("value"), high=Max("value"))
    return {(entry, criterion): spread_of(low, high, scale_max).value for entry, criterion, low, high in found}


def consensus_history(entry_id: int, criterion: Criterion) -> list[Any]:
    """Every version of a consensus score, newest first, as the database itself kept it: what, by whom, when."""
    events = ConsensusScore.pgh_event_model.objects.filter(entry=entry_id, criterion=criterion)  # type: ignore[attr-defined]
    return list(events.select_related("recorded_by").order_by("-pgh_id"))


def present_seats(segment_round: SegmentRound) -> QuerySet[CommitteeMember]:
    """Who may have been in a meeting: every seat of the segment, also one that has ended since."""
    return segment_round.committee.select_related("user").order_by("id")


def meetings_of(segment_round: SegmentRound) -> list[ConsensusMeeting]:
    """The minutes with who was there, in the order of the meetings; two queries."""
    seats = Prefetch("present", queryset=CommitteeMember.objects.select_related("user").order_by("id"))
    rows = ConsensusMeeting.objects.filter(segment_round=segment_round).select_related("recorded_by", "record")
    return list(rows.prefetch_related(seats))


def reads_minutes(user: Any, found: Attendance) -> bool:
    """Who reads the minutes: who may see the scores, and has no interest in any of the bids that they tell of."""
    if not found.access.see_others:
        return False
    tied = InterestDeclaration.objects.filter(
        seat__user=user, seat__segment_round=found.segment_round, superseded_at__isnull=True
    ).exclude(interest=Interest.NONE)
    return not tied.exists()


@reads(MINUTES_FILE)
def may_read_minutes(user: Any, stored: StoredFile) -> bool:
    """The minutes as a PDF: who reads them on the page."""
    if not user.is_authenticated:
        return False
    meeting = ConsensusMeeting.objects.filter(record=stored).first()
    found = attendance(user, meeting.segment_round_id) if meeting else None
    return found is not None and reads_minutes(user, found)
