"""The paper of a region: made up by its lead, on every letter from then on, and what is wrong said beside the field."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_today
from achterhoek.documents.gate import may_read
from achterhoek.documents.models import StoredFile
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.sizes import format_size
from procurement.enums import BatchPurpose, LetterKind, Stage
from procurement.models import Letterhead, LetterText
from procurement.selectors.letter_gaps import letter_gaps
from procurement.selectors.letters import letter_content, letter_source
from procurement.services.letter_pdf import render_pdf
from procurement.services.letterhead import LetterheadData, save_letterhead, save_texts
from tests.factories.accounts import user_with
from tests.factories.decisions import adopted, proposed, ranked_segment_round
from tests.factories.region import RegionFactory
from tests.pdf import assert_accessible, text_of
from tests.unit.procurement.test_letter_paper import png, svg

PAPER = LetterheadData(
    sender="Streek samen", return_address="Postbus 1, 7000 AA Voorbeeldstad", footer="Elke werkdag open",
    colour="#154273", signatory="", function="hoofd inkoop", logo_text="",
)  # fmt: skip


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def lead(region):
    return user_with(Role.LEAD, region=region)


@pytest.mark.django_db
def test_the_next_letter_is_on_the_paper_with_the_own_words():
    ranked, decision = adopted(Stage.AWARD)
    region = ranked.segment_round.round.tender.region
    save_letterhead(
        region=region, data=LetterheadData(**{**vars(PAPER), "logo_text": "Streek"}), logo=svg("<g/>"), by=ranked.lead
    )
    save_texts(
        region=region, kind="awarded", language="nl", by=ranked.lead,
        texts={"opening": "Beste mensen van {aanbieder}.", "closing": "Tot ziens, {regio}."},
    )  # fmt: skip
    source = letter_source(decision=decision)
    letter = letter_content(source, ranked.entries[0].pk, on=database_today())
    text = text_of(render_pdf(letter))
    for part in ("Streek samen", "Retouradres: Postbus 1", "Elke werkdag open", "hoofd inkoop", "Maud Mandaat",
                 "Beste mensen van Zorg Aan De Slinge.", f"Tot ziens, {region.name}."):  # fmt: skip
        assert part in text, part
    other = letter_content(source, ranked.entries[2].pk, on=database_today())
    assert other.opening == ()
    assert other.head == letter.head


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_letter_names_who_signed_the_decision_and_not_who_stands_on_the_paper(language):
    ranked, decision = adopted(Stage.AWARD)
    region = ranked.segment_round.round.tender.region
    named = LetterheadData(**{**vars(PAPER), "signatory": "Dirk Directeur", "function": "directeur"})
    save_letterhead(region=region, data=named, by=ranked.lead)
    source = letter_source(decision=decision)
    letter = letter_content(source, ranked.entries[0].pk, on=database_today(), language=language)
    text = text_of(render_pdf(letter))
    assert "Maud Mandaat" in text
    assert "Dirk Directeur" not in text
    assert "directeur" not in text


@pytest.mark.django_db
def test_before_it_is_signed_nobody_stands_under_the_letter():
    ranked, decision = proposed(Stage.AWARD)
    letter = letter_content(letter_source(decision=decision), ranked.entries[0].pk, on=database_today())
    assert letter.signatory == ""


@pytest.mark.django_db
def test_who_chose_english_gets_an_english_letter():
    ranked, decision = adopted(Stage.AWARD)
    organisation = ranked.entries[2].submission.organisation
    organisation.letter_language = "en"
    organisation.save()
    letter = letter_content(letter_source(decision=decision), ranked.entries[2].pk, on=database_today())
    pdf = render_pdf(letter)
    assert_accessible(pdf, "en")
    assert "We have decided not to award you a contract" in text_of(pdf)


@pytest.mark.django_db
def test_the_letter_of_a_draw_says_when_where_how_and_the_promise():
    bids = (("Zorg Aan De Slinge", ("8", "8"), "pending_draw"), ("Buurtkracht", ("8", "8"), "pending_draw"))
    ranked = ranked_segment_round(Stage.SELECTION, bids=bids)
    facts = {"moment": "2026-12-01T10:00:00+01:00", "place": "Gemeentehuis", "how": "De voorzitter trekt."}
    source = letter_source(ranking=ranked.ranking, purpose=BatchPurpose.DRAW, facts=facts)
    text = text_of(render_pdf(letter_content(source, ranked.entries[0].pk, on=database_today())))
    for part in ("1 december 2026, 10:00 uur", "Gemeentehuis", "De voorzitter trekt.", "Er moet worden geloot"):
        assert part in text, part


@pytest.mark.django_db
def test_a_text_that_got_in_broken_is_a_gap_and_no_letter(lead, region):
    ranked, decision = adopted(Stage.AWARD)
    LetterText.objects.create(
        region=ranked.segment_round.round.tender.region, kind="awarded", language="nl", place="opening",
        text="Beste {naam}", changed_by=lead,
    )  # fmt: skip
    (gap,) = letter_gaps(letter_source(decision=decision), by=ranked.lead)
    assert "{naam}" in str(gap)
    assert "{segment}" in str(gap)
    assert gap.url == reverse("procurement:letterhead")


@pytest.mark.django_db
def test_an_unknown_field_is_refused_beside_it_and_nothing_is_saved(client, lead, region):
    client.force_login(lead)
    url = reverse("procurement:letterhead_texts", args=[region.slug, "awarded", "nl"])
    page = client.post(url, {"opening": "Beste {naam}", "closing": "Dag {segment}"})
    assert page.status_code == 422
    assert "{naam}" in page.context["form"].errors["opening"][0]
    assert "{segment}" in page.context["form"].errors["opening"][0]
    assert not LetterText.objects.exists()
    assert client.post(url, {"opening": "Beste {aanbieder}", "closing": ""}).status_code == 302
    assert client.post(url, {"opening": "", "closing": "Dag"}).status_code == 302
    assert list(LetterText.objects.values_list("place", "text")) == [("closing", "Dag")]
    page = client.get(reverse("procurement:letterhead"))
    assert [change.text for change in page.context["history"]][-1] == "Beste {aanbieder}"
    assert AuditEvent.objects.filter(action__startswith="procurement.lettertext.").count() == 3


@pytest.mark.django_db
def test_a_light_colour_and_a_logo_without_words_are_refused(client, lead, region):
    client.force_login(lead)
    url = reverse("procurement:letterhead")
    page = client.post(url, {**vars(PAPER), "colour": "#ffcc00"})
    assert "4.5" in page.context["form"].errors["colour"][0]
    page = client.post(url, {**vars(PAPER), "logo": SimpleUploadedFile("logo.png", png())})
    assert page.context["form"].errors["logo_text"]
    page = client.post(url, {**vars(PAPER), "logo": SimpleUploadedFile("logo.svg", svg("<script/>"))})
    assert page.context["form"].errors["logo"]
    assert not Letterhead.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
def test_a_logo_is_kept_replaced_and_removed(client, lead, region):
    client.force_login(lead)
    url = reverse("procurement:letterhead")
    told = {**vars(PAPER), "logo_text": "Streek"}
    client.post(url, {**told, "logo": SimpleUploadedFile("logo.png", png())})
    first = Letterhead.objects.get().logo
    assert may_read(lead, first)
    assert not may_read(user_with(Role.PROVIDER), first)
    client.post(url, told)
    assert Letterhead.objects.get().logo == first
    client.post(url, {**told, "logo": SimpleUploadedFile("logo.svg", svg("<g/>"))})
    assert not StoredFile.objects.filter(pk=first.pk).exists()
    client.post(url, {**told, "drop_logo": "on"})
    assert Letterhead.objects.get().logo is None
    assert not StoredFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_can_be_seen_as_an_example(client, lead, region, language):
    client.force_login(lead)
    save_texts(region=region, kind="final", language=language, texts={"opening": "{kenmerk} {datum}"}, by=lead)
    for kind in LetterKind.values:
        answer = client.get(reverse("procurement:letterhead_preview", args=[region.slug, kind, language]))
        assert answer["Content-Type"] == "application/pdf"
        with pikepdf.open(BytesIO(answer.content)) as opened:
            assert str(opened.Root.Lang) == language
    assert "B-00000" in text_of(answer.content)


@pytest.mark.django_db
def test_another_region_is_not_yours(client, lead, region):
    other = RegionFactory()
    client.force_login(lead)
    assert client.get(f"{reverse('procurement:letterhead')}?regio={other.slug}").status_code == 404
    assert client.get(reverse("procurement:letterhead_texts", args=[other.slug, "final", "nl"])).status_code == 404
    assert client.get(reverse("procurement:letterhead_texts", args=[region.slug, "final", "xx"])).status_code == 404
    with pytest.raises(NotAllowed):
        save_letterhead(region=other, data=PAPER, by=lead)
    with pytest.raises(NotAllowed):
        save_texts(region=other, kind="final", language="nl", texts={}, by=lead)


@pytest.mark.django_db
def test_a_text_has_an_end(lead, region):
    with pytest.raises(RuleViolation):
        save_texts(region=region, kind="final", language="nl", texts={"opening": "a" * 2001}, by=lead)


@pytest.mark.django_db
def test_a_logo_that_is_too_large_is_refused_with_its_size_and_the_limit(client, region, lead):
    client.force_login(lead)
    content = b"\x89PNG" + b"0" * 300_000
    data = {**vars(PAPER), "logo": SimpleUploadedFile("logo.png", content, content_type="image/png")}
    answer = client.post(f"{reverse('procurement:letterhead')}?regio={region.slug}", data)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert format_size(len(content)) in shown
    assert "ten hoogste 200 kB" in shown
    assert not StoredFile.objects.filter(kind="letterhead_logo").exists()
