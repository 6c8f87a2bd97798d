"""The reasons in the letters: composed from the record, edited by the lead, and accepted with what was found in them.

What the record says is kept beside what was edited, and every version stays in the history (pghistory). As soon as the
letters are asked for nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from procurement.domain.motivation import Standing, tidy, version_of
from procurement.enums import DecisionStatus, MotivationKind
from procurement.models import Decision, Motivation
from procurement.rules import require_lead
from procurement.selectors.letters import LetterSource, ReasonKey, letter_source
from procurement.selectors.motivation import Reason, bidders_of, composed_parts, may_edit, slug_of
from procurement.services.locks import locked_decision

MAX_TEXT: Final = 4000
MAX_ACCEPTED: Final = 1000


@dataclass(frozen=True)
class Composed:
    """What composing did: how many reasons are new, how many follow the record again, and how many were edited on
    another record than there is now."""

    new: int
    renewed: int
    outdated: int


@dataclass(frozen=True)
class Typed:
    """What a page sent of one reason; `shown` is the version of the text that it showed."""

    key: ReasonKey
    text: str
    accepted: str = ""
    shown: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of it: saved or not, why not and beside which field. `version` is that of the text there is now."""

    saved: bool
    version: str
    message: str = ""
    field: str | None = None


@transaction.atomic
def compose_motivations(*, decision: Decision, by: User) -> Composed:
    """Write down what the record says to each bidder. Doing it again changes nothing that was edited.

    Raises `NotAllowed`, `RuleViolation` (the letters were asked for, or the decision is over).
    """
    decision = _held(decision, by)
    source = letter_source(decision=decision)
    there = {(row.entry_id, row.criterion_id, row.winner_id): row for row in decision.motivations.all()}
    new, renewed, outdated = [], [], 0
    for part in composed_parts(source):
        row = there.get((part.bid, part.criterion, part.winner))
        if row is None:
            kind = MotivationKind.ADVANTAGE if part.winner else MotivationKind.OWN
            new.append(
                Motivation(
                    decision=decision, entry_id=part.bid, criterion_id=part.criterion, kind=kind,
                    winner_id=part.winner, composed=part.text, text=part.text,
                )
            )  # fmt: skip
        elif row.composed == part.text:
            continue
        elif row.edited_at is not None:
            outdated += 1
        else:
            row.composed = row.text = part.text
            renewed.append(row)
    Motivation.objects.bulk_create(new, batch_size=1000)
    Motivation.objects.bulk_update(renewed, ["composed", "text"], batch_size=500)
    done = Composed(len(new), len(renewed), outdated)
    if new or renewed:
        detail = {"new": done.new, "renewed": done.renewed, "outdated": done.outdated}
        record("procurement.motivation.compose", by=by, target=decision, detail=detail)
    return done


@transaction.atomic
def edit_motivation(*, decision: Decision, key: ReasonKey, text: str, by: User, shown: str | None = None) -> Motivation:
    """Let the letter say it in other words. The words of the record again undo the editing.

    `key`: of which bidder, on which criterion, and of which awarded bid. `shown` is the version that was on the screen:
    where somebody else edited it since, this is refused and told. Raises `NotAllowed`, `RuleViolation`.
    """
    decision = _held(decision, by)
    return _edit(letter_source(decision=decision), Typed(key, text, shown=shown), by)


@transaction.atomic
def accept_finding(
    *, decision: Decision, key: ReasonKey, reason: str, by: User, shown: str | None = None
) -> Motivation:
    """Say why what was found in a text may stand. It holds for this text: a later edit asks again.

    Raises `NotAllowed`, `RuleViolation` (no reason, nothing was found, or a gap, which nobody can accept).
    """
    decision = _held(decision, by)
    source = letter_source(decision=decision)
    text = _current(source, key)
    return _accept(source, Typed(key, text, reason, shown), by)


@transaction.atomic
def save_typed(*, decision: Decision, typed: Sequence[Typed], by: User) -> dict[ReasonKey, Outcome]:
    """Save what a page sent of several reasons, each by itself; what did not change is left alone.

    Raises `NotAllowed`; a broken rule is told in the outcome of the reason that it is about.
    """
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    source = letter_source(decision=decision)
    open_ = may_edit(decision)
    outcomes = {}
    for one in typed:
        if _is_untouched(source, one):
            continue
        try:
            if not open_:
                raise RuleViolation(closed_words(decision))
            outcomes[one.key] = _save(source, one, by)
        except RuleViolation as broken:
            version = version_of(_current(source, one.key))
            outcomes[one.key] = Outcome(saved=False, version=version, message=broken.message, field=broken.field)
    return outcomes


