"""The consensus meeting in a browser: the screen for the projector by keyboard, the missing list, the minutes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.enums import Role
from procurement.domain.wording import comparative_phrases
from procurement.enums import RequirementKind, SeatRole
from procurement.models import CommitteeMember, ConsensusScore, Score
from procurement.services.evaluation import record_consensus
from procurement.services.meetings import record_minutes
from tests.e2e.looking import judge_at_all_widths, keep, key, log_in
from tests.factories import RequirementFactory, user_with
from tests.factories.evaluation import Evaluation, evaluation, seated

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def prepared() -> tuple[Evaluation, CommitteeMember]:
    """Three bids, three members who differ, one score outside theirs that compares, one that has become stale."""
    made = evaluation(entries=3, evaluators=3, criteria=3)
    chair = seated(made.segment_round, user_with(Role.EVALUATOR, region=made.region, name="Voorzitter"), SeatRole.CHAIR)
    RequirementFactory(round=made.segment_round.round, code="U1", kind=RequirementKind.EXCLUSION, title="Faillissement")
    RequirementFactory(round=made.segment_round.round, code="E1", title="Keurmerk")
    made.to_consensus()
    for number, score in enumerate(Score.objects.order_by("pk")):
        Score.objects.filter(pk=score.pk).update(value=Decimal((2, 4, 6, 6, 8)[number % 5]))
    for reason in ("Concreet plan.", "Dit plan is beter dan dat van andere inschrijvers."):
        record_consensus(
            entry=made.entries[0], criterion=made.criteria[0], value=Decimal(10), reason=reason,
            outside_reason="De bijlage was door niemand gelezen.", by=chair.user,
        )  # fmt: skip
    record_consensus(
        entry=made.entries[1], criterion=made.criteria[0], value=Decimal(6), reason="Goed.", by=made.lead,
        outside_reason="Samen.",
    )  # fmt: skip
    Score.objects.filter(entry=made.entries[1], criterion=made.criteria[0]).update(value=Decimal(4))
    record_minutes(
        segment_round=made.segment_round, held_on=timezone.localdate(), present=[chair],
        minutes="Wij bespraken elke inschrijving.\n\nDe bijlage is samen gelezen.", by=chair.user,
    )  # fmt: skip
    return made, chair


def test_the_meeting_is_held_on_the_screen(chromium: Browser, live_server: LiveServer) -> None:
    made, chair = prepared()
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, chair.user)
    page = context.new_page()
    start = f"{live_server.url}/inkoop/beoordeling/{made.segment_round.pk}/overleg/"
    first, stale = (f"{start}scherm/?inzending={made.entries[n].pk}&criterium={made.criteria[0].pk}" for n in range(2))
    for name, address in [("screen", first), ("stale", stale), ("minutes", start)]:
        page.goto(address)
        judge_at_all_widths(page, f"meeting-{name}")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{start}scherm/")
    heading = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("radio", name="10").check()
    _comparing_is_pointed_out_while_typing(page)
    page.get_by_label("Motivering").fill("Wij lazen het samen.")
    key(page.get_by_role("button", name="Opslaan en naar de volgende"), "Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Motivering")).to_have_value("Wij lazen het samen.")
    keep(page, "meeting-refused")
    judge_at_all_widths(page, "meeting-refused")
    page.get_by_label("Waarom buiten de individuele scores").fill("De bijlage was gemist.")
    key(page.get_by_role("button", name="Opslaan en naar de volgende"), "Enter")
    expect(page.get_by_text("De consensusscore is opgeslagen.")).to_be_visible()
    assert heading
    assert ConsensusScore.objects.filter(outside_reason="De bijlage was gemist.").count() == 1
    log_in(context, live_server.url, made.lead)
    for name, address in [("missing", start), ("entry", f"{start}../{made.entries[0].pk}/")]:
        page.goto(address)
        judge_at_all_widths(page, f"meeting-{name}")
    context.close()


def _comparing_is_pointed_out_while_typing(page: Page) -> None:
    """The browser finds what the server finds, with the list that the server sends; and it forgets it again."""
    told = page.locator("[data-wording]")
    expect(told).to_be_hidden()
    for text in ("Zwakker  dan de overige inschrijvingen.", "Het béste van alle; ten opzichte\nvan de rest.", "Goed."):
        page.get_by_label("Motivering").fill(text)
        found = comparative_phrases(text)
        if found:
            expect(told.locator("[data-wording-phrases]")).to_have_text(", ".join(found))
        expect(told).to_be_visible(visible=bool(found))
