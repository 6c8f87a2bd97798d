"""The pages of a committee on a desk and on a phone: an interest declared, bids divided, a seat taken over."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from achterhoek.accounts.enums import Role
from procurement.enums import Interest
from procurement.models import CommitteeMember
from procurement.services.assignment import divide
from procurement.services.interests import PartyInterest, declare_interests
from tests.e2e.looking import go, judge_at_all_widths, log_in
from tests.factories import user_with
from tests.factories.evaluation import evaluation

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_an_interest_is_declared_before_the_bids_are_seen(chromium: Browser, live_server: LiveServer) -> None:
    made = evaluation(entries=4)
    user = user_with(Role.EVALUATOR, region=made.region, name="Nieuw Lid")
    CommitteeMember.objects.create(segment_round=made.segment_round, user=user)
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce", java_script_enabled=True)
    log_in(context, live_server.url, user)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:evaluator_home"))
    go(page.get_by_role("link", name="Geef uw belangen op"))
    judge_at_all_widths(page, "belangen")
    go(page.get_by_role("button", name="Verder met de partijen"))
    judge_at_all_widths(page, "belangen-fout")
    name = made.entries[0].submission.organisation.name
    page.get_by_label(name, exact=True).check()
    go(page.get_by_role("button", name="Verder met de partijen"))
    judge_at_all_widths(page, "belangen-uitleg")
    page.get_by_label(f"Wat verbindt u met {name}").select_option("family")
    page.get_by_label(f"Uitleg over {name}").fill("Mijn zus werkt er.")
    go(page.get_by_role("button", name="Deze belangen opgeven"))
    expect(page.get_by_text("U beoordeelt de inzendingen van deze partijen niet.")).to_be_visible()
    page.goto(live_server.url + reverse("procurement:interests", args=[made.segment_round.pk]))
    judge_at_all_widths(page, "belangen-opgegeven")


def test_the_leads_pages_fit_and_read(chromium: Browser, live_server: LiveServer) -> None:
    made = evaluation(entries=4, evaluators=3)
    user_with(Role.EVALUATOR, region=made.region, name="Opvolger Otto")
    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, made.lead)
    page = context.new_page()
    base = live_server.url
    pk = made.segment_round.pk
    page.goto(base + reverse("procurement:committee_page", args=[pk]))
    judge_at_all_widths(page, "commissie")
    page.goto(base + reverse("procurement:assignment", args=[pk]))
    judge_at_all_widths(page, "verdeling-geen")
    page.locator("[name=per_bid]").fill("99")
    go(page.get_by_role("button", name="Inzendingen verdelen"))
    judge_at_all_widths(page, "verdeling-fout")
    divide(segment_round=made.segment_round, per_bid=2, seed="zaad", by=made.lead)
    page.goto(base + reverse("procurement:assignment", args=[pk]))
    judge_at_all_widths(page, "verdeling")
    go(page.get_by_role("link", name="Met de hand wijzigen").first)
    judge_at_all_widths(page, "verdeling-met-de-hand")
    seat = CommitteeMember.objects.filter(segment_round=pk).earliest("pk")
    page.goto(base + reverse("procurement:committee_replace", args=[pk, seat.pk]))
    judge_at_all_widths(page, "vervangen")
    page.get_by_label("Wie valt in").select_option(label="Opvolger Otto")
    page.get_by_label("Reden van de vervanging").fill("Langdurig ziek.")
    go(page.get_by_role("button", name="Dit lid vervangen"))
    expect(page.get_by_text("Het lid is vervangen.")).to_be_visible()
    judge_at_all_widths(page, "vervangen-verschil")
    page.goto(base + reverse("procurement:committee_page", args=[pk]))
    judge_at_all_widths(page, "commissie-vervangen")


def test_an_interest_declared_by_mistake_is_lifted_by_the_lead(chromium: Browser, live_server: LiveServer) -> None:
    made = evaluation(entries=2)
    member, entry = made.evaluators[0], made.entries[0]
    number = entry.submission.organisation.kvk_number
    interests = {number: PartyInterest(Interest.FAMILY, "Mijn zus werkt er.")}
    declare_interests(segment_round=made.segment_round, interests=interests, by=member)
    first = live_server.url + reverse("procurement:score_entry", args=[made.segment_round.pk, entry.pk])

    context = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(context, live_server.url, member)
    page = context.new_page()
    page.goto(live_server.url + reverse("procurement:interests", args=[made.segment_round.pk]))
    go(page.get_by_role("link", name="Was dit een vergissing?"))
    go(page.get_by_role("button", name="Meld de vergissing"))
    judge_at_all_widths(page, "belang-vergissing-fout")
    page.get_by_label("Wat was de vergissing").fill("Zij werkt bij een organisatie met bijna dezelfde naam.")
    go(page.get_by_role("button", name="Meld de vergissing"))
    expect(page.get_by_text("De inkoopspecialist leest het en beslist.")).to_be_visible()
    judge_at_all_widths(page, "belang-gevraagd")
    answer = page.goto(first)
    assert answer is not None
    assert answer.status == 404, "asking gives nothing back"

    leads = chromium.new_context(locale="nl-NL", reduced_motion="reduce")
    log_in(leads, live_server.url, made.lead)
    desk = leads.new_page()
    desk.goto(live_server.url + reverse("procurement:committee_page", args=[made.segment_round.pk]))
    judge_at_all_widths(desk, "commissie-vergissing")
    go(desk.get_by_role("link", name="Bekijk of herstel"))
    judge_at_all_widths(desk, "belang-beslissen")
    desk.get_by_label("Ja: het lid krijgt de vraag").check()
    desk.locator("textarea[name=note]").fill("Nagekeken: het is een andere organisatie.")
    go(desk.get_by_role("button", name="Besluit vastleggen"))
    expect(desk.get_by_text("Het besluit is vastgelegd.")).to_be_visible()
    judge_at_all_widths(desk, "belang-besloten")

    page.goto(live_server.url + reverse("procurement:interests", args=[made.segment_round.pk]))
    go(page.get_by_role("button", name="Ik heb bij geen van deze partijen een belang"))
    answer = page.goto(first)
    assert answer is not None
    assert answer.status == 200
