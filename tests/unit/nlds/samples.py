"""A page with every component and a form with every kind of field, as the portal's pages use them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from achterhoek.accounts.access import public
from achterhoek.nlds.fields import DateInput, MoneyField
from achterhoek.nlds.forms import NldsForm

MOMENT = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class SampleForm(NldsForm):
    """Every kind of field the pack lays out."""

    submit_label = "Verstuur uw verzoek"

    name = forms.CharField(label="Naam van uw organisatie", help_text="Zoals in het handelsregister.")
    phone = forms.CharField(label="Telefoonnummer", required=False)
    vision = forms.CharField(label="Uw visie", max_length=40, widget=forms.Textarea, help_text="In eigen woorden.")
    segment = forms.ChoiceField(label="Segment", choices=[("", "Kies een segment"), ("hcv", "HCV")])
    role = forms.ChoiceField(
        label="Hoe schrijft u in?",
        choices=[("main", "Als hoofdaannemer"), ("consortium", "Met een combinatie")],
        widget=forms.RadioSelect,
        help_text="Kies er een.",
    )
    places = forms.MultipleChoiceField(
        label="Gemeenten",
        choices=[("a", "Aalten"), ("b", "Berkelland")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    start = forms.DateField(label="Startdatum", widget=DateInput)
    price = MoneyField(label="Uw prijs", help_text="Zonder btw.")
    plan = forms.FileField(label="Plan van aanpak", help_text="Een pdf van ten hoogste 50 MB.")
    agree = forms.BooleanField(label="Ik mag namens mijn organisatie tekenen")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


PAGES = Path(__file__).resolve().parent / "pages"


class ScoreForm(NldsForm):
    """A form that saves itself while one works."""

    submit_label = "Lever in"
    autosave = True
    score = forms.IntegerField(label="Score", max_value=10)
    reason = forms.CharField(label="Motivering", required=False)


def context(form: forms.Form | None = None) -> dict[str, Any]:
    """What the sample page shows."""
    return {
        "form": form or SampleForm(),
        "price": Decimal("1240000"),
        "moment": MOMENT,
        "now": MOMENT - timedelta(days=3, hours=4, minutes=5),
        "digest_value": DIGEST,
        "steps": [
            {"label": "Publicatie", "state": "done", "date": date(2021, 4, 1)},
            {"label": "Selectie", "state": "current", "date": date(2021, 6, 1), "text": "Verzoeken tot deelneming"},
            {"label": "Gunning", "state": "todo", "date": "eind 2021"},
            {"label": "Contract", "state": "todo"},
        ],
        "tabs": [
            {"label": "Overzicht", "url": "#", "current": True},
            {"label": "Vragen", "url": "#", "current": False, "count": 12},
        ],
        "headers": ["Tafel", {"label": "Deelnemers", "numeric": True}],
        "rows": [["Pleegzorg", 12], ["Wmo Logeren", 7]],
        "page_obj": Paginator(range(100), 10).get_page(4),
        "tiles": [
            {"x": 0, "y": 1, "label": "Winterswijk", "value": 12, "tone": "ok"},
            {"x": 1, "y": 0, "label": "Berkelland", "value": 9, "tone": "info"},
            {"x": 1, "y": 1, "label": "Oude IJsselstreek", "value": 0, "tone": "warning", "url": "/x/"},
        ],
        "events": [
            {"moment": MOMENT, "title": "Gepubliceerd", "actor": "Inkoopspecialist"},
            {"moment": date(2026, 2, 1), "title": "Besluit van de colleges", "text": "Met een voorbehoud."},
        ],
        "doors": [
            {"title": "Aanbestedingen", "url": "#", "count": 6, "text": "open op dit moment"},
            {"title": "Register", "url": "#", "text": "Wie levert welke zorg?", "badge_label": "Versie 27 juni"},
            {"title": "Open data", "url": "#", "count": 0},
        ],
    }


def _page(name: str) -> Any:
    return engines["django"].from_string((PAGES / f"{name}.html").read_text(encoding="utf-8"))


def render_page(request: HttpRequest, **values: Any) -> str:
    return _page("components").render({**context(values.pop("form", None)), **values}, request)


@public
def home(request: HttpRequest) -> HttpResponse:
    """An opening page, for the browser."""
    return HttpResponse(_page("home").render(context(), request))


@public
def scores(request: HttpRequest) -> HttpResponse:
    """A form that saves itself; a score above ten is refused."""
    form = ScoreForm(request.POST or None)
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=204 if form.is_valid() else 422)
    return HttpResponse(_page("scores").render({"form": form}, request))


@public
def sample(request: HttpRequest) -> HttpResponse:
    """The sample page, for the browser."""
    form = SampleForm(request.POST, request.FILES) if request.method == "POST" else SampleForm()
    return HttpResponse(render_page(request, form=form))


urlpatterns = [
    path("onderdelen/", sample),
    path("voorpagina/", home),
    path("scores/", scores),
    path("", include("achterhoek.urls")),
]
