"""Forms in the house style: `class RequestForm(NldsForm)` and `{% crispy form %}` is a whole, accessible form."""

from __future__ import annotations

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class NldsFormHelper(FormHelper):
    """A form that posts, with its button; the server validates, so that every error is told in our words."""

    def __init__(
        self,
        form: forms.BaseForm | None = None,
        *,
        submit_label: str | Promise = _("Save"),
        action: str = "",
        method: str = "post",
        kind: str = "primary",
        autosave: bool = False,
    ) -> None:
        super().__init__(form)
        self.form_method = method
        self.form_action = action
        self.form_class = "nlds-form"
        self.attrs = {"novalidate": True}
        if autosave:
            self.attrs["data-autosave"] = "true"
        if method == "get":
            self.attrs["data-no-dirty-check"] = True
            self.disable_csrf = True
        if submit_label:
            button = Submit("submit", submit_label)
            button.field_classes = f"utrecht-button--{kind}-action"
            self.add_input(button)


class NldsFormMixin:
    """Gives a form its `helper`; set `submit_label` to the verb of the page, such as `_("Submit your request")`."""

    submit_label: ClassVar[str | Promise] = _("Save")
    form_action: ClassVar[str] = ""
    form_method: ClassVar[str] = "post"
    autosave: ClassVar[bool] = False
    # A search form has nothing but optional fields: saying so at each of them only tires the reader.
    show_optional: ClassVar[bool] = True

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


class NldsForm(NldsFormMixin, forms.Form):
    """A plain form in the house style."""


class NldsModelForm(NldsFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    """A model form in the house style."""
