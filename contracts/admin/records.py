"""Records to look at: terms, subcontractors, and the versions of the register."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contracts.admin.base import RecordAdmin
from contracts.models import Contract, ContractTerm, RegisterVersion, Subcontractor


@admin.register(ContractTerm)
class ContractTermAdmin(RecordAdmin):
    """All terms, so that Team CLM sees which options come up."""

    list_display = ("contract", "sequence", "start", "end", "status", "decided_at")
    list_filter = ("status", ("contract__segment", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("contract__contractor", "contract__consortium")
    search_fields = ("contract__number", "contract__contractor__name", "contract__consortium__name")
    date_hierarchy = "start"
    ordering = ("start", "contract__number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContractTerm]:
        return ContractTerm.objects.filter(contract__in=Contract.objects.visible_to(request.user))


@admin.register(Subcontractor)
class SubcontractorAdmin(RecordAdmin):
    """All subcontractors of all contracts; they change by a decision on a request only."""

    list_display = ("organisation", "contractor", "segment", "part_of_work", "start", "end")
    list_filter = (("contract__segment", admin.RelatedOnlyFieldListFilter), "contract__status")
    list_select_related = ("organisation", "contract__contractor", "contract__consortium", "contract__segment")
    search_fields = ("organisation__name", "organisation__kvk_number", "contract__number", "contract__contractor__name")
    ordering = ("organisation__name", "start")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Subcontractor]:
        return Subcontractor.objects.filter(contract__in=Contract.objects.visible_to(request.user))

    @admin.display(description=_("Contractor"), ordering="contract__contractor__name")
    def contractor(self, row: Subcontractor) -> str:
        return str(row.contract)

    @admin.display(description=_("Segment"), ordering="contract__segment__position")
    def segment(self, row: Subcontractor) -> str:
        return str(row.contract.segment)


@admin.register(RegisterVersion)
class RegisterVersionAdmin(RecordAdmin):
    """The versions of the public register; each is made by the decision that changed the list."""

    list_display = ("date", "note", "published_at")
    search_fields = ("note",)
    date_hierarchy = "date"

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisterVersion]:
        """Without the lists themselves, which are long."""
        return super().get_queryset(request).defer("content")
