"""Every letter of a decision can be looked at before it is sent, for each purpose and in each language."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from procurement.enums import Stage
from procurement.models import LetterBatch
from procurement.selectors.decisions import visible_letters
from procurement.selectors.letters import batch_source
from procurement.services.letter_work import make_next_letter
from tests.factories.decisions import adopted, ranked_segment_round
from tests.pdf import text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("query", "said"), [
    ("", "Goed nieuws. U deed een inschrijving"),
    ("?taal=en", "Good news. You handed in a tender"),
    ("?doel=withdrawal&reden=Een+fout+van+ons.", "Een fout van ons."),
    ("?doel=withdrawal&taal=en&reden=Een+fout.", "We withdraw our decision"),
    ("?doel=final", "De gunning is definitief"),
    ("?doel=invitation&taal=en", "We invite you"),
])  # fmt: skip
def test_it_is_shown_as_a_page_and_as_pdf(client, query, said):
    ranked, decision = adopted(Stage.AWARD)
    client.force_login(ranked.lead)
    page = client.get(reverse("procurement:letter_preview", args=[decision.pk, ranked.entries[0].pk]) + query)
    assert said in " ".join(page.content.decode().replace("<strong>", "").split())
    pdf = client.get(reverse("procurement:letter_preview_pdf", args=[decision.pk, ranked.entries[0].pk]) + query)
    assert said in text_of(pdf.content)


@pytest.mark.parametrize("query", ["?doel=draw", "?doel=x", "?taal=de"])
def test_what_there_is_not_is_not_found(client, query):
    ranked, decision = adopted(Stage.AWARD)
    client.force_login(ranked.lead)
    url = reverse("procurement:letter_preview", args=[decision.pk, ranked.entries[0].pk])
    assert client.get(url + query).status_code == 404


def test_a_draw_is_announced_to_who_is_equal_after_an_example(client):
    bids = (("Zorg Aan De Slinge", ("8", "8"), "pending_draw"), ("Buurtkracht", ("8", "8"), "pending_draw"))
    ranked = ranked_segment_round(Stage.SELECTION, bids=bids)
    client.force_login(ranked.lead)
    url = reverse("procurement:draw_announce", args=[ranked.segment_round.pk])
    day = timezone.localtime() + timedelta(days=7)
    told = {"moment_0": day.strftime("%Y-%m-%d"), "moment_1": "10:00", "moment": day.strftime("%Y-%m-%dT10:00"),
            "place": "Gemeentehuis Aalten", "how": "De voorzitter trekt."}  # fmt: skip
    example = client.post(url, {**told, "example": "1"})
    assert "Gemeentehuis Aalten" in text_of(example.content)
    assert not LetterBatch.objects.exists()
    late = client.post(url, {**told, "moment": "2020-01-01T10:00", "moment_0": "2020-01-01"})
    assert late.context["form"].errors["moment"]
    assert client.post(url, told).status_code == 302
    batch = LetterBatch.objects.get()
    assert batch.letters.count() == 2
    made = make_next_letter(batch_source(batch.pk), batch.pk)
    assert visible_letters(ranked.lead).get() == made
    assert not visible_letters(ranked.member(0)).exists()
