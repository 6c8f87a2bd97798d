"""Questions about the vault. Before the opening nothing here tells whether anybody submitted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import in_regions_of
from achterhoek.jobs.models import Job
from procurement.enums import RoundStatus
from procurement.models import Round, VaultConfirmation, VaultOpening
from procurement.rules import overseen
from providers.models import Consortium, Organisation

# Two people open the vault together: the second within ten minutes of the first.
CONFIRMATION_VALID = timedelta(minutes=10)
# After this long somebody looks whether an opening goes on.
STALLED = timedelta(minutes=2)


def vault_rounds(user: Any) -> QuerySet[Round]:
    """Rounds whose deadline has passed, by the database's clock, the one to open first on top.

    Openers of the region see them all; the lead and the auditor see the opened ones.
    """
    visible = in_regions_of(user, Role.OPENER, field="tender__region")
    visible |= overseen(user, region="tender__region") & Q(status=RoundStatus.OPENED)
    return (
        Round.objects.filter(visible, deadline__lte=Now())
        .exclude(status=RoundStatus.PLANNED)
        .select_related("tender", "opening")
        .order_by(F("opened_at").desc(nulls_first=True), "-deadline", "pk")
    )


def opened_round(user: Any, pk: int) -> Round | None:
    """A round of this user's region whose vault is open; before that it is not there (Aw 2.108)."""
    rounds = Round.objects.filter(overseen(user, region="tender__region"), status=RoundStatus.OPENED)
    return rounds.select_related("tender__region", "opening").filter(pk=pk).first()


def all_confirmations(round: Round) -> QuerySet[VaultConfirmation]:
    """Who confirmed, oldest first. Once the vault is being opened these are its openers."""
    return round.confirmations.select_related("opener").order_by("at", "pk")


def fresh_confirmations(round: Round) -> QuerySet[VaultConfirmation]:
    """The confirmations that still count, by the database's clock, oldest first."""
    return all_confirmations(round).filter(at__gt=Now() - CONFIRMATION_VALID)


def opening_of(round: Round) -> VaultOpening | None:
    """The opening record of a round with its openers, where there is one."""
    return VaultOpening.objects.filter(round=round).select_related("record").prefetch_related("openers").first()


def is_bidding_member(user: Any, round: Round) -> bool:
    """Whether this user works for an organisation that takes part in this round, or for one that is in a
    consortium with such a one: together they may bid as one (Aw 2.52).
    """
    mine = Organisation.objects.filter(memberships__user=user)
    ours = Consortium.objects.filter(Q(lead__in=mine) | Q(members__in=mine))
    tied = Q(organisation__in=mine) | Q(organisation__consortia__in=ours) | Q(organisation__led_consortia__in=ours)
    return bool(round.submissions.filter(tied).exists())


def job_key(round_id: int) -> str:
    """The name of the work of comparing this vault."""
    return f"opening:{round_id}"


def opening_job(round: Round) -> Job | None:
    """How far a worker is with comparing this vault, where one does."""
    return Job.objects.filter(key=job_key(round.pk)).first()


def unfinished_openings() -> list[int]:
    """Rounds of which all openers confirmed a while ago and nothing was laid open: their worker ended half-way."""
    waiting = VaultOpening.objects.filter(finished_at=None, round__status=RoundStatus.CLOSED, at__lt=Now() - STALLED)
    return list(waiting.values_list("round", flat=True))
