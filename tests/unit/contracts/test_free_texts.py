"""No text that is typed about a contract takes a citizen service number in (no client data anywhere)."""

import inspect
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django import forms

import contracts.forms
from contracts.forms.change_fields import no_person

# Names, numbers and addresses of organisations, the words of a search, and what a file brings: no texts.
NO_TEXT = {
    "name", "function", "street", "city", "kvk_number", "agb_code", "successor", "zoek", "source",
}  # fmt: skip


def texts():
    """Every field of every form of contracts in which somebody writes."""
    for module in iter_modules(contracts.forms.__path__):
        found = import_module(f"contracts.forms.{module.name}")
        for form_name, form in inspect.getmembers(found, inspect.isclass):
            if not issubclass(form, forms.Form) or form.__module__ != found.__name__:
                continue
            for name, field in form.base_fields.items():
                written = type(field) is forms.CharField and not field.widget.is_hidden
                if written and name not in NO_TEXT:
                    yield pytest.param(field, id=f"{form_name}.{name}")


@pytest.mark.parametrize("field", list(texts()))
def test_a_text_is_looked_at_for_a_number_of_a_client(field):
    assert no_person in field.validators
