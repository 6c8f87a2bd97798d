"""Custodian mode: the key exists only as shares on paper, until enough custodians come together after the deadline."""

import json
import logging
import traceback
from datetime import date, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.sealing import age
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import KeyWithheld, secret_of
from procurement.enums import Custody, RoundStatus, Stage, TenderStatus
from procurement.models import CustodianShare, Round, Tender, VaultKey
from procurement.selectors.custody import custody_problem, keeping_of, keepings, needs_shares
from procurement.services import custody
from procurement.services.custody import choose_custody, confirm_share, hold_ceremony
from procurement.services.tenders import publish_tender
from procurement.services.vault_keys import content_key
from tests.factories import RegionFactory, RoundFactory, TenderFactory, user_with
from tests.factories.scenarios import draft_tender

pytestmark = pytest.mark.django_db
HOLDERS = ["A. Notaris", "B. Griffier", "C. Archivaris"]


@pytest.fixture
def tender():
    found = TenderFactory(status=TenderStatus.DRAFT, published_at=None, custody=Custody.CUSTODIANS)
    for stage in Stage:
        RoundFactory(tender=found, stage=stage, status=RoundStatus.PLANNED, opens_at=None, deadline=None)
    return found


@pytest.fixture
def round(tender):
    return tender.rounds.get(stage=Stage.SELECTION)


@pytest.fixture
def lead(tender):
    return user_with(Role.LEAD, region=tender.region)


@pytest.fixture
def papers(round, lead):
    return hold_ceremony(round=round, holders=HOLDERS, instead_of=None, by=lead)


def typed(paper):
    return " ".join(paper.words)


def unlock(*, round, shares):
    custody.unlock(round=round, shares=shares, by=user_with(Role.OPENER))


def the_key(round):
    return VaultKey.objects.get(round=round).key


def refused(call):
    with pytest.raises(RuleViolation) as caught:
        call()
    return caught.value


def test_the_ceremony_gives_each_custodian_a_share_and_keeps_none(round, papers):
    assert [(paper.holder, paper.position, paper.total, len(paper.words)) for paper in papers] == [
        (holder, position, 3, 33) for position, holder in enumerate(HOLDERS, start=1)
    ]
    key = the_key(round)
    assert key.is_withheld
    with pytest.raises(KeyWithheld):
        secret_of(key)
    rows = list(CustodianShare.objects.filter(round=round))
    assert [row.holder for row in rows] == HOLDERS
    assert all(row.confirmed_at is None for row in rows)
    assert content_key(round) == key
    assert needs_shares(round)


def test_no_submission_is_sealed_before_the_ceremony(round, lead):
    assert refused(lambda: content_key(round)).message
    assert not needs_shares(round)
    hold_ceremony(round=round, holders=HOLDERS, instead_of=None, by=lead)
    assert content_key(round).is_withheld


def test_two_of_three_open_it_and_one_does_not(round, papers):
    sealed = age.seal(b"bod", the_key(round).public)
    for few in ([], [typed(papers[0])], [typed(papers[0]), "  "]):
        broken = refused(lambda few=few: unlock(round=round, shares=few))
        assert broken.field == "shares"
        assert needs_shares(round)
    unlock(round=round, shares=[typed(papers[2]).upper(), typed(papers[0])])
    assert age.unseal(sealed, secret_of(the_key(round))) == b"bod"
    assert not needs_shares(round)
    event = AuditEvent.objects.filter(action="procurement.round.join_shares").get()
    assert event.detail == {"positions": [1, 3]}


def test_once_it_is_whole_nothing_more_is_asked(round, papers):
    unlock(round=round, shares=[typed(paper) for paper in papers])
    unlock(round=round, shares=[])
    assert not needs_shares(round)
    assert AuditEvent.objects.filter(action="procurement.round.join_shares").count() == 1


def test_a_key_that_the_portal_keeps_asks_no_shares(tender, round):
    Tender.objects.filter(pk=tender.pk).update(custody=Custody.OPERATOR)
    round.tender.refresh_from_db()
    secret = secret_of(content_key(round))
    unlock(round=round, shares=[])
    assert secret_of(content_key(round)) == secret
    assert not AuditEvent.objects.filter(action="procurement.round.join_shares").exists()


def test_the_same_share_twice_is_one(round, papers):
    broken = refused(lambda: unlock(round=round, shares=[typed(papers[0]), typed(papers[0])]))
    assert (broken.field, needs_shares(round)) == ("shares", True)


