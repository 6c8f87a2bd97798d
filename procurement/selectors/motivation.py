"""The reasons in the letters of a decision, with what was found in them; read in a fixed number of queries.

Texts are held against the answers of all bids of the segment, which come through the gate: only after the opening, only
for whoever may read them. Nothing of it is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from procurement.domain.motivation import (
    Bid,
    Checker,
    Facts,
    Finding,
    FindingKind,
    Judged,
    Part,
    Standing,
    Words,
    compose,
    is_accepted,
    quoted_runs,
    standing_of,
    tidy,
    version_of,
    worst,
)
from procurement.enums import BatchPurpose, BatchStatus, CriterionKind, DecisionStatus, Outcome, QuestionKind
from procurement.models import Criterion, Decision, Entry, LetterBatch, Motivation, Question, RankingRow, Requirement
from procurement.selectors.gate import readable_answers
from procurement.selectors.letters import OUT, LetterSource, ReasonKey, compares, figure


@dataclass(frozen=True)
class Reason:
    """One reason as a page shows it: what the record says beside what the letter prints, and what was found."""

    key: ReasonKey
    criterion: Criterion
    bidder: str
    winner: str
    own_score: str
    score: str
    composed: str
    text: str
    row: Motivation | None
    findings: tuple[Finding, ...]
    accepted: str

    @property
    def slug(self) -> str:
        """How a form and an address call it."""
        return slug_of(self.key)

    @property
    def anchor(self) -> str:
        return f"reden-{self.slug}"

    @property
    def edited(self) -> bool:
        return self.row is not None and self.row.edited_at is not None

    @property
    def version(self) -> str:
        return version_of(self.text)

    @property
    def standing(self) -> Standing:
        return standing_of(self.findings, accepted=bool(self.accepted))

    @property
    def told(self) -> list[str]:
        """What was found, in words."""
        return [told(finding) for finding in self.findings]


@dataclass(frozen=True)
class Bidder:
    """The reasons for one bidder."""

    entry_id: int
    name: str
    number: str
    outcome: str
    outcome_label: str
    reasons: list[Reason]

    @property
    def standing(self) -> Standing:
        return worst(reason.standing for reason in self.reasons)

    @property
    def open(self) -> int:
        """How many of its reasons somebody has to look at."""
        return sum(reason.standing != Standing.COMPLETE for reason in self.reasons)

    @property
    def edited(self) -> int:
        return sum(reason.edited for reason in self.reasons)


def slug_of(key: ReasonKey) -> str:
    return "-".join(str(part or 0) for part in key)


# From the record ---------------------------------------------------------------------------------------


def composed_parts(source: LetterSource) -> list[Part]:
    """What the record says to each bidder that was scored."""
    bids = [
        Bid(row.entry_id, row.outcome == Outcome.SELECTED, compares(source, row))
        for row in source.rows.values()
        if row.outcome not in OUT
    ]
    judged = {key: Judged(score, reason) for key, (score, reason) in source.consensus.items()}
    graded = [criterion.pk for criterion in source.criteria if criterion.kind == CriterionKind.GRADED]
    return compose(bids, graded, judged)


def bidders_of(source: LetterSource, *, by: Any, only: Collection[int] | None = None) -> list[Bidder]:
    """Every bidder that is told reasons, in the order of the ranking, with what was found in them.

    `only` these entries. Five queries beside those of `letter_source`, however many bidders there are.
    """
    record = [part for part in composed_parts(source) if only is None or part.bid in only]
    printed = [Part(one.bid, one.criterion, one.winner, source.reason_of(*_key(one))) for one in record]
    checker = _checker(source, printed, by)
    criteria = {criterion.pk: criterion for criterion in source.criteria}
    reasons: dict[int, list[Reason]] = defaultdict(list)
    for one, part in zip(record, printed, strict=True):
        reasons[one.bid].append(_reason(source, criteria[one.criterion], one, part, checker))
    return [
        _bidder(row, source.segment_round.round.stage, reasons[row.entry_id])
        for row in source.rows.values()
        if row.entry_id in reasons
    ]


def _key(part: Part) -> ReasonKey:
    return (part.bid, part.criterion, part.winner)


def _reason(source: LetterSource, criterion: Criterion, one: Part, part: Part, checker: Checker) -> Reason:
    key = _key(one)
    row = source.reasons.get(key)
    scored = source.consensus.get((one.winner or one.bid, one.criterion))
    own = source.consensus.get((one.bid, one.criterion))
    findings = checker.check(part, scored=scored is not None)
    accepted = ""
    if row is not None:
        if row.edited_at is not None and tidy(row.composed) != one.text:
            findings = (*findings, Finding(FindingKind.CHANGED))
        elif is_accepted(text=part.text, accepted=row.accepted, accepted_text=row.accepted_text):
            accepted = row.accepted
    return Reason(
        key=key,
        criterion=criterion,
        bidder=_name(source.rows[one.bid]),
        winner=_name(source.rows[one.winner]) if one.winner else "",
        own_score=figure(own[0]) if own else "",
        score=figure(scored[0]) if scored else "",
        composed=one.text,
        text=part.text,
        row=row,
        findings=findings,
        accepted=accepted,
    )


def _bidder(row: RankingRow, stage: str, reasons: list[Reason]) -> Bidder:
    number, outcome = row.entry.submission.number, Outcome(row.outcome).said_in(stage)
    return Bidder(row.entry_id, _name(row), number, row.outcome, outcome, reasons)


def _name(row: RankingRow) -> str:
    return row.entry.submission.organisation.name or row.entry.submission.number


# What texts are held against ---------------------------------------------------------------------------


def _checker(source: LetterSource, parts: list[Part], by: Any) -> Checker:
    texts, prices = _handed_in(source, by)
    facts = Facts(
        names={key: _name(row) for key, row in source.rows.items()},
        awarded=frozenset(key for key, row in source.rows.items() if row.outcome == Outcome.SELECTED),
        codes={criterion.pk: criterion.code for criterion in source.criteria},
        numbers={key: row.entry.submission.organisation.kvk_number for key, row in source.rows.items()},
        prices=prices,
        minimum=source.segment_round.reason_min_length,
    )
    told: dict[Words, frozenset[int]] = quoted_runs((part.text for part in parts), texts, _public(source))
    return Checker(facts, told)


def _handed_in(source: LetterSource, by: Any) -> tuple[list[tuple[int, str]], dict[Decimal, set[int]]]:
    """The texts and the prices that were handed in for this segment, by entry; what the gate lets through only."""
    segment_round = source.segment_round
    entries = dict(
        Entry.objects.filter(segment=segment_round.segment_id, submission__round=segment_round.round_id).values_list(
            "submission_id", "pk"
        )
    )
    answers = (
        readable_answers(by)
        .filter(
            Q(question__segment__isnull=True) | Q(question__segment=segment_round.segment_id),
            submission__round=segment_round.round_id,
            question__kind__in=[QuestionKind.TEXT, QuestionKind.PRICE],
        )
        .values_list("submission_id", "question__kind", "text", "number")
    )
    texts: list[tuple[int, str]] = []
    prices: dict[Decimal, set[int]] = defaultdict(set)
    for submission_id, kind, text, number in answers:
        entry = entries.get(submission_id)
        if entry is None:
            continue
        if kind == QuestionKind.TEXT:
            texts.append((entry, text))
        elif number is not None:
            prices[number].add(entry)
    return texts, dict(prices)


def _public(source: LetterSource) -> list[str]:
    """What everybody could read in the tender itself: the same words in a bid are no secret of that bid."""
    round_ = source.segment_round.round
    tender = round_.tender
    found = [tender.title, tender.summary, tender.strategy, *_strings(tender.content)]
    for criterion in source.criteria:
        found += [criterion.title, criterion.description, *_strings(criterion.rubric)]
    for rows in (
        Question.objects.filter(round=round_).values_list("title", "help"),
        Requirement.objects.filter(round=round_).values_list("title", "text"),
    ):
        found += [text for row in rows for text in row]
    return found


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _strings(one)


# Words -------------------------------------------------------------------------------------------------


def told(finding: Finding) -> str:
    """What was found, and what to do about it."""
    texts = {
        FindingKind.EMPTY: _("There is no motivation. Write why this score was given."),
        FindingKind.SHORT: _("The motivation is shorter than was agreed for this tender. Say more."),
        FindingKind.NO_SCORE: _("There is no consensus score. Set it first."),
        FindingKind.WRONG_BIDDER: _("It names %(words)s, but this is not about that bidder."),
        FindingKind.NOT_AWARDED: _("It names %(words)s, which was not awarded. Compare with awarded bids only."),
        FindingKind.WRONG_CRITERION: _("It names criterion %(words)s, but this is about another one."),
        FindingKind.QUOTE: _("These words stand in the bid of another: “%(words)s”. That may be confidential."),
        FindingKind.PRICE: _("%(words)s is a price of another bidder. Prices of others are confidential."),
        FindingKind.NUMBER: _("%(words)s looks like a number of the Chamber of Commerce. Leave it out."),
        FindingKind.EMAIL: _("%(words)s is an e-mail address. Leave it out."),
        FindingKind.COMPARING: _("“%(words)s” seems to compare with other bids. A score is given on its own."),
        FindingKind.CHANGED: _(
            "The record has changed since this was edited. Change the text, or say why it may stand."
        ),
    }
    return texts[finding.kind] % {"words": finding.words}


# The page of the decision ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """How many bidders there are, and how their reasons stand: "24 of 24 complete"."""

    total: int
    complete: int
    look: int
    gap: int


def counts_of(bidders: Collection[Bidder]) -> Counts:
    standings = [bidder.standing for bidder in bidders]
    counted = {standing: standings.count(standing) for standing in Standing}
    return Counts(len(standings), counted[Standing.COMPLETE], counted[Standing.LOOK], counted[Standing.GAP])


def letters_asked(decision: Decision) -> bool:
    """Whether the letters were asked for: from then on their reasons stay as they are."""
    batches = LetterBatch.objects.filter(decision=decision, purpose=BatchPurpose.DECISION)
    return batches.exclude(status=BatchStatus.STOPPED).exists()


def may_edit(decision: Decision) -> bool:
    """Whether the reasons of this decision can still be edited."""
    over = decision.sent_at is not None or decision.status == DecisionStatus.WITHDRAWN
    return not over and not letters_asked(decision)


def next_to_look_at(bidders: list[Bidder], entry_id: int) -> Bidder | None:
    """The next bidder with something to look at: from here on, and then from the beginning."""
    place = next((i for i, one in enumerate(bidders) if one.entry_id == entry_id), -1)
    around = bidders[place + 1 :] + bidders[: max(place, 0)]
    return next((one for one in around if one.standing != Standing.COMPLETE), None)
