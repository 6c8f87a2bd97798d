"""The pages of a decision: who opens them, what they do, and that they stay fast with many bidders."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.clock import database_today
from achterhoek.panels import panels_for
from procurement.enums import DecisionStatus, Stage
from procurement.models import CollegeDecision, Decision, Letter
from procurement.services.decisions import request_sending
from procurement.tasks.letters import send_letters
from tests.factories import RegionFactory, user_with
from tests.factories.decisions import BIDS, adopted, batch_of, proposed, ranked_segment_round

pytestmark = pytest.mark.django_db

MANY = tuple((f"Zorg Voorbeeld {i}", ("8", "8"), "selected" if i < 2 else "reserve") for i in range(9))


def page(client, name, *args, user=None):
    if user is not None:
        client.force_login(user)
    return client.get(reverse(f"procurement:{name}", args=args))


def sent(stage=Stage.AWARD, **fields):
    ranked, decision = adopted(stage, **fields)
    job = request_sending(decision=decision, by=ranked.lead)
    send_letters(batch_of(decision).pk, ranked.lead.pk, str(job.pk))
    decision.refresh_from_db()
    return ranked, decision


def queries(client, name, *args, user) -> int:
    client.force_login(user)
    page(client, name, *args)
    with CaptureQueriesContext(connection) as captured:
        assert page(client, name, *args).status_code == 200
    return len(captured)


def test_the_lead_proposes_from_the_ranking(client):
    ranked = ranked_segment_round(Stage.SELECTION)
    shown = page(client, "decision_propose", ranked.segment_round.pk, user=ranked.lead)
    assert "Zorg Aan De Slinge" in shown.content.decode()
    answer = client.post(
        reverse("procurement:decision_propose", args=[ranked.segment_round.pk]),
        {"note": "Conform de ranglijst.", "ranking": ranked.ranking.pk},
    )
    decision = Decision.objects.get()
    assert answer.url == reverse("procurement:decision", args=[decision.pk])
    assert decision.note == "Conform de ranglijst."


def test_a_refused_proposal_keeps_what_was_typed(client):
    ranked, _decision = proposed(Stage.SELECTION)
    client.force_login(ranked.lead)
    answer = client.post(
        reverse("procurement:decision_propose", args=[ranked.segment_round.pk]), {"note": "Mijn uitleg"}
    )
    assert answer.status_code == 422
    assert "Mijn uitleg" in answer.content.decode()


def test_the_lead_sends_what_was_signed(client, django_capture_on_commit_callbacks):
    ranked, decision = adopted(Stage.SELECTION)
    client.force_login(ranked.lead)
    answer = client.post(reverse("procurement:decision_send", args=[decision.pk]))
    assert answer.status_code == 302
    assert "/taken/" in answer.url
    assert Letter.objects.count() == 3


def test_a_step_out_of_order_says_so_on_the_page(client):
    ranked, decision = proposed(Stage.AWARD)
    client.force_login(ranked.lead)
    for name in ("decision_send", "decision_finalise"):
        answer = client.post(reverse(f"procurement:{name}", args=[decision.pk]), follow=True)
        assert "nlds-alert--error" in answer.content.decode()
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.PROPOSED


def test_the_page_counts_down_and_then_offers_the_final_award(client):
    ranked, decision = sent()
    finalise = reverse("procurement:decision_finalise", args=[decision.pk])
    content = page(client, "decision", decision.pk, user=ranked.lead).content.decode()
    assert "data-countdown" in content
    assert finalise not in content
    Decision.objects.filter(pk=decision.pk).update(standstill_until=database_today() - timedelta(days=1))
    assert finalise in page(client, "decision", decision.pk).content.decode()
    client.post(finalise)
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.FINAL


def test_gaps_are_listed_instead_of_the_button(client):
    ranked, decision = adopted()
    ranked.entries[0].consensus_scores.all().delete()
    content = page(client, "decision", decision.pk, user=ranked.lead).content.decode()
    assert content.count("Zorg Aan De Slinge:") == 2
    assert reverse("procurement:decision_send", args=[decision.pk]) not in content
    preview = page(client, "letter_preview", decision.pk, ranked.entries[0].pk)
    assert "Zorg Aan De Slinge:" in preview.content.decode()


def test_the_lead_previews_a_letter_as_page_and_as_pdf(client):
    ranked, decision = proposed()
    shown = page(client, "letter_preview", decision.pk, ranked.entries[2].pk, user=ranked.lead).content.decode()
    assert "geen contract te gunnen" in shown
    assert "De commissie leest een concreet plan voor Samenwerking" in shown
    pdf = page(client, "letter_preview_pdf", decision.pk, ranked.entries[2].pk)
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-1.7")
    assert page(client, "letter_preview", decision.pk, 0).status_code == 404


def test_the_preview_is_dutch_on_an_english_screen(client):
    ranked, decision = proposed()
    client.force_login(ranked.lead)
    url = reverse("procurement:letter_preview", args=[decision.pk, ranked.entries[2].pk])
    english = client.get(url, headers={"accept-language": "en"}).content.decode()
    dutch = client.get(url, headers={"accept-language": "nl"}).content.decode()
    # The frame around it is named in the reader's language; what the letter says is not.
    framed = [text.partition("<article")[2].partition("</article>")[0] for text in (english, dutch)]
    letters = [text.partition(">")[2] for text in framed]
    assert letters[0] == letters[1] != ""


def test_withdrawing_asks_for_the_reason(client):
    ranked, decision = proposed(Stage.SELECTION)
    client.force_login(ranked.lead)
    url = reverse("procurement:decision_withdraw", args=[decision.pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "De ranglijst klopt niet."})
    decision.refresh_from_db()
    assert decision.status == DecisionStatus.WITHDRAWN
    assert "De ranglijst klopt niet." in page(client, "decision", decision.pk).content.decode()


def test_only_the_lead_and_the_auditor_of_the_region_see_a_decision(client):
    ranked, decision = proposed()
    region = ranked.segment_round.round.tender.region
    auditor = user_with(Role.AUDITOR, region=region)
    content = page(client, "decision", decision.pk, user=auditor).content.decode()
    assert reverse("procurement:decision_withdraw", args=[decision.pk]) not in content
    stranger = user_with(Role.LEAD, region=RegionFactory())
    assert page(client, "decision", decision.pk, user=stranger).status_code == 404
    assert page(client, "decision", decision.pk, user=ranked.secretary()).status_code == 403
    assert page(client, "decision", decision.pk, user=ranked.member()).status_code == 403


def test_the_college_decides_on_its_page(client):
    ranked, decision = proposed()
    row = CollegeDecision.objects.get(decision=decision, municipality=ranked.municipalities[0])
    secretary = ranked.secretary(0)
    assert "Aalten" in page(client, "college_home", user=secretary).content.decode()
    content = page(client, "college_decision", row.pk).content.decode()
    assert "Zorg Aan De Slinge" in content
    assert 'name="outcome"' in content
    url = reverse("procurement:college_decision", args=[row.pk])
    refused = client.post(url, {"outcome": "reserved", "reservation": ""})
    assert refused.status_code == 422
    client.post(url, {"outcome": "reserved", "reservation": "Mits de raad instemt."})
    row.refresh_from_db()
    assert row.status == "reserved"
    client.post(reverse("procurement:college_lift", args=[row.pk]))
    row.refresh_from_db()
    assert row.status == "approved"


def test_another_college_does_not_see_it(client):
    ranked, decision = proposed()
    row = CollegeDecision.objects.get(decision=decision, municipality=ranked.municipalities[0])
    assert page(client, "college_decision", row.pk, user=ranked.secretary(1)).status_code == 404
    assert client.post(reverse("procurement:college_decision", args=[row.pk])).status_code == 404


def test_coverage_shows_where_there_is_no_choice(client):
    bids = (BIDS[0], (BIDS[1][0], BIDS[1][1], "reserve"), BIDS[2])
    ranked, decision = proposed(bids=bids)
    row = decision.college_decisions.first()
    shown = page(client, "college_decision", row.pk, user=ranked.secretary(0))
    coverage = shown.context["coverage"]
    assert coverage.municipalities == ("Aalten", "Berkelland")
    assert coverage.rows[0].counts == (1, 1)
    assert (coverage.below_one, coverage.below_two) == (0, 2)


def test_the_bidder_finds_its_letter_and_nobody_elses(client, rf):
    ranked, _decision = sent()
    member = ranked.member(0)
    own = Letter.objects.get(entry=ranked.entries[0])
    other = Letter.objects.get(entry=ranked.entries[1])
    request = rf.get("/mijn/")
    request.user = member
    panels = [panel for panel in panels_for("provider_home", request) if "letter" in panel.template]
    assert [letter.pk for letter in panels[0].context["letters"]] == [own.pk]
    client.force_login(member)
    home = client.get(reverse("providers:home")).content.decode()
    assert reverse("procurement:letter", args=[own.pk]) in home
    assert reverse("procurement:letter", args=[other.pk]) not in home
    answer = page(client, "letter", own.pk, user=member)
    assert answer.status_code == 302
    pdf = client.get(answer.url)
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    own.refresh_from_db()
    assert own.first_read_at is not None
    assert page(client, "letter", other.pk).status_code == 404


def test_the_bidder_reads_the_outcome_with_the_submission_once_the_letter_is_sent(client):
    ranked, _decision = adopted()
    client.force_login(ranked.member(1))
    assert "wacht op het besluit" in client.get(reverse("providers:home")).content.decode()
    ranked, _decision = sent()
    client.force_login(ranked.member(1))
    home = client.get(reverse("providers:home")).content.decode()
    assert "wacht op het besluit" not in home
    letter = Letter.objects.get(entry=ranked.entries[1])
    assert f"<strong>{letter.get_kind_display()}</strong>" in home
    assert "lees de brief" in home


def test_the_lead_sees_until_when_the_standstill_runs(client):
    ranked, decision = sent()
    client.force_login(ranked.lead)
    lines = {line.tender.pk: line for line in client.get(reverse("procurement:lead_home")).context["lines"]}
    line = lines[ranked.segment_round.round.tender_id]
    assert line.standstill_until == decision.standstill_until
    assert line.waits_until == (decision.standstill_until if line.step == "standstill" else None)


def test_the_number_of_queries_does_not_grow_with_the_bidders(client):
    small, small_decision = adopted()
    large, large_decision = adopted(bids=MANY, municipalities=4)
    for name in ("decision",):
        few = queries(client, name, small_decision.pk, user=small.lead)
        many = queries(client, name, large_decision.pk, user=large.lead)
        assert few == many <= 40
    few = queries(client, "college_decision", small_decision.college_decisions.first().pk, user=small.secretary(0))
    many = queries(client, "college_decision", large_decision.college_decisions.first().pk, user=large.secretary(0))
    assert few == many <= 21


def test_the_sent_page_and_the_home_of_the_college_do_not_grow_either(client):
    small, small_decision = sent()
    large, large_decision = sent(bids=MANY)
    few = queries(client, "decision", small_decision.pk, user=small.lead)
    assert queries(client, "decision", large_decision.pk, user=large.lead) == few <= 27
    secretary = small.secretary(0)
    one = queries(client, "college_home", user=secretary)
    lead = small.lead
    assert queries(client, "college_home", user=lead) <= one + 1


def test_the_pages_of_a_decision_do_not_read_whole_dossiers(client):
    """A dossier holds every score of every bid; a list of decisions would read one for each of its rows."""
    ranked, decision = proposed()
    secretary = ranked.secretary()
    before = decision.college_decisions.get(municipality=ranked.municipalities[0])
    pages = [
        ("college_home", [], secretary),
        ("college_decision", [before.pk], secretary),
        ("decision", [decision.pk], ranked.lead),
    ]
    for name, args, user in pages:
        with CaptureQueriesContext(connection) as queries:
            assert page(client, name, *args, user=user).status_code == 200
        assert not [query["sql"] for query in queries if '"dossier"' in query["sql"]], name


@pytest.mark.parametrize(("index", "said"), [(0, "wacht. Tot en met"), (2, "lees de brief")])
def test_after_reading_the_letter_the_next_step_is_what_it_leads_to(client, index, said):
    ranked, _decision = sent()
    client.force_login(ranked.member(index))
    home = reverse("providers:home")
    assert "lees de brief" in client.get(home).content.decode()
    client.get(reverse("procurement:letter", args=[Letter.objects.get(entry=ranked.entries[index]).pk]))
    assert said in client.get(home).content.decode()


def test_the_bidder_sees_its_outcome_and_letter_beside_what_it_can_do(client):
    ranked, decision = sent()
    letter = Letter.objects.get(entry=ranked.entries[2])
    shown = page(client, "decision_own", decision.pk, user=ranked.member(2)).content.decode()
    assert f"<strong>{letter.get_kind_display()}</strong>" in shown
    assert reverse("procurement:letter", args=[letter.pk]) in shown
    assert reverse("procurement:letter", args=[Letter.objects.get(entry=ranked.entries[0]).pk]) not in shown
    assert letter.kind not in letter.file.name
