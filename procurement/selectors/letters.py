"""What the letters of a decision say, read in a fixed number of queries, and what still lacks in them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q
from django.utils import formats, timezone, translation

from achterhoek.nlds.formatting import NBSP, format_day, format_moment
from procurement.calendar_data import legal_calendar
from procurement.domain.letters import (
    OBJECTION_DAYS,
    Advantage,
    Comparison,
    CriterionLine,
    LetterContent,
    NoticeDates,
    Party,
    UnmetRequirement,
    Winner,
    kind_of,
    notice_dates,
)
from procurement.domain.motivation import tidy
from procurement.enums import (
    BatchPurpose,
    CollegeDecisionStatus,
    LetterKind,
    LetterStatus,
    Method,
    Outcome,
    RoundStatus,
    Stage,
    TextPlace,
)
from procurement.models import (
    ConsensusScore,
    Criterion,
    Decision,
    Letter,
    LetterBatch,
    Motivation,
    Participation,
    Ranking,
    RankingRow,
    RequirementCheck,
    Round,
    SegmentRound,
)
from procurement.selectors.letterhead import Paper, paper_of

# Kept out before or after scoring: these are told the reason, and need no motivation for each criterion.
OUT = frozenset({Outcome.EXCLUDED, Outcome.WITHDRAWN, Outcome.DROPPED})


# Of which bidder, on which criterion, and of which awarded bid (none: of its own score).
ReasonKey = tuple[int, int, int | None]


@dataclass(frozen=True)
class LetterSource:
    """Everything the letters of one batch are written from. `receivers`: the kind of letter that each entry gets."""

    purpose: str
    decision: Decision | None
    ranking: Ranking
    segment_round: SegmentRound
    facts: dict[str, Any]
    receivers: dict[int, str]
    criteria: list[Criterion]
    rows: dict[int, RankingRow]
    consensus: dict[tuple[int, int], tuple[Decimal, str]]
    unmet: dict[int, list[UnmetRequirement]]
    municipalities: tuple[str, ...]
    reservations: tuple[str, ...]
    bid_deadline: datetime | None
    paper: Paper
    commitment: str
    reasons: dict[ReasonKey, Motivation]
    """Only the reasons that somebody edited, or accepted with what was found in them; the others are as the record."""

    def reason_of(self, entry_id: int, criterion_id: int, winner_id: int | None = None) -> str:
        """The reason as the letter prints it: as it was edited, or else what the record says."""
        found = self.reasons.get((entry_id, criterion_id, winner_id))
        if found is not None and found.edited_at is not None:
            return tidy(found.text)
        score = self.consensus.get((winner_id or entry_id, criterion_id))
        return tidy(score[1]) if score else ""

    @property
    def award(self) -> bool:
        return self.segment_round.round.stage == Stage.AWARD

    @property
    def by_value(self) -> bool:
        return self.segment_round.method == Method.AWARD_ON_VALUE

    @property
    def number(self) -> str:
        """By which the letters are cited: the number of the decision, or of the ranking where there is none yet."""
        return decision_number(self.decision) if self.decision else f"R-{self.ranking.pk:05d}"


def decision_number(decision: Decision) -> str:
    """The number by which a decision is cited in letters and on screen."""
    return f"B-{decision.pk:05d}"


def notice_dates_of(decision: Decision, sent: date) -> NoticeDates:
    """The dates that hold when the decision is sent on this day."""
    return notice_dates_for(decision.segment_round, sent)


def notice_dates_for(segment_round: SegmentRound, sent: date) -> NoticeDates:
    round_ = segment_round.round
    days = int(round_.tender.content.get("objection_days", OBJECTION_DAYS))
    return notice_dates(sent, award=round_.stage == Stage.AWARD, calendar=legal_calendar(), cutoff_days=days)


def batch_source(batch_id: int) -> LetterSource:
    """Read all that the letters of a batch need."""
    batch = LetterBatch.objects.select_related("decision", "ranking").get(pk=batch_id)
    return letter_source(
        decision=batch.decision, ranking=batch.ranking, purpose=BatchPurpose(batch.purpose), facts=batch.facts
    )


def letter_source(
    *,
    decision: Decision | None = None,
    ranking: Ranking | None = None,
    purpose: BatchPurpose = BatchPurpose.DECISION,
    facts: dict[str, Any] | None = None,
) -> LetterSource:
    """Read all that the letters need: thirteen queries, however many there are. Of a decision, or of a ranking."""
    if decision is not None:
        rows_of = Decision.objects.select_related("proposed_by", "signed_by", "ranking")
        decision = rows_of.defer("ranking__dossier", "ranking__result").get(pk=decision.pk)
        ranking = decision.ranking
    if ranking is None:
        raise ValueError("letters are of a decision or of a ranking")
    found = (
        Ranking.objects.select_related("segment_round__round__tender__region__authority", "segment_round__segment__lot")
        .defer("dossier", "result")
        .get(pk=ranking.pk)
    )
    segment_round = found.segment_round
    rows = {
        row.entry_id: row
        for row in RankingRow.objects.filter(ranking=found)
        .select_related("entry__submission__organisation")
        .order_by("position")
    }
    consensus = {
        (entry_id, criterion_id): (value, reason)
        for entry_id, criterion_id, value, reason in ConsensusScore.objects.filter(
            entry__ranking_rows__ranking=found, criterion__segment_round=segment_round
        ).values_list("entry_id", "criterion_id", "value", "reason")
    }
    return LetterSource(
        purpose=purpose,
        decision=decision,
        ranking=found,
        segment_round=segment_round,
        facts=facts or {},
        receivers=_receivers(rows, segment_round, purpose),
        criteria=list(segment_round.criteria.all()),
        rows=rows,
        consensus=consensus,
        unmet=_unmet(found),
        municipalities=tuple(
            Participation.objects.filter(segment=segment_round.segment, participates=True)
            .order_by("municipality__name")
            .values_list("municipality__name", flat=True)
        ),
        reservations=tuple(
            decision.college_decisions.filter(status=CollegeDecisionStatus.RESERVED)
            .order_by("municipality__name")
            .values_list("municipality__name", flat=True)
        )
        if decision is not None
        else (),
        bid_deadline=_bid_deadline(segment_round.round),
        paper=paper_of(segment_round.round.tender.region),
        commitment=_commitment(segment_round) if purpose == BatchPurpose.DRAW else "",
        reasons=_reasons(decision) if decision is not None and purpose == BatchPurpose.DECISION else {},
    )


def _reasons(decision: Decision) -> dict[ReasonKey, Motivation]:
    touched = decision.motivations.filter(Q(edited_at__isnull=False) | ~Q(accepted="")).select_related("edited_by")
    return {(row.entry_id, row.criterion_id, row.winner_id): row for row in touched}


def _receivers(rows: dict[int, RankingRow], segment_round: SegmentRound, purpose: BatchPurpose) -> dict[int, str]:
    """Who gets a letter of this purpose, and of which kind."""
    if purpose == BatchPurpose.DRAW:
        return {pk: LetterKind.PENDING_DRAW for pk, row in rows.items() if row.outcome == Outcome.PENDING_DRAW}
    if purpose == BatchPurpose.INVITATION:
        return {pk: LetterKind.INVITATION for pk, row in rows.items() if row.outcome == Outcome.SELECTED}
    if purpose == BatchPurpose.WITHDRAWAL:
        return dict.fromkeys(rows, LetterKind.DECISION_WITHDRAWN)
    if purpose == BatchPurpose.FINAL:
        return dict.fromkeys(rows, LetterKind.FINAL)
    award = segment_round.round.stage == Stage.AWARD
    reserves = [pk for pk, row in rows.items() if row.outcome == Outcome.RESERVE][: segment_round.reserves]
    return {pk: kind_of(row.outcome, award=award, announced_reserve=pk in reserves) for pk, row in rows.items()}


def _unmet(ranking: Ranking) -> dict[int, list[UnmetRequirement]]:
    found: dict[int, list[UnmetRequirement]] = defaultdict(list)
    checks = RequirementCheck.objects.filter(
        entry__ranking_rows__ranking=ranking, met=False, requirement__round=ranking.segment_round.round
    ).order_by("requirement__position", "requirement_id")
    for entry_id, code, title, reason in checks.values_list(
        "entry_id", "requirement__code", "requirement__title", "reason"
    ):
        found[entry_id].append(UnmetRequirement(code, title, reason))
    return dict(found)


def _bid_deadline(round_: Round) -> datetime | None:
    """When bids are due, where the award round is open already; the invitation prints that one deadline."""
    if round_.stage != Stage.SELECTION:
        return None
    return (
        Round.objects.filter(tender_id=round_.tender_id, stage=Stage.AWARD, status=RoundStatus.OPEN)
        .values_list("deadline", flat=True)
        .first()
    )


def _commitment(segment_round: SegmentRound) -> str:
    """The sha256 of the seed that was promised for the draw of today's scoring; nothing for a draw by hand."""
    newest = segment_round.draws.order_by("-id").values_list("commitment", flat=True).first()
    return newest or ""


