"""Filters of the work list of changes: how long they wait, how near their term is, what they wait for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Case, F, IntegerField, QuerySet, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from achterhoek.clock import today_on_page
from contracts.enums import OPEN_CHANGES, ChangeStatus
from contracts.models import SubcontractorChange
from contracts.selectors.changes import asked_advice, unmet_conditions

Changes = QuerySet[SubcontractorChange]
Options = list[tuple[str, Any]]
WAITING_FIRST = Case(When(status__in=OPEN_CHANGES, then=0), default=1, output_field=IntegerField())
# Of those that wait the oldest first, of the others the newest.
OLDEST_WAITING = Case(When(status__in=OPEN_CHANGES, then=F("requested_at")))


class AgeFilter(admin.SimpleListFilter):
    """How long a request waits, for the ones still to be decided."""

    title = _("waiting time")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Options:
        return [("7", _("longer than a week")), ("14", _("longer than two weeks")), ("30", _("longer than a month"))]

    def queryset(self, request: HttpRequest, queryset: Changes) -> Changes:
        value = self.value()
        if value not in ("7", "14", "30"):
            return queryset
        before = timezone.now() - timedelta(days=int(value))
        return queryset.filter(status__in=OPEN_CHANGES, requested_at__lt=before)


class TermFilter(admin.SimpleListFilter):
    """Whether the day by which it is to be decided has passed, or is near."""

    title = _("term")
    parameter_name = "term"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Options:
        return [("overdue", _("overdue")), ("week", _("within a week")), ("later", _("later"))]

    def queryset(self, request: HttpRequest, queryset: Changes) -> Changes:
        today = today_on_page(request)
        week = today + timedelta(days=7)
        waiting = queryset.filter(status=ChangeStatus.REQUESTED)
        if self.value() == "overdue":
            return waiting.filter(decide_by__lt=today)
        if self.value() == "week":
            return waiting.filter(decide_by__gte=today, decide_by__lte=week)
        if self.value() == "later":
            return waiting.filter(decide_by__gt=week)
        return queryset


class AdviceFilter(admin.SimpleListFilter):
    """Whether municipalities still have to advise."""

    title = _("advice")
    parameter_name = "advice"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Options:
        return [("open", _("still to come")), ("given", _("all given")), ("none", _("not asked"))]

    def queryset(self, request: HttpRequest, queryset: Changes) -> Changes:
        if self.value() == "open":
            return queryset.filter(status__in=OPEN_CHANGES, pk__in=asked_advice(still_open=True))
        if self.value() == "given":
            return queryset.filter(pk__in=asked_advice()).exclude(pk__in=asked_advice(still_open=True))
        if self.value() == "none":
            return queryset.exclude(pk__in=asked_advice())
        return queryset


class ConditionFilter(admin.SimpleListFilter):
    """Approvals with conditions that are not met yet, or that are late."""

    title = _("conditions")
    parameter_name = "conditions"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Options:
        return [("open", _("still to be met")), ("late", _("late"))]

    def queryset(self, request: HttpRequest, queryset: Changes) -> Changes:
        if self.value() == "open":
            return queryset.filter(pk__in=unmet_conditions())
        if self.value() == "late":
            return queryset.filter(pk__in=unmet_conditions(late_on=today_on_page(request)))
        return queryset
