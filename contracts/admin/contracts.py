"""Contracts at Team CLM's desk: to look at, with the decision on an option, and an early end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.clock import today_on_page
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from achterhoek.panels import panels_for
from contracts.admin.base import RecordAdmin
from contracts.enums import ContractStatus
from contracts.forms.contracts import TerminateForm
from contracts.models import Contract
from contracts.rules import last_day_of
from contracts.selectors import contracts as selectors
from contracts.services.contracts import terminate_contract
from procurement.rules import works_for_region


@admin.register(Contract)
class ContractAdmin(RecordAdmin):
    """A contract is never edited: it is signed, extended, ended, each by its own decision."""

    list_display = ("number", "party_name", "segment", "start", "until", "status")
    list_filter = (
        "status", ("segment", admin.RelatedOnlyFieldListFilter),
        ("segment__tender__region", admin.RelatedOnlyFieldListFilter),
    )  # fmt: skip
    list_select_related = ("contractor", "consortium", "segment")
    search_fields = ("number", "contractor__name", "consortium__name", "contractor__kvk_number")
    search_help_text = _("Search by contract number, contractor or KvK number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contract]:
        return Contract.objects.visible_to(request.user).prefetch_related("terms")

    @admin.display(description=_("Until and including"))
    def until(self, contract: Contract) -> Any:
        return last_day_of(contract)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/beeindigen/", self.guarded(self.terminate_view), name="contracts_contract_terminate"),
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The contract on one page."""
        contract = self._contract(request, _number(object_id))
        today = today_on_page(request)
        request.panel_object = contract  # type: ignore[attr-defined]
        context = self.page_context(
            request,
            title=str(contract),
            contract=contract,
            panels=panels_for("contract", request),
            last_day=last_day_of(contract),
            terms=selectors.term_rows(contract, today),
            subcontractors=selectors.subcontractors_of(contract, today),
            may_decide=contract.status == ContractStatus.ACTIVE
            and works_for_region(request.user, contract.segment.tender, Role.CLM),
        )
        return TemplateResponse(request, "admin/contracts/contract/detail.html", context)

    def terminate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the contract early."""
        contract = self._to_decide(request, pk)
        form = TerminateForm(request.POST or None)

        def decide(data: dict[str, Any]) -> None:
            terminate_contract(contract=contract, on=data["on"], reason=data["reason"], by=request.user)  # type: ignore[arg-type]

        return self._decision_page(
            request, contract, form, decide,
            title=gettext("End contract %(contract)s early") % {"contract": contract.number},
        )  # fmt: skip

    def _contract(self, request: HttpRequest, pk: int) -> Contract:
        return get_object_or_404(selectors.contract_detail(request.user), pk=pk)

    def _to_decide(self, request: HttpRequest, pk: int) -> Contract:
        contract = self._contract(request, pk)
        if not works_for_region(request.user, contract.segment.tender, Role.CLM):
            raise PermissionDenied
        return contract

    def _decision_page(
        self,
        request: HttpRequest,
        contract: Contract,
        form: NldsForm,
        decide: Callable[[dict[str, Any]], None],
        *,
        title: str,
        **extra: Any,
    ) -> HttpResponse:
        if request.method == "POST" and form.is_valid():
            try:
                decide(form.cleaned_data)
            except RuleViolation as error:
                form.refuse(error)
            else:
                messages.success(request, gettext("The decision is recorded."))
                return redirect("admin:contracts_contract_change", contract.pk)
        context = self.page_context(
            request, title=title, contract=contract, last_day=last_day_of(contract), decision_form=form, **extra
        )
        return TemplateResponse(request, "admin/contracts/contract/decide.html", context)


def _number(object_id: str) -> int:
    """The number in the address; 0, which no contract has, where it is none."""
    try:
        return int(object_id)
    except ValueError:
        return 0
