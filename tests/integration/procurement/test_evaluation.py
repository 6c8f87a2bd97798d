"""Scoring alone: one's own scores, with reasons, until handed in; nobody sees another's before all are in."""

from __future__ import annotations

from decimal import Decimal

import pytest

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import CriterionKind, EntryStatus, SegmentRoundStatus
from procurement.models import CommitteeMember, Score, SegmentRound
from procurement.services.evaluation import close_scoring, hand_in, save_score
from tests.concurrency import at_once
from tests.factories import CriterionFactory, QuestionFactory, SegmentRoundFactory, submitted_entry, user_with
from tests.factories.evaluation import evaluation

pytestmark = pytest.mark.django_db


def score(made, value="6", reason="Concreet plan.", entry=0, criterion=0, by=None):
    return save_score(
        entry=made.entries[entry],
        criterion=made.criteria[criterion],
        value=Decimal(value),
        reason=reason,
        by=by or made.evaluators[0],
    )


def test_an_evaluator_gives_and_changes_an_own_score():
    made = evaluation()
    score(made, "6")
    score(made, "8", "Bij nader inzien beter.")
    kept = Score.objects.get()
    assert (kept.value, kept.reason, kept.evaluator) == (8, "Bij nader inzien beter.", made.evaluators[0])


def test_the_audit_log_tells_that_somebody_scored_but_not_what():
    made = evaluation()
    score(made, "8", "Een geheim oordeel.")
    event = AuditEvent.objects.get(action="procurement.score.saved")
    assert event.actor == made.evaluators[0]
    # The commitment is a MAC: it vouches for the score and tells nothing of it.
    assert set(event.detail) == {"criterion", "commitment"}
    assert "geheim" not in str(event.detail)


@pytest.mark.parametrize(("value", "field"), [("7", "value"), ("12", "value"), ("-2", "value")])
def test_a_score_that_is_not_on_the_scale_is_refused(value, field):
    made = evaluation()
    with pytest.raises(RuleViolation) as refused:
        score(made, value)
    assert refused.value.field == field
    assert not Score.objects.exists()


def test_a_rubric_decides_which_scores_there_are():
    made = evaluation()
    made.criteria[0].rubric = [{"score": "1", "meaning": "Zwak."}, {"score": "3", "meaning": "Sterk."}]
    made.criteria[0].save()
    score(made, "3")
    with pytest.raises(RuleViolation):
        score(made, "2")


def test_a_score_without_a_reason_is_refused():
    made = evaluation()
    with pytest.raises(RuleViolation) as refused:
        score(made, reason="   ")
    assert refused.value.field == "reason"


def test_a_price_is_not_scored():
    made = evaluation()
    price = CriterionFactory(
        segment_round=made.segment_round, code="P", kind=CriterionKind.PRICE, formula="relative_lowest"
    )
    made.criteria.append(price)
    with pytest.raises(RuleViolation):
        score(made, criterion=2)


def test_who_is_not_in_the_committee_does_not_score():
    made = evaluation()
    with pytest.raises(NotAllowed):
        score(made, by=user_with(Role.EVALUATOR, region=made.region))
    with pytest.raises(NotAllowed):
        score(made, by=made.lead)


def test_an_entry_or_a_criterion_of_another_segment_is_refused():
    made, other = evaluation(), evaluation()
    with pytest.raises(RuleViolation):
        save_score(
            entry=other.entries[0],
            criterion=made.criteria[0],
            value=Decimal(6),
            reason="Ja.",
            by=made.evaluators[0],
        )


def test_an_excluded_entry_takes_no_scores_and_is_not_missed():
    made = evaluation()
    entry = made.entries[1]
    type(entry).objects.filter(pk=entry.pk).update(status=EntryStatus.EXCLUDED, status_reason="Eis E1.")
    with pytest.raises(RuleViolation):
        score(made, entry=1)
    score(made, criterion=0)
    score(made, criterion=1)
    assert hand_in(segment_round=made.segment_round, by=made.evaluators[0]).handed_in_at


