"""Rounds: when they open for bids, and when they close."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.mail.services import queue_mail
from achterhoek.transitions.services import transition
from procurement.domain.states import ROUND
from procurement.enums import RoundStatus, Stage
from procurement.models import Round, Tender
from procurement.rules import require_lead
from procurement.selectors.custody import custody_problem
from procurement.selectors.publication import deadline_problem
from procurement.selectors.submissions import invited_organisations, undecided_segments
from procurement.services.roots import publish_root


def close_due_rounds() -> int:
    """Close every open round whose deadline has passed by the database's clock; how many it closed.

    Drafts stay drafts: what was not submitted in time does not count (late is late).
    """
    due = Round.objects.filter(status=RoundStatus.OPEN, deadline__lte=database_now()).order_by("pk")
    return sum(close_if_due(round=found) for found in due)


@transaction.atomic
def close_if_due(*, round: Round) -> bool:
    """Close this round if its deadline has passed; False where it is not due or was closed just before.

    Waits for whoever is submitting at this moment, since they hold a lock on the round.
    """
    locked = Round.objects.select_for_update().get(pk=round.pk)
    now = database_now()
    if locked.status != RoundStatus.OPEN or locked.deadline is None or locked.deadline > now:
        return False
    transition(locked, RoundStatus.CLOSED, by=None, table=ROUND, detail={"deadline": locked.deadline.isoformat()})
    publish_root(round=locked)
    return True


@transaction.atomic
def open_award_round(*, tender: Tender, deadline: datetime, by: User) -> Round:
    """Open the award stage, once every candidate was told the outcome of the selection (Aw 2.103).

    The deadline is at least 35 days ahead: 40, five fewer electronically (Aw 2.71(4), 2.74b). The
    selected ones are invited by mail. Raises `RuleViolation` where a segment of the selection stage
    has no sent decision yet, where nobody was selected, where custodians have no shares of its key yet, or
    (beside `deadline`) where it is too early.
    """
    require_lead(by, tender)
    award = Round.objects.select_for_update().filter(tender=tender, stage=Stage.AWARD).first()
    if award is None:
        raise RuleViolation(_("This tender has no award stage."))
    # First of all: what is refused below tells who submitted, which nobody may know yet (Aw 2.108).
    if not Round.objects.filter(tender=tender, stage=Stage.SELECTION, status=RoundStatus.OPENED).exists():
        raise RuleViolation(_("Wait until the vault of the selection stage is open."))
    now = database_now()
    early = deadline_problem(Stage.AWARD, deadline, timezone.localdate(now))
    if early:
        raise RuleViolation(early.message, field=early.field)
    waiting = undecided_segments(tender)
    if waiting:
        raise RuleViolation(
            _("First send the selection decision of: %(segments)s.")
            % {"segments": ", ".join(segment.name for segment in waiting)}
        )
    keyless = custody_problem(tender, Stage.AWARD)
    if keyless:
        raise RuleViolation(keyless)
    invited = list(invited_organisations(tender))
    if not invited:
        raise RuleViolation(_("Nobody was selected, so there is nobody to invite."))
    transition(award, RoundStatus.OPEN, by=by, table=ROUND, opens_at=now, deadline=deadline)
    for organisation in invited:
        queue_mail(
            key=f"award-round:{award.pk}:{organisation.pk}",
            to=organisation.email,
            subject=_("You may submit a bid: %(tender)s") % {"tender": tender.title},
            body=render_to_string(
                "procurement/submission/invitation_mail.txt",
                {"tender": tender, "round": award, "organisation": organisation},
            ),
        )
    return award