# What a letter says ------------------------------------------------------------------------------------


def letter_content(source: LetterSource, entry_id: int, *, on: date) -> LetterContent:
    """The letter to one bidder, dated `on`. In its own language and notation, whoever asks for it."""
    row = source.rows[entry_id]
    with translation.override(row.entry.submission.organisation.letter_language):
        return in_own_words(source.paper, _content(source, row, on))


def in_own_words(paper: Paper, letter: LetterContent) -> LetterContent:
    """With the region's own words for this kind of letter, where it has any; dates in the language in force."""
    values = {
        "aanbieder": letter.receiver.name, "aanbesteding": letter.tender, "perceel": letter.lot,
        "segment": letter.segment, "kenmerk": letter.our_reference, "uw_kenmerk": letter.your_reference,
        "regio": letter.region, "datum": format_day(letter.dated), "afzender": letter.sender.name,
    }  # fmt: skip
    return replace(
        letter,
        opening=paper.words(letter.kind, letter.language, TextPlace.OPENING, values),
        closing=paper.words(letter.kind, letter.language, TextPlace.CLOSING, values),
    )


def _content(source: LetterSource, row: RankingRow, on: date) -> LetterContent:
    decision, segment_round = source.decision, source.segment_round
    tender = segment_round.round.tender
    kind = source.receivers[row.entry_id]
    ranked = [other for other in source.rows.values() if other.rank is not None]
    winners = [other for other in ranked if other.outcome == Outcome.SELECTED]
    scored = source.purpose == BatchPurpose.DECISION and row.outcome not in OUT
    return LetterContent(
        kind=kind,
        award=source.award,
        language=row.entry.submission.organisation.letter_language,
        outcome=row.outcome,
        dates=notice_dates_for(segment_round, on),
        sender=party(tender.region.authority),
        region=tender.region.name,
        receiver=party(row.entry.submission.organisation),
        decision_number=source.number,
        submission_number=row.entry.submission.number,
        tender=tender.title,
        lot=segment_round.segment.lot.name,
        segment=segment_round.segment.name,
        places=segment_round.places,
        by_value=source.by_value,
        scale_max=figure(tender.scale_max),
        criteria=tuple(_line(source, row, criterion) for criterion in source.criteria) if scored else (),
        rank="" if row.rank is None else str(row.rank),
        ranked=len(ranked),
        total=_amount(source, row.total) if scored else "",
        minimum_total="" if segment_round.minimum_total is None else figure(segment_round.minimum_total),
        last_place_total=_amount(source, winners[-1].total) if winners else "",
        status_reason=row.entry.status_reason.strip(),
        unmet=tuple(source.unmet.get(row.entry_id, ())),
        winners=tuple(_winner(source, winner) for winner in winners) if source.award else (),
        comparisons=_comparisons(source, row, winners) if compares(source, row) else (),
        reservations=source.reservations,
        municipalities=source.municipalities,
        court=str(tender.content.get("court") or tender.region.content.get("court") or ""),
        bid_deadline=format_moment(source.bid_deadline) if source.bid_deadline else "",
        signatory=source.paper.head.signatory or _signatory(decision),
        digest=source.ranking.digest,
        facts=_facts(source),
        head=source.paper.head,
        mandate=decision.mandate if decision is not None else "",
        reserve_place=_reserve_place(source, row),
    )


