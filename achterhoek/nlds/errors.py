"""What the error summary lists, and whether a page's title starts with "Error: "."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.forms.formsets import BaseFormSet
from django.utils.functional import LazyObject


@dataclass(frozen=True, slots=True)
class ErrorLink:
    """One line of the summary; `target` is the id to jump to, empty where no field is at fault."""

    message: str
    target: str = ""


def target_of(field: BoundField) -> str:
    """The id a summary's link goes to: the input, or the first choice of a group of choices."""
    base = field.auto_id or field.html_name
    if field.use_fieldset:
        return f"{base}_0"
    return str(field.id_for_label or base)


def form_errors(form: BaseForm) -> list[ErrorLink]:
    """A bound form's errors, those of the whole form first, then field by field in the form's order."""
    if not form.is_bound or not form.errors:
        return []
    links = [ErrorLink(str(message)) for message in form.non_field_errors()]
    for field in form:
        target = "" if field.is_hidden else target_of(field)
        links.extend(ErrorLink(_named(str(field.label), str(message)), target) for message in field.errors)
    return links


def formset_errors(formset: BaseFormSet[Any]) -> list[ErrorLink]:
    if not formset.is_bound:
        return []
    links = [ErrorLink(str(message)) for message in formset.non_form_errors()]
    for form in formset.forms:
        links.extend(form_errors(form))
    return links


def errors_of(source: object) -> list[ErrorLink]:
    """The errors of a form, a formset, or several of them."""
    if isinstance(source, BaseForm):
        return form_errors(source)
    if isinstance(source, BaseFormSet):
        return formset_errors(source)
    if isinstance(source, Iterable) and not isinstance(source, (str, bytes, Mapping)):
        return [link for item in source for link in errors_of(item)]
    return []


def forms_in(context: Mapping[str, object]) -> list[BaseForm | BaseFormSet[Any]]:
    """The forms a page shows, each once: those in its context, and those in lists there.

    What a view left for later is no form: asking what it is would fetch it.
    """
    found: dict[int, BaseForm | BaseFormSet[Any]] = {}
    for value in context.values():
        if issubclass(type(value), LazyObject):
            continue
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, BaseForm | BaseFormSet):
                found[id(item)] = item
    within = {id(form) for item in found.values() if isinstance(item, BaseFormSet) for form in item.forms}
    return [item for key, item in found.items() if key not in within]


def context_has_errors(context: Mapping[str, object]) -> bool:
    """True when a page shows a form that was sent in and refused, or when its view says so."""
    if "page_has_errors" in context:
        return bool(context["page_has_errors"])
    return bool(errors_of(forms_in(context)))


def _named(label: str, message: str) -> str:
    """The field's label before its message; a label that is a sentence of its own keeps its own end."""
    return f"{label} {message}" if label.endswith((".", "?", "!", ":")) else f"{label}: {message}"
