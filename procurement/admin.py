"""Tenders in the admin, to look only: they are loaded from files and published by the lead. Nothing of submissions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from achterhoek.accounts.admin_site import RoleModelAdmin
from procurement.models import Criterion, DecisionLogEntry, Lot, Phase, Segment, SegmentRound, SubSegment, Tender


class LookInline(admin.TabularInline):  # type: ignore[type-arg]
    """Rows that hang under what one looks at; never changed here."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LotInline(LookInline):
    model = Lot
    fields = ("name", "valid_from", "valid_until", "note")


class SubSegmentInline(LookInline):
    model = SubSegment
    fields = ("name", "funding", "funding_provisional", "funding_note")


class DecisionLogInline(LookInline):
    model = DecisionLogEntry
    fields = ("date", "body", "subject", "reservation")


class CriterionInline(LookInline):
    model = Criterion
    fields = ("code", "title", "kind", "weight", "max_value", "minimum")


@admin.register(Tender)
class TenderAdmin(RoleModelAdmin):
    list_display = ("title", "region", "procedure", "status", "published_at")
    list_select_related = ("region",)
    list_filter = ("region", "status")
    search_fields = ("title", "slug")
    inlines = (LotInline, DecisionLogInline)


@admin.register(Segment)
class SegmentAdmin(RoleModelAdmin):
    list_display = ("name", "tender", "lot", "funding", "funding_provisional", "start_date")
    list_select_related = ("tender", "lot")
    list_filter = ("tender",)
    inlines = (SubSegmentInline,)


@admin.register(SegmentRound)
class SegmentRoundAdmin(RoleModelAdmin):
    """The published rules of a segment in a round; without the draw's seed, which is nobody's before the draw."""

    list_display = ("segment", "round", "places", "method", "minimum_total")
    list_select_related = ("segment", "round__tender")
    list_filter = ("round__tender",)
    exclude = ("draw_seed",)
    inlines = (CriterionInline,)


@admin.register(Phase)
class PhaseAdmin(RoleModelAdmin):
    list_display = ("title", "tender", "planned_start", "planned_end", "is_milestone")
    list_select_related = ("tender",)
    list_filter = ("tender",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Phase]:
        found: models.QuerySet[Phase] = super().get_queryset(request)
        return found.order_by("tender__title", "position")
