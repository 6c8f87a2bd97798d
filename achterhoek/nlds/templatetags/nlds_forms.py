"""Tags of the crispy template pack: each widget with the right class and the right ids."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.FileInput, "nlds-file-input"),
    (forms.CheckboxInput, "nlds-checkbox"),
    (forms.Textarea, "utrecht-textarea"),
    (forms.Select, "utrecht-select utrecht-select--html-select"),
    (forms.widgets.Input, "utrecht-textbox utrecht-textbox--html-input"),
)


def _class_of(widget: forms.Widget) -> str:
    own = str(widget.attrs.get("class", ""))
    house = next((name for kind, name in CLASSES if isinstance(widget, kind)), "")
    return f"{house} {own}".strip()


@register.filter
def kind_of(field: BoundField) -> str:
    """How a field is laid out: hidden, choices, group, checkbox, or input."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if widget.use_fieldset:
        return "group"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "input"


@register.filter
def character_limit(field: BoundField) -> int | None:
    """The most characters a text area takes, to be told beside it."""
    limit = getattr(field.field, "max_length", None)
    return limit if isinstance(field.field.widget, forms.Textarea) else None


@register.filter
def is_optional(field: BoundField) -> bool:
    """Optional fields say so in words; a lone checkbox is by its nature a choice."""
    if field.field.required or field.field.disabled or not getattr(field.form, "show_optional", True):
        return False
    return not isinstance(field.field.widget, forms.CheckboxInput)


@register.simple_tag
def form_field(field: BoundField) -> SafeString:
    """`{% form_field form.name %}`: one field as `{% crispy form %}` prints it."""
    return render_to_string("nlds/field.html", {"field": field})


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's widget with class, `aria-describedby` (help, error, counter), and `aria-invalid`."""
    widget = field.field.widget
    attrs: dict[str, Any] = {"class": _class_of(widget)}
    if field.errors and not widget.use_fieldset:
        attrs["class"] += f" {attrs['class'].split()[0]}--invalid"
        attrs["aria-invalid"] = "true"
    if str(widget.attrs.get("placeholder", "")) == str(field.label):
        attrs["placeholder"] = False  # it would only say the label twice
    limit = character_limit(field)
    if limit and field.auto_id:
        # Without the attribute a browser keeps what was typed or pasted too long; the server says what to do.
        attrs.update({"maxlength": False, "data-maxlength": str(limit)})
        described = [field.aria_describedby or widget.attrs.get("aria-describedby"), f"{field.auto_id}_count"]
        attrs["aria-describedby"] = " ".join(part for part in described if part)
    return field.as_widget(attrs=attrs)


@register.simple_tag
def choices(field: BoundField) -> SafeString:
    """The choices of a radio or checkbox group, each an input with its label.

    Made here: a page of scores has dozens, and a template takes five times as long over each.
    """
    house = "nlds-radio" if isinstance(field.field.widget, forms.RadioSelect) else "nlds-checkbox"
    return format_html_join(
        "\n",
        '<div class="nlds-choice"><input{}><label class="nlds-choice__label" for="{}">{}</label></div>',
        ((_input(option.data, house), option.id_for_label, option.data["label"]) for option in field.subwidgets),
    )


def _input(option: dict[str, Any], house: str) -> SafeString:
    """The attributes of one choice. One choice is never wrong by itself: the fieldset carries the error."""
    attrs = {name: value for name, value in option["attrs"].items() if name != "aria-invalid" and value is not False}
    attrs["class"] = f"{house} {attrs.get('class', '')}".strip()
    given = {"type": option["type"], "name": option["name"], "value": option["value"], **attrs}
    return mark_safe(
        "".join(
            f" {name}" if value is True else f' {name}="{conditional_escape(value)}"' for name, value in given.items()
        )
    )
