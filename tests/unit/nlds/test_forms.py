"""A form is accessible by itself: label, help, error, input, in that order and tied together by ids."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django import forms
from django.template import engines
from django.test import RequestFactory

from achterhoek.errors import RuleViolation
from achterhoek.nlds.errors import errors_of
from achterhoek.nlds.fields import MoneyField
from achterhoek.nlds.forms import NldsForm, NldsFormHelper
from tests.unit.nlds.samples import SampleForm

pytestmark = pytest.mark.urls("tests.unit.nlds.samples")


def render(form: forms.BaseForm | forms.BaseFormSet, template: str = "{% crispy form %}", **values: object) -> str:
    source = "{% load crispy_forms_tags %}" + template
    request = RequestFactory().get("/")
    return " ".join(engines["django"].from_string(source).render({"form": form, **values}, request).split())


def test_a_field_reads_label_help_error_input() -> None:
    html = render(SampleForm({}))
    places = [
        html.index('<label class="utrecht-form-label nlds-field__label" for="id_name">'),
        html.index('id="id_name_helptext"'),
        html.index('id="id_name_error"'),
        html.index('<input type="text" name="name"'),
    ]
    assert places == sorted(places)


def test_the_input_names_its_help_and_its_error() -> None:
    html = render(SampleForm({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert html.count('aria-invalid="true"') == 7
    untouched = render(SampleForm())
    assert 'aria-describedby="id_name_helptext"' in untouched
    assert "aria-invalid" not in untouched


def test_choices_are_a_fieldset_that_carries_help_and_error() -> None:
    html = render(SampleForm({}))
    assert 'id="div_id_role" aria-describedby="id_role_helptext id_role_error"' in html
    assert '<label class="nlds-choice__label" for="id_role_0">Als hoofdaannemer</label>' in html
    chosen = render(SampleForm({"role": "consortium", "places": ["b"]}))
    radio = re.search(r'<input type="radio"[^>]*value="consortium"[^>]*>', chosen)
    assert radio
    assert " checked" in radio[0]
    assert 'class="nlds-radio"' in radio[0]
    box = re.search(r'<input type="checkbox"[^>]*value="b"[^>]*>', chosen)
    assert box
    assert " checked" in box[0]


def test_optional_fields_say_so_in_words() -> None:
    html = render(SampleForm())
    assert html.count("(niet verplicht)") == 2
    assert "*" not in html.replace("/*", "")


def test_a_search_form_does_not_call_its_fields_optional() -> None:
    class SearchForm(NldsForm):
        form_method = "get"
        show_optional = False
        q = forms.CharField(label="Zoek", required=False)

    html = render(SearchForm())
    assert "(niet verplicht)" not in html
    assert "csrfmiddlewaretoken" not in html


def test_a_form_posts_with_csrf_and_its_own_verb_and_files() -> None:
    html = render(SampleForm())
    assert "csrfmiddlewaretoken" in html
    assert 'method="post" enctype="multipart/form-data"' in html
    assert "novalidate" in html
    assert ">Verstuur uw verzoek</button>" in html


def test_fields_alone_for_an_own_form_element() -> None:
    html = render(SampleForm(), "{{ form|crispy }}")
    assert "<form" not in html
    assert 'id="id_vision_count"' in html


def test_a_text_area_tells_its_limit_and_does_not_cut_what_is_pasted() -> None:
    html = render(SampleForm())
    assert "U kunt ten hoogste 40 tekens gebruiken." in html
    assert 'data-maxlength="40"' in html
    assert " maxlength=" not in html[html.index("<textarea") : html.index("</textarea>")]
    assert 'aria-describedby="id_vision_helptext id_vision_count"' in html


def test_what_was_typed_stays_after_an_error() -> None:
    html = render(SampleForm({"name": "Zorg <Voorbeeld>", "price": "veel", "vision": "x" * 41}))
    assert 'value="Zorg &lt;Voorbeeld&gt;"' in html
    assert 'value="veel"' in html
    assert "x" * 41 in html


def test_an_empty_field_says_what_to_do() -> None:
    form = SampleForm({})
    assert form.errors["name"] == ["Vul dit veld in."]
    assert form.errors["segment"] == ["Maak een keuze."]
    assert form.errors["plan"] == ["Kies een bestand."]
    assert form.errors["agree"] == ["Vink dit aan om verder te gaan."]


def test_a_fields_own_words_go_before_the_general_ones() -> None:
    class OwnForm(NldsForm):
        kvk = forms.CharField(error_messages={"required": "Vul uw KvK-nummer in."})

    assert OwnForm({}).errors["kvk"] == ["Vul uw KvK-nummer in."]


@pytest.mark.parametrize(("field", "beside"), [("name", "name"), (None, "__all__"), ("elsewhere", "__all__")])
def test_a_broken_rule_stands_beside_its_field_or_above_the_form(field: str | None, beside: str) -> None:
    form = SampleForm({})
    form.errors.clear()
    form.refuse(RuleViolation("Kies een andere naam.", field))
    assert form.errors == {beside: ["Kies een andere naam."]}


def test_the_summary_links_to_each_field() -> None:
    form = SampleForm({"name": "x"})
    form.add_error(None, "De termijn is voorbij.")
    links = errors_of(form)
    assert (links[0].message, links[0].target) == ("De termijn is voorbij.", "")
    targets = [link.target for link in links[1:]]
    assert targets == ["id_vision", "id_segment", "id_role_0", "id_start", "id_price", "id_plan", "id_agree"]
    html = render(form)
    assert all(f'id="{target}"' in html for target in targets)
    assert links[1].message == "Uw visie: Vul dit veld in."


def test_formsets_have_a_legend_per_item_and_one_list_of_errors() -> None:
    class Person(NldsForm):
        name = forms.CharField(label="Naam")

    people = forms.formset_factory(Person, extra=0, min_num=2, validate_min=True)
    formset = people({"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-name": "", "form-1-name": "B"})
    html = render(formset, "{% crispy form helper %}", helper=NldsFormHelper(submit_label="Bewaar"))
    assert html.count("nlds-formset__legend") == 2
    assert html.count("<form ") == 1
    assert 'name="form-TOTAL_FORMS"' in html
    assert [link.target for link in errors_of(formset) if link.target] == ["id_form-0-name"]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.240.000,00", "1240000.00"),
        ("1240000", "1240000"),
        ("€ 1 240 000,5", "1240000.5"),
        ("1,240,000.50", "1240000.50"),
        ("1.240", "1240"),
        ("12.50", "12.50"),
        ("0", "0"),
    ],
)
def test_money_is_read_as_people_write_it(typed: str, amount: str) -> None:
    assert MoneyField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["veel", "1,2,3", "12,345", "NaN", "1e5x", "1e5", "1O0", "-", "Infinity"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        MoneyField().clean(typed)


def test_money_is_shown_again_the_dutch_way() -> None:
    class PriceForm(NldsForm):
        price = MoneyField(label="Prijs")

    assert 'value="1.240.000,00"' in render(PriceForm(initial={"price": Decimal("1240000")}))


def test_a_label_that_is_a_sentence_keeps_its_own_end_in_the_summary() -> None:
    class Asked(NldsForm):
        places = forms.IntegerField(
            label="Hoeveel inwoners kunt u helpen?", error_messages={"required": "Vul een getal in."}
        )
        name = forms.CharField(label="Naam", error_messages={"required": "Vul uw naam in."})

    messages = [link.message for link in errors_of(Asked({}))]

    assert messages == ["Hoeveel inwoners kunt u helpen? Vul een getal in.", "Naam: Vul uw naam in."]