def test_scoring_waits_for_the_opening_of_the_vault():
    made = evaluation(status=SegmentRoundStatus.PENDING)
    with pytest.raises(NotAllowed):
        score(made)


def test_handing_in_needs_all_scores_and_names_what_is_missing():
    made = evaluation()
    score(made, criterion=0)
    with pytest.raises(RuleViolation) as refused:
        hand_in(segment_round=made.segment_round, by=made.evaluators[0])
    assert f"{made.entries[0].submission.number} (S2)" in refused.value.message
    assert f"{made.entries[1].submission.number} (S1, S2)" in refused.value.message


def test_after_handing_in_nothing_changes():
    made = evaluation()
    made.score_all("6", made.evaluators[:1])
    with pytest.raises(RuleViolation):
        score(made, "8")
    with pytest.raises(RuleViolation):
        hand_in(segment_round=made.segment_round, by=made.evaluators[0])
    assert set(Score.objects.values_list("value", flat=True)) == {Decimal(6)}


def test_closing_waits_for_all_members_or_a_recorded_reason():
    made = evaluation()
    made.score_all("6", made.evaluators[:1])
    with pytest.raises(RuleViolation) as refused:
        close_scoring(segment_round=made.segment_round, by=made.lead)
    assert refused.value.field == "reason"
    closed = close_scoring(segment_round=made.segment_round, by=made.lead, reason="Langdurig ziek.")
    assert closed.status == SegmentRoundStatus.CONSENSUS
    event = AuditEvent.objects.get(action="procurement.segmentround.close_scoring")
    assert event.detail["reason"] == "Langdurig ziek."
    assert event.detail["not_handed_in"] == [made.evaluators[1].email]


def test_closing_needs_no_reason_when_all_are_in_and_happens_once():
    made = evaluation()
    made.to_consensus()
    with pytest.raises(RuleViolation):
        close_scoring(segment_round=made.segment_round, by=made.lead)
    with pytest.raises(RuleViolation):
        score(made, "8")


def test_without_a_committee_there_is_nothing_to_close():
    made = evaluation(evaluators=0)
    with pytest.raises(RuleViolation):
        close_scoring(segment_round=made.segment_round, by=made.lead, reason="Niemand.")


# Pages ------------------------------------------------------------------------------------------------


def home(client, user):
    client.force_login(user)
    return client.get("/beoordelen/").content.decode()


def test_home_tells_how_far_one_is_and_what_is_next(client):
    made = evaluation(entries=3)
    score(made, entry=0, criterion=0)
    score(made, entry=0, criterion=1)
    html = home(client, made.evaluators[0])
    assert "1 van 3" in html
    assert f"/beoordelen/{made.segment_round.pk}/{made.entries[1].pk}/" in html


def test_somebody_elses_segment_does_not_exist(client):
    made, other = evaluation(), evaluation()
    client.force_login(other.evaluators[0])
    for path in ("", f"{made.entries[0].pk}/", "inleveren/"):
        assert client.get(f"/beoordelen/{made.segment_round.pk}/{path}").status_code == 404
    # Nor an entry of another segment under one's own.
    assert client.get(f"/beoordelen/{other.segment_round.pk}/{made.entries[0].pk}/").status_code == 404


def test_the_list_shows_what_is_to_do_and_what_is_done(client):
    made = evaluation(entries=2)
    score(made, entry=0, criterion=0)
    score(made, entry=0, criterion=1)
    client.force_login(made.evaluators[0])
    page = f"/beoordelen/{made.segment_round.pk}/"
    names = [entry.submission.organisation.name for entry in made.entries]
    to_do = client.get(f"{page}?toon=te-doen").content.decode()
    done = client.get(f"{page}?toon=klaar").content.decode()
    assert names[1] in to_do
    assert names[0] not in to_do
    assert names[0] in done
    assert names[1] not in done


