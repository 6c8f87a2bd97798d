"""The drawing of lots: promised before the scores are fixed, shown when it is needed, replayable by anybody."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.sealing import age
from achterhoek.sealing.services import make_key
from procurement.domain.draw import commitment
from procurement.enums import DecisionStatus, Outcome, SegmentRoundStatus, TenderStatus
from procurement.models import Decision, Draw, Ranking, SegmentRound, Tender
from procurement.selectors.dossier import bid_id
from procurement.services.decisions import propose_decision
from procurement.services.draw import enter_physical_draw, reveal_seed
from procurement.services.draw_promise import promise_seed
from procurement.services.integrity import draws_match, rankings_match
from procurement.services.ranking import rank_segment
from procurement.services.recompute import compare
from tests.factories import user_with
from tests.factories.evaluation import evaluation
from tests.factories.submissions import pdf_bytes

pytestmark = pytest.mark.django_db


def segment(**fields):
    return evaluation(entries=3, criteria=1, evaluators=1, **fields)


def tied():
    """Two of three bids are equal across the cut, after one place. The portal promised a seed by itself."""
    made = segment()
    made.to_fixed(("8", "8", "4"))
    rank(made)
    return made


def rank(made):
    made.ranking = rank_segment(segment_round=made.segment_round, by=made.lead)
    return made.ranking


def outcomes(ranking):
    return dict(ranking.rows.values_list("entry_id", "outcome"))


def reveal(made):
    return reveal_seed(segment_round=made.segment_round, by=made.lead)


def by_hand(made, order=None, **fields):
    given = {
        "account": "De notaris trok de loten.",
        "held_at": timezone.now(),
        "instead_reason": "Een notaris was aangekondigd.",
        **fields,
    }
    given.setdefault("upload", SimpleUploadedFile("verslag.pdf", pdf_bytes(), content_type="application/pdf"))
    order = [made.entries[1].pk, made.entries[0].pk] if order is None else order
    return enter_physical_draw(segment_round=made.segment_round, order=order, by=made.lead, **given)


# With a seed --------------------------------------------------------------------------------------------


def test_the_seed_is_promised_and_nobody_can_read_it():
    made = segment()
    draw = promise_seed(segment_round=made.segment_round, by=made.lead)
    assert draw.seed == ""
    assert draw.commitment.startswith("sha256:")
    event = AuditEvent.objects.get(action="procurement.draw.promised")
    assert event.detail == {"commitment": draw.commitment}


def test_equal_bids_are_drawn_with_the_seed_that_was_promised():
    made = tied()
    assert list(outcomes(made.ranking).values()).count(Outcome.PENDING_DRAW) == 2
    draw = reveal(made)
    assert commitment(draw.seed) == draw.commitment
    newest = Ranking.objects.order_by("-sequence").first()
    assert newest.sequence == 2
    lots = {
        entry.pk: hashlib.sha256(f"{draw.seed}:{bid_id(entry, made.segment_round)}".encode()).hexdigest()
        for entry in made.entries[:2]
    }
    first, second = sorted(lots, key=lots.__getitem__)
    assert outcomes(newest)[first] == Outcome.SELECTED
    assert outcomes(newest)[second] == Outcome.RESERVE
    assert compare(newest) == []
    assert list(draws_match()) == []


def test_a_seed_is_not_promised_once_the_scores_are_fixed():
    made = evaluation(entries=1, status=SegmentRoundStatus.FIXED)
    with pytest.raises(RuleViolation, match="vastgesteld"):
        promise_seed(segment_round=made.segment_round, by=made.lead)


def test_a_seed_is_promised_once():
    made = segment()
    promise_seed(segment_round=made.segment_round, by=made.lead)
    with pytest.raises(RuleViolation, match="tweede keer"):
        promise_seed(segment_round=made.segment_round, by=made.lead)


def test_a_seed_is_not_shown_too_early():
    made = segment()
    promise_seed(segment_round=made.segment_round, by=made.lead)
    with pytest.raises(RuleViolation, match="te vroeg"):
        reveal(made)
    made.to_fixed(("8", "6", "4"))
    rank(made)
    with pytest.raises(RuleViolation, match="te vroeg"):
        reveal(made)
    assert Draw.objects.get().seed == ""


def test_a_seed_that_was_not_needed_is_shown_at_the_end_and_changes_nothing():
    made = segment()
    promise_seed(segment_round=made.segment_round, by=made.lead)
    made.to_fixed(("8", "6", "4"))
    rank(made)
    Decision.objects.create(
        segment_round=made.segment_round, ranking=made.ranking, proposed_by=made.lead, status=DecisionStatus.PROPOSED
    )
    with pytest.raises(RuleViolation, match="te vroeg"):
        reveal(made)
    Decision.objects.all().delete()
    Decision.objects.create(
        segment_round=made.segment_round, ranking=made.ranking, proposed_by=made.lead, status=DecisionStatus.SENT,
        adopted_at=timezone.now(), sent_at=timezone.now(), objection_cutoff=timezone.localdate(),
    )  # fmt: skip
    draw = reveal(made)
    assert draw.seed
    assert draw.shown_at
    assert draw.held_at is None, "nothing was drawn with it"
    assert Ranking.objects.count() == 1
    assert SegmentRound.objects.get(pk=made.segment_round.pk).draw_seed == ""
    assert compare(made.ranking) == []


def test_a_seed_is_shown_once():
    made = tied()
    reveal(made)
    with pytest.raises(RuleViolation, match="tweede keer"):
        reveal(made)


def test_a_seed_that_does_not_match_is_not_used_and_lots_are_drawn_by_hand():
    made = tied()
    key = make_key("another")
    Draw.objects.update(sealed=age.seal(b"another", key.public), key=key)
    with pytest.raises(RuleViolation, match="niet het geheim dat was vastgelegd"):
        reveal(made)
    assert Ranking.objects.count() == 1
    by_hand(made)
    assert outcomes(made.ranking)[made.entries[1].pk] == Outcome.SELECTED


def test_a_seed_exchanged_together_with_its_digest_is_found_by_the_log():
    made = tied()
    key = make_key("another")
    Draw.objects.update(sealed=age.seal(b"another", key.public), key=key, commitment=commitment("another"))
    with pytest.raises(RuleViolation, match="niet het geheim dat was vastgelegd"):
        reveal(made)
    assert "commitment is not the one that was published" in str(next(draws_match()))


# The promise is made by the portal -----------------------------------------------------------------------


def test_closing_the_scoring_promises_a_seed_where_nobody_did():
    made = segment()
    assert not Draw.objects.exists()
    made.to_consensus()
    draw = Draw.objects.get()
    assert draw.commitment.startswith("sha256:")
    assert draw.seed == ""
    assert AuditEvent.objects.filter(action="procurement.draw.promised").count() == 1


def test_a_seed_that_the_lead_promised_is_not_promised_again():
    made = segment()
    draw = promise_seed(segment_round=made.segment_round, by=made.lead)
    made.to_consensus()
    assert Draw.objects.get() == draw


def test_no_column_of_a_draw_holds_its_seed_before_it_is_shown():
    made = tied()
    before = Draw.objects.values().get()
    kept = b"".join(
        bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode() for value in before.values()
    )
    seed = reveal(made).seed
    assert seed.encode() not in kept
    assert bytes.fromhex(seed) not in kept


def test_a_draw_is_not_deleted():
    tied()
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        Draw.objects.all().delete()


@pytest.mark.parametrize("role", [Role.EVALUATOR, Role.AUDITOR, Role.ADMIN])
def test_only_the_lead_draws(role):
    made = tied()
    made.lead = user_with(role, region=made.region)
    for act in (promise_seed, reveal_seed):
        with pytest.raises(NotAllowed):
            act(segment_round=made.segment_round, by=made.lead)
    with pytest.raises(NotAllowed):
        by_hand(made)


# By hand ------------------------------------------------------------------------------------------------


def test_a_draw_by_hand_settles_the_equal_bids_and_a_decision_can_follow():
    made = tied()
    with pytest.raises(RuleViolation, match="loting"):
        propose_decision(segment_round=made.segment_round, by=made.lead)
    draw = by_hand(made)
    rows = list(made.ranking.rows.order_by("position").values_list("entry_id", "rank", "outcome"))
    assert rows == [
        (made.entries[1].pk, 1, Outcome.SELECTED),
        (made.entries[0].pk, 2, Outcome.RESERVE),
        (made.entries[2].pk, 3, Outcome.RESERVE),
    ]
    assert SegmentRound.objects.get(pk=made.segment_round.pk).draw_seed == "", "no seed is faked"
    assert '"pending_draw"' in Ranking.objects.get().result, "the result stays as it was computed"
    assert compare(made.ranking) == []
    assert [*draws_match(), *rankings_match()] == []
    assert draw.record.kind == "draw_record"
    assert AuditEvent.objects.get(action="procurement.draw.held").detail["record"] == draw.record.sha256
    propose_decision(segment_round=made.segment_round, by=made.lead)


def test_a_draw_by_hand_happens_once():
    made = tied()
    by_hand(made)
    with pytest.raises(RuleViolation, match="tweede keer"):
        by_hand(made)


def test_a_draw_by_hand_instead_of_the_promised_seed_needs_its_reason():
    made = tied()
    with pytest.raises(RuleViolation, match="Loot met dat geheim") as refused:
        by_hand(made, instead_reason=" ")
    assert refused.value.field == "instead_reason"
    draw = by_hand(made)
    assert draw.instead_reason == "Een notaris was aangekondigd."
    assert AuditEvent.objects.get(action="procurement.draw.held").detail["instead_of_seed"] == draw.instead_reason
    assert draw.seed == ""
    with pytest.raises(RuleViolation, match="geen geheim"):
        reveal(made)


def test_a_seed_that_a_draw_by_hand_took_the_place_of_is_shown_at_the_end():
    made = tied()
    held = by_hand(made)
    Decision.objects.create(
        segment_round=made.segment_round, ranking=made.ranking, proposed_by=made.lead, status=DecisionStatus.SENT,
        adopted_at=timezone.now(), sent_at=timezone.now(), objection_cutoff=timezone.localdate(),
    )  # fmt: skip
    shown = reveal(made)
    assert commitment(shown.seed) == shown.commitment
    assert shown.held_at == held.held_at, "the draw by hand keeps its moment"
    assert compare(made.ranking) == []
    assert list(draws_match()) == []


def test_there_is_no_draw_without_equal_bids():
    made = segment()
    made.to_fixed(("8", "6", "4"))
    rank(made)
    with pytest.raises(RuleViolation, match="niets te loten"):
        by_hand(made)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"account": " "}, "Beschrijf"),
        ({"held_at": timezone.now() + timedelta(days=400)}, "nog niet geweest"),
        ({"held_at": timezone.now() - timedelta(days=400)}, "te vroeg"),
        ({"order": []}, "eigen plaats"),
        ({"upload": SimpleUploadedFile("verslag.pdf", b"geen pdf")}, "geen pdf-bestand"),
    ],
)
def test_a_draw_by_hand_that_is_not_in_order_is_refused(fields, text):
    made = tied()
    with pytest.raises(RuleViolation, match=text):
        by_hand(made, **fields)
    assert not Draw.objects.filter(held_at__isnull=False).exists()


def test_the_order_names_all_equal_bids_and_no_others():
    made = tied()
    first, second, third = (entry.pk for entry in made.entries)
    for order in ([first], [first, first], [first, third], [first, second, third]):
        with pytest.raises(RuleViolation, match="eigen plaats"):
            by_hand(made, order)


def test_an_order_changed_in_the_database_is_found():
    made = tied()
    draw = by_hand(made)
    first, second = draw.places.order_by("place")
    first.place = 9
    first.save()
    second.place = 1
    second.save()
    assert "its order is not the one that was entered" in str(next(draws_match()))
    assert {finding["code"] for finding in compare(made.ranking)} == {"rows"}


# Pages --------------------------------------------------------------------------------------------------


def page(made):
    return reverse("procurement:draw", args=[made.segment_round.pk])


def test_the_lead_promises_and_draws_on_the_page(client):
    made = segment()
    client.force_login(made.lead)
    assert "Geheim maken" in client.get(page(made)).content.decode(), "scoring began without a promise"
    client.post(reverse("procurement:draw_promise", args=[made.segment_round.pk]))
    draw = Draw.objects.get()
    made.to_fixed(("8", "8", "4"))
    rank(made)
    html = client.get(page(made)).content.decode()
    assert draw.commitment in html
    assert "Geheim tonen en loten" in html
    client.post(reverse("procurement:draw_reveal", args=[made.segment_round.pk]))
    draw.refresh_from_db()
    html = client.get(page(made)).content.decode()
    assert draw.seed in html
    assert bid_id(made.entries[0], made.segment_round) in html


def test_the_command_on_the_page_gives_what_was_promised(client):
    made = tied()
    draw = reveal(made)
    client.force_login(user_with(Role.AUDITOR, region=made.region))
    html = client.get(page(made)).content.decode()
    command = f"printf '%s' '{draw.seed}' | sha256sum"
    assert command in html.replace("&#x27;", "'")
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert f"sha256:{said.split()[0]}" == draw.commitment


def test_the_lead_enters_a_draw_by_hand_on_the_page(client):
    made = tied()
    client.force_login(made.lead)
    first, second = (f"place_{entry.pk}" for entry in made.entries[:2])
    given = {first: "1", second: "1", "account": "De notaris trok.", "held_at": "", "upload": ""}
    assert "?met-de-hand" in client.get(page(made)).content.decode()
    assert "Loting invoeren" in client.get(page(made) + "?met-de-hand").content.decode()
    response = client.post(page(made), given)
    assert response.status_code == 422
    assert "Geef de reden waarom u niet loot met het vastgelegde geheim" in response.content.decode()
    html = response.content.decode()
    assert "heeft deze plaats al" in html
    assert "De notaris trok." in html
    upload = SimpleUploadedFile("verslag.pdf", pdf_bytes(), content_type="application/pdf")
    moment = timezone.localtime().strftime("%d-%m-%Y %H:%M")
    good = given | {second: "2", "held_at": moment, "upload": upload, "instead_reason": "Aangekondigd."}
    assert client.post(page(made), good).status_code == 302
    html = client.get(page(made)).content.decode()
    assert "Met de hand geloot" in html
    record = Draw.objects.get().record
    assert client.get(reverse("documents:download", args=[record.pk])).status_code == 200
    client.force_login(user_with(Role.EVALUATOR, region=made.region))
    assert client.get(reverse("documents:download", args=[record.pk])).status_code in (403, 404)


def test_the_public_reads_the_promise_beforehand_and_the_seed_afterwards(client):
    made = tied()
    tender = made.segment_round.round.tender
    Tender.objects.filter(pk=tender.pk).update(status=TenderStatus.PUBLISHED, published_at=timezone.now())
    public, data = reverse("procurement:tender", args=[tender.slug]), reverse("procurement:ocds")
    draw = Draw.objects.get()
    for address in (public, data):
        assert draw.commitment in client.get(address).content.decode(), address
    seed = reveal(made).seed
    for address in (public, data):
        text = client.get(address).content.decode()
        assert seed in text, address
        for entry in made.entries:
            assert entry.submission.organisation.name not in text


def test_the_page_takes_a_fixed_number_of_queries(client, django_assert_max_num_queries):
    made = tied()
    reveal(made)
    client.force_login(made.lead)
    with django_assert_max_num_queries(16):
        client.get(page(made))