def _save(source: LetterSource, one: Typed, by: User) -> Outcome:
    row, why, edited = source.reasons.get(one.key), tidy(one.accepted), False
    before = row.accepted if row else ""
    shown = one.shown
    if tidy(one.text) != _current(source, one.key) and version_of(one.text) != shown:
        row, edited = _edit(source, one, by), True
        shown = version_of(row.text)
    # What was accepted of the text of before, and came along with the page, does not hold for this one.
    if why and not (edited and (why == before or not _found(source, one.key, by).findings)):
        _accept(source, Typed(one.key, one.text, why, shown), by)
    return Outcome(saved=True, version=version_of(_current(source, one.key)))


def _is_untouched(source: LetterSource, one: Typed) -> bool:
    """Whether the page sent back what it showed: then this person changed nothing, whatever somebody else did."""
    row = source.reasons.get(one.key)
    same = tidy(one.text) == _current(source, one.key) or version_of(one.text) == one.shown
    return same and tidy(one.accepted) in ("", row.accepted if row and row.accepted_text == row.text else "")


def _held(decision: Decision, by: User) -> Decision:
    decision = locked_decision(decision)
    require_lead(by, decision.segment_round.round.tender)
    if not may_edit(decision):
        raise RuleViolation(closed_words(decision))
    return decision


def closed_words(decision: Decision) -> str:
    """Why the reasons of this decision stay as they are."""
    if decision.status == DecisionStatus.WITHDRAWN:
        return _("This decision was withdrawn, so its reasons can no longer change.")
    return _("The letters have been asked for, so their reasons can no longer change.")


def _current(source: LetterSource, key: ReasonKey) -> str:
    return source.reason_of(*key)


def _composed(source: LetterSource, key: ReasonKey) -> str:
    """What the record says now. Raises `RuleViolation` where it gives no such reason to this bidder."""
    for part in composed_parts(source):
        if (part.bid, part.criterion, part.winner) == key:
            return part.text
    raise RuleViolation(_("The letter to this bidder has no such reason (any more). Load the page again."))


def _edit(source: LetterSource, one: Typed, by: User) -> Motivation:
    composed, text = _composed(source, one.key), tidy(one.text)
    _refuse_unseen(source, one)
    if not text:
        raise RuleViolation(_("Write the motivation. The bidder will read it."), "text")
    if len(text) > MAX_TEXT:
        raise RuleViolation(_("Use at most %(count)d characters.") % {"count": MAX_TEXT}, "text")
    row = _row(source, one.key, composed)
    row.composed, row.text = composed, text
    undone = text == composed
    row.edited_at, row.edited_by = (None, None) if undone else (database_now(), by)
    row.save()
    source.reasons[one.key] = row
    record("procurement.motivation.edit", by=by, target=row, detail={"reason": slug_of(one.key), "undone": undone})
    return row


def _accept(source: LetterSource, one: Typed, by: User) -> Motivation:
    composed, why = _composed(source, one.key), tidy(one.accepted)
    _refuse_unseen(source, one)
    if not why:
        raise RuleViolation(_("Say why this may stand."), "accepted")
    if len(why) > MAX_ACCEPTED:
        raise RuleViolation(_("Use at most %(count)d characters.") % {"count": MAX_ACCEPTED}, "accepted")
    reason = _found(source, one.key, by)
    if reason.standing == Standing.GAP:
        raise RuleViolation(_("This reason is not complete yet. Write it first."), "text")
    if not reason.findings:
        raise RuleViolation(_("Nothing was found in this text, so there is nothing to accept."), "accepted")
    row = _row(source, one.key, composed)
    row.composed, row.text = composed, reason.text
    row.accepted, row.accepted_text = why, reason.text
    row.save()
    source.reasons[one.key] = row
    detail = {"reason": slug_of(one.key), "kinds": sorted({finding.kind.value for finding in reason.findings})}
    record("procurement.motivation.accept", by=by, target=row, detail=detail)
    return row


def _found(source: LetterSource, key: ReasonKey, by: User) -> Reason:
    (bidder,) = bidders_of(source, by=by, only={key[0]})
    return next(reason for reason in bidder.reasons if reason.key == key)


def _row(source: LetterSource, key: ReasonKey, composed: str) -> Motivation:
    """The row of a reason; a decision of before there were any gets it now."""
    entry_id, criterion_id, winner_id = key
    kind = MotivationKind.ADVANTAGE if winner_id else MotivationKind.OWN
    assert source.decision is not None
    row, _made = Motivation.objects.select_for_update(of=("self",)).get_or_create(
        decision=source.decision, entry_id=entry_id, criterion_id=criterion_id, kind=kind, winner_id=winner_id,
        defaults={"composed": composed, "text": composed},
    )  # fmt: skip
    return row


def _refuse_unseen(source: LetterSource, one: Typed) -> None:
    if one.shown is not None and one.shown != version_of(_current(source, one.key)):
        raise RuleViolation(
            _("Somebody else changed this meanwhile. Their text stands below yours. Save again to keep yours."), "text"
        )
