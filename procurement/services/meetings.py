"""The minutes of the consensus meeting: recorded once with their PDF, and never changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from achterhoek.accounts.models import User
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import PDF, store_bytes
from achterhoek.errors import RuleViolation
from procurement.models import CommitteeMember, ConsensusMeeting, SegmentRound
from procurement.selectors.meeting import MEETING, MINUTES_FILE, present_seats
from procurement.services.consensus import require_leads_meeting
from procurement.services.letter_pdf import html_to_pdf
from procurement.services.locks import locked_segment_round
from procurement.services.receipt_documents import SHEET


@transaction.atomic
def record_minutes(
    *, segment_round: SegmentRound, held_on: date, present: Iterable[CommitteeMember], minutes: str, by: User
) -> ConsensusMeeting:
    """Keep the minutes of a meeting, by the lead or the chair. They are part of the record (Aw 2.132).

    Nothing in them changes afterwards: a correction is a new set of minutes. Raises `NotAllowed`, `RuleViolation`.
    """
    current = locked_segment_round(segment_round.pk)
    require_leads_meeting(by, current)
    if current.status not in MEETING:
        raise RuleViolation(_("The meeting begins when the individual scoring is closed."))
    now = database_now()
    _refuse_day(held_on, current, timezone.localdate(now))
    wanted = {seat.pk for seat in present}
    seats = [seat for seat in present_seats(current) if seat.pk in wanted]
    if not seats or len(seats) != len(wanted):
        raise RuleViolation(_("Choose who was there, from the committee of this segment."), "present")
    text = minutes.strip()
    if not text:
        raise RuleViolation(_("Write what was said and decided."), "minutes")
    with translation.override("nl"):
        html = render_to_string(
            "letters/minutes.html",
            {
                "segment_round": current,
                "tender": current.round.tender,
                "region": current.round.tender.region,
                "stage": current.round.get_stage_display(),
                "held_on": held_on,
                "seats": seats,
                "text": text,
                "by": by,
                "made": now,
                "earlier": ConsensusMeeting.objects.filter(segment_round=current, held_on=held_on).count(),
            },
        )
    stored = _kept(html, current, held_on, by)
    meeting = ConsensusMeeting.objects.create(
        segment_round=current, held_on=held_on, minutes=text, recorded_by=by, record=stored
    )
    meeting.present.set(seats)
    detail = {"held_on": held_on.isoformat(), "present": [seat.user.email for seat in seats], "sha256": stored.sha256}
    record("procurement.consensus.minutes", by=by, target=current, detail=detail)
    return meeting


def _refuse_day(held_on: date, segment_round: SegmentRound, today: date) -> None:
    opened = segment_round.round.opened_at
    if held_on > today:
        raise RuleViolation(_("This day has not come yet. Give the day on which the meeting was held."), "held_on")
    if opened is not None and held_on < timezone.localdate(opened):
        raise RuleViolation(_("This day is before the opening of the vault. There was nothing to discuss."), "held_on")


def _kept(html: str, segment_round: SegmentRound, held_on: date, by: User) -> StoredFile:
    found = segment_round
    name = f"verslag-overleg-{found.round.tender.slug}-{found.round.stage}-{found.segment.slug}-{held_on:%Y%m%d}.pdf"
    pdf = html_to_pdf(html, sheet=SHEET)
    return store_bytes(content=pdf, name=name, content_type=PDF, kind=MINUTES_FILE, by=by)