def test_a_mistyped_word_is_told_and_nothing_changed(round, papers):
    words = [*papers[1].words]
    words[6] = "academic" if words[6] != "academic" else "acid"
    broken = refused(lambda: unlock(round=round, shares=[typed(papers[0]), " ".join(words)]))
    assert "2" in broken.message
    assert "7" in broken.message
    assert needs_shares(round)


def test_shares_of_another_round_do_not_open_it(tender, round, lead, papers):
    award = tender.rounds.get(stage=Stage.AWARD)
    others = hold_ceremony(round=award, holders=HOLDERS, instead_of=None, by=lead)
    for wrong in ([others[0], others[1]], [papers[0], others[1]]):
        broken = refused(lambda wrong=wrong: unlock(round=round, shares=[typed(paper) for paper in wrong]))
        assert broken.field == "shares"
    assert needs_shares(round)
    unlock(round=award, shares=[typed(others[1]), typed(others[2])])
    assert needs_shares(round)


def test_done_anew_the_old_papers_are_worthless(round, lead, papers):
    old = the_key(round)
    anew = hold_ceremony(round=round, holders=HOLDERS[::-1], instead_of=old.pk, by=lead)
    assert not SealingKey.objects.filter(pk=old.pk).exists()
    assert CustodianShare.objects.filter(round=round).count() == 3
    assert refused(lambda: confirm_share(round=round, words=typed(papers[0]), by=lead)).field == "words"
    assert refused(lambda: unlock(round=round, shares=[typed(papers[0]), typed(papers[1])])).field == "shares"
    unlock(round=round, shares=[typed(anew[0]), typed(anew[1])])


def test_a_second_click_does_not_replace_what_the_first_printed(round, lead, papers):
    key = the_key(round)
    assert refused(lambda: hold_ceremony(round=round, holders=HOLDERS, instead_of=None, by=lead)).message
    assert the_key(round) == key


@pytest.mark.parametrize("holders", [HOLDERS[:2], [*HOLDERS[:2], " "], [*HOLDERS, "D."], ["A. B", "a.  b", "C"]])
def test_each_share_goes_to_somebody_else(round, lead, holders):
    assert refused(lambda: hold_ceremony(round=round, holders=holders, instead_of=None, by=lead)).message
    assert not VaultKey.objects.exists()


def test_typed_back_the_papers_have_proven_readable(tender, round, lead, papers):
    assert "0" in custody_problem(tender, Stage.SELECTION)
    first = confirm_share(round=round, words=typed(papers[1]).upper(), by=lead)
    assert (first.holder, first.position) == (HOLDERS[1], 2)
    moment = first.confirmed_at
    again = confirm_share(round=round, words=typed(papers[1]), by=lead)
    assert again.confirmed_at == moment is not None
    assert custody_problem(tender, Stage.SELECTION)
    assert not keeping_of(tender, Stage.SELECTION).ready
    confirm_share(round=round, words=typed(papers[0]), by=lead)
    assert custody_problem(tender, Stage.SELECTION) == ""
    assert keeping_of(tender, Stage.SELECTION).ready
    assert custody_problem(tender, Stage.AWARD)
    assert AuditEvent.objects.filter(action="procurement.round.type_back_share").count() == 2


def test_what_is_mistyped_confirms_nothing(round, lead, papers):
    broken = refused(lambda: confirm_share(round=round, words=typed(papers[0]).rsplit(" ", 1)[0], by=lead))
    assert broken.field == "words"
    assert not CustodianShare.objects.exclude(confirmed_at=None).exists()


def test_once_it_takes_submissions_the_key_is_fixed(round, lead, papers):
    Round.objects.filter(pk=round.pk).update(status=RoundStatus.OPEN, deadline="2030-01-01T00:00Z")
    key = the_key(round)
    refused(lambda: hold_ceremony(round=round, holders=HOLDERS, instead_of=key.pk, by=lead))
    refused(lambda: confirm_share(round=round, words=typed(papers[0]), by=lead))
    assert the_key(round) == key


def test_only_the_lead_of_the_region(tender, round, papers):
    key = the_key(round)
    for who in (user_with(Role.AUDITOR), user_with(Role.OPENER), user_with(Role.LEAD, region=RegionFactory())):
        with pytest.raises(NotAllowed):
            hold_ceremony(round=round, holders=HOLDERS, instead_of=key.pk, by=who)
        with pytest.raises(NotAllowed):
            confirm_share(round=round, words=typed(papers[0]), by=who)
        with pytest.raises(NotAllowed):
            choose_custody(tender=tender, custody=Custody.OPERATOR, total=3, needed=2, by=who)


