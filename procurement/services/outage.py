"""Extending a deadline after an outage, as long as nothing was opened (Aw 2.109)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.errors import RuleViolation
from achterhoek.links import absolute
from achterhoek.mail.services import queue_mail
from achterhoek.nlds.formatting import format_moment
from achterhoek.transitions.services import transition
from procurement.calendar_data import legal_calendar
from procurement.domain.outage import earliest_extension, hindered, is_working_moment
from procurement.domain.states import ROUND
from procurement.enums import RoundStatus, TenderStatus
from procurement.models import DeadlineExtension, Round, VaultOpening
from procurement.rules import require_lead
from procurement.selectors.outage import organisations_to_tell
from procurement.services.rounds import close_if_due

EXTEND = "procurement.round.extend"


@transaction.atomic
def extend_deadline(
    *,
    round: Round,
    deadline_was: datetime,
    outage_from: datetime,
    outage_until: datetime,
    reason: str,
    deadline: datetime,
    by: User,
) -> DeadlineExtension:
    """Give a round a later deadline after an outage, and tell everybody; bids may change until then.

    `deadline_was` is the deadline that `by` saw: who extends at the same moment as somebody else is told so. Possible
    as long as nothing was opened, also when the round had been closed; an opener's fresh confirmation counts
    no more. How long at least stands in `procurement.domain.outage`. Raises `RuleViolation`, beside its field.
    """
    require_lead(by, round.tender)
    close_if_due(round=round)
    locked = Round.objects.select_for_update(of=("self",)).select_related("tender").get(pk=round.pk)
    now = database_now()
    was = _require_extendable(locked, deadline_was)
    _require_outage(was, now, outage_from, outage_until)
    if not reason.strip():
        raise RuleViolation(_("Say what happened. Everybody can read it."), field="reason")
    _require_later(was, now, outage_from, outage_until, deadline)
    extension = DeadlineExtension.objects.create(
        round=locked, deadline_was=was, deadline=deadline, outage_from=outage_from, outage_until=outage_until,
        reason=reason.strip(), by=by, at=now,
    )  # fmt: skip
    _withdraw_confirmations(locked, by)
    detail = {"deadline_was": was.isoformat(), "deadline": deadline.isoformat(), "reason": extension.reason}
    if locked.status == RoundStatus.CLOSED:
        transition(locked, RoundStatus.OPEN, by=by, table=ROUND, deadline=deadline, detail=detail)
    else:
        Round.objects.filter(pk=locked.pk).update(deadline=deadline)
        record(EXTEND, by=by, target=locked, detail=detail)
    _tell(extension, locked)
    round.refresh_from_db()
    return extension


def _require_extendable(locked: Round, deadline_was: datetime) -> datetime:
    """The deadline as it is, where it may change."""
    if locked.tender.status != TenderStatus.PUBLISHED or locked.status not in (RoundStatus.OPEN, RoundStatus.CLOSED):
        raise RuleViolation(_("This deadline cannot be extended any more. That is possible until the vault is opened."))
    if VaultOpening.objects.filter(round=locked).exists():
        raise RuleViolation(_("The vault is being opened, so the deadline cannot be extended any more."))
    if locked.deadline is None or locked.deadline != deadline_was:
        raise RuleViolation(_("The deadline was changed a moment ago. Load the page again and look at it first."))
    return locked.deadline


def _require_outage(was: datetime, now: datetime, outage_from: datetime, outage_until: datetime) -> None:
    if outage_until <= outage_from:
        raise RuleViolation(_("The outage ended after it began. Check both moments."), field="outage_until")
    if outage_until > now:
        raise RuleViolation(
            _("Wait until the outage is over: only then is it clear how much time was lost."), field="outage_until"
        )
    if not hindered(was, outage_from, outage_until):
        raise RuleViolation(
            _("This outage was not within 24 hours before the deadline, so it is no ground to extend it (Aw 2.109)."),
            field="outage_from",
        )


def _require_later(
    was: datetime, now: datetime, outage_from: datetime, outage_until: datetime, deadline: datetime
) -> None:
    calendar = legal_calendar()
    earliest = earliest_extension(was, now, outage_from, outage_until, calendar=calendar)
    if deadline < earliest:
        text = _("Bidders get back at least the time that was lost. The first possible moment is %(moment)s.")
        raise RuleViolation(text % {"moment": format_moment(earliest)}, field="deadline")
    if not is_working_moment(deadline, calendar=calendar):
        raise RuleViolation(_("Choose a working day: no Saturday, Sunday or public holiday."), field="deadline")


def _withdraw_confirmations(locked: Round, by: User) -> None:
    """Who confirmed did so for a deadline that is no more."""
    for confirmation in locked.confirmations.select_related("opener"):
        detail = {"opener": confirmation.opener_id, "at": confirmation.at.isoformat()}
        record("procurement.round.confirmation_withdrawn", by=by, target=locked, detail=detail)
        confirmation.delete()


def _tell(extension: DeadlineExtension, round: Round) -> None:
    """A mail to everybody with an interest. In the outbox nobody sees to whom before the vault is open."""
    address = absolute("procurement:tender", round.tender.slug)
    context = {"extension": extension, "round": round, "tender": round.tender, "address": address}
    with translation.override("nl"):
        subject = _("The deadline is extended: %(tender)s") % {"tender": round.tender.title}
        for organisation in organisations_to_tell(round):
            queue_mail(
                key=f"extension:{extension.pk}:{organisation.pk}",
                to=organisation.email,
                subject=subject,
                body=render_to_string(
                    "procurement/outage/mail.txt", {**context, "organisation": organisation}
                ),
            )  # fmt: skip