def form_data(made, **values):
    """What a browser sends: `S1=("6", "reden")`, untouched criteria empty."""
    data = {}
    for criterion in made.criteria:
        value, reason = values.get(criterion.code, ("", ""))
        data |= {
            f"k{criterion.pk}-value": value,
            f"k{criterion.pk}-reason": reason,
            f"initial-k{criterion.pk}-value": "",
            f"initial-k{criterion.pk}-reason": "",
        }
    return data


def entry_page(made, entry=0):
    return f"/beoordelen/{made.segment_round.pk}/{made.entries[entry].pk}/"


def test_each_criterion_is_saved_by_itself_and_an_error_keeps_what_was_typed(client):
    made = evaluation()
    client.force_login(made.evaluators[0])
    data = form_data(made, S1=("8", "Sterk antwoord."), S2=("", "Wel een reden, geen score."))
    html = client.post(entry_page(made), data).content.decode()
    assert Score.objects.get().criterion == made.criteria[0]
    assert "Kies een score." in html
    assert "Wel een reden, geen score." in html
    assert "<title>Fout: " in html
    assert f'href="#id_k{made.criteria[1].pk}-value_0"' in html


def test_saving_goes_on_to_the_next_that_is_not_finished(client):
    made = evaluation()
    client.force_login(made.evaluators[0])
    data = form_data(made, S1=("8", "Sterk."), S2=("6", "Redelijk."))
    response = client.post(entry_page(made), {**data, "next": ""})
    assert response.url == entry_page(made, 1)
    response = client.post(entry_page(made, 1), {**data, "next": ""})
    assert response.url.endswith("/inleveren/")


def test_a_stale_second_tab_does_not_undo_what_the_first_changed(client):
    made = evaluation()
    client.force_login(made.evaluators[0])
    score(made, "8", "Uit het eerste tabblad.")
    stale = form_data(made, S1=("6", "Oud."), S2=("6", "Nieuw in het tweede tabblad."))
    first = made.criteria[0].pk
    stale |= {f"initial-k{first}-value": "6", f"initial-k{first}-reason": "Oud."}
    client.post(entry_page(made), stale)
    assert Score.objects.get(criterion=made.criteria[0]).value == 8
    assert Score.objects.get(criterion=made.criteria[1]).value == 6


def test_the_answers_stand_beside_their_criterion_but_no_price(client):
    made = evaluation()
    text = QuestionFactory(round=made.segment_round.round, criterion_code="S1", title="Wat kunt u?")
    price = QuestionFactory(round=made.segment_round.round, kind="price", title="Wat is uw prijs?")
    submission = made.entries[0].submission
    submission.answers.create(question=text, text="Wij kunnen veel.", changed_by=submission.created_by)
    submission.answers.create(question=price, number=Decimal(123456), changed_by=submission.created_by)
    client.force_login(made.evaluators[0])
    html = client.get(entry_page(made)).content.decode()
    assert "Wij kunnen veel." in html
    assert "Wat is uw prijs?" not in html
    assert "123456" not in html
    assert "123.456" not in html


def test_the_scores_of_others_stay_hidden(client):
    made = evaluation()
    score(made, "10", "Geheim oordeel van een ander.", by=made.evaluators[1])
    client.force_login(made.evaluators[0])
    assert "Geheim oordeel" not in client.get(entry_page(made)).content.decode()


def test_home_puts_what_is_to_do_before_what_is_handed_in(client):
    made = evaluation(entries=1)
    seat = CommitteeMember.objects.get(user=made.evaluators[0])
    client.force_login(made.evaluators[0])
    found = client.get("/beoordelen/").context
    assert [len(found["to_do"]), len(found["closed"])] == [1, 0]
    score(made, entry=0, criterion=0)
    score(made, entry=0, criterion=1)
    client.post(f"/beoordelen/{made.segment_round.pk}/inleveren/")
    answer = client.get("/beoordelen/")
    assert [item.seat.pk for item in answer.context["closed"]] == [seat.pk]
    assert "U hebt alles beoordeeld." in answer.content.decode()


def test_the_scale_shows_figures_and_keeps_their_meaning_for_the_ear(client):
    made = evaluation()
    client.force_login(made.evaluators[0])
    html = client.get(entry_page(made)).content.decode()
    assert "nlds-choices--row" in html


