"""What Team CLM does with the work list as a whole: several at once, files, and searches that are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from achterhoek import spreadsheets
from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.clock import today_on_page
from achterhoek.errors import RuleViolation
from achterhoek.nlds.forms import NldsForm
from contracts.admin.base import RecordAdmin
from contracts.enums import OPEN_CHANGES
from contracts.forms.change_desk import AdviceForm, RefuseTogetherForm, SearchForm
from contracts.models import SubcontractorChange
from contracts.selectors import changes as selectors
from contracts.selectors.change_exports import changes_table
from contracts.services.change_bulk import Together, advise_together, refuse_together
from contracts.services.saved_searches import clean_query, forget_search, save_search

LIST = "subcontractorchange"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Changes = QuerySet[SubcontractorChange]


class ChangeLists(RecordAdmin):
    """Several requests at once, the list as a file, and saved searches."""

    actions = ("refuse_selected", "advise_selected")  # type: ignore[assignment]

    def get_urls(self) -> list[URLPattern]:
        name = f"contracts_{LIST}"
        own = [
            path("lijst.csv", self.guarded(self.csv_view), name=f"{name}_csv"),
            path("lijst.xlsx", self.guarded(self.xlsx_view), name=f"{name}_xlsx"),
            path("zoekopdrachten/", self.guarded(self.save_view), name=f"{name}_save"),
            path("zoekopdrachten/<int:pk>/weg/", self.guarded(self.forget_view), name=f"{name}_forget"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        filters = clean_query(request.GET.urlencode())
        context = {
            "title": _("Work list: changes of subcontractors"),
            "filters": filters,
            "searches": selectors.saved_searches(request.user, LIST),
            "search_form": SearchForm(initial={"query": filters}) if filters and self._is_clm(request) else None,
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def _is_clm(self, request: HttpRequest) -> bool:
        return has_role(request.user, Role.CLM)

    # Several at once ------------------------------------------------------------------------------------

    @admin.action(description=_("Refuse the chosen requests"), permissions=["change"])
    def refuse_selected(self, request: HttpRequest, queryset: Changes) -> HttpResponse | None:
        """One reason, and for each its own decision and letter."""
        form = RefuseTogetherForm(request.POST if "apply" in request.POST else None)

        def refuse(changes: list[SubcontractorChange]) -> Together:
            return refuse_together(changes=changes, reason=form.cleaned_data["reason"], by=request.user)  # type: ignore[arg-type]

        return self._together(request, queryset, form, refuse, action="refuse_selected",
                              title=gettext("Refuse several requests"))  # fmt: skip

    @admin.action(description=_("Ask for advice on the chosen requests"), permissions=["change"])
    def advise_selected(self, request: HttpRequest, queryset: Changes) -> HttpResponse | None:
        """One question, and for each request its own advice."""
        places = selectors.places_of(queryset)
        form = AdviceForm(request.POST if "apply" in request.POST else None, municipalities=places)

        def ask(changes: list[SubcontractorChange]) -> Together:
            data = form.cleaned_data
            return advise_together(
                changes=changes, municipalities=list(data["municipalities"]), question=data["question"],
                due_on=data["due_on"], by=request.user,  # type: ignore[arg-type]
            )  # fmt: skip

        return self._together(request, queryset, form, ask, action="advise_selected",
                              title=gettext("Ask for advice on several requests"))  # fmt: skip

    def _together(
        self,
        request: HttpRequest,
        queryset: Changes,
        form: NldsForm,
        step: Callable[[list[SubcontractorChange]], Together],
        *,
        action: str,
        title: str,
    ) -> HttpResponse | None:
        changes = list(queryset.filter(status__in=OPEN_CHANGES))
        if not changes:
            messages.error(request, gettext("None of the chosen requests is still to be decided."))
            return None
        if form.is_bound and form.is_valid():
            self._tell(request, step(changes))
            return redirect(request.get_full_path())
        context = self.page_context(
            request, title=title, changes=changes, together_form=form, action=action,
            left_out=queryset.count() - len(changes), checkbox_name=ACTION_CHECKBOX_NAME,
            faulty=form if form.errors else None,
        )  # fmt: skip
        return TemplateResponse(
            request, "admin/contracts/subcontractorchange/together.html", context, status=form.http_status
        )

    def _tell(self, request: HttpRequest, together: Together) -> None:
        if together.done:
            text = ngettext("Done for %(count)d request.", "Done for %(count)d requests.", together.done)
            messages.success(request, text % {"count": together.done})
        for change, message in together.refused:
            messages.error(request, f"{change}: {message}")

    # The list as a file ---------------------------------------------------------------------------------

    def csv_view(self, request: HttpRequest) -> HttpResponse:
        """The filtered list for a Dutch spreadsheet."""
        return self._file(request, "csv", "text/csv; charset=utf-8", spreadsheets.as_csv)

    def xlsx_view(self, request: HttpRequest) -> HttpResponse:
        """The same as a workbook."""
        return self._file(request, "xlsx", XLSX, lambda table: spreadsheets.as_xlsx([table]))

    def _file(
        self, request: HttpRequest, ending: str, content_type: str, write: Callable[[spreadsheets.Table], bytes]
    ) -> HttpResponse:
        try:
            found = self.get_changelist_instance(request).get_queryset(request)
        except IncorrectLookupParameters:
            return redirect(reverse(f"admin:contracts_{LIST}_changelist") + "?e=1")
        response = HttpResponse(write(changes_table(found)), content_type=content_type)
        name = f"wijzigingen-onderaannemers-{today_on_page(request).isoformat()}.{ending}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    # Searches that are kept -----------------------------------------------------------------------------

    def save_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the filters of the list under a name."""
        form = SearchForm(request.POST or None)
        query = clean_query(request.POST.get("query", ""))
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                save_search(page=LIST, name=data["name"], query=query, shared=data["shared"], by=request.user)  # type: ignore[arg-type]
            except RuleViolation as error:
                form.refuse(error)
            else:
                messages.success(request, gettext("This search is saved."))
                return self._to_list(query)
        if not query or not self._is_clm(request):
            return self._to_list("")
        context = self.page_context(request, title=gettext("Save this search"), search_form=form, filters=query,
                                    faulty=form if form.errors else None)  # fmt: skip
        template = "admin/contracts/subcontractorchange/save_search.html"
        return TemplateResponse(request, template, context, status=form.http_status)

    def forget_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Throw one's own search away."""
        search = get_object_or_404(selectors.own_searches(request.user), pk=pk)
        if request.method == "POST":
            forget_search(search=search, by=request.user)  # type: ignore[arg-type]
            messages.success(request, gettext("This search is thrown away."))
        return self._to_list("")

    def _to_list(self, query: str) -> HttpResponse:
        url = reverse(f"admin:contracts_{LIST}_changelist")
        return redirect(f"{url}?{query}" if query else url)
