"""How a segment is scored: in which order, with how long a reason, by how many, and with which phrases at hand."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.errors import RuleViolation
from procurement.enums import ScoringOrder
from procurement.models import ReasonPhrase, Score, SegmentRound
from procurement.rules import require_lead
from procurement.selectors.evaluation import BEFORE_CONSENSUS
from procurement.services.locks import locked_segment_round

LONGEST_MINIMUM = 1000
MOST_PHRASES = 30


@transaction.atomic
def set_evaluation_settings(
    *,
    segment_round: SegmentRound,
    scoring_order: str,
    reason_min_length: int,
    evaluators_per_bid: int | None,
    phrases: Iterable[str],
    by: User,
) -> SegmentRound:
    """Say how this segment is scored.

    The length of a reason and the number of evaluators are rules: all bids are judged by the same ones, so they
    stand from the first score on (Aw 1.8, 1.9). The order and the phrases are a help, and change until the
    individual scoring is closed. Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_lead(by, current.round.tender)
    if current.status not in BEFORE_CONSENSUS:
        raise RuleViolation(_("The individual scoring is closed. The settings can no longer change."))
    _refuse_unfit(current, scoring_order, reason_min_length, evaluators_per_bid)
    _refuse_other_rules(current, reason_min_length, evaluators_per_bid)
    wanted = _cleaned(phrases)
    current.scoring_order = scoring_order
    current.reason_min_length = reason_min_length
    current.evaluators_per_bid = evaluators_per_bid
    current.save(update_fields=["scoring_order", "reason_min_length", "evaluators_per_bid"])
    current.phrases.all().delete()
    ReasonPhrase.objects.bulk_create(
        ReasonPhrase(segment_round=current, text=text, position=place) for place, text in enumerate(wanted)
    )
    record(
        "procurement.evaluation.settings",
        by=by,
        target=current,
        detail={
            "scoring_order": scoring_order,
            "reason_min_length": reason_min_length,
            "evaluators_per_bid": evaluators_per_bid,
            "phrases": wanted,
        },
    )
    return current


def _refuse_unfit(current: SegmentRound, scoring_order: str, length: int, evaluators: int | None) -> None:
    if scoring_order not in ScoringOrder.values:
        raise RuleViolation(_("Choose one of the orders."), "scoring_order")
    if not 1 <= length <= LONGEST_MINIMUM:
        message = _("Give a number from 1 to %(most)d.") % {"most": LONGEST_MINIMUM}
        raise RuleViolation(message, "reason_min_length")
    announced = current.round.tender.evaluators_announced
    if evaluators is not None and not 1 <= evaluators <= announced:
        message = _("Give a number from 1 to %(most)d: that many evaluators were announced.") % {"most": announced}
        raise RuleViolation(message, "evaluators_per_bid")


def _refuse_other_rules(current: SegmentRound, length: int, evaluators: int | None) -> None:
    """The rules stay as they were once anybody was judged by them."""
    changed = {
        "reason_min_length": length != current.reason_min_length,
        "evaluators_per_bid": evaluators != current.evaluators_per_bid,
    }
    if any(changed.values()) and Score.objects.filter(criterion__segment_round=current).exists():
        field = next(name for name, differs in changed.items() if differs)
        raise RuleViolation(_("Scores were given already, so this can no longer change."), field)


def _cleaned(phrases: Iterable[str]) -> list[str]:
    """Without empty ones and doubles, in their order."""
    wanted = list(dict.fromkeys(text for text in (" ".join(phrase.split()) for phrase in phrases) if text))
    longest = ReasonPhrase._meta.get_field("text").max_length or 0
    if len(wanted) > MOST_PHRASES:
        raise RuleViolation(_("Give at most %(most)d phrases.") % {"most": MOST_PHRASES}, "phrases")
    if any(len(text) > longest for text in wanted):
        raise RuleViolation(_("A phrase has at most %(most)d characters.") % {"most": longest}, "phrases")
    return wanted
