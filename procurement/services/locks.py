"""Who has the row: every lock that writers in this app begin with, in one place and in one order.

The round goes before the submission; the segment round before the decision, and the decision before its
letters and college decisions. Those who submit share the round's lock, so that they do not wait for one
another; whoever closes the round waits for them, and they for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import has_role
from achterhoek.clock import ClockTimestamp, database_now
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.prepared import Prepared
from procurement.enums import RoundStatus, TenderStatus
from procurement.models import Decision, Round, SegmentRound, Submission, Tender
from providers.models import Membership
from providers.selectors.organisations import organisations_of


class LateSubmission(RuleViolation):
    """The deadline has passed: late is late, also by a second. `at` is the moment by the database's clock."""

    def __init__(self, message: str, *, at: datetime) -> None:
        super().__init__(message)
        self.at = at


def require_member(*, submission: Submission, by: User) -> None:
    """Only a provider of this very organisation works on its submission."""
    require_provider(by, is_member=organisations_of(by).filter(pk=submission.organisation_id).exists())


def require_provider(by: User, *, is_member: bool) -> None:
    """The same, where it is known whether this person is of the organisation."""
    if not has_role(by, Role.PROVIDER):
        raise NotAllowed(_("Your role may not take this step."))
    if not is_member:
        raise NotAllowed(_("This submission belongs to another organisation."))


def locked_tender(pk: int) -> Tender:
    """The tender, locked: its records and dossiers are numbered one after the other."""
    rows = Tender.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("region__authority").get(pk=pk)


def held_round(round_id: int) -> Round:
    """The round, held until the end of the transaction: judging and asking come one after the other."""
    rounds = Round.objects.select_for_update(of=("self",), no_key=True)
    return rounds.select_related("tender__region").get(pk=round_id)


def shared_round(round_id: int) -> Round:
    """The round as it is now, held until the end of the transaction: nobody closes it meanwhile."""
    table = Round._meta.db_table
    (found,) = Round.objects.raw(f"SELECT * FROM {table} WHERE id = %s FOR SHARE", [round_id])  # noqa: S608
    return found


def current_round(round_id: int) -> Round:
    """The round as it is now, without a lock: for work on a draft, which nothing depends on."""
    return Round.objects.select_related("tender").get(pk=round_id)


def require_open(found: Round) -> datetime:
    """The moment by the database's clock, if one may submit at it: strictly before the deadline."""
    now = database_now()
    require_open_at(found, now)
    return now


def require_open_at(found: Round, now: datetime) -> None:
    """The same, for a moment that the database's clock has just told."""
    if found.deadline is not None and found.deadline <= now and found.status != RoundStatus.PLANNED:
        raise LateSubmission(_("The deadline has passed. You can no longer change or submit anything."), at=now)
    if found.status != RoundStatus.OPEN or found.tender.status != TenderStatus.PUBLISHED:
        raise RuleViolation(_("This round is not open for submissions."))


OWN_FIELDS = tuple(field.attname for field in Submission._meta.concrete_fields)
# What working on a submission needs of all that hangs on it. Hundreds hand in during the last minutes: there a
# hundred columns more or less are what the machine spends its time on.
WORKING = (
    "round__id", "round__stage", "round__status", "round__deadline", "round__tender__id", "round__tender__slug",
    "round__tender__title", "round__tender__status", "round__tender__custody", "organisation__id",
    "organisation__name", "organisation__kvk_number", "organisation__email", "organisation__sealing_key__id",
    "organisation__sealing_key__public", "organisation__sealing_key__wrapped", "organisation__sealing_key__purpose",
)  # fmt: skip


def locked_submission(submission: Submission) -> Submission:
    """The submission as it is now, held until the end of the transaction."""
    return _locked(Submission.objects.filter(pk=submission.pk)).get()


class Held(NamedTuple):
    """A locked submission, when that was asked by the database's clock, and whether who asked may sign."""

    submission: Submission
    now: datetime
    may_sign: bool


def locked_by_member(pk: UUID, *, by: User) -> Held:
    """The same, for a provider of this very organisation. Raises `NotAllowed`.

    The moment is that of asking: for what is handed in, ask the clock again once the lock is there.
    """
    found: Any = _locked_with_seat.first(pk, by.pk)
    if found is None:
        raise Submission.DoesNotExist
    require_provider(by, is_member=found.is_member)
    return Held(found, found.now, found.may_sign)


def _locked(rows: QuerySet[Submission]) -> QuerySet[Submission]:
    joined = rows.select_for_update(of=("self",)).select_related("organisation__sealing_key", "round__tender")
    return joined.only(*OWN_FIELDS, *WORKING)


def _with_seat(pk: UUID, user: int) -> QuerySet[Submission]:
    seat = Membership.objects.filter(organisation=OuterRef("organisation"), user=user)
    asked = {"is_member": Exists(seat), "may_sign": Exists(seat.filter(is_signatory=True)), "now": ClockTimestamp()}
    return _locked(Submission.objects.filter(pk=pk).annotate(**asked))


_locked_with_seat = Prepared(_with_seat, UUID, int)


def locked_segment_round(pk: int) -> SegmentRound:
    """The segment round as it is now, held until the end of the transaction."""
    rows = SegmentRound.objects.select_for_update(of=("self",))
    return rows.select_related("round__tender__region", "segment").get(pk=pk)


def locked_decision(decision: Decision) -> Decision:
    """The decision as it is now, held until the end of the transaction."""
    rows = Decision.objects.select_for_update(of=("self",))
    rows = rows.select_related("segment_round__round__tender__region", "segment_round__segment", "ranking")
    return rows.defer("ranking__dossier", "ranking__result").get(pk=decision.pk)
