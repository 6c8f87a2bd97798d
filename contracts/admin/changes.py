"""Team CLM's work list of subcontractor changes."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.clock import today_on_page
from achterhoek.nlds.formatting import format_day
from achterhoek.nlds.templatetags.nlds import status_badge
from contracts.admin.change_filters import (
    OLDEST_WAITING,
    WAITING_FIRST,
    AdviceFilter,
    AgeFilter,
    ConditionFilter,
    TermFilter,
)
from contracts.admin.change_lists import ChangeLists
from contracts.admin.change_page import ChangePage
from contracts.enums import ChangeStatus
from contracts.models import SubcontractorChange
from contracts.selectors.changes import with_course


@admin.register(SubcontractorChange)
class SubcontractorChangeAdmin(ChangeLists, ChangePage):
    """The auditor looks; Team CLM decides; nobody edits what the contractor wrote."""

    change_list_template = "admin/contracts/subcontractorchange/work_list.html"
    change_roles = (Role.CLM,)
    list_display = ("what", "state", "term", "age", "contractor", "takes_effect")
    list_display_links = ("what",)
    list_filter = (
        "status", "kind", TermFilter, AgeFilter, AdviceFilter, ConditionFilter,
        ("contract__segment", admin.RelatedOnlyFieldListFilter),
        ("contract__segment__tender__region", admin.RelatedOnlyFieldListFilter),
    )  # fmt: skip
    list_select_related = ("organisation", "contract__contractor", "contract__consortium", "contract__segment")
    search_fields = (
        "contract__number", "contract__contractor__name", "contract__consortium__name", "organisation__name",
        "organisation__kvk_number",
    )  # fmt: skip
    search_help_text = _("Search by contract number, contractor, subcontractor or KvK number")
    ordering = (WAITING_FIRST, OLDEST_WAITING, "-requested_at")  # type: ignore[assignment]
    # Who waits stands on the first page; what was decided is looked up.
    list_per_page = 25

    def get_queryset(self, request: HttpRequest) -> QuerySet[SubcontractorChange]:
        found = with_course(SubcontractorChange.objects.visible_to(request.user))
        return found.annotate(today=Value(today_on_page(request)))

    @admin.display(description=_("Request"), ordering="organisation__name")
    def what(self, change: SubcontractorChange) -> str:
        return str(change)

    @admin.display(description=_("Contractor and segment"), ordering="contract__contractor__name")
    def contractor(self, change: SubcontractorChange) -> str:
        return f"{change.contract.party_name}, {change.contract.segment}"

    @admin.display(description=_("Starts or ends on"), ordering="effective_on")
    def takes_effect(self, change: SubcontractorChange) -> str:
        return format_day(change.takes_effect_on or change.effective_on)

    @admin.display(description=_("Age"), ordering="requested_at")
    def age(self, change: SubcontractorChange) -> str:
        """Whole days since it was asked, or that it took until it was decided."""
        until = timezone.localdate(change.decided_at) if change.decided_at else change.today  # type: ignore[attr-defined]
        days = (until - timezone.localdate(change.requested_at)).days
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}

    @admin.display(description=_("To be decided by"), ordering="decide_by")
    def term(self, change: SubcontractorChange) -> str | SafeString:
        """The day, and that it has passed; while a question is open the term stands still."""
        if change.status == ChangeStatus.QUESTIONED:
            return gettext("waits for the contractor")
        if change.status != ChangeStatus.REQUESTED:
            return self._followed(change)
        day = format_day(change.decide_by)
        if change.decide_by >= change.today:  # type: ignore[attr-defined]
            return day
        return format_html("{} {}", day, status_badge("overdue", gettext("Overdue")))

    def _followed(self, change: SubcontractorChange) -> str:
        left: int = change.conditions_open  # type: ignore[attr-defined]
        return ngettext("%(count)d condition", "%(count)d conditions", left) % {"count": left} if left else "–"

    @admin.display(description=_("State"), ordering="status")
    def state(self, change: SubcontractorChange) -> SafeString:
        return status_badge(change.status, change.get_status_display())
