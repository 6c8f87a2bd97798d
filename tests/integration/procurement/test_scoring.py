"""Scoring as an evaluator does it: typed and kept, refused and explained, seen by nobody else, in few queries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.documents.services import accept_pdf
from procurement.enums import EntryStatus, Interest, ScoringOrder
from procurement.models import InterestDeclaration, ReasonPhrase, Score, ScoreDraft, ScoringNote
from procurement.selectors.gate import ANSWER_FILE
from procurement.selectors.naming import label_of
from procurement.services.evaluation import close_scoring, save_score
from procurement.services.score_seal import holds
from tests.factories import QuestionFactory, user_with
from tests.factories.documents import pdf
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def fields(criterion, value="", reason="", seen=("", "")):
    key = f"k{criterion.pk}"
    return {
        f"{key}-value": value,
        f"{key}-reason": reason,
        f"initial-{key}-value": seen[0],
        f"initial-{key}-reason": seen[1],
    }


def page(made, entry=0):
    return f"/beoordelen/{made.segment_round.pk}/{made.entries[entry].pk}/"


def typed(client, made, *args, **kwargs):
    """What the script sends while somebody types; what came of it on the first criterion."""
    answer = client.post(page(made), fields(made.criteria[0], *args, **kwargs), headers={"X-Autosave": "1"})
    return answer.json()["outcomes"].get(str(made.criteria[0].pk))


@pytest.fixture
def made(client):
    found = evaluation()
    client.force_login(found.evaluators[0])
    return found


def test_what_is_typed_is_a_draft_until_it_is_complete_and_then_a_score(client, made):
    assert typed(client, made, "6")["state"] == "draft"
    assert ScoreDraft.objects.get().value == 6
    assert not Score.objects.exists()
    told = typed(client, made, "6", "Concreet.", seen=("6", ""))
    assert told["state"] == "saved"
    score = Score.objects.get()
    assert (score.value, score.reason) == (Decimal(6), "Concreet.")
    assert not ScoreDraft.objects.exists()


def test_the_event_of_a_score_vouches_for_it_also_when_it_is_changed(client, made):
    typed(client, made, "6", "Concreet.")
    typed(client, made, "8", "Beter.", seen=("6", "Concreet."))
    event = AuditEvent.objects.filter(action="procurement.score.saved").latest("pk")
    assert event.target_label == str(made.entries[0])
    assert holds(Score.objects.get(), event.detail["commitment"])


def test_a_draft_stands_there_again_after_a_day_and_counts_for_nothing(client, made):
    typed(client, made, "", "Halve gedachte.")
    html = client.get(page(made)).content.decode()
    assert "Halve gedachte." in html
    assert client.get(f"/beoordelen/{made.segment_round.pk}/").context["done"] == 0


def test_the_older_tab_does_not_overwrite_the_newer_but_keeps_what_was_typed(client, made):
    typed(client, made, "8", "Uit het nieuwe tabblad.")
    told = typed(client, made, "2", "Uit het oude tabblad.")
    assert told["state"] == "conflict"
    assert "Uit het nieuwe tabblad." in told["message"]
    assert "seen" not in told
    answer = client.post(page(made), fields(made.criteria[0], "2", "Uit het oude tabblad."))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Uit het oude tabblad." in html
    assert Score.objects.get().value == 8
    # Now that both were shown, saving again is a choice.
    seen = ("8", "Uit het nieuwe tabblad.")
    assert f'value="{seen[1]}"' in html
    client.post(page(made), fields(made.criteria[0], "2", "Uit het oude tabblad.", seen=seen))
    assert Score.objects.get().value == 2


def test_a_reason_is_as_long_as_the_lead_has_set_and_the_page_says_how_much_is_missing(client, made):
    type(made.segment_round).objects.filter(pk=made.segment_round.pk).update(reason_min_length=20)
    answer = client.post(page(made), fields(made.criteria[0], "6", "Te kort."))
    assert answer.status_code == 422
    assert "12" in str(answer.context["forms"][0].errors["reason"])
    assert "Te kort." in answer.content.decode()
    assert not Score.objects.exists()


@pytest.mark.parametrize("value", ["7", "12", "-2", "zes", "NaN", "1e9"])
def test_a_score_off_the_scale_is_refused_and_the_reason_is_kept(client, made, value):
    answer = client.post(page(made), fields(made.criteria[0], value, "Wel een reden."))
    assert answer.status_code == 422
    assert "Wel een reden." in answer.content.decode()
    assert not Score.objects.exists()
    assert ScoreDraft.objects.get().value is None


def test_after_closing_what_was_typed_is_refused_explained_and_kept_on_the_page(client, made):
    close_scoring(segment_round=made.segment_round, by=made.lead, reason="Tijd is om.")
    answer = client.post(page(made), fields(made.criteria[0], "6", "Net te laat."))
    assert answer.status_code == 422
    assert "Net te laat." in answer.content.decode()
    assert not Score.objects.exists()
    assert not ScoreDraft.objects.exists()
    assert typed(client, made, "6", "Net te laat.")["state"] == "refused"


def test_without_a_declaration_nothing_of_the_bid_is_shown_and_what_was_typed_is_kept(client, made):
    InterestDeclaration.objects.filter(entry=made.entries[0]).update(superseded_at="2026-01-01T00:00Z")
    assert client.get(page(made)).status_code == 404
    answer = client.post(page(made), fields(made.criteria[0], "6", "Zonder verklaring."))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Zonder verklaring." in html
    assert made.entries[0].submission.organisation.name not in html
    assert not Score.objects.exists()


def test_who_has_an_interest_scores_nothing(client, made):
    declared = InterestDeclaration.objects.filter(entry=made.entries[0], seat__user=made.evaluators[0]).get()
    InterestDeclaration.objects.filter(pk=declared.pk).update(superseded_at="2026-01-01T00:00Z")
    InterestDeclaration.objects.create(
        seat=declared.seat, entry=declared.entry, interest=Interest.FAMILY, explanation="Familie.",
        parties=[], parties_digest="x",
    )  # fmt: skip
    assert typed(client, made, "6", "Toch maar.")["state"] == "refused"


def test_a_phrase_is_put_in_by_a_button_without_a_script(client, made):
    phrase = ReasonPhrase.objects.create(segment_round=made.segment_round, text="Het plan is concreet, want")
    data = fields(made.criteria[0], "6", "Eerste zin.")
    button = {"phrase": f"{made.criteria[0].pk}:{phrase.pk}"}
    html = client.post(page(made), {**data, **button}, follow=True).content.decode()
    assert "Eerste zin. Het plan is concreet, want</textarea>" in html
    assert f'name="initial-k{made.criteria[0].pk}-reason" value="Eerste zin."' in html
    # Also where what stood there cannot be saved: everything typed stays, and the phrase comes behind it.
    data = fields(made.criteria[0], "99", "Tweede zin.", seen=("6", "Eerste zin."))
    refused = client.post(page(made), {**data, **button})
    assert refused.status_code == 422
    assert "Tweede zin. Het plan is concreet, want</textarea>" in refused.content.decode()
    assert "want</textarea>" not in client.get(page(made), {"zin": "1:x"}).content.decode()


def test_a_phrase_stays_with_its_criterion_where_one_goes_through_one_at_a_time(client, made):
    phrase = ReasonPhrase.objects.create(segment_round=made.segment_round, text="Het plan is concreet, want")
    type(made.segment_round).objects.update(scoring_order=ScoringOrder.PER_CRITERION)
    first = made.criteria[0]
    data = {**fields(first, "6", "Eerste zin."), "phrase": f"{first.pk}:{phrase.pk}"}
    shown = client.post(page(made), data, follow=True)
    assert [form.criterion for form in shown.context["forms"]] == [first]
    assert "Eerste zin. Het plan is concreet, want</textarea>" in shown.content.decode()


def test_notes_and_flags_are_kept_and_seen_by_their_author_alone(client, made):
    client.post(f"{page(made)}notitie/", {"text": "Nog eens lezen.", "flagged": "on"})
    assert ScoringNote.objects.get().flagged
    assert "Nog eens lezen." in client.get(page(made)).content.decode()
    flagged = client.get(f"/beoordelen/{made.segment_round.pk}/?toon=gemarkeerd").context["rows"]
    assert [row.id for row in flagged] == [made.entries[0].pk]
    client.force_login(made.evaluators[1])
    assert "Nog eens lezen." not in client.get(page(made)).content.decode()
    assert not client.get(f"/beoordelen/{made.segment_round.pk}/?toon=gemarkeerd").context["rows"]


def test_hidden_names_stand_on_no_page_of_an_evaluator():
    made = evaluation(bidders_hidden=True)
    entry = made.entries[0]
    assert label_of(made.evaluators[0], entry) == f"Inzending {entry.submission.number}"
    assert label_of(made.lead, entry) == entry.submission.organisation.name


@pytest.mark.parametrize(
    "path", ["", "inleveren/", "{entry}/", "criterium/{criterion}/", "{entry}/?criterium={criterion}"]
)
def test_the_pages_of_a_hidden_tender_name_no_bidder(client, path):
    made = evaluation(bidders_hidden=True)
    client.force_login(made.evaluators[0])
    address = path.format(entry=made.entries[0].pk, criterion=made.criteria[0].pk)
    answer = client.get(f"/beoordelen/{made.segment_round.pk}/{address}")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert made.entries[0].submission.number in html
    for entry in made.entries:
        assert entry.submission.organisation.name not in html


def test_one_criterion_over_all_bids(client, made):
    criterion = made.criteria[0]
    save_score(entry=made.entries[0], criterion=criterion, value=Decimal(6), reason="Ja.", by=made.evaluators[0])
    found = client.get(f"/beoordelen/{made.segment_round.pk}/criterium/{criterion.pk}/").context
    assert (found["done"], found["total"]) == (1, 2)
    one = client.get(f"{page(made, 1)}?criterium={criterion.pk}")
    assert [form.criterion for form in one.context["forms"]] == [criterion]
    after = client.post(f"{page(made, 1)}?criterium={criterion.pk}", {**fields(criterion, "8", "Ja."), "next": ""})
    assert after.url.endswith("/inleveren/")


def test_the_order_that_the_lead_sets_is_the_order(client, made):
    rounds = type(made.segment_round).objects.filter(pk=made.segment_round.pk)
    rounds.update(scoring_order=ScoringOrder.PER_CRITERION)
    assert len(client.get(page(made)).context["forms"]) == 1
    rounds.update(scoring_order=ScoringOrder.PER_BID)
    assert len(client.get(f"{page(made)}?criterium={made.criteria[0].pk}").context["forms"]) == 2
    listed = f"/beoordelen/{made.segment_round.pk}/criterium/{made.criteria[0].pk}/"
    assert client.get(listed).status_code == 302


def test_an_excluded_bid_takes_no_score(client, made):
    type(made.entries[0]).objects.filter(pk=made.entries[0].pk).update(
        status=EntryStatus.EXCLUDED, status_reason="Eis E1."
    )
    assert typed(client, made, "6", "Ja.")["state"] == "refused"


def test_somebody_elses_bid_takes_nothing(client, made):
    client.force_login(user_with(Role.EVALUATOR, region=made.region))
    assert client.post(page(made), fields(made.criteria[0], "6", "Ja.")).status_code == 404
    assert client.post(f"{page(made)}notitie/", {"text": "Ja."}).status_code == 404


@pytest.mark.parametrize("count", [1, 12])
def test_reading_and_saving_a_bid_takes_at_most_ten_queries(client, count, django_assert_max_num_queries):
    made = evaluation(entries=count, criteria=6)
    address, first = page(made), made.criteria[0]
    client.force_login(made.evaluators[0])
    # The two savepoints of a transaction within the test's own are counted too.
    with django_assert_max_num_queries(10):
        typed(client, made, "6")
    with django_assert_max_num_queries(8):
        assert client.get(address).status_code == 200
    with django_assert_max_num_queries(10):
        assert typed(client, made, "6", "Concreet.", seen=("6", ""))["state"] == "saved"
    everything = {k: v for criterion in made.criteria[1:] for k, v in fields(criterion, "6", "Ja.").items()}
    with django_assert_max_num_queries(10):
        answer = client.post(address, {**everything, "next": str(made.entries[-1].pk)})
    assert answer.url == page(made, -1)
    ReasonPhrase.objects.create(segment_round=made.segment_round, text="Het plan is concreet, want")
    button = {"phrase": f"{first.pk}:{ReasonPhrase.objects.get().pk}"}
    with django_assert_max_num_queries(10):
        answer = client.post(address, {**fields(first, "6", "Ja.", seen=("6", "Concreet.")), **button})
    with django_assert_max_num_queries(8):
        assert "Ja. Het plan is concreet, want</textarea>" in client.get(answer.url).content.decode()
    with django_assert_max_num_queries(10):
        client.post(f"{address}notitie/", {"text": "Ja.", "flagged": "on"})
    with django_assert_max_num_queries(10):
        assert client.post(f"{address}notitie/", {"text": "J" * 5000}).status_code == 200
    with django_assert_max_num_queries(10 + 2):
        assert client.post(address, {**fields(first, "8", "", seen=("6", "Concreet.")), **button}).status_code == 422


def test_handing_in_takes_at_most_ten_queries(client, django_assert_max_num_queries):
    made = evaluation(entries=3, criteria=6)
    client.force_login(made.evaluators[0])
    for place in range(3):
        client.post(page(made, place), {k: v for one in made.criteria for k, v in fields(one, "6", "Ja.").items()})
    with django_assert_max_num_queries(10 + 2):
        client.post(f"/beoordelen/{made.segment_round.pk}/inleveren/")
    assert made.segment_round.committee.get(user=made.evaluators[0]).handed_in_at


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_takes_the_same_queries_for_few_and_many(client, count, django_assert_num_queries):
    made = evaluation(entries=count)
    client.force_login(made.evaluators[0])
    for path, queries in (("", 7), (f"criterium/{made.criteria[0].pk}/", 6)):
        with django_assert_num_queries(queries):
            assert len(client.get(f"/beoordelen/{made.segment_round.pk}/{path}").context["rows"]) == count


def test_the_list_says_of_each_criterion_how_far_it_is_and_where_it_goes_on(client):
    made = evaluation(entries=3, criteria=2)
    first, second = made.criteria
    client.force_login(made.evaluators[0])
    address = f"/beoordelen/{made.segment_round.pk}/"
    for place in (0, 2):
        client.post(page(made, place), fields(first, "6", "Ja."))
    made.score_all(evaluators=made.evaluators[1:])

    answer = client.get(address)

    told = [(item.criterion, item.done, item.total, item.next_entry) for item in answer.context["progress"]]
    assert told == [(first, 2, 3, made.entries[1].pk), (second, 0, 3, made.entries[0].pk)]
    assert f"{address}{made.entries[1].pk}/?criterium={first.pk}" in answer.content.decode()
    made.segment_round.scoring_order = ScoringOrder.PER_BID
    made.segment_round.save()
    assert client.get(address).context["progress"] == []


# The PDF beside the rubric -----------------------------------------------------------------------------


@pytest.fixture
def bid_pdf(made):
    """A PDF that belongs to the answer of the first bid."""
    submission = made.entries[0].submission
    upload = SimpleUploadedFile("plan.pdf", pdf(), "application/pdf")
    stored = accept_pdf(upload=upload, kind=ANSWER_FILE, by=submission.created_by)
    question = QuestionFactory(round=made.segment_round.round, kind="file", criterion_code="S1")
    submission.answers.create(question=question, file=stored, changed_by=submission.created_by)
    return stored


def test_the_pdf_stands_beside_the_rubric_in_a_frame_of_our_own_only(client, made, bid_pdf):
    address = f"/beoordelen/{made.segment_round.pk}/stuk/{bid_pdf.pk}/"
    shown = client.get(page(made))
    assert f'src="{address}#navpanes=0&amp;view=FitH"' in shown.content.decode()
    assert "frame-src 'self'" in shown.headers["Content-Security-Policy"]
    assert "frame-src 'none'" in client.get("/beoordelen/").headers["Content-Security-Policy"]
    answer = client.get(address)
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


def test_a_pdf_is_not_read_without_a_declaration_nor_by_another_committee(client, made, bid_pdf):
    address = f"/beoordelen/{made.segment_round.pk}/stuk/{bid_pdf.pk}/"
    client.force_login(user_with(Role.EVALUATOR, region=made.region))
    assert client.get(address).status_code == 404
    client.force_login(made.evaluators[0])
    InterestDeclaration.objects.filter(entry=made.entries[0]).update(superseded_at="2026-01-01T00:00Z")
    assert client.get(address).status_code == 404
