"""A scoring that is done again has a draw of its own: nobody who scores may know what the lots would say."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from procurement.domain.draw import commitment
from procurement.enums import DecisionStatus, Outcome, TenderStatus
from procurement.models import Decision, Draw, Ranking, SegmentRound, Tender
from procurement.selectors.draw import draw_for, draw_of, draw_page
from procurement.services.dossier_zip import dossier_zip
from procurement.services.draw import enter_physical_draw, reveal_seed
from procurement.services.integrity import draws_match, rankings_match
from procurement.services.ranking import rank_segment
from procurement.services.recompute import compare
from tests.factories.evaluation import Evaluation, evaluation
from tests.factories.submissions import pdf_bytes
from tests.integration.procurement.test_reevaluation import begun, scored_again

pytestmark = pytest.mark.django_db


def tied() -> Evaluation:
    made = evaluation(entries=3, criteria=1, evaluators=1)
    made.to_fixed(("8", "8", "4"))
    rank_segment(segment_round=made.segment_round, by=made.lead)
    return made


def rules(made: Evaluation) -> SegmentRound:
    return SegmentRound.objects.get(pk=made.segment_round.pk)


def reveal(made: Evaluation) -> Draw:
    return reveal_seed(segment_round=made.segment_round, by=made.lead)


def by_hand(made: Evaluation, *order: int) -> Draw:
    return enter_physical_draw(
        segment_round=made.segment_round,
        order=[made.entries[number].pk for number in order],
        account="De notaris trok de loten.",
        held_at=timezone.now(),
        instead_reason="Een notaris was aangekondigd.",
        upload=SimpleUploadedFile("verslag.pdf", pdf_bytes(), content_type="application/pdf"),
        by=made.lead,
    )


def again(made: Evaluation, values: tuple[str, ...] = ("8", "8", "4")) -> Ranking:
    """The one criterion scored anew, to a new ranking."""
    begun(made)
    scored_again(made, values)
    return Ranking.objects.order_by("-sequence")[0]


def outcomes(ranking: Ranking) -> dict[int, str]:
    return dict(ranking.rows.values_list("entry_id", "outcome"))


def waiting(ranking: Ranking) -> int:
    return list(outcomes(ranking).values()).count(Outcome.PENDING_DRAW)


def test_a_seed_that_was_shown_decides_nothing_in_a_new_scoring() -> None:
    made = tied()
    old = reveal(made)
    drawn = Ranking.objects.order_by("-sequence")[0]
    found = begun(made)

    new = draw_of(made.segment_round)
    assert new is not None
    assert (new.reevaluation, new.seed) == (found, "")
    assert new.commitment != old.commitment
    assert rules(made).draw_seed == ""

    scored_again(made, ("8", "8", "4"))
    ranking = Ranking.objects.order_by("-sequence")[0]
    assert waiting(ranking) == 2, "the lots of the seed that is known say nothing here"
    assert json.loads(ranking.dossier)["draw_seed"] is None
    assert new.committed_at < ranking.computed_at

    shown = reveal(made)
    assert (shown.pk, commitment(shown.seed)) == (new.pk, new.commitment)
    newest = Ranking.objects.order_by("-sequence")[0]
    assert json.loads(newest.dossier)["draw_seed"] == shown.seed
    assert json.loads(drawn.dossier)["draw_seed"] == old.seed
    assert (draw_for(drawn), draw_for(newest)) == (old, shown)
    for each in Ranking.objects.all():
        assert compare(each) == [], each.sequence
    assert [*draws_match(), *rankings_match()] == []


def test_an_order_drawn_by_hand_decides_nothing_in_a_new_scoring() -> None:
    made = tied()
    old = by_hand(made, 1, 0)
    first = Ranking.objects.get()
    ranking = again(made)
    assert waiting(ranking) == 2
    new = by_hand(made, 0, 1)
    assert new.pk != old.pk
    assert outcomes(ranking)[made.entries[0].pk] == Outcome.SELECTED
    assert outcomes(first)[made.entries[1].pk] == Outcome.SELECTED, "the old result keeps the old order"
    assert [*compare(first), *compare(ranking), *draws_match(), *rankings_match()] == []


def test_an_order_by_hand_of_another_scoring_does_not_explain_a_changed_ranking() -> None:
    made = tied()
    by_hand(made, 1, 0)
    first = Ranking.objects.get()
    again(made)
    by_hand(made, 0, 1)
    rows = list(first.rows.order_by("position"))
    for row, outcome in zip(rows, (Outcome.RESERVE, Outcome.SELECTED), strict=False):
        first.rows.filter(pk=row.pk).update(rank=3 - row.rank, outcome=outcome, position=3 - row.position)
    assert {found["code"] for found in compare(first)} == {"rows"}


def test_a_draw_that_waited_is_not_held_while_the_scoring_is_done_again() -> None:
    made = tied()
    begun(made)
    page = draw_page(rules(made))
    assert page.waiting == []
    assert not page.may_promise
    assert [shown.draw.sealed_still for shown in page.earlier] == [True]


def test_at_the_end_every_seed_is_shown_also_that_of_the_first_scoring() -> None:
    made = tied()
    ranking = again(made, ("8", "6", "4"))
    Decision.objects.create(
        segment_round=made.segment_round, ranking=ranking, proposed_by=made.lead, status=DecisionStatus.SENT,
        adopted_at=timezone.now(), sent_at=timezone.now(), objection_cutoff=timezone.localdate(),
    )  # fmt: skip
    reveal(made)
    draws = list(Draw.objects.all())
    assert len(draws) == 2
    assert all(commitment(draw.seed) == draw.commitment for draw in draws)
    assert list(draws_match()) == []


def test_the_pages_show_both_draws_and_each_can_be_replayed(client: Client) -> None:
    made = tied()
    old = reveal(made)
    again(made)
    new = reveal(made)
    client.force_login(made.lead)
    html = client.get(reverse("procurement:draw", args=[made.segment_round.pk])).content.decode()
    tender = made.segment_round.round.tender
    Tender.objects.filter(pk=tender.pk).update(status=TenderStatus.PUBLISHED, published_at=timezone.now())
    client.logout()
    public = client.get(reverse("procurement:tender", args=[tender.slug])).content.decode()
    data = client.get(reverse("procurement:ocds")).content.decode()
    for draw in (old, new):
        for text in (html, public, data):
            assert draw.commitment in text
            assert draw.seed in text
    assert "Eerdere loting" in html
    assert "bij een nieuwe beoordeling" in public
    assert "Naar ranglijst 2" in html
    assert "Naar ranglijst 4" in html


def read(ranking: Ranking) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(dossier_zip(ranking)))


def test_the_dossier_of_each_ranking_holds_the_draw_that_decided_in_it() -> None:
    made = tied()
    before = Ranking.objects.get()
    old = reveal(made)
    drawn = Ranking.objects.order_by("-sequence")[0]
    ranking = again(made)
    by_hand(made, 1, 0)

    assert "draw.json" not in read(before).namelist(), "no lots decided in it"
    seeded: dict[str, Any] = json.loads(read(drawn).read("draw.json"))
    assert (seeded["seed"], seeded["commitment"]) == (old.seed, old.commitment)
    told = read(drawn).read("README.txt").decode()
    command = next(line.strip() for line in told.splitlines() if line.strip().startswith("printf"))
    said = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert f"sha256:{said.split()[0]}" == old.commitment
    held = json.loads(read(ranking).read("draw.json"))
    assert [bid.split(":")[0] for bid in held["order"]] == [made.entries[at].submission.number for at in (1, 0)]
    assert read(ranking).read("SHA256SUMS").decode().count("draw.json") == 1


def test_a_ranking_asked_for_too_early_lists_all_that_is_missing_with_links(client: Client) -> None:
    made = evaluation(entries=2)
    made.to_consensus()
    client.force_login(made.lead)
    address = reverse("procurement:ranking_request", args=[made.segment_round.pk])
    asked = client.post(address)
    assert asked.headers["Location"] == address
    html = client.get(address).content.decode()
    screen = reverse("procurement:meeting_screen", args=[made.segment_round.pk])
    for entry in made.entries:
        for criterion in made.criteria:
            assert f"{screen}?inzending={entry.pk}&amp;criterium={criterion.pk}" in html
    assert "Er ontbreekt niets" not in html


def test_the_decision_that_waits_for_lots_leads_to_the_draw(client: Client) -> None:
    made = tied()
    client.force_login(made.lead)
    draw_at = reverse("procurement:draw", args=[made.segment_round.pk])
    assert draw_at in client.get(reverse("procurement:decision_propose", args=[made.segment_round.pk])).content.decode()
