"""A segment is evaluated in the browser (issue "evaluation", shows 1): five score twelve bids, the meeting sets the
consensus, a replaced member's part is redone, the ranking ties at the cut, and lots decide.

A real PostgreSQL, Valkey and Celery worker. One evaluator goes page by page; the other four score through the services,
and so does the meeting after its first bids: the same pages twelve times more would show nothing else.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

import pytest
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.enums import Role
from procurement.enums import SegmentRoundStatus
from procurement.models import CommitteeMember, ConsensusScore, Draw, Entry, Ranking, Score, SegmentRound
from procurement.selectors.missing import missing_for_fixing
from procurement.services.evaluation import hand_in, record_consensus, save_score
from tests.e2e.chain.actors import Cast, Person, kept_on_failure
from tests.e2e.looking import go
from tests.factories import user_with
from tests.factories.evaluation import Evaluation, evaluation, no_interest
from tests.worker import running_worker

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]

BIDS, PLACES = 12, 2
# The second and the third are equal in everything, and there are two places.
AGREED = ["10", "8", "8", *["4"] * (BIDS - 3)]
REASON = "Het antwoord noemt wie wat doet, en wanneer."
ON_SCREEN = 2


def test_an_evaluation_from_the_first_score_to_the_draw(chromium: Browser, live_server: LiveServer) -> None:
    made = evaluation(entries=BIDS, evaluators=4, criteria=2, places=PLACES, evaluators_announced=5)
    fifth = user_with(Role.EVALUATOR, region=made.region, name="Beoordelaar 5")
    CommitteeMember.objects.create(segment_round=made.segment_round, user=fifth)
    cast = Cast(chromium, live_server.url)
    with running_worker(), kept_on_failure(cast):
        _one_declares_scores_and_hands_in(cast.person(fifth.email), made)
        made.score_all("8")
        lead = cast.person(made.lead.email)
        _a_seed_is_promised(lead, made)
        _scoring_is_closed(lead, made)
        _the_meeting_agrees(lead, made)
        _a_member_is_replaced(lead, made)
        _only_its_part_is_set_again(lead, made)
        _ranked_with_a_tie(lead, made)
        _lots_decide(lead, made)
    assert cast.complaints() == []


def _one_declares_scores_and_hands_in(person: Person, made: Evaluation) -> None:
    """Before the declaration there is nothing to read; afterwards each bid in turn, and then for good."""
    pk = made.segment_round.pk
    first = reverse("procurement:score_entry", args=[pk, made.entries[0].pk])
    person.refused(first, 404)
    person.opens(reverse("procurement:interests", args=[pk]))
    person.reads(*(entry.submission.organisation.name for entry in made.entries))
    _send(person)
    person.opens(first)
    for _entry in made.entries:
        for form in made.criteria:
            part = person.section(f"{form.code} {form.title}")
            part.locator("input[type=radio][value^='6']").first.check()
            part.locator("textarea").first.fill(REASON)
        _send(person, "button[name=next]")
    person.opens(reverse("procurement:hand_in", args=[pk]))
    _send(person)
    mine = Score.objects.filter(evaluator__email=person_email(person, made))
    assert mine.count() == BIDS * len(made.criteria)
    assert set(mine.values_list("value", "reason")) == {(Decimal(6), REASON)}


def person_email(person: Person, made: Evaluation) -> str:
    seat = CommitteeMember.objects.filter(segment_round=made.segment_round).exclude(user__in=made.evaluators).get()
    assert seat.handed_in_at is not None
    return str(seat.user.email)


def _a_seed_is_promised(lead: Person, made: Evaluation) -> None:
    lead.opens(reverse("procurement:draw", args=[made.segment_round.pk]))
    _send(lead)
    draw = Draw.objects.get(segment_round=made.segment_round)
    lead.reads(draw.commitment.removeprefix("sha256:")[:8])
    assert draw.seed == ""


def _scoring_is_closed(lead: Person, made: Evaluation) -> None:
    lead.opens(reverse("procurement:segment_round", args=[made.segment_round.pk]))
    close = reverse("procurement:scoring_close", args=[made.segment_round.pk])
    _send(lead, f"form[action='{close}'] button")
    assert _now(made).status == SegmentRoundStatus.CONSENSUS


def _the_meeting_agrees(lead: Person, made: Evaluation) -> None:
    """On the screen for the first bids: all five scores side by side, then one score together with its motivation."""
    screen = reverse("procurement:meeting_screen", args=[made.segment_round.pk])
    for entry, value in list(zip(made.entries, AGREED, strict=True))[:ON_SCREEN]:
        for criterion in made.criteria:
            lead.opens(f"{screen}?inzending={entry.pk}&criterium={criterion.pk}")
            lead.reads("Beoordelaar 1", "Beoordelaar 5", REASON)
            _agree(lead, value)
            agreed = ConsensusScore.objects.get(entry=entry, criterion=criterion)
            assert agreed.value == Decimal(value)
            assert agreed.basis.startswith("sha256:")
    for entry, value in list(zip(made.entries, AGREED, strict=True))[ON_SCREEN:]:
        _agreed(made, entry, value)
    assert not missing_for_fixing(_now(made)).entries


def _agree(lead: Person, value: str) -> None:
    lead.main.locator(f"input[type=radio][value^='{value}']").first.check()
    for area in lead.main.locator("form textarea").all():
        if area.is_visible():
            area.fill("De commissie las een aanpak met namen, dagen en een terugval.")
    _send(lead, "form:has(input[type=radio]) button[type=submit]")


def _agreed(made: Evaluation, entry: Entry, value: str) -> None:
    for criterion in made.criteria:
        record_consensus(
            entry=entry, criterion=criterion, value=Decimal(value), reason="De commissie las een aanpak met namen.",
            outside_reason="De vragen in het overleg gaven de doorslag.", by=made.lead,
        )  # fmt: skip


def _a_member_is_replaced(lead: Person, made: Evaluation) -> None:
    """The old seat ends and is kept; who takes over declares, and scores alone, also after the closing."""
    old = CommitteeMember.objects.get(segment_round=made.segment_round, user=made.evaluators[0])
    newcomer = user_with(Role.EVALUATOR, region=made.region, name="Beoordelaar 6")
    lead.opens(reverse("procurement:committee_replace", args=[made.segment_round.pk, old.pk]))
    lead.main.locator("select[name=user]").select_option(label=newcomer.name)
    lead.main.locator("textarea[name=reason]").fill("Ziek geworden.")
    _send(lead)
    seat = CommitteeMember.objects.get(replaces=old)
    assert (seat.user, seat.handed_in_at) == (newcomer, None)
    no_interest(seat)
    for entry in made.entries:
        for criterion in made.criteria:
            save_score(entry=entry, criterion=criterion, value=Decimal(4), reason=REASON, by=newcomer)
    hand_in(segment_round=made.segment_round, by=newcomer)
    assert Score.objects.filter(evaluator=old.user).count() == BIDS * len(made.criteria)


def _only_its_part_is_set_again(lead: Person, made: Evaluation) -> None:
    """Every consensus score rested on that member, so each waits; the first is set again on the screen."""
    stale = missing_for_fixing(_now(made)).entries
    assert len(stale) == BIDS
    assert all(len(gaps.stale) == len(made.criteria) for gaps in stale)
    screen = reverse("procurement:meeting_screen", args=[made.segment_round.pk])
    lead.opens(f"{screen}?inzending={made.entries[0].pk}&criterium={made.criteria[0].pk}")
    lead.reads("Beoordelaar 6")
    lead.misses("Beoordelaar 1")
    _agree(lead, AGREED[0])
    for entry, value in zip(made.entries, AGREED, strict=True):
        _agreed(made, entry, value)
    lead.opens(reverse("procurement:segment_round", args=[made.segment_round.pk]))
    fix = reverse("procurement:scores_fix", args=[made.segment_round.pk])
    _send(lead, f"form[action='{fix}'] button")
    assert _now(made).status == SegmentRoundStatus.FIXED


def _ranked_with_a_tie(lead: Person, made: Evaluation) -> None:
    lead.opens(reverse("procurement:segment_round", args=[made.segment_round.pk]))
    rank = reverse("procurement:ranking_request", args=[made.segment_round.pk])
    _send(lead, f"form[action='{rank}'] button")
    lead.waits_for_the_work()
    ranking = Ranking.objects.get(segment_round=made.segment_round)
    outcomes = dict(ranking.rows.values_list("entry", "outcome"))
    assert outcomes[made.entries[0].pk] == "selected"
    assert [outcomes[entry.pk] for entry in made.entries[1:3]] == ["pending_draw"] * 2
    lead.opens(reverse("procurement:ranking", args=[ranking.pk]))
    for entry in made.entries:
        lead.reads(entry.submission.organisation.name)


def _lots_decide(lead: Person, made: Evaluation) -> None:
    """The seed is the one that was promised, and whoever has a calculator finds the same order."""
    lead.opens(reverse("procurement:draw", args=[made.segment_round.pk]))
    _send(lead)
    draw = Draw.objects.get(segment_round=made.segment_round)
    assert draw.commitment == f"sha256:{sha256(draw.seed.encode()).hexdigest()}"
    lead.reads(draw.seed)
    newest = Ranking.objects.filter(segment_round=made.segment_round).order_by("-sequence")[0]
    assert newest.sequence == 2
    slug = made.segment_round.segment.slug
    lots = {
        sha256(f"{draw.seed}:{entry.submission.number}:{slug}".encode()).hexdigest(): entry.pk
        for entry in made.entries[1:3]
    }
    chosen = set(newest.rows.filter(outcome="selected").values_list("entry", flat=True))
    assert chosen == {made.entries[0].pk, lots[min(lots)]}


def _send(person: Person, button: str = "form[method=post] button[type=submit]") -> None:
    """Send the form in, and be on the next page."""
    go(person.main.locator(button).first)


def _now(made: Evaluation) -> SegmentRound:
    return SegmentRound.objects.select_related("segment", "round__tender").get(pk=made.segment_round.pk)
