"""The reasons in the letters: composed once, edited by the lead, held against what others handed in, never lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_today
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.domain.motivation import Standing, version_of
from procurement.enums import QuestionKind, RoundStatus, SegmentRoundStatus, Stage
from procurement.models import Answer, ConsensusScore, Letter, Motivation, Question
from procurement.selectors.letter_gaps import letter_gaps
from procurement.selectors.letters import letter_content, letter_source
from procurement.selectors.motivation import bidders_of
from procurement.services.decisions import request_sending, withdraw_decision
from procurement.services.motivation import Composed, accept_finding, compose_motivations, edit_motivation
from tests.factories import RegionFactory, user_with
from tests.factories.decisions import BIDS, adopted, proposed
from tests.factories.procurement import RoundFactory, SegmentRoundFactory

pytestmark = pytest.mark.django_db

MANY = tuple((f"Thuiszorg Nummer {i}", ("8", "8"), "selected" if i < 2 else "reserve") for i in range(9))
SECRET = "De cliënt kiest zelf wie er op maandag en donderdag bij haar thuis over de vloer komt."
TEXT = "Het plan noemt namen en data, en zegt wie er opbelt als er iets verandert."
WHY = "De bieder heeft dit zelf op de informatiebijeenkomst verteld."


def key_of(ranked, bid=2, criterion=0, winner=None):
    won = ranked.entries[winner].pk if winner is not None else None
    return (ranked.entries[bid].pk, ranked.criteria[criterion].pk, won)


def handed_in(ranked, bid, *, text="", price=None):
    """An answer of this bid, as it came out of the vault."""
    round_ = ranked.segment_round.round
    kind = QuestionKind.TEXT if price is None else QuestionKind.PRICE
    question, _made = Question.objects.get_or_create(
        round=round_, code=f"V-{kind}", segment=ranked.segment_round.segment, defaults={"kind": kind, "title": "Hoe?"}
    )
    submission = ranked.entries[bid].submission
    return Answer.objects.create(
        submission=submission, question=question, text=text, number=price, changed_by=ranked.lead
    )


def reasons(decision, user):
    found = bidders_of(letter_source(decision=decision), by=user)
    return {reason.key: reason for bidder in found for reason in bidder.reasons}


def printed(decision, entry):
    content = letter_content(letter_source(decision=decision), entry.pk, on=database_today())
    own = {line.code: line.reason for line in content.criteria}
    better = {(one.code, adv.winner): adv.reason for one in content.comparisons for adv in one.advantages}
    return own, better


# Composing -----------------------------------------------------------------------------------------------


def test_a_proposal_has_its_reasons_at_once():
    ranked, decision = proposed(Stage.AWARD)
    kinds = Motivation.objects.filter(decision=decision).values_list("entry_id", "criterion__code", "winner_id")
    loser = ranked.entries[2].pk
    assert set(kinds) == {(entry.pk, code, None) for entry in ranked.entries for code in ("S1", "S2")} | {
        (loser, "S1", ranked.entries[0].pk),
        (loser, "S1", ranked.entries[1].pk),
    }
    assert all(reason.standing == Standing.COMPLETE for reason in reasons(decision, ranked.lead).values())
    assert AuditEvent.objects.get(action="procurement.motivation.compose").detail["new"] == 8


def test_a_selection_compares_with_nobody():
    _ranked, decision = proposed(Stage.SELECTION)
    assert set(decision.motivations.values_list("kind", flat=True)) == {"own"}


def test_composing_again_keeps_what_was_edited_and_follows_the_record_in_the_rest():
    ranked, decision = proposed(Stage.AWARD)
    edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, by=ranked.lead)
    assert compose_motivations(decision=decision, by=ranked.lead) == Composed(0, 0, 0)
    loser = ranked.entries[2]
    ConsensusScore.objects.filter(entry=loser).update(reason="De commissie heeft er nog eens naar gekeken.")
    done = compose_motivations(decision=decision, by=ranked.lead)
    assert (done.new, done.renewed, done.outdated) == (0, 1, 1)
    edited, other = reasons(decision, ranked.lead)[key_of(ranked)], reasons(decision, ranked.lead)[key_of(ranked, 2, 1)]
    assert (edited.text, edited.standing) == (TEXT, Standing.LOOK)
    assert [finding.kind for finding in edited.findings] == ["changed"]
    assert (other.text, other.standing) == ("De commissie heeft er nog eens naar gekeken.", Standing.COMPLETE)
    edit_motivation(decision=decision, key=key_of(ranked), text=f"{TEXT} Nu weer.", by=ranked.lead)
    assert reasons(decision, ranked.lead)[key_of(ranked)].standing == Standing.COMPLETE


def test_a_decision_of_before_there_were_reasons_is_sent_all_the_same():
    ranked, decision = adopted(Stage.AWARD)
    decision.motivations.all().delete()
    assert request_sending(decision=decision, by=ranked.lead)
    assert decision.motivations.count() == 8
    assert Letter.objects.count() == 3


# Editing -------------------------------------------------------------------------------------------------


def test_the_letter_prints_what_was_edited_and_every_version_stays():
    ranked, decision = proposed(Stage.AWARD)
    edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, by=ranked.lead)
    row = edit_motivation(decision=decision, key=key_of(ranked, winner=0), text="Wijst aan wie belt.", by=ranked.lead)
    own, better = printed(decision, ranked.entries[2])
    assert own["S1"] == TEXT
    assert better["S1", "Zorg Aan De Slinge"] == "Wijst aan wie belt."
    assert "Coöperatie Buurtkracht" in better["S1", "Coöperatie Buurtkracht"]
    assert [event.text for event in row.events.order_by("pgh_id")][-1] == "Wijst aan wie belt."
    assert row.composed != row.text
    assert (row.edited_by, row.events.count()) == (ranked.lead, 2)


def test_the_words_of_the_record_again_undo_the_editing():
    ranked, decision = proposed(Stage.AWARD)
    row = edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, by=ranked.lead)
    row = edit_motivation(decision=decision, key=key_of(ranked), text=f"{row.composed}\r\n", by=ranked.lead)
    assert (row.edited_at, row.edited_by) == (None, None)


def test_of_two_leads_the_second_is_told():
    ranked, decision = proposed(Stage.AWARD)
    shown = reasons(decision, ranked.lead)[key_of(ranked)].version
    edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, shown=shown, by=ranked.lead)
    with pytest.raises(RuleViolation) as refused:
        edit_motivation(decision=decision, key=key_of(ranked), text="Iets anders.", shown=shown, by=ranked.lead)
    assert refused.value.field == "text"
    assert reasons(decision, ranked.lead)[key_of(ranked)].text == TEXT


def test_nothing_changes_once_the_letters_are_asked_for():
    ranked, decision = adopted(Stage.AWARD)
    request_sending(decision=decision, by=ranked.lead)
    for act in (
        lambda: edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, by=ranked.lead),
        lambda: accept_finding(decision=decision, key=key_of(ranked), reason=WHY, by=ranked.lead),
        lambda: compose_motivations(decision=decision, by=ranked.lead),
    ):
        with pytest.raises(RuleViolation, match="aangevraagd"):
            act()


def test_nothing_changes_in_a_decision_that_was_withdrawn():
    ranked, decision = proposed(Stage.AWARD)
    withdraw_decision(decision=decision, reason="Nieuwe ranglijst.", by=ranked.lead)
    with pytest.raises(RuleViolation):
        edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, by=ranked.lead)


def test_only_the_lead_of_this_region_edits():
    ranked, decision = proposed(Stage.AWARD)
    for other in (user_with(Role.AUDITOR), user_with(Role.LEAD, region=RegionFactory()), ranked.member(0)):
        for act in (
            lambda by: edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, by=by),
            lambda by: accept_finding(decision=decision, key=key_of(ranked), reason=WHY, by=by),
            lambda by: compose_motivations(decision=decision, by=by),
        ):
            with pytest.raises(NotAllowed):
                act(other)


@pytest.mark.parametrize("text", ["", " \r\n", "x" * 4001])
def test_a_text_that_cannot_be_is_refused_beside_its_field(text):
    ranked, decision = proposed(Stage.AWARD)
    with pytest.raises(RuleViolation) as refused:
        edit_motivation(decision=decision, key=key_of(ranked), text=text, by=ranked.lead)
    assert refused.value.field == "text"


def test_a_reason_that_the_record_does_not_give_cannot_be_written():
    """No advantage of a bid that was not awarded, and none to a bidder that was."""
    ranked, decision = proposed(Stage.AWARD)
    for key in (key_of(ranked, 0, 0, winner=2), key_of(ranked, 0, 0, winner=1), key_of(ranked, 2, 1, winner=0)):
        with pytest.raises(RuleViolation):
            edit_motivation(decision=decision, key=key, text=TEXT, by=ranked.lead)


# What is found -------------------------------------------------------------------------------------------


def test_words_and_prices_of_another_bid_hold_up_the_letters_until_they_are_accepted():
    ranked, decision = adopted(Stage.AWARD)
    handed_in(ranked, 0, text=f"Wij doen dit zo. {SECRET.upper()}")
    handed_in(ranked, 0, price=Decimal("1240000"))
    edit_motivation(decision=decision, key=key_of(ranked, winner=0), text=f"{SECRET} Voor € 1.240.000.", by=ranked.lead)
    source = letter_source(decision=decision)
    gaps = letter_gaps(source, by=ranked.lead)
    assert len(gaps) == 2
    page = reverse("procurement:motivation", args=[decision.pk, ranked.entries[2].pk])
    assert all(gap.url.startswith(f"{page}#reden-") for gap in gaps)
    with pytest.raises(RuleViolation, match="Stichting De Berkelhof"):
        request_sending(decision=decision, by=ranked.lead)
    accept_finding(decision=decision, key=key_of(ranked, winner=0), reason=WHY, by=ranked.lead)
    assert letter_gaps(letter_source(decision=decision), by=ranked.lead) == []
    event = AuditEvent.objects.get(action="procurement.motivation.accept")
    assert event.detail["kinds"] == ["price", "quote"]
    edit_motivation(decision=decision, key=key_of(ranked, winner=0), text=f"{SECRET} Punt.", by=ranked.lead)
    assert len(letter_gaps(letter_source(decision=decision), by=ranked.lead)) == 1


def test_the_bidders_own_words_are_no_secret_to_it():
    ranked, decision = proposed(Stage.AWARD)
    handed_in(ranked, 2, text=SECRET)
    edit_motivation(decision=decision, key=key_of(ranked), text=SECRET, by=ranked.lead)
    assert reasons(decision, ranked.lead)[key_of(ranked)].findings == ()


def test_what_is_sealed_stays_sealed():
    """Where the gate gives nothing, nothing is compared: not before the opening, not to another region."""
    ranked, decision = proposed(Stage.AWARD)
    handed_in(ranked, 0, text=SECRET)
    edit_motivation(decision=decision, key=key_of(ranked), text=SECRET, by=ranked.lead)
    assert reasons(decision, ranked.lead)[key_of(ranked)].standing == Standing.LOOK
    assert reasons(decision, user_with(Role.LEAD, region=RegionFactory()))[key_of(ranked)].findings == ()
    closed = RoundFactory(stage=Stage.AWARD)
    assert closed.status != RoundStatus.OPENED
    unopened = SegmentRoundFactory(round=closed, status=SegmentRoundStatus.RANKED, places=2)
    ranked, decision = proposed(Stage.AWARD, segment_round=unopened)
    handed_in(ranked, 0, text=SECRET)
    edit_motivation(decision=decision, key=key_of(ranked), text=SECRET, by=ranked.lead)
    assert reasons(decision, ranked.lead)[key_of(ranked)].findings == ()


def test_a_gap_cannot_be_accepted_nor_what_was_not_found():
    ranked, decision = proposed(Stage.AWARD)
    with pytest.raises(RuleViolation) as refused:
        accept_finding(decision=decision, key=key_of(ranked), reason=WHY, by=ranked.lead)
    assert refused.value.field == "accepted"
    ConsensusScore.objects.filter(entry=ranked.entries[2]).update(reason=" ")
    with pytest.raises(RuleViolation) as refused:
        accept_finding(decision=decision, key=key_of(ranked), reason=WHY, by=ranked.lead)
    assert refused.value.field == "text"


def test_a_name_of_another_bidder_needs_a_reason():
    ranked, decision = proposed(Stage.AWARD)
    text = "Net als de cooperatie Buurtkracht noemt de bieder namen."
    edit_motivation(decision=decision, key=key_of(ranked), text=text, by=ranked.lead)
    with pytest.raises(RuleViolation) as refused:
        accept_finding(decision=decision, key=key_of(ranked), reason=" ", by=ranked.lead)
    assert refused.value.field == "accepted"
    assert [one.kind for one in reasons(decision, ranked.lead)[key_of(ranked)].findings] == ["wrong_bidder"]


# Pages ---------------------------------------------------------------------------------------------------


def sent_in(ranked, decision, texts, *, button="save", **more):
    """What the page of the third bidder sends: all its reasons, with these texts in their place."""
    data = {button: ""}
    for key, reason in reasons(decision, ranked.lead).items():
        if key[0] == ranked.entries[2].pk:
            data[f"m{reason.slug}-text"] = texts.get(key, reason.text).replace("\n", "\r\n")
            data[f"seen-{reason.slug}"] = reason.version
    return data | more


def test_the_list_says_who_has_to_be_looked_at(client):
    ranked, decision = proposed(Stage.AWARD)
    ConsensusScore.objects.filter(entry=ranked.entries[1], criterion=ranked.criteria[0]).update(reason=" ")
    client.force_login(user_with(Role.AUDITOR, region=ranked.segment_round.round.tender.region))
    page = client.get(reverse("procurement:motivation_list", args=[decision.pk]))
    assert (page.context["counts"].complete, page.context["counts"].gap) == (1, 2)
    only = client.get(reverse("procurement:motivation_list", args=[decision.pk]), {"stand": "compleet"})
    assert [bidder.name for bidder in only.context["bidders"]] == ["Zorg Aan De Slinge"]
    after = client.get(reverse("procurement:motivation_next", args=[decision.pk]), {"na": ranked.entries[1].pk})
    assert after.url == reverse("procurement:motivation", args=[decision.pk, ranked.entries[2].pk])


def test_the_page_of_a_bidder_saves_each_reason_and_keeps_what_is_refused(client):
    ranked, decision = proposed(Stage.AWARD)
    client.force_login(ranked.lead)
    address = reverse("procurement:motivation", args=[decision.pk, ranked.entries[2].pk])
    data = sent_in(ranked, decision, {key_of(ranked): TEXT, key_of(ranked, 2, 1): " "})
    page = client.post(address, data)
    assert page.status_code == 422
    assert "Schrijf de motivering" in page.content.decode() or "Write the motivation" in page.content.decode()
    assert reasons(decision, ranked.lead)[key_of(ranked)].text == TEXT
    assert Motivation.objects.filter(edited_at__isnull=False).count() == 1
    saved = client.post(address, sent_in(ranked, decision, {}))
    assert (saved.status_code, saved.url) == (302, address)
    assert Motivation.objects.filter(edited_at__isnull=False).count() == 1


def test_two_leads_at_once_lose_nothing_on_the_page(client):
    ranked, decision = proposed(Stage.AWARD)
    client.force_login(ranked.lead)
    address = reverse("procurement:motivation", args=[decision.pk, ranked.entries[2].pk])
    mine = sent_in(ranked, decision, {key_of(ranked): "Mijn tekst over dit plan."})
    edit_motivation(decision=decision, key=key_of(ranked), text=TEXT, by=ranked.lead)
    edit_motivation(decision=decision, key=key_of(ranked, 2, 1), text=f"{TEXT} Ook hier.", by=ranked.lead)
    page = client.post(address, mine)
    assert page.status_code == 422
    html = page.content.decode()
    assert "Mijn tekst over dit plan." in html
    assert TEXT in html
    now = reasons(decision, ranked.lead)
    assert now[key_of(ranked)].text == TEXT
    # What only the other changed was not sent back to what this page had shown.
    assert now[key_of(ranked, 2, 1)].text == f"{TEXT} Ook hier."
    mine[f"seen-{now[key_of(ranked)].slug}"] = version_of(TEXT)
    assert client.post(address, mine).status_code == 302
    assert reasons(decision, ranked.lead)[key_of(ranked)].text == "Mijn tekst over dit plan."


def test_saved_as_typed_with_what_is_found_and_acceptance_by_a_button_only(client):
    ranked, decision = proposed(Stage.AWARD)
    client.force_login(ranked.lead)
    address = reverse("procurement:motivation", args=[decision.pk, ranked.entries[2].pk])
    text = "Beter dan gevraagd wordt is dit niet, zegt De Slinge Buurtkracht K9 en iemand@zorg.example."
    slug = reasons(decision, ranked.lead)[key_of(ranked)].slug
    data = sent_in(ranked, decision, {key_of(ranked): text}, **{f"m{slug}-accepted": "half een zi"})
    told = client.post(address, data, headers={"X-Autosave": "1"}).json()
    assert told["marks"] == {slug: version_of(text)}
    assert told["errors"] == {}
    assert "iemand@zorg.example" in told["conflicts"][slug]["html"]
    assert not Motivation.objects.exclude(accepted="").exists()
    data[f"seen-{slug}"] = told["marks"][slug]
    data[f"m{slug}-accepted"] = WHY
    assert client.post(address, data).status_code == 302
    assert Motivation.objects.get(accepted=WHY).accepted_text == text
    # The reason that came along with the page does not hold for another text.
    data[f"m{slug}-text"] = text + " En nog iets."
    assert client.post(address, data).status_code == 302
    assert reasons(decision, ranked.lead)[key_of(ranked)].standing == Standing.LOOK


def test_the_auditor_reads_and_does_not_write(client):
    ranked, decision = proposed(Stage.AWARD)
    client.force_login(user_with(Role.AUDITOR, region=ranked.segment_round.round.tender.region))
    address = reverse("procurement:motivation", args=[decision.pk, ranked.entries[2].pk])
    page = client.get(address)
    assert page.status_code == 200
    assert "<textarea" not in page.content.decode()
    assert client.post(address, sent_in(ranked, decision, {key_of(ranked): TEXT})).status_code == 403


def test_the_page_after_asking_says_that_it_is_over_and_keeps_what_was_typed(client):
    ranked, decision = adopted(Stage.AWARD)
    client.force_login(ranked.lead)
    address = reverse("procurement:motivation", args=[decision.pk, ranked.entries[2].pk])
    data = sent_in(ranked, decision, {key_of(ranked): TEXT})
    request_sending(decision=decision, by=ranked.lead)
    page = client.post(address, data)
    assert page.status_code == 422
    assert TEXT in page.content.decode()
    assert "<textarea" not in client.get(address).content.decode()


def test_pages_ask_a_fixed_number_of_queries(client):
    small, few = proposed(Stage.AWARD)
    large, many = proposed(Stage.AWARD, bids=MANY)
    for ranked in (small, large):
        for bid in range(len(ranked.entries)):
            handed_in(ranked, bid, text=SECRET)
    counts = {}
    for ranked, decision in ((small, few), (large, many)):
        client.force_login(ranked.lead)
        for name, args in (("motivation_list", []), ("motivation", [ranked.entries[2].pk])):
            client.get(reverse(f"procurement:{name}", args=[decision.pk, *args]))
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse(f"procurement:{name}", args=[decision.pk, *args]))
            counts.setdefault(name, []).append(len(captured))
    assert counts["motivation_list"][0] == counts["motivation_list"][1] <= 26
    assert counts["motivation"][0] == counts["motivation"][1] <= 28


def test_the_decision_says_how_far_it_is(client):
    ranked, decision = proposed(Stage.AWARD)
    client.force_login(ranked.lead)
    page = client.get(reverse("procurement:decision", args=[decision.pk]))
    assert (page.context["motivations"].complete, page.context["motivations"].total) == (len(BIDS), len(BIDS))
    assert reverse("procurement:motivation_list", args=[decision.pk]) in page.content.decode()
