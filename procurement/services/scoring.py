"""Scoring as one types: what is complete becomes a score, what is not is kept as a draft, and notes are one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from achterhoek.accounts.models import User
from achterhoek.audit.services import record_each
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import EntryStatus, SeatRole
from procurement.models import (
    CommitteeMember,
    Criterion,
    Entry,
    Score,
    ScoreDraft,
    ScoringNote,
    SegmentRound,
    Submission,
)
from procurement.selectors.evaluation import choices_for
from procurement.selectors.scoring import Sheet, Shown, sheet_of
from procurement.services.score_seal import commitment_of


class Kept(Enum):
    """What became of what was typed on a criterion."""

    SCORE = "saved"
    DRAFT = "draft"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sends of one criterion: the texts in its fields, and those that it showed before."""

    criterion: int
    value: str
    reason: str
    seen: tuple[str, str]

    @property
    def texts(self) -> tuple[str, str]:
        return self.value, self.reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it, what stands there now, and what is wrong beside which field."""

    kept: Kept
    shown: Shown
    message: str = ""
    field: str | None = None


def plain(text: str) -> str:
    """As it is compared and kept: a browser ends lines in its own way."""
    return text.replace("\r\n", "\n").strip()


def refuse_short(reason: str, segment_round: SegmentRound) -> None:
    """A reason is given, as long as the lead has set. Raises `RuleViolation`, with how much is missing."""
    if not reason.strip():
        raise RuleViolation(_("Give the reason for this score."), "reason")
    lacks = segment_round.reason_min_length - len(reason.strip())
    if lacks > 0:
        message = ngettext(
            "This reason is too short: %(count)d more character is needed.",
            "This reason is too short: %(count)d more characters are needed.",
            lacks,
        )
        raise RuleViolation(message % {"count": lacks}, "reason")


@transaction.atomic
def save_typed(
    *, segment_round: int, entry: int, typed: Sequence[Typed], by: User, final: bool
) -> tuple[Sheet, dict[int, Outcome]]:
    """Keep what was typed on one bid: complete scores count from now on, the rest waits as a draft.

    The seat's row is locked, so that two tabs come one after the other: what was changed elsewhere since a page
    showed it is not overwritten, but shown beside what is typed. `final`: somebody pressed save, so a draft that was
    not touched is looked at too. Raises `NotAllowed` where there is no seat; else each criterion has its outcome.
    """
    CommitteeMember.objects.select_for_update().filter(
        segment_round=segment_round, user=by, ended_at__isnull=True
    ).first()
    sheet = sheet_of(by, segment_round, entry)
    if sheet is None:
        raise NotAllowed(_("You are not in the committee of this segment, or its scoring has not begun."))
    refusal = _refusal(sheet)
    criteria = {criterion.pk: criterion for criterion in sheet.criteria}
    outcomes: dict[int, Outcome] = {}
    for item in typed:
        shown = sheet.shown[item.criterion]
        if item.texts == item.seen and not (final and shown.draft):
            continue
        if refusal or item.criterion in sheet.closed:
            closed = _("This criterion is not scored again. Its scores stay as they are.")
            outcomes[item.criterion] = Outcome(Kept.REFUSED, shown, refusal or closed)
        else:
            outcomes[item.criterion] = _judged(item, shown, criteria[item.criterion], sheet.segment_round)
    _write(sheet, entry, outcomes, criteria, by)
    return sheet, outcomes


def _refusal(sheet: Sheet) -> str:
    """Why nothing can be saved on this bid now; empty where it can."""
    if sheet.role != SeatRole.MEMBER:
        return _("You are in this committee, but you do not score.")
    if not sheet.in_time:
        return _("The individual scoring is closed. Scores can no longer change.")
    if sheet.handed_in:
        return _("You have handed in your scores. They can no longer change.")
    if sheet.entry_status is None:
        return _("This bid is not yours to score: declare your interests first, or it was given to another.")
    if sheet.entry_status != EntryStatus.ADMITTED:
        return _("This entry is no longer admitted and takes no scores.")
    return ""


def _judged(item: Typed, shown: Shown, criterion: Criterion, segment_round: SegmentRound) -> Outcome:
    if item.seen != shown.texts and item.texts != shown.texts:
        message = _(
            "This was changed in another window meanwhile: score %(value)s, reason “%(reason)s”. Yours is not saved. "
            "Save again to put yours in its place."
        )
        return Outcome(Kept.CONFLICT, shown, message % {"value": shown.value or "-", "reason": shown.reason}, "reason")
    filled = Shown(item.value, item.reason, given=shown.given, draft=True)
    if not item.value:
        if item.reason or shown.given:
            return Outcome(Kept.DRAFT, filled, _("Choose a score."), "value")
        return Outcome(Kept.DRAFT, filled)
    if _on_scale(item.value, criterion, segment_round) is None:
        kept = Shown("", item.reason, given=shown.given, draft=True)
        return Outcome(Kept.DRAFT, kept, _("Choose one of the scores of the scale."), "value")
    try:
        refuse_short(item.reason, segment_round)
    except RuleViolation as error:
        return Outcome(Kept.DRAFT, filled, error.message, error.field)
    return Outcome(Kept.SCORE, Shown(item.value, item.reason, given=True))


def _on_scale(text: str, criterion: Criterion, segment_round: SegmentRound) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value in {choice.value for choice in choices_for(criterion, segment_round)} else None


def _write(
    sheet: Sheet, entry: int, outcomes: dict[int, Outcome], criteria: dict[int, Criterion], by: User
) -> None:  # fmt: skip
    """At most one query for scores, one for drafts, one for drafts that are scores now; an event for each score."""
    now = timezone.now()
    scores, drafts, gone = [], [], []
    for pk, outcome in outcomes.items():
        shown, was = outcome.shown, sheet.shown[pk]
        if outcome.kept is Kept.SCORE:
            value, reason = Decimal(shown.value), shown.reason
            scores.append(
                Score(entry_id=entry, criterion=criteria[pk], evaluator=by, value=value, reason=reason, changed_at=now)
            )
        elif outcome.kept is Kept.DRAFT and (shown.given or any(shown.texts)):
            drafts.append(
                ScoreDraft(
                    seat_id=sheet.seat, entry_id=entry, criterion=criteria[pk], reason=shown.reason, changed_at=now,
                    value=Decimal(shown.value) if shown.value else None,
                )
            )  # fmt: skip
        if (
            was.draft
            and outcome.kept in (Kept.SCORE, Kept.DRAFT)
            and (outcome.kept is Kept.SCORE or not any(shown.texts))
        ):
            gone.append(pk)
    if drafts:
        ScoreDraft.objects.bulk_create(
            drafts,
            update_conflicts=True,
            unique_fields=["seat", "entry", "criterion"],
            update_fields=["value", "reason", "changed_at"],
        )
    if gone:
        kept = {draft.criterion_id for draft in drafts}
        ScoreDraft.objects.filter(seat=sheet.seat, entry=entry, criterion__in=set(gone) - kept).delete()
    if scores:
        segment = sheet.segment_round.segment
        target = Entry(pk=entry, submission=Submission(number=sheet.number), segment=segment)
        _write_scores(scores, target, by)


def _write_scores(scores: list[Score], target: Entry, by: User) -> None:
    """Scores that were checked, each with its event; the event tells nothing of a score, but vouches for it."""
    written = Score.objects.bulk_create(
        scores,
        update_conflicts=True,
        unique_fields=["entry", "criterion", "evaluator"],
        update_fields=["value", "reason", "changed_at"],
    )
    seals = [{"criterion": score.criterion.code, "commitment": commitment_of(score)} for score in written]
    record_each("procurement.score.saved", by=by, each=[(target, seal) for seal in seals])


@transaction.atomic
def save_note(*, sheet: Sheet, entry: int, text: str, flagged: bool, by: User) -> None:
    """Keep an evaluator's own note and flag with a bid it may read. Private: no event tells of it."""
    if sheet.entry_status is None or not CommitteeMember.objects.filter(pk=sheet.seat, user=by).exists():
        raise NotAllowed(_("This bid is not yours to read."))
    note = ScoringNote(seat_id=sheet.seat, entry_id=entry, text=plain(text), flagged=flagged)
    ScoringNote.objects.bulk_create(
        [note],
        update_conflicts=True,
        unique_fields=["seat", "entry"],
        update_fields=["text", "flagged", "changed_at"],
    )
