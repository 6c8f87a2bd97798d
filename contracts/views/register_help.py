"""The register for somebody who looks for help, or refers to it: who may help here with this?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from achterhoek.accounts.access import public
from contracts.domain.register import narrowed
from contracts.domain.register_help import Helper, helpers
from contracts.forms.register import WhoHelpsForm
from contracts.selectors.register_choices import help_choices, region_places
from contracts.selectors.register_stamp import register_at
from contracts.views.conditional import known_page, state_of


@require_safe
@public
@known_page
def who_helps(request: HttpRequest) -> HttpResponse:
    """ "Wie mag in Winterswijk helpen met ...?": those of today's register, with how to reach them."""
    places = {m.slug: m.name for _region, municipalities in region_places() for m in municipalities}
    kinds = help_choices()
    asked = bool(request.GET)
    form = WhoHelpsForm(request.GET if asked else None, municipalities=list(places.items()), kinds=kinds)
    found: list[Helper] = []
    if asked and form.is_valid():
        state = state_of(request)
        filters = form.filters()
        found = helpers(narrowed(register_at(state.today, state), **filters), subsegment=filters["subsegment"])
    names = {value: name for _segment, choices in kinds for value, name in choices}
    context = {
        "form": form,
        "asked": asked and form.is_valid(),
        "own": [helper for helper in found if not helper.is_subcontractor_only],
        "hired": [helper for helper in found if helper.is_subcontractor_only],
        "amount": len(found),
        "place": places.get(request.GET.get("gemeente", ""), ""),
        "kind": names.get(request.GET.get("hulp", ""), ""),
    }
    return render(request, "contracts/register/who_helps.html", context)
