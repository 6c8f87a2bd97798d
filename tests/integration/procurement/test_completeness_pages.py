"""The pages of the completeness check and of clarifications, as the lead and the provider meet them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from procurement.enums import Completeness
from procurement.models import Clarification, ClarificationRequest, CompletenessCheck, VaultOpening
from tests.factories import user_with
from tests.factories.completeness import POINT, checking, in_hours, pass_term
from tests.factories.submissions import pdf

pytestmark = pytest.mark.django_db


def as_user(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def list_url(made):
    return reverse("procurement:completeness", args=[made.round.pk])


def judge_url(made, submission):
    return reverse("procurement:completeness_judge", args=[made.round.pk, submission.pk])


def ask_url(made, point=POINT):
    return reverse("procurement:clarification_ask", args=[made.round.pk]) + f"?punt={point}"


def answer_url(clarification):
    return reverse("procurement:clarification", args=[clarification.submission_id, clarification.request_id])


def local(moment) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_the_list_says_where_each_submission_stands():
    made = checking(submissions=4)
    VaultOpening.objects.filter(round=made.round).update(
        submissions=[
            {"number": made.submissions[0].number, "matches": True},
            {"number": made.submissions[1].number, "matches": False},
        ]
    )
    made.judge(made.submissions[0], Completeness.COMPLETE)
    made.to_clarify(made.submissions[1])
    made.judge(made.submissions[2], Completeness.EXCLUDED, reason="Niet ondertekend.")
    page = text_of(as_user(made.lead).get(list_url(made)))
    for words in (
        "Niet getoetst: 1. Compleet: 1. Toe te lichten: 1. Uitgesloten: 1.", "Klopt niet", "Niet in het proces-verbaal",
        POINT, "Niet ondertekend.", "Vraag om toelichting",
    ):  # fmt: skip
        assert words in page, words


def test_an_empty_vault_leaves_nothing_to_check():
    made = checking(submissions=0)
    assert "Niets te toetsen" in text_of(as_user(made.lead).get(list_url(made)))


def test_the_lead_finds_the_check_on_the_page_of_the_tender():
    made = checking()
    page = text_of(as_user(made.lead).get(reverse("procurement:lead_tender", args=[made.round.tender.slug])))
    assert list_url(made) in page
    assert "0 van 2" in page


def test_judging_leads_on_to_the_next():
    made = checking(submissions=3)
    client = as_user(made.lead)
    sent = {"outcome": "clarify", "point": POINT, "reason": "", "next": ""}
    response = client.post(judge_url(made, made.submissions[0]), sent)
    assert response["Location"] == judge_url(made, made.submissions[1])
    # From now on the point is chosen, so that it reads the same.
    assert POINT in text_of(client.get(judge_url(made, made.submissions[1])))
    sent = {"outcome": "clarify", "known_point": POINT, "point": "", "reason": "Ook hier.", "save": ""}
    assert client.post(judge_url(made, made.submissions[1]), sent)["Location"] == list_url(made)
    assert set(CompletenessCheck.objects.values_list("point", flat=True)) == {POINT}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Kies uw oordeel."),
        ({"outcome": "excluded", "reason": "Zo"}, None),
        ({"outcome": "excluded", "reason": ""}, "Geef de reden van de uitsluiting."),
        ({"outcome": "clarify", "point": ""}, "Zeg in een paar woorden wat toegelicht moet worden."),
        ({"outcome": "weg", "reason": "Zo"}, "Selecteer een geldige keuze"),
    ],
)
def test_a_refused_judgment_says_what_to_do(sent, words):
    made = checking()
    response = as_user(made.lead).post(judge_url(made, made.submissions[0]), {"point": "", **sent})
    assert response.status_code == (422 if words else 302)
    if words:
        assert words in text_of(response)
        assert not CompletenessCheck.objects.exists()


def test_what_is_excluded_takes_no_other_judgment():
    made = checking()
    made.judge(made.submissions[0], Completeness.EXCLUDED, reason="Niet ondertekend.")
    client = as_user(made.lead)
    page = text_of(client.get(judge_url(made, made.submissions[0])))
    assert "Dat blijft zo." in page
    assert 'name="outcome"' not in page
    response = client.post(judge_url(made, made.submissions[0]), {"outcome": "complete", "reason": "", "point": ""})
    assert response.status_code == 422


def test_the_auditor_looks_and_does_nothing():
    made = checking()
    made.asked()
    client = as_user(user_with(Role.AUDITOR, region=made.round.tender.region))
    request = ClarificationRequest.objects.get()
    for url in (
        list_url(made), judge_url(made, made.submissions[0]),
        reverse("procurement:clarification_request", args=[request.pk]),
    ):  # fmt: skip
        page = client.get(url)
        assert page.status_code == 200
        assert 'name="outcome"' not in text_of(page)
        assert client.post(url).status_code == 403
    assert client.get(ask_url(made)).status_code == 403


def test_asking_begins_with_everybody_and_two_working_days():
    made = checking()
    made.to_clarify()
    client = as_user(made.lead)
    page = client.get(ask_url(made))
    form = page.context["form"]
    assert set(form["submissions"].value()) == {str(s.pk) for s in made.submissions}
    due = timezone.make_aware(form["due_at"].value())
    assert (due.hour, due.minute) == (17, 0)
    assert due > timezone.now()
    sent = {
        "submissions": [str(s.pk) for s in made.submissions], "subject": "Uittreksel", "text": "Stuur het na.",
        "due_at": local(due), "difference": "",
    }  # fmt: skip
    response = client.post(ask_url(made), sent, follow=True)
    assert "verstuurd aan 2 organisaties" in text_of(response)
    assert ClarificationRequest.objects.get().due_at == due
    # A double click, or coming back: nobody is asked twice.
    again = client.post(ask_url(made), sent)
    assert again.status_code == 422
    assert ClarificationRequest.objects.count() == 1
    assert "Iedereen heeft de vraag gekregen" in text_of(client.get(ask_url(made)))


def test_leaving_somebody_out_asks_why_and_keeps_what_was_typed():
    made = checking()
    made.to_clarify()
    sent = {
        "submissions": [str(made.submissions[0].pk)], "subject": "Uittreksel", "text": "Stuur het na.",
        "due_at": local(in_hours(48)), "difference": "",
    }  # fmt: skip
    client = as_user(made.lead)
    response = client.post(ask_url(made), sent)
    assert response.status_code == 422
    page = text_of(response)
    assert f"U slaat {made.submissions[1].number} over" in page
    assert "Stuur het na." in page
    response = client.post(ask_url(made), {**sent, "difference": "Was al nagestuurd."}, follow=True)
    assert "Was al nagestuurd." in text_of(response)


@pytest.mark.parametrize("point", ["", "Onbekend punt"])
def test_a_point_that_nobody_named_cannot_be_asked_about(point):
    made = checking()
    made.to_clarify()
    assert as_user(made.lead).get(ask_url(made, point)).status_code == 404


def test_a_provider_cannot_miss_the_question():
    made = checking()
    (clarification, _other) = made.asked()
    client = as_user(made.member(clarification.submission))
    pages = [reverse("providers:home"), reverse("procurement:submission", args=[clarification.submission_id])]
    for url in pages:
        assert answer_url(clarification) in text_of(client.get(url)), url
    page = text_of(client.get(answer_url(clarification)))
    assert "Stuur het uittreksel." in page
    assert "Wij wachten op uw antwoord" in page


def test_a_provider_answers_changes_and_is_late():
    made = checking()
    (clarification, _other) = made.asked()
    client = as_user(made.member(clarification.submission))
    url = answer_url(clarification)
    response = client.post(url, {"answer": "Hierbij het uittreksel.", "file": pdf()}, follow=True)
    assert "Uw antwoord is ontvangen" in text_of(response)
    client.post(url, {"answer": "Hierbij het juiste uittreksel."})
    clarification.refresh_from_db()
    assert clarification.answer == "Hierbij het juiste uittreksel."
    assert clarification.file is not None
    pass_term(clarification.request)
    late = client.post(url, {"answer": "Nog iets vergeten."})
    assert late.status_code == 422
    page = text_of(late)
    assert "Te laat is te laat" in page
    assert "Nog iets vergeten." in page
    assert "<textarea" not in text_of(client.get(url))
    assert Clarification.objects.get(pk=clarification.pk).answer == "Hierbij het juiste uittreksel."


def test_a_refused_answer_keeps_what_was_typed():
    made = checking()
    (clarification, _other) = made.asked()
    client = as_user(made.member(clarification.submission))
    response = client.post(answer_url(clarification), {"answer": "Mijn lange antwoord.", "file": pdf(pages=21)})
    assert response.status_code == 422
    assert "Mijn lange antwoord." in text_of(response)
    assert "21 pagina" in text_of(response)


def test_answers_stand_side_by_side_for_the_lead():
    made = checking()
    first, second = made.asked()
    as_user(made.member(first.submission)).post(answer_url(first), {"answer": "Antwoord van de eerste."})
    client = as_user(made.lead)
    url = reverse("procurement:clarification_request", args=[first.request_id])
    page = text_of(client.get(url))
    assert "1 van 2" in page
    assert "Antwoord van de eerste." not in page
    as_user(made.member(second.submission)).post(answer_url(second), {"answer": "Antwoord van de tweede."})
    page = text_of(client.get(url))
    assert "Antwoord van de eerste." in page
    assert "Antwoord van de tweede." in page
    pass_term(first.request)
    assert "Oordeel over deze inzending" in text_of(client.get(url))
