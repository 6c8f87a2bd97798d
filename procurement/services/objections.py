"""What is brought against a decision, as it comes in: through the portal by a bidder, or on paper to the lead."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.audit.services import record
from achterhoek.clock import database_now
from achterhoek.documents.models import StoredFile
from achterhoek.documents.services import accept_pdf, discard
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.domain.standstill import OPEN, suspends
from procurement.enums import DecisionStatus, ObjectionKind
from procurement.models import Decision, Objection
from procurement.rules import require_lead
from procurement.selectors.objections import OBJECTION_FILE, bidders_of
from procurement.services.locks import locked_decision
from procurement.services.objection_mail import tell_handlers, tell_received
from providers.models import Organisation
from providers.selectors.organisations import organisations_of
from providers.services.keys import organisation_key

MAX_PAGES = 200
MAX_BYTES = 25 * 1024 * 1024
# What a member files itself. Interim relief is asked of a court, with a lawyer; the lead writes it down.
THROUGH_PORTAL = (ObjectionKind.OBJECTION, ObjectionKind.COMPLAINT)
FILED, REGISTERED = "procurement.objection.file", "procurement.objection.register"
PREFIX = {ObjectionKind.OBJECTION: "BZ", ObjectionKind.INTERIM_RELIEF: "KG", ObjectionKind.COMPLAINT: "KL"}


def file_objection(
    *,
    decision: Decision,
    organisation: Organisation,
    kind: str,
    grounds: str,
    upload: UploadedFile | None = None,
    by: User,
) -> Objection:
    """A member of a bidder objects or complains. Late is registered too, and does not hold up the contract.

    Raises `NotAllowed`, `RuleViolation`.
    """
    if not has_role(by, Role.PROVIDER) or not organisations_of(by).filter(pk=organisation.pk).exists():
        raise NotAllowed(_("You do not work for this organisation."))
    if kind not in THROUGH_PORTAL:
        raise RuleViolation(_("Choose an objection or a complaint."), "kind")
    stored = _accept(organisation, upload, by)

    def receive() -> Objection:
        return _receive(decision, organisation, ObjectionKind(kind), grounds, stored, by, {})

    return _or_discard(stored, receive)


def register_objection(
    *,
    decision: Decision,
    organisation: Organisation,
    kind: str,
    grounds: str,
    received_at: datetime,
    court: str = "",
    case_number: str = "",
    hearing_on: date | None = None,
    upload: UploadedFile | None = None,
    by: User,
) -> Objection:
    """The lead writes down what came on paper, or a writ for interim relief (kort geding).

    Decisive is when it was received, not when it is written down; so it may be written down after the award became
    final, and then still holds up signing. Raises `NotAllowed`, `RuleViolation`.
    """
    require_lead(by, decision.segment_round.round.tender)
    if kind not in ObjectionKind.values:
        raise RuleViolation(_("Choose what came in."), "kind")
    in_court = kind == ObjectionKind.INTERIM_RELIEF
    if in_court and not court.strip():
        raise RuleViolation(_("Write which court it is brought before."), "court")
    stored = _accept(organisation, upload, by)

    def receive() -> Objection:
        facts = {
            "received_at": received_at,
            "court": court.strip() if in_court else "",
            "case_number": case_number.strip() if in_court else "",
            "hearing_on": hearing_on if in_court else None,
        }
        return _receive(decision, organisation, ObjectionKind(kind), grounds, stored, by, facts)

    return _or_discard(stored, receive)


@transaction.atomic
def _receive(
    decision: Decision,
    organisation: Organisation,
    kind: ObjectionKind,
    grounds: str,
    stored: StoredFile | None,
    by: User,
    facts: dict[str, Any],
) -> Objection:
    """Judged while the decision is held: it becomes final before this, or not before this has ended."""
    decision = locked_decision(decision)
    # Somebody may have waited for the lock: what counts is the moment at which it is there.
    now = database_now()
    through_portal = "received_at" not in facts
    facts = {"received_at": now, **facts, "registered_at": now}
    _require_possible(decision, organisation, kind, grounds, facts)
    received = timezone.localdate(facts["received_at"])
    holds = suspends(kind, received, decision.standstill_until)
    objection = _create(
        kind, decision=decision, organisation=organisation, grounds=grounds.strip(), file=stored,
        suspends=holds, registered_by=by, **facts,
    )  # fmt: skip
    written: dict[str, Any] = {
        "by": by,
        "target": objection,
        "detail": {
            "number": objection.number,
            "kind": str(kind),
            "received_at": objection.received_at.isoformat(),
            "suspends": holds,
            "file": stored.sha256 if stored else "",
        },
    }
    if through_portal:
        record(FILED, **written)
    else:
        record(REGISTERED, **written)
    tell_received(objection)
    tell_handlers(objection)
    return objection


def _require_possible(
    decision: Decision, organisation: Organisation, kind: ObjectionKind, grounds: str, facts: dict[str, Any]
) -> None:
    if decision.status not in (DecisionStatus.SENT, DecisionStatus.FINAL) or decision.sent_at is None:
        raise RuleViolation(_("Only against a decision that was sent, and is not withdrawn, something can be brought."))
    if not bidders_of(decision).filter(pk=organisation.pk).exists():
        raise RuleViolation(_("This decision is not about this organisation."), "organisation")
    if not grounds.strip():
        raise RuleViolation(_("Write down why."), "grounds")
    if facts["received_at"] > facts["registered_at"]:
        raise RuleViolation(_("This moment lies in the future. Fill in when it was received."), "received_at")
    if facts["received_at"] < decision.sent_at:
        raise RuleViolation(_("This is before the decision was sent. Fill in when it was received."), "received_at")
    running = Objection.objects.filter(decision=decision, organisation=organisation, kind=kind, status__in=OPEN).first()
    if running is not None:
        raise RuleViolation(
            _("%(number)s of the same kind is being handled already. Wait for its answer.") % {"number": running.number}
        )


def _create(kind: ObjectionKind, **fields: Any) -> Objection:
    """Numbers do not follow on one another, so that nobody learns from the own one how many others there are."""
    year = timezone.localdate(fields["registered_at"]).year
    for _attempt in range(20):
        number = f"{PREFIX[kind]}-{year}-{secrets.randbelow(900_000) + 100_000}"
        if not Objection.objects.filter(number=number).exists():
            break
    try:
        with transaction.atomic():
            return Objection.objects.create(kind=kind, number=number, **fields)
    except IntegrityError as error:
        raise RuleViolation(_("This could not be registered just now. Send it once more.")) from error


def _accept(organisation: Organisation, upload: UploadedFile | None, by: User) -> StoredFile | None:
    if upload is None:
        return None
    try:
        return accept_pdf(
            upload=upload, kind=OBJECTION_FILE, sealing_key=organisation_key(organisation), by=by,
            max_pages=MAX_PAGES, max_bytes=MAX_BYTES,
        )  # fmt: skip
    except RuleViolation as refused:
        raise RuleViolation(refused.message, "file") from refused


def _or_discard(stored: StoredFile | None, work: Callable[[], Objection]) -> Objection:
    """A file that came with something refused does not stay behind."""
    try:
        return work()
    except BaseException:
        if stored is not None:
            with transaction.atomic():
                discard(stored)
        raise
