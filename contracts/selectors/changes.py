"""Changes of subcontractors as their pages show them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from achterhoek.audit.models import AuditEvent
from achterhoek.documents.models import StoredFile
from achterhoek.region.models import Municipality
from contracts.enums import OPEN_CHANGES, ContractLetterKind
from contracts.models import ChangeAdvice, ChangeCondition, SavedSearch, SubcontractorChange
from contracts.selectors.change_words import title_of
from contracts.selectors.letters import visible_letters


def changes_for(user: Any) -> QuerySet[SubcontractorChange]:
    """The changes this user may see, with what each page of one shows."""
    return (
        SubcontractorChange.objects.visible_to(user)
        .select_related(
            "organisation", "requested_by", "decided_by", "contract__contractor", "contract__consortium",
            "contract__segment__lot", "contract__segment__tender__region__authority",
        )
        .prefetch_related("subsegments", "contract__subsegments", "contract__terms", "evidence")
    )  # fmt: skip


def letter_of(change: SubcontractorChange, user: Any) -> StoredFile | None:
    """The decision letter, once it is made; for whom it was addressed to, and for officials."""
    found = visible_letters(user).filter(
        contract=change.contract_id, kind=ContractLetterKind.SUBCONTRACTOR, subject=str(change.pk), file__isnull=False
    )
    letter = found.select_related("file").first()
    return letter.file if letter else None


def conditions_of(change: SubcontractorChange) -> list[ChangeCondition]:
    """The conditions of an approval, with who saw that they were met."""
    return list(change.followed.select_related("checked_by").order_by("sequence"))


def other_changes(change: SubcontractorChange, user: Any) -> list[SubcontractorChange]:
    """Earlier and other requests about the same organisation, as far as this user may see them."""
    return list(
        SubcontractorChange.objects.visible_to(user)
        .filter(organisation=change.organisation_id)
        .exclude(pk=change.pk)
        .select_related("contract__contractor", "contract__consortium", "organisation")
        .order_by("-requested_at")
    )


def advice_list(user: Any) -> tuple[list[ChangeAdvice], list[ChangeAdvice]]:
    """What waits for the advice of this user's municipalities, and what needs none any more."""
    found = list(advices_for(user).order_by("due_on", "asked_at"))
    waiting = [advice for advice in found if not advice.outcome and advice.change.status in OPEN_CHANGES]
    done = sorted((a for a in found if a not in waiting), key=lambda advice: advice.asked_at, reverse=True)
    return waiting, done


def advices_for(user: Any) -> QuerySet[ChangeAdvice]:
    """The advice this user may see, with the request it is about."""
    return ChangeAdvice.objects.visible_to(user).select_related(
        "municipality", "given_by", "change__organisation", "change__contract__contractor",
        "change__contract__consortium", "change__contract__segment__tender__region__authority",
    )  # fmt: skip


def with_course(changes: QuerySet[SubcontractorChange]) -> QuerySet[SubcontractorChange]:
    """For the work list: how many advices are still to come, and how many conditions still to be met."""
    return changes.annotate(
        advices_open=Count("advices", filter=Q(advices__outcome=""), distinct=True),
        conditions_open=Count("followed", filter=Q(followed__met_on=None), distinct=True),
    )


def asked_advice(*, still_open: bool = False) -> QuerySet[Any, Any]:
    """The changes on which advice was asked, or is still to come."""
    found = ChangeAdvice.objects.filter(outcome="") if still_open else ChangeAdvice.objects.all()
    return found.values("change")


def unmet_conditions(*, late_on: date | None = None) -> QuerySet[Any, Any]:
    """The changes of which a condition is still to be met, or late on a day."""
    found = ChangeCondition.objects.filter(met_on=None)
    return (found if late_on is None else found.filter(due_on__lt=late_on)).values("change")


def saved_searches(user: Any, page: str) -> list[SavedSearch]:
    """One's own searches of a list, and those that colleagues share."""
    found = SavedSearch.objects.visible_to(user).filter(page=page).select_related("owner")
    return list(found.order_by("name", "owner__name"))


def advices_of(change: SubcontractorChange) -> list[ChangeAdvice]:
    """What municipalities were asked and said about a change."""
    return list(change.advices.select_related("municipality", "given_by").order_by("municipality__name"))


def may_advise(change: SubcontractorChange) -> QuerySet[Municipality]:
    """The municipalities of the region that were not asked yet."""
    return Municipality.objects.filter(region=change.contract.segment.tender.region_id).exclude(
        pk__in=change.advices.values("municipality")
    )


def places_of(changes: QuerySet[SubcontractorChange]) -> QuerySet[Municipality]:
    """The municipalities of the regions of these changes."""
    return Municipality.objects.filter(region__in=changes.values("contract__segment__tender__region"))


def found_at_decision(change: SubcontractorChange) -> list[str]:
    """What the checks pointed at when it was decided, in words, out of the log."""
    verbs = [f"contracts.subcontractorchange.{verb}" for verb in ("approve", "approve_with_conditions", "refuse")]
    event = AuditEvent.objects.filter(action__in=verbs, target_id=str(change.pk)).first()
    return [title_of(code) for code in (event.detail.get("checks", []) if event else [])]


def own_searches(user: Any) -> QuerySet[SavedSearch]:
    """The searches that this user saved."""
    return SavedSearch.objects.filter(owner=user)