def _facts(source: LetterSource) -> tuple[tuple[str, str], ...]:
    """What only these letters tell, in the letter's language; a moment is kept in the batch as ISO."""
    told = {key: str(value) for key, value in source.facts.items()}
    if "moment" in told:
        told["moment"] = format_moment(datetime.fromisoformat(told["moment"]))
    if source.commitment:
        told["commitment"] = source.commitment
    return tuple(sorted(told.items()))


def _reserve_place(source: LetterSource, row: RankingRow) -> str:
    """The place on the reserve list, from 1; nothing for others."""
    reserves = [other.entry_id for other in source.rows.values() if other.outcome == Outcome.RESERVE]
    return str(reserves.index(row.entry_id) + 1) if row.entry_id in reserves else ""


def _signatory(decision: Decision | None) -> str:
    """Who signed it, or would if it were sent as it is; nobody while it is not a decision yet."""
    if decision is None:
        return ""
    return decision.signed_by.name if decision.signed_by else decision.proposed_by.name


def compares(source: LetterSource, row: RankingRow) -> bool:
    """Whether the letter tells the relative advantages of the awarded bids (Aw 2.130)."""
    told = source.purpose == BatchPurpose.DECISION and source.award
    return told and row.outcome != Outcome.SELECTED and row.outcome not in OUT


