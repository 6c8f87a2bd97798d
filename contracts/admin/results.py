"""What Team CLM manages of results: indicators, of which segments they are asked, and the questionnaires."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role, in_regions_of
from achterhoek.region.models import Region
from contracts.admin.base import RecordAdmin
from contracts.models import EvaluationQuestion, Indicator, SegmentIndicator
from contracts.selectors.evaluations import is_answered
from contracts.selectors.indicators import MEANING, is_reported, why_not
from contracts.services.indicators import ask_of_segment, save_indicator, save_question, stop_asking
from procurement.models import Segment

READERS = (Role.CLM, Role.ADMIN, Role.AUDITOR)


class ManagedAdmin(RecordAdmin):
    """Team CLM adds and changes, in its own regions; all of it through a service."""

    change_roles = (Role.CLM,)
    can_add = True
    region_field = "region"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(in_regions_of(request.user, *READERS, field=self.region_field))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only what lies in the regions of this user."""
        held = {Region: "pk", Segment: "tender__region", Indicator: "region"}
        model = db_field.related_model
        if model in held:
            kwargs["queryset"] = model.objects.filter(in_regions_of(request.user, Role.CLM, field=held[model]))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class IndicatorForm(forms.ModelForm):  # type: ignore[type-arg]
    """An indicator whose reported figures keep their meaning."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk and is_reported(self.instance):
            for name in MEANING:
                if name in self.changed_data:
                    self.add_error(name, _("Figures were reported already. Make a new indicator instead."))
        return data


@admin.register(Indicator)
class IndicatorAdmin(ManagedAdmin):
    """What is measured."""

    form = IndicatorForm
    list_display = ("name", "unit", "direction", "lowest", "highest", "decimals", "region")
    list_filter = (("region", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("region",)
    ordering = ("region", "position", "code")

    def save_model(self, request: HttpRequest, obj: Indicator, form: Any, change: bool) -> None:
        save_indicator(indicator=obj, by=request.user)  # type: ignore[arg-type]


class SegmentIndicatorForm(forms.ModelForm):  # type: ignore[type-arg]
    """Of which segment an indicator is asked, with a norm that can be."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        indicator, segment, norm = data.get("indicator"), data.get("segment"), data.get("norm")
        if indicator and segment and indicator.region_id != segment.tender.region_id:
            self.add_error("indicator", _("Choose an indicator of the region of this segment."))
        elif indicator and norm is not None and (reason := why_not(indicator, norm)):
            self.add_error("norm", reason)
        return data


@admin.register(SegmentIndicator)
class SegmentIndicatorAdmin(ManagedAdmin):
    """Which indicators are asked of the contracts of a segment, and the norms."""

    form = SegmentIndicatorForm
    list_display = ("indicator", "segment", "norm")
    list_filter = (("segment", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("indicator", "segment__tender")
    ordering = ("segment", "indicator__position")
    region_field = "segment__tender__region"

    def save_model(self, request: HttpRequest, obj: SegmentIndicator, form: Any, change: bool) -> None:
        ask_of_segment(row=obj, by=request.user)  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is asked no longer is taken off the list; what was reported stays, and the log tells it."""
        return has_role(request.user, Role.CLM)

    def delete_model(self, request: HttpRequest, obj: SegmentIndicator) -> None:
        stop_asking(row=obj, by=request.user)  # type: ignore[arg-type]


class QuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A question that nobody answered yet."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.instance.pk and self.has_changed() and is_answered(self.instance):
            self.add_error("text", _("This question was answered already. Add a new one instead."))
        return data


@admin.register(EvaluationQuestion)
class EvaluationQuestionAdmin(ManagedAdmin):
    """The questionnaire of each year."""

    form = QuestionForm
    list_display = ("text", "year", "position", "region")
    list_filter = ("year", ("region", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("region",)
    ordering = ("region", "-year", "position")

    def save_model(self, request: HttpRequest, obj: EvaluationQuestion, form: Any, change: bool) -> None:
        save_question(question=obj, by=request.user)  # type: ignore[arg-type]
