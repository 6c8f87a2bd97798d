"""The consensus meeting: who is in it, what it may set, what it is told, and its minutes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pikepdf
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.enums import Interest, RequirementKind, SeatRole, SegmentRoundStatus
from procurement.models import CommitteeMember, ConsensusMeeting, ConsensusScore, Entry, InterestDeclaration, Score
from procurement.selectors.basis import bases_now, basis_of, counting_on
from procurement.selectors.missing import missing_for_fixing
from procurement.services.evaluation import check_requirement, close_scoring, fix_scores, hand_in, record_consensus
from procurement.services.meetings import record_minutes
from procurement.services.score_seal import holds
from tests.concurrency import at_once
from tests.factories import RequirementFactory, user_with
from tests.factories.evaluation import evaluation, seated

pytestmark = pytest.mark.django_db


def meeting(**fields):
    made = evaluation(**fields)
    made.chair = user_with(Role.EVALUATOR, region=made.region, name="Voorzitter")
    made.observer = user_with(Role.EVALUATOR, region=made.region, name="Toehoorder")
    seated(made.segment_round, made.chair, SeatRole.CHAIR)
    seated(made.segment_round, made.observer, SeatRole.OBSERVER)
    return made


def begun(**fields):
    made = meeting(**fields)
    made.to_consensus()
    return made


def address(made, entry=None, criterion=0):
    path = f"/inkoop/beoordeling/{made.segment_round.pk}/overleg/scherm/"
    return (
        path
        if entry is None
        else (f"{path}?inzending={made.entries[entry].pk}&criterium={made.criteria[criterion].pk}")
    )


def minutes_page(made):
    return f"/inkoop/beoordeling/{made.segment_round.pk}/overleg/"


def consensus(made, value="6", *, by=None, entry=0, criterion=0, reason="Sterk plan.", **fields):
    return record_consensus(
        entry=made.entries[entry], criterion=made.criteria[criterion], value=Decimal(value), reason=reason,
        by=by or made.lead, **fields,
    )  # fmt: skip


def posted(client, made, value="6", reason="Sterk plan.", outside="", *, shown=None, entry=0, **more):
    html = client.get(address(made, entry)).content.decode()
    prefix = f"k{made.criteria[0].pk}"
    data = {f"{prefix}-value": value, f"{prefix}-reason": reason, f"{prefix}-outside_reason": outside}
    data |= {f"initial-{prefix}-value": "", f"initial-{prefix}-reason": "", f"initial-{prefix}-outside_reason": ""}
    data[f"{prefix}-shown"] = shown_on(html) if shown is None else shown
    return client.post(address(made, entry), {**data, **more})


def shown_on(html):
    found = html[html.index("-shown") :]
    return found.split('value="')[1].split('"')[0]


# Who is in it ---------------------------------------------------------------------------------------------


def test_before_all_are_in_the_screen_tells_nothing_and_records_nothing(client):
    made = meeting(entries=1, criteria=1)
    first = made.evaluators[0]
    made.score_all("2", [first])
    for user in (made.lead, made.chair, made.observer, *made.evaluators):
        client.force_login(user)
        html = client.get(address(made)).content.decode()
        assert "geven hun scores nog alleen" in html
        assert "Goed onderbouwd." not in html
        assert client.get(address(made, 0)).status_code == 200
        assert "Goed onderbouwd." not in client.get(address(made, 0)).content.decode()
    for by in (made.lead, made.chair):
        with pytest.raises(RuleViolation):
            consensus(made, by=by)
    assert not ConsensusScore.objects.exists()


def test_lead_and_chair_write_the_others_read(client):
    made = begun(entries=1, criteria=1)
    for user, writes in [(made.lead, True), (made.chair, True), (made.observer, False), (made.evaluators[0], False)]:
        client.force_login(user)
        html = client.get(address(made)).content.decode()
        assert "Goed onderbouwd." in html
        assert ("<textarea" in html) is writes
        if not writes:
            assert client.post(address(made, 0), {}).status_code == 403
            with pytest.raises(NotAllowed):
                consensus(made, by=user)
    client.force_login(made.chair)
    assert posted(client, made).status_code == 302
    assert ConsensusScore.objects.get().recorded_by == made.chair


def test_who_is_not_in_the_committee_does_not_find_the_meeting(client):
    made = begun(entries=1)
    for role in (Role.EVALUATOR, Role.LEAD):
        region = made.region if role == Role.EVALUATOR else meeting(entries=1).region
        client.force_login(user_with(role, region=region))
        assert client.get(address(made)).status_code == 404
        assert client.get(minutes_page(made)).status_code == 404


def declare(made, user, entry, interest=Interest.FAMILY):
    seat = CommitteeMember.objects.get(segment_round=made.segment_round, user=user)
    held = InterestDeclaration.objects.get(seat=seat, entry=entry, superseded_at__isnull=True)
    InterestDeclaration.objects.filter(pk=held.pk).update(superseded_at=timezone.now())
    return InterestDeclaration.objects.create(
        seat=seat, entry=entry, interest=interest, explanation="Mijn zus werkt er.",
        parties=held.parties, parties_digest=held.parties_digest,
    )  # fmt: skip


def test_a_chair_with_an_interest_neither_sees_nor_sets_that_bid(client):
    made = begun(entries=2, criteria=1)
    declare(made, made.chair, made.entries[0])
    with pytest.raises(NotAllowed):
        consensus(made, by=made.chair)
    client.force_login(made.chair)
    assert client.get(address(made, 0)).status_code == 404
    assert client.get(address(made, 1)).status_code == 200
    assert consensus(made, by=made.chair, entry=1)


def test_hidden_names_stay_hidden_in_the_meeting(client):
    made = begun(entries=2, criteria=1, bidders_hidden=True)
    names = [entry.submission.organisation.name for entry in made.entries]
    for user, hidden in [(made.chair, True), (made.evaluators[0], True), (made.lead, False)]:
        client.force_login(user)
        html = client.get(address(made, 0)).content.decode()
        assert [name not in html for name in names] == [hidden, hidden]


# What it may set ------------------------------------------------------------------------------------------


def test_off_the_scale_and_outside_without_a_reason_are_refused_beside_the_field(client):
    made = begun(entries=1, criteria=1)
    client.force_login(made.chair)
    off = posted(client, made, "7")
    assert off.status_code == 422
    outside = posted(client, made, "10")
    assert outside.status_code == 422
    html = outside.content.decode()
    assert "De individuele scores lopen van 6 tot 6" in html
    assert "Sterk plan." in html
    assert not ConsensusScore.objects.exists()
    assert posted(client, made, "10", outside="De bijlage was gemist.").status_code == 302
    assert ConsensusScore.objects.get().outside_reason == "De bijlage was gemist."


def test_comparing_wording_is_pointed_out_and_saved_as_it_is(client):
    made = begun(entries=1, criteria=1)
    client.force_login(made.lead)
    assert posted(client, made, reason="Dit is beter dan de rest.", save="").status_code == 302
    assert ConsensusScore.objects.get().reason == "Dit is beter dan de rest."
    html = client.get(address(made, 0)).content.decode()
    assert "Vergelijkt de motivering met andere inzendingen?" in html
    assert "<q data-wording-phrases>beter dan</q>" in html


def test_two_at_once_the_second_is_told_what_the_first_set_and_loses_nothing(client):
    made = begun(entries=1, criteria=1)
    client.force_login(made.lead)
    shown = shown_on(client.get(address(made, 0)).content.decode())
    consensus(made, "6", by=made.chair, reason="Van de voorzitter.")
    response = posted(client, made, "6", "Van de inkoopspecialist.", shown=shown)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Voorzitter heeft deze score intussen op 6 gezet." in html
    assert "Van de inkoopspecialist." in html
    assert "Van de voorzitter." in html
    assert ConsensusScore.objects.get().reason == "Van de voorzitter."
    assert posted(client, made, "6", "Van de inkoopspecialist.", shown=shown_on(html)).status_code == 302
    assert ConsensusScore.objects.get().reason == "Van de inkoopspecialist."


@pytest.mark.django_db(transaction=True)
def test_two_chairs_in_the_same_instant_one_is_refused():
    made = begun(entries=1, criteria=1)
    shown = f"- {basis_of(counting_on(made.entries[0], made.criteria[0]))}"
    results = at_once(
        lambda: consensus(made, by=made.lead, reason="Een.", shown=shown),
        lambda: consensus(made, by=made.chair, reason="Twee.", shown=shown),
    )
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "RuleViolation"]
    assert AuditEvent.objects.filter(action="procurement.consensus.recorded").count() == 1


def test_every_version_stays_and_is_shown_with_who_set_it(client):
    made = begun(entries=1, criteria=1)
    consensus(made, reason="Eerst dit.", by=made.chair)
    score = consensus(made, reason="Toen dat.")
    event = AuditEvent.objects.filter(action="procurement.consensus.recorded").latest("id")
    assert holds(score, event.detail["commitment"])
    client.force_login(made.lead)
    html = client.get(address(made, 0)).content.decode()
    assert "Eerdere versies van deze score" in html
    assert "Eerst dit." in html
    assert "Voorzitter" in html


def test_after_fixing_nothing_can_be_set(client):
    made = begun(entries=1, criteria=1)
    consensus(made)
    fix_scores(segment_round=made.segment_round, by=made.lead)
    with pytest.raises(RuleViolation):
        consensus(made, by=made.chair)
    client.force_login(made.chair)
    assert "<textarea" not in client.get(address(made, 0)).content.decode()


# Stale ----------------------------------------------------------------------------------------------------


def end_seat(made, user):
    CommitteeMember.objects.filter(segment_round=made.segment_round, user=user).update(
        ended_at=timezone.now(), end_reason="Ziek."
    )


def test_the_database_and_the_pure_rule_agree_on_what_a_consensus_rests_on():
    made = begun(entries=2, criteria=2)
    Score.objects.filter(entry=made.entries[0]).update(value=Decimal("10.00"), reason='Met "aanhaling",\nen een é.')
    Score.objects.filter(entry=made.entries[1]).update(value=Decimal("0.50"))
    now = bases_now(made.segment_round)
    assert len(now) == 4
    for entry in made.entries:
        for criterion in made.criteria:
            assert now[entry.pk, criterion.pk] == basis_of(counting_on(entry, criterion))


def test_a_consensus_whose_scores_have_changed_is_set_again_before_fixing(client):
    made = begun(entries=2, criteria=1, evaluators=3)
    made.consensus_all(["6", "6"])
    assert not missing_for_fixing(made.segment_round)
    declare(made, made.evaluators[0], made.entries[0])
    missing = missing_for_fixing(made.segment_round)
    assert [(gaps.entry_id, gaps.stale) for gaps in missing.entries] == [(made.entries[0].pk, (made.criteria[0],))]
    with pytest.raises(RuleViolation) as refused:
        fix_scores(segment_round=made.segment_round, by=made.lead)
    assert "Opnieuw vast te stellen: 1." in refused.value.message
    client.force_login(made.lead)
    assert address(made, 0).replace("&", "&amp;") in client.get(minutes_page(made)).content.decode()
    assert "Opnieuw vast te stellen" in client.get(address(made, 0)).content.decode()
    prefix = f"k{made.criteria[0].pk}"
    html = client.get(address(made, 0)).content.decode()
    same = {f"{prefix}-value": "6", f"{prefix}-reason": "De commissie vond.", f"{prefix}-outside_reason": ""}
    same |= {f"initial-{name}": value for name, value in same.items()}
    client.post(address(made, 0), {**same, f"{prefix}-shown": shown_on(html), f"{prefix}-confirm": "on"})
    assert not missing_for_fixing(made.segment_round)
    end_seat(made, made.evaluators[1])
    assert missing_for_fixing(made.segment_round).stale == 2


# Closing, and requirements first --------------------------------------------------------------------------


def test_a_bid_that_an_interest_left_with_too_few_needs_a_reason_to_close():
    made = meeting(entries=2, criteria=1, evaluators=2)
    declare(made, made.evaluators[0], made.entries[0])
    for user in made.evaluators:
        for entry in made.entries if user != made.evaluators[0] else made.entries[1:]:
            Score.objects.create(
                entry=entry, criterion=made.criteria[0], evaluator=user, value=Decimal(6), reason="Goed."
            )
        hand_in(segment_round=made.segment_round, by=user)
    with pytest.raises(RuleViolation) as refused:
        close_scoring(segment_round=made.segment_round, by=made.lead)
    assert made.entries[0].submission.number in refused.value.message
    closed = close_scoring(segment_round=made.segment_round, by=made.lead, reason="Er was een belang.")
    assert closed.status == SegmentRoundStatus.CONSENSUS


def test_all_that_is_missing_is_listed_with_links(client):
    made = begun(entries=2, criteria=2)
    RequirementFactory(round=made.segment_round.round, code="U1", kind=RequirementKind.EXCLUSION)
    consensus(made)
    client.force_login(made.lead)
    html = client.get(minutes_page(made)).content.decode()
    for entry in range(2):
        assert f"/inkoop/beoordeling/{made.segment_round.pk}/{made.entries[entry].pk}/#requirements" in html
    assert address(made, 0, 1).replace("&", "&amp;") in html
    assert address(made, 0, 0).replace("&", "&amp;") not in html
    assert ">U1<" in html


def test_a_ground_for_exclusion_knocks_out_in_its_own_words(client):
    made = begun(entries=1, criteria=1)
    ground = RequirementFactory(round=made.segment_round.round, code="U1", kind=RequirementKind.EXCLUSION)
    client.force_login(made.lead)
    page = f"/inkoop/beoordeling/{made.segment_round.pk}/{made.entries[0].pk}/"
    html = client.get(page).content.decode()
    assert "Van toepassing" in html
    assert f"/inkoop/volledigheid/{made.segment_round.round_id}/{made.entries[0].submission_id}/" in html
    check_requirement(entry=made.entries[0], requirement=ground, met=False, reason="Faillissement.", by=made.lead)
    assert Entry.objects.get().status_reason == "Uitsluitingsgrond U1 is van toepassing: Faillissement."


# Minutes --------------------------------------------------------------------------------------------------


def seats(made):
    return list(CommitteeMember.objects.filter(segment_round=made.segment_round))


def minuted(made, by=None, **fields):
    asked = {"held_on": timezone.localdate(), "present": seats(made), "minutes": "Wij bespraken elke score."}
    return record_minutes(segment_round=made.segment_round, by=by or made.chair, **{**asked, **fields})


def test_minutes_are_kept_as_a_tagged_pdf_and_a_correction_is_a_new_one(client):
    made = begun(entries=1)
    first = minuted(made)
    minuted(made, minutes="Verbetering: de toehoorder was er niet.", present=seats(made)[:2])
    first.refresh_from_db()
    assert first.minutes == "Wij bespraken elke score."
    client.force_login(made.lead)
    html = client.get(minutes_page(made)).content.decode()
    assert "Wij bespraken elke score." in html
    assert "Verbetering:" in html
    response = client.get(f"/bestanden/{first.record.pk}/", follow=True)
    pdf = pikepdf.open(BytesIO(b"".join(response) if response.streaming else response.content))
    assert pdf.Root.MarkInfo.Marked
    assert AuditEvent.objects.filter(action="procurement.consensus.minutes").count() == 2


@pytest.mark.parametrize("change", [lambda rows: rows.update(minutes="Anders."), lambda rows: rows.delete()])
def test_the_database_itself_keeps_minutes_as_they_are(change):
    made = begun(entries=1)
    held = minuted(made)
    with pytest.raises(DatabaseError), transaction.atomic():
        change(ConsensusMeeting.objects.filter(pk=held.pk))
    assert ConsensusMeeting.objects.get().minutes == held.minutes


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"minutes": "  "}, "minutes"),
        ({"present": []}, "present"),
        ({"held_on": timezone.localdate() + timedelta(days=2)}, "held_on"),
        ({"held_on": timezone.localdate() - timedelta(days=4000)}, "held_on"),
    ],
)
def test_minutes_say_when_who_and_what(fields, field):
    made = begun(entries=1)
    with pytest.raises(RuleViolation) as refused:
        minuted(made, **fields)
    assert refused.value.field == field


def test_there_are_no_minutes_before_the_meeting_nor_by_others(client):
    made = meeting(entries=1)
    with pytest.raises(RuleViolation):
        minuted(made)
    made.to_consensus()
    with pytest.raises(NotAllowed):
        minuted(made, by=made.evaluators[0])
    elsewhere = begun(entries=1)
    with pytest.raises(RuleViolation):
        minuted(made, present=seats(elsewhere))
    client.force_login(made.evaluators[0])
    assert client.post(minutes_page(made), {}).status_code == 403


def test_who_has_an_interest_in_a_bid_does_not_read_the_minutes(client):
    made = begun(entries=1)
    held = minuted(made)
    reader = made.evaluators[0]
    client.force_login(reader)
    assert "Wij bespraken" in client.get(minutes_page(made)).content.decode()
    declare(made, reader, made.entries[0])
    assert "Wij bespraken" not in client.get(minutes_page(made)).content.decode()
    assert client.get(f"/bestanden/{held.record.pk}/").status_code == 404


def test_the_chair_records_minutes_on_the_page(client):
    made = begun(entries=1)
    client.force_login(made.chair)
    empty = client.post(minutes_page(made), {"held_on": "", "minutes": "Wij spraken."})
    assert empty.status_code == 422
    assert "Wij spraken." in empty.content.decode()
    data = {"held_on": f"{timezone.localdate():%d-%m-%Y}", "present": [seat.pk for seat in seats(made)]}
    assert client.post(minutes_page(made), {**data, "minutes": "Wij spraken."}).status_code == 302
    assert ConsensusMeeting.objects.get().present.count() == len(seats(made))


@pytest.mark.parametrize("count", [1, 12])
def test_the_pages_take_a_fixed_number_of_queries(client, count):
    made = begun(entries=count, criteria=2)
    consensus(made)
    for _ in range(1 if count == 1 else 3):
        minuted(made)
    taken = []
    for user in (made.chair, made.lead):
        client.force_login(user)
        for page in (address(made, 0), minutes_page(made)):
            with CaptureQueriesContext(connection) as context:
                assert client.get(page).status_code == 200
            taken.append(len(context))
    assert taken == [20, 10, 20, 20]