def test_handing_in_shows_what_is_missing_and_then_asks(client):
    made = evaluation()
    client.force_login(made.evaluators[0])
    page = f"/beoordelen/{made.segment_round.pk}/inleveren/"
    assert "S1, S2" in client.get(page).content.decode()
    assert client.post(page).url == page
    for entry in range(2):
        for criterion in range(2):
            score(made, entry=entry, criterion=criterion)
    assert "Definitief inleveren" in client.get(page).content.decode()
    client.post(page)
    assert CommitteeMember.objects.get(user=made.evaluators[0]).handed_in_at
    assert "-reason" not in client.get(entry_page(made)).content.decode()


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR, Role.PROVIDER, Role.OPENER])
def test_other_roles_have_no_evaluators_pages(client, role):
    client.force_login(user_with(role))
    assert client.get("/beoordelen/").status_code == 403


@pytest.mark.parametrize("count", [1, 12])
def test_the_pages_take_a_fixed_number_of_queries(client, count, django_assert_num_queries):
    made = evaluation(entries=count)
    client.force_login(made.evaluators[0])
    score(made)
    page = f"/beoordelen/{made.segment_round.pk}/"
    with django_assert_num_queries(6):  # session, user, roles, seats, criteria, entries
        client.get("/beoordelen/")
    with django_assert_num_queries(7):  # session, user, roles, seat, criteria, entries, progress of each criterion
        client.get(page)
    with django_assert_num_queries(8):  # ... sheet, entry, answers, questions, list
        client.get(f"{page}{made.entries[0].pk}/")


@pytest.mark.parametrize("count", [1, 4])
def test_home_takes_as_many_queries_for_many_segments(client, count, django_assert_num_queries):
    made = evaluation()
    for _ in range(count - 1):
        other = SegmentRoundFactory(round=made.segment_round.round, status=SegmentRoundStatus.SCORING)
        CommitteeMember.objects.create(segment_round=other, user=made.evaluators[0])
        submitted_entry(other)
    client.force_login(made.evaluators[0])
    with django_assert_num_queries(6):
        client.get("/beoordelen/")


# Two at once ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_tabs_of_one_evaluator_leave_one_score():
    made = evaluation(entries=1, criteria=1)
    results = at_once(*[lambda v=v: score(made, v) for v in ("2", "4", "6", "8")])
    assert results == [None] * 4
    assert Score.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_score_and_the_handing_in_at_once_never_change_what_is_handed_in():
    made = evaluation(entries=1, criteria=1, evaluators=1)
    score(made, "6")
    by = made.evaluators[0]
    saving, handing = at_once(lambda: score(made, "8"), lambda: hand_in(segment_round=made.segment_round, by=by))
    assert handing is None
    changed = Score.objects.get()
    handed_in_at = CommitteeMember.objects.get().handed_in_at
    assert isinstance(saving, RuleViolation) or changed.changed_at <= handed_in_at
    assert changed.value == (6 if saving else 8)


@pytest.mark.django_db(transaction=True)
def test_a_score_and_the_closing_at_once_never_score_after_closing():
    made = evaluation(entries=1, criteria=1, evaluators=1)
    saving, closing = at_once(
        lambda: score(made, "8"),
        lambda: close_scoring(segment_round=made.segment_round, by=made.lead, reason="Ziek."),
    )
    assert closing is None
    assert SegmentRound.objects.get(pk=made.segment_round.pk).status == SegmentRoundStatus.CONSENSUS
    assert Score.objects.count() == (0 if saving else 1)


@pytest.mark.django_db(transaction=True)
def test_two_leads_close_once():
    made = evaluation(entries=1, criteria=1, evaluators=1)
    made.score_all()
    second = user_with(Role.LEAD, region=made.region)
    results = at_once(
        *[lambda by=by: close_scoring(segment_round=made.segment_round, by=by) for by in (made.lead, second)]
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "RuleViolation"]
    assert AuditEvent.objects.filter(action="procurement.segmentround.close_scoring").count() == 1
