"""One section of a draft: filled in, saved while typing, and the choice between two versions of an answer."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from achterhoek.accounts.access import allow
from achterhoek.accounts.enums import Role
from achterhoek.accounts.requests import UserRequest
from achterhoek.errors import RuleViolation
from procurement.forms.sections import SectionForm
from procurement.models import Submission
from procurement.selectors.checklist import Checklist, Section
from procurement.services.answers import Saved, choose_version, save_answers
from procurement.views.own_submission import own_checklist, own_submission, page_context

TEMPLATE = "procurement/submission/section.html"


def _section(state: Checklist, key: str) -> Section:
    found = state.section(key)
    if found is None:
        raise Http404
    return found


@allow(Role.PROVIDER)
def section(request: UserRequest, pk: uuid.UUID, key: str) -> HttpResponse:
    """One section of the form. What is right is saved, also when something else is wrong."""
    submission = own_submission(request, pk)
    state = own_checklist(request, submission)
    found = _section(state, key)
    if request.method != "POST":
        form = SectionForm(section=found)
        return render(request, TEMPLATE, {**_context(request, submission, state, found), "form": form})
    form = SectionForm(request.POST, request.FILES, section=found)
    typing = bool(request.headers.get("X-Autosave"))
    saved = _save(request, submission, form, state, removing=not typing)
    if typing:
        return _saved_while_typing(request, submission, key, form, saved)
    if saved is not None and not form.errors:
        return _after_saving(request, submission, state, key, saved)
    return _shown_again(request, submission, key, form, saved)


def _context(request: UserRequest, submission: Submission, state: Checklist, found: Section) -> dict[str, Any]:
    return {
        **page_context(submission),
        "checklist": state,
        "section": found,
        "next_section": state.after(found.key),
        "upload_limit": settings.MAX_UPLOAD_BYTES,
        "colleagues": found.changed_by_others(request.user.pk),
    }


def _save(
    request: UserRequest, submission: Submission, form: SectionForm, state: Checklist, *, removing: bool = True
) -> Saved | None:
    """Save what is right; what is not stands in the errors of the form. None where nothing may be saved."""
    form.is_valid()
    try:
        saved = save_answers(
            submission=submission, answers=form.answers(removing=removing), confirmations=form.confirmations(),
            by=request.user, seen=form.seen(), state=state,
        )  # fmt: skip
    except RuleViolation as violation:
        form.refuse(violation)
        return None
    form.refuse_answers(saved.refused)
    return saved


def _after_saving(
    request: UserRequest, submission: Submission, state: Checklist, key: str, saved: Saved
) -> HttpResponse:
    """On to the next section, or stay where there is something to choose."""
    if saved.conflicts:
        _tell_conflict(request, saved)
        return _to_field(submission, key, next(iter(saved.conflicts)))
    if place := request.POST.get("stay"):
        return _to_field(submission, key, place)
    messages.success(request, _("Saved. This is a draft: it is not submitted yet."))
    following = state.after(key)
    if "next" in request.POST and following is not None:
        return redirect("procurement:submission_section", pk=submission.pk, key=following.key)
    return redirect("procurement:submission", pk=submission.pk)


def _tell_conflict(request: UserRequest, saved: Saved) -> None:
    who = ", ".join(sorted(set(saved.conflicts.values())))
    text = _("%(who)s changed an answer at the same time as you. Both versions are kept: choose below.")
    messages.warning(request, text % {"who": who})


def _to_field(submission: Submission, key: str, field: str) -> HttpResponse:
    """The section again, at this field; the part of an address that the browser keeps to itself is ours alone."""
    address = reverse("procurement:submission_section", args=[submission.pk, key])
    return redirect(f"{address}#item-{field}" if field.isalnum() and field.isascii() else address)


def _shown_again(
    request: UserRequest, submission: Submission, key: str, form: SectionForm, saved: Saved | None
) -> HttpResponse:
    """The form with what was typed; what was saved shows as saved."""
    if saved is not None and saved.conflicts:
        _tell_conflict(request, saved)
    state = own_checklist(request, submission)
    form.section = found = _section(state, key)
    context = {**_context(request, submission, state, found), "form": form, "partly_saved": saved is not None}
    return render(request, TEMPLATE, context, status=form.http_status)


def _saved_while_typing(
    request: UserRequest, submission: Submission, key: str, form: SectionForm, saved: Saved | None
) -> HttpResponse:
    """What the page must know, as data: the marks of what it shows now, and what others did meanwhile."""
    if saved is None:
        return JsonResponse({"message": " ".join(map(str, form.non_field_errors()))}, status=422)
    state = own_checklist(request, submission)
    form.section = found = _section(state, key)
    stale = form.stale(request.user.pk)
    about = {"submission": submission, "section": found}
    notices = {
        item.key: {
            "who": item.given.changed_by if item.given else "",
            "html": render_to_string("procurement/submission/_versions.html", {**about, "item": item}, request),
        }
        for item in found.items
        if item.conflict or item.key in stale
    }
    return JsonResponse(
        {
            "marks": form.fresh_marks(request.user.pk),
            "conflicts": notices,
            "errors": {form[name].auto_id: list(errors) for name, errors in form.errors.items() if name in form.fields},
            "done": found.done,
            "asked": found.asked,
        }
    )


@allow(Role.PROVIDER)
@require_POST
def choose(request: UserRequest, pk: uuid.UUID, key: str, alternative: int) -> HttpResponse:
    """Choose between two versions of an answer that two people changed at once; what else was typed is saved first."""
    submission = own_submission(request, pk)
    if "section" in request.POST:
        state = own_checklist(request, submission)
        found = _section(state, key)
        form = SectionForm(request.POST, request.FILES, section=found)
        saved = _save(request, submission, form, state)
        if form.errors:
            return _shown_again(request, submission, key, form, saved)
    try:
        field = choose_version(
            submission=submission, alternative=alternative, keep=request.POST.get("keep") == "other", by=request.user
        )
    except RuleViolation as violation:
        messages.error(request, violation.message)
        return redirect("procurement:submission_section", pk=pk, key=key)
    messages.success(request, _("Your choice is saved."))
    return _to_field(submission, key, field)