def test_another_choice_throws_the_keys_away(tender, round, lead, papers):
    choose_custody(tender=tender, custody=Custody.CUSTODIANS, total=3, needed=2, by=lead)
    assert needs_shares(round)
    chosen = choose_custody(tender=tender, custody=Custody.CUSTODIANS, total=5, needed=3, by=lead)
    assert (chosen.custodians_total, chosen.custodians_needed) == (5, 3)
    assert not VaultKey.objects.exists()
    assert not SealingKey.objects.exists()
    assert not CustodianShare.objects.exists()
    choose_custody(tender=tender, custody=Custody.OPERATOR, total=3, needed=2, by=lead)
    round.tender.refresh_from_db()
    assert not content_key(round).is_withheld
    assert custody_problem(Tender.objects.get(pk=tender.pk), Stage.SELECTION) == ""


@pytest.mark.parametrize(("total", "needed"), [(3, 1), (3, 4), (17, 2)])
def test_numbers_that_cannot_be(tender, lead, total, needed):
    call = lambda: choose_custody(tender=tender, custody=Custody.CUSTODIANS, total=total, needed=needed, by=lead)  # noqa: E731
    assert refused(call).field == "needed"


def test_after_publication_the_choice_is_fixed(tender, lead):
    Tender.objects.filter(pk=tender.pk).update(status=TenderStatus.PUBLISHED, published_at="2026-01-01T00:00Z")
    refused(lambda: choose_custody(tender=tender, custody=Custody.OPERATOR, total=3, needed=2, by=lead))


def test_a_ceremony_where_the_portal_keeps_the_key(tender, round, lead):
    Tender.objects.filter(pk=tender.pk).update(custody=Custody.OPERATOR)
    refused(lambda: hold_ceremony(round=round, holders=HOLDERS, instead_of=None, by=lead))


def test_the_page_costs_the_same_queries_whatever_there_is(tender, papers, django_assert_num_queries):
    with django_assert_num_queries(3):
        assert [found.round.stage for found in keepings(tender)] == [Stage.SELECTION, Stage.AWARD]


def test_no_words_and_no_key_in_the_log_the_sessions_or_an_error(round, lead, papers, caplog):
    caplog.set_level(logging.DEBUG)
    key_words = [typed(paper) for paper in papers]
    confirm_share(round=round, words=key_words[0], by=lead)
    spoilt = key_words[1].rsplit(" ", 1)[0]
    found = []
    for wrong in ([key_words[0]], [key_words[0], spoilt], [key_words[0], spoilt + " zzzz"]):
        try:
            unlock(round=round, shares=wrong)
        except RuleViolation:
            found.append(traceback.format_exc())
    unlock(round=round, shares=key_words[:2])
    found += [repr(papers), str(papers[0]), caplog.text]
    found += [json.dumps([event.action, event.detail, event.target_label]) for event in AuditEvent.objects.all()]
    found += [str(session.get_decoded()) for session in Session.objects.all()]
    found += [str(list(CustodianShare.objects.values())), str(list(VaultKey.objects.values()))]
    whole = "\n".join(found).lower()
    for words in key_words:
        pieces = words.split()
        assert not any(" ".join(pieces[n : n + 2]) in whole for n in range(32))
    assert secret_of(the_key(round)).lower() not in whole
    assert "age-secret-key" not in whole


def test_without_readable_papers_nothing_is_published():
    scenario = draft_tender(starts=date(date.today().year + 1, 7, 1))
    tender, lead = scenario.tender, scenario.lead
    until = timezone.now() + timedelta(days=60)
    choose_custody(tender=tender, custody=Custody.CUSTODIANS, total=3, needed=2, by=lead)
    tender.refresh_from_db()
    assert "bewaarders" in refused(lambda: publish_tender(tender=tender, deadline=until, by=lead)).message
    made = hold_ceremony(round=scenario.round(Stage.SELECTION), holders=HOLDERS, instead_of=None, by=lead)
    assert refused(lambda: publish_tender(tender=tender, deadline=until, by=lead)).message
    for paper in made[:2]:
        confirm_share(round=scenario.round(Stage.SELECTION), words=typed(paper), by=lead)
    publish_tender(tender=tender, deadline=until, by=lead)
    assert tender.status == TenderStatus.PUBLISHED
