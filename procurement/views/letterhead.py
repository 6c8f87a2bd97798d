"""The paper of a region: how its letters look, its own words in them, and how that turns out."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.accounts.roles import region_ids_of
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from achterhoek.region.models import Region
from procurement.domain.letter_texts import TextFault
from procurement.enums import LetterKind, TextPlace
from procurement.forms.letterhead import LetterheadForm, LetterTextForm
from procurement.selectors import letterhead as selectors
from procurement.selectors.letter_sample import sample_letter
from procurement.services.letter_pdf import render_pdf
from procurement.services.letterhead import save_letterhead, save_texts
from providers.enums import LetterLanguage


@allow(Role.LEAD, read=(Role.AUDITOR,))
def letterhead(request: UserRequest) -> HttpResponse:
    """The letterhead of a region, and which kinds of letters have own words."""
    region = _region(request)
    found = selectors.letterhead_of(region)
    form = LetterheadForm.of(found)
    if request.method == "POST":
        form = LetterheadForm(request.POST, request.FILES, letterhead=found)
    if form.is_bound and form.is_valid():
        try:
            save_letterhead(
                region=region,
                data=form.data_typed(),
                logo=form.logo_given(),
                drop_logo=form.cleaned_data.get("drop_logo", False),
                by=request.user,
            )
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            messages.success(request, _("The letterhead is saved. New letters are made on it."))
            return redirect(_page(region))
    context = {
        "region": region,
        "regions": selectors.letterhead_regions(request.user),
        "letterhead": found,
        "form": form,
        "may_write": _works_for(request, region),
        "kinds": _kinds(region),
        "history": selectors.history_of(region),
    }
    return render(request, "procurement/letterhead/detail.html", context, status=form.http_status)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def letterhead_texts(request: UserRequest, slug: str, kind: str, language: str) -> HttpResponse:
    """The own words of one kind of letter, in one language."""
    region = get_object_or_404(selectors.letterhead_regions(request.user), slug=slug)
    _require_kind(kind, language)
    known = {place: selectors.text_of(region, kind, language, place) for place in TextPlace.values}
    initial = {place: found.text for place, found in known.items() if found is not None}
    form = LetterTextForm(request.POST) if request.method == "POST" else LetterTextForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_texts(region=region, kind=kind, language=language, texts=form.cleaned_data, by=request.user)
        except RuleViolation as broken:
            form.refuse(broken)
        else:
            messages.success(request, _("The texts are saved. New letters have them."))
            return redirect("procurement:letterhead_texts", slug=slug, kind=kind, language=language)
    context = {
        "region": region,
        "back": _page(region),
        "kind": kind,
        "kind_label": LetterKind(kind).label,
        "language": language,
        "language_label": LetterLanguage(language).label,
        "form": form,
        "may_write": _works_for(request, region),
    }
    return render(request, "procurement/letterhead/texts.html", context, status=form.http_status)


@allow(Role.LEAD, read=(Role.AUDITOR,))
def letterhead_preview(request: UserRequest, slug: str, kind: str, language: str) -> HttpResponse:
    """An example of a kind of letter on this paper, as PDF."""
    region = get_object_or_404(selectors.letterhead_regions(request.user), slug=slug)
    _require_kind(kind, language)
    try:
        content = sample_letter(region, kind=kind, language=language, on=database_today())
    except TextFault as fault:
        messages.error(request, selectors.told(fault))
        return redirect("procurement:letterhead_texts", slug=slug, kind=kind, language=language)
    response = HttpResponse(render_pdf(content), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="voorbeeld-{kind}-{language}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def _region(request: UserRequest) -> Region:
    """The region that was asked for, or the first of this user."""
    regions = selectors.letterhead_regions(request.user)
    slug = request.GET.get("regio")
    found = get_object_or_404(regions, slug=slug) if slug else regions.first()
    if found is None:
        raise Http404
    return found


def _page(region: Region) -> str:
    return f"{reverse('procurement:letterhead')}?regio={region.slug}"


def _works_for(request: UserRequest, region: Region) -> bool:
    regions = region_ids_of(request.user, Role.LEAD)
    return regions is None or region.pk in regions


def _require_kind(kind: str, language: str) -> None:
    if kind not in LetterKind.values or language not in LetterLanguage.values:
        raise Http404


def _kinds(region: Region) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """Each kind with, for each language, whether there are own words."""
    own = {(text.kind, text.language) for text in selectors.texts_of(region)}
    return [
        (value, str(label), [(code, str(name), (value, code) in own) for code, name in LetterLanguage.choices])
        for value, label in LetterKind.choices
    ]