def _line(source: LetterSource, row: RankingRow, criterion: Criterion) -> CriterionLine:
    score = source.consensus.get((row.entry_id, criterion.pk), (None, ""))[0]
    below = score is not None and criterion.minimum is not None and score < criterion.minimum
    weight = criterion.max_value if source.by_value else criterion.weight
    return CriterionLine(
        code=criterion.code,
        title=criterion.title,
        weight=_amount(source, weight),
        score=figure(score),
        points=_amount(source, row.points.get(criterion.code)),
        reason=source.reason_of(row.entry_id, criterion.pk),
        minimum=figure(criterion.minimum),
        below_minimum=below,
    )


def _winner(source: LetterSource, row: RankingRow) -> Winner:
    return Winner(
        name=row.entry.submission.organisation.name,
        rank=str(row.rank),
        total=_amount(source, row.total),
        scores=tuple(
            figure(source.consensus[row.entry_id, criterion.pk][0])
            if (row.entry_id, criterion.pk) in source.consensus
            else _amount(source, row.points.get(criterion.code))
            for criterion in source.criteria
        ),
    )


def _comparisons(source: LetterSource, row: RankingRow, winners: list[RankingRow]) -> tuple[Comparison, ...]:
    """For each criterion the awarded bids that scored higher, with the motivation of their score (Aw 2.130)."""
    found = []
    for criterion in source.criteria:
        own = source.consensus.get((row.entry_id, criterion.pk))
        if own is None:
            continue
        better = [
            (score, winner)
            for winner in winners
            if (score := source.consensus.get((winner.entry_id, criterion.pk))) and score[0] > own[0]
        ]
        better.sort(key=lambda item: -item[0][0])
        advantages = tuple(
            Advantage(
                winner.entry.submission.organisation.name,
                figure(score[0]),
                source.reason_of(row.entry_id, criterion.pk, winner.entry_id),
            )
            for score, winner in better
        )
        if advantages:
            found.append(Comparison(criterion.code, criterion.title, figure(own[0]), advantages))
    return tuple(found)


def party(subject: object) -> Party:
    """An organisation or an authority as it stands in a letter."""
    parts = {name: str(getattr(subject, name, "") or "") for name in ("name", "street", "postcode", "city", "email")}
    return Party(**parts, phone=str(getattr(subject, "phone", "") or ""))


def _amount(source: LetterSource, value: object) -> str:
    """Points, or euros where the award is on value."""
    text = figure(value, places=2 if source.by_value else None)
    return f"€{NBSP}{text}" if text and source.by_value else text


def figure(value: object, places: int | None = None) -> str:
    """A figure in the notation of the language in force: `26,6667` or `26.6667`; nothing for nothing. Exact."""
    if value in (None, ""):
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if places is None:
        exponent = number.normalize().as_tuple().exponent
        places = max(0, -exponent) if isinstance(exponent, int) else 0
    return str(formats.number_format(number, decimal_pos=places, use_l10n=True, force_grouping=True))


def printed_on(rendered_at: object) -> date | None:
    """The date that a made letter bears: the day on which it was made, in Europe/Amsterdam."""
    return timezone.localdate(rendered_at) if rendered_at else None  # type: ignore[arg-type]


def made_and_total(batch_id: int) -> tuple[int, int]:
    """How many letters of a batch are made, and how many there are."""
    letters = Letter.objects.filter(batch_id=batch_id)
    return letters.exclude(status__in=[LetterStatus.QUEUED, LetterStatus.FAILED]).count(), letters.count()
