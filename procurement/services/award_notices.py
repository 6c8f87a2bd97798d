"""Aankondiging van de gegunde opdracht: published within 30 days of the award that became final (Aw 2.134)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now, database_today
from achterhoek.errors import RuleViolation
from procurement.domain.standstill import NOTICE_WARNING_DAYS
from procurement.models import AwardNotice
from procurement.rules import require_lead
from procurement.services.objection_mail import remind_of_notice


@transaction.atomic
def record_publication(*, notice: AwardNotice, reference: str, published_at: datetime, by: User) -> AwardNotice:
    """Write down that the notice was published on TenderNed, under which number and when.

    Raises `NotAllowed`, `RuleViolation`.
    """
    rows = AwardNotice.objects.select_for_update(of=("self",))
    found = rows.select_related("decision__segment_round__round__tender").get(pk=notice.pk)
    require_lead(by, found.decision.segment_round.round.tender)
    if found.published_at is not None:
        raise RuleViolation(_("The publication of this notice is recorded already."))
    if not reference.strip():
        raise RuleViolation(_("Fill in the number of the notice on TenderNed."), "reference")
    if published_at > database_now():
        raise RuleViolation(_("This moment lies in the future. Fill in when it was published."), "published_at")
    final_at = found.decision.final_at
    if final_at is not None and timezone.localdate(published_at) < timezone.localdate(final_at):
        raise RuleViolation(_("This is before the award became final."), "published_at")
    found.reference, found.published_at, found.published_by = reference.strip(), published_at, by
    found.save(update_fields=["reference", "published_at", "published_by"])
    late = timezone.localdate(published_at) > found.due_on
    detail = {"reference": found.reference, "published_at": published_at.isoformat(), "late": late}
    record("procurement.awardnotice.publish", by=by, target=found, detail=detail)
    return found


@transaction.atomic
def remind_of_notices() -> int:
    """Remind the leads of notices that are due within a week, or overdue; each once. May run as often as it likes."""
    today = database_today()
    waiting = AwardNotice.objects.filter(published_at=None, due_on__lte=today + timedelta(days=NOTICE_WARNING_DAYS))
    waiting = waiting.select_related("decision__segment_round__round__tender", "decision__segment_round__segment")
    for notice in waiting.order_by("due_on", "pk"):
        remind_of_notice(notice, overdue=today > notice.due_on)
    return len(waiting)
