"""Team CLM's work list of subcontractor changes, and the page on which one is decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import Case, IntegerField, QuerySet, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.nlds.formatting import format_day
from achterhoek.nlds.templatetags.nlds import status_badge
from contracts.admin.base import RecordAdmin
from contracts.enums import ChangeStatus
from contracts.forms.changes import DecisionForm
from contracts.models import SubcontractorChange
from contracts.rules import last_day_of
from contracts.selectors import contracts as selectors
from contracts.services.change_decisions import decide_change
from procurement.rules import works_for_region

WAITING_FIRST = Case(When(status=ChangeStatus.REQUESTED, then=0), default=1, output_field=IntegerField())


class AgeFilter(admin.SimpleListFilter):
    """How long a request waits, for the ones still to be decided."""

    title = _("waiting time")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("7", _("longer than a week")), ("14", _("longer than two weeks")), ("30", _("longer than a month"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SubcontractorChange]) -> QuerySet[SubcontractorChange]:
        value = self.value()
        if value not in ("7", "14", "30"):
            return queryset
        before = timezone.now() - timedelta(days=int(value))
        return queryset.filter(status=ChangeStatus.REQUESTED, requested_at__lt=before)


@admin.register(SubcontractorChange)
class SubcontractorChangeAdmin(RecordAdmin):
    """The auditor looks; Team CLM decides; nobody edits what the contractor wrote."""

    change_roles = (Role.CLM,)
    list_display = ("what", "state", "age", "organisation", "contractor", "segment", "takes_effect")
    list_display_links = ("what",)
    list_filter = (
        "status", "kind", AgeFilter, ("contract__segment", admin.RelatedOnlyFieldListFilter),
        ("contract__segment__tender__region", admin.RelatedOnlyFieldListFilter),
    )  # fmt: skip
    list_select_related = ("organisation", "contract__contractor", "contract__consortium", "contract__segment")
    search_fields = (
        "contract__number", "contract__contractor__name", "contract__consortium__name", "organisation__name",
        "organisation__kvk_number",
    )  # fmt: skip
    search_help_text = _("Search by contract number, contractor, subcontractor or KvK number")
    ordering = (WAITING_FIRST, "requested_at")  # type: ignore[assignment]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubcontractorChange]:
        return SubcontractorChange.objects.visible_to(request.user)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": _("Work list: changes of subcontractors")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    @admin.display(description=_("Request"), ordering="kind")
    def what(self, change: SubcontractorChange) -> str:
        return f"{change.get_kind_display()} ({change.contract.number})"

    @admin.display(description=_("Contractor"), ordering="contract__contractor__name")
    def contractor(self, change: SubcontractorChange) -> str:
        return change.contract.party_name

    @admin.display(description=_("Segment"), ordering="contract__segment__position")
    def segment(self, change: SubcontractorChange) -> str:
        return str(change.contract.segment)

    @admin.display(description=_("Starts or ends on"), ordering="effective_on")
    def takes_effect(self, change: SubcontractorChange) -> str:
        return format_day(change.effective_on)

    @admin.display(description=_("Age"), ordering="requested_at")
    def age(self, change: SubcontractorChange) -> str:
        """Whole days since it was asked, or that it took until it was decided."""
        until = change.decided_at or timezone.now()
        days = (timezone.localdate(until) - timezone.localdate(change.requested_at)).days
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}

    @admin.display(description=_("State"), ordering="status")
    def state(self, change: SubcontractorChange) -> SafeString:
        return status_badge(change.status, change.get_status_display())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """All that matters on one page, and the decision under it."""
        change = self._change(request, object_id)
        waiting = change.status == ChangeStatus.REQUESTED
        may_decide = waiting and works_for_region(request.user, change.contract.segment.tender, Role.CLM)
        form = DecisionForm(request.POST or None) if may_decide else None
        if request.method == "POST":
            if form is None:
                messages.error(
                    request, gettext("This request was decided or withdrawn already, or is not yours to decide.")
                )
                return redirect("admin:contracts_subcontractorchange_change", object_id)
            if form.is_valid() and self._decided(request, change, form):
                return redirect("admin:contracts_subcontractorchange_changelist")
        return self._page(request, change, form)

    def _change(self, request: HttpRequest, object_id: str) -> SubcontractorChange:
        changes = SubcontractorChange.objects.visible_to(request.user).select_related(
            "organisation", "requested_by", "decided_by", "contract"
        )
        try:
            key = UUID(object_id)
        except ValueError:
            key = UUID(int=0)
        return get_object_or_404(changes, pk=key)

    def _decided(self, request: HttpRequest, change: SubcontractorChange, form: DecisionForm) -> bool:
        data = form.cleaned_data
        try:
            decide_change(
                change=change, outcome=data["outcome"], reason=data["reason"], conditions=data["conditions"],
                by=request.user,  # type: ignore[arg-type]
            )  # fmt: skip
        except RuleViolation as error:
            form.refuse(error)
            return False
        messages.success(request, gettext("The decision is recorded, and mailed to the contractor."))
        return True

    def _page(self, request: HttpRequest, change: SubcontractorChange, form: DecisionForm | None) -> HttpResponse:
        contract = selectors.contract_detail(request.user).get(pk=change.contract_id)
        context = self.page_context(
            request,
            title=str(change),
            change_request=change,
            contract=contract,
            last_day=last_day_of(contract),
            terms=selectors.term_rows(contract, database_today()),
            subcontractors=selectors.subcontractors_of(contract, database_today()),
            elsewhere=selectors.elsewhere(change),
            own_contracts=selectors.own_elsewhere(change),
            other_changes=selectors.other_changes(change),
            age=self.age(change),
            decision_form=form,
        )
        return TemplateResponse(request, "admin/contracts/subcontractorchange/decide.html", context)
