"""What the letters of a decision say. What they are written from is read in `letter_source`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils import formats, timezone, translation

from achterhoek.nlds.formatting import NBSP, format_day, format_moment
from procurement.domain.letter_frame import Head
from procurement.domain.letters import (
    Advantage,
    Comparison,
    CriterionLine,
    LetterContent,
    Party,
    Winner,
)
from procurement.enums import (
    BatchPurpose,
    LetterStatus,
    Outcome,
    TextPlace,
)
from procurement.models import (
    Criterion,
    Decision,
    Letter,
    RankingRow,
)
from procurement.selectors.letter_source import (
    OUT,
    LetterSource,
    ReasonKey,
    batch_source,
    decision_number,
    facts_to_show,
    letter_source,
    notice_dates_for,
    notice_dates_of,
)
from procurement.selectors.letterhead import Paper

__all__ = [
    "OUT",
    "LetterSource",
    "ReasonKey",
    "batch_source",
    "compares",
    "decision_number",
    "facts_to_show",
    "figure",
    "in_own_words",
    "letter_content",
    "letter_source",
    "made_and_total",
    "notice_dates_for",
    "notice_dates_of",
    "party",
    "printed_on",
]


# What a letter says ------------------------------------------------------------------------------------


def letter_content(source: LetterSource, entry_id: int, *, on: date, language: str = "") -> LetterContent:
    """The letter to one bidder, dated `on`. In the bidder's language and its notation, whoever asks for it; in another
    `language` only to look at."""
    row = source.rows[entry_id]
    language = language or row.entry.submission.organisation.letter_language
    with translation.override(language):
        return in_own_words(source.paper, replace(_content(source, row, on), language=language))


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
        signatory=_signatory(decision, source.paper.head),
        digest=source.ranking.digest,
        facts=_facts(source),
        head=_head(decision, source.paper.head),
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


def _signatory(decision: Decision | None, head: Head) -> str:
    """Who signed the decision; nobody before that. Only a letter without a decision has the name of the paper."""
    if decision is None:
        return head.signatory
    return decision.signed_by.name if decision.signed_by else ""


def _head(decision: Decision | None, head: Head) -> Head:
    """The function on the paper goes with the name on it: not under the name of somebody else."""
    return replace(head, function="") if decision is not None and head.signatory else head


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
