"""Forms in the house style: `class RequestForm(NldsForm)` and `{% crispy form %}` is a whole, accessible form."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from achterhoek.errors import RuleViolation

SAVE = _("Save")


class NldsFormHelper(FormHelper):  # type: ignore[misc]
    """A form that posts, with its button; the server validates, so that every error is told in our words."""

    def __init__(
        self,
        form: forms.BaseForm | None = None,
        *,
        submit_label: str | Promise = SAVE,
        action: str = "",
        method: str = "post",
        kind: str = "primary",
        autosave: bool = False,
    ) -> None:
        super().__init__(form)
        self.form_method = method
        self.form_action = action
        self.form_class = "nlds-form"
        self.attrs: dict[str, str | bool] = {"novalidate": True}
        if autosave:
            self.attrs["data-autosave"] = "true"
        if method == "get":
            self.attrs["data-no-dirty-check"] = True
            self.disable_csrf = True
        if submit_label:
            button = Submit("submit", submit_label)
            button.field_classes = f"utrecht-button--{kind}-action"
            self.add_input(button)


# What a field left empty says, by kind; a field's own `error_messages` go before these.
EMPTY: tuple[tuple[type[forms.Field], Any], ...] = (
    (forms.FileField, _("Choose a file.")),
    (forms.ChoiceField, _("Make a choice.")),
    (forms.ModelChoiceField, _("Make a choice.")),
    (forms.BooleanField, _("Tick this box to go on.")),
    (forms.DateField, _("Fill in a date.")),
    (forms.Field, _("Fill in this field.")),
)


# What Django puts first in a list that nothing was chosen from yet: to a screen reader that is nine dashes.
DASHES = BLANK_CHOICE_DASH[0][1]


def say_what_to_do(fields: Mapping[str, forms.Field]) -> None:
    """Replace Django's "This field is required." and the dashes of a list to choose from by what to do."""
    general = forms.Field.default_error_messages["required"]
    for field in fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.empty_label == DASHES:
            field.empty_label = _("Make a choice")
        if field.error_messages.get("required") is general:
            field.error_messages["required"] = next(text for kind, text in EMPTY if isinstance(field, kind))


class NldsFormMixin:
    """Gives a form its `helper`; set `submit_label` to the verb of the page, such as `_("Submit your request")`."""

    submit_label: ClassVar[str | Promise] = SAVE
    form_action: ClassVar[str] = ""
    form_method: ClassVar[str] = "post"
    autosave: ClassVar[bool] = False
    # A search form has nothing but optional fields: saying so at each of them only tires the reader.
    show_optional: ClassVar[bool] = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Mapping[str, forms.Field] = getattr(self, "fields", {})
        say_what_to_do(fields)

    @property
    def helper(self) -> NldsFormHelper:
        form: Any = self
        return NldsFormHelper(
            form,
            submit_label=self.submit_label,
            action=self.form_action,
            method=self.form_method,
            autosave=self.autosave,
        )

    @property
    def http_status(self) -> int:
        """The status of a page that shows this form: 422 where what was sent in is refused."""
        form: Any = self
        return HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK

    def refuse(self, broken: RuleViolation) -> None:
        """Show the rule that a service found broken: beside its field, or above the form where it has none here."""
        form: Any = self
        form.add_error(broken.field if broken.field in form.fields else None, broken.message)


class NldsForm(NldsFormMixin, forms.Form):
    """A plain form in the house style."""


class NldsModelForm(NldsFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    """A model form in the house style."""
