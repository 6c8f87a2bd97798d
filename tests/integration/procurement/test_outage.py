"""A deadline extended after an outage (Aw 2.109): only while nothing is open, and everybody is told."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.mail.models import OutboxMessage
from achterhoek.mail.selectors import unsealed
from procurement.calendar_data import legal_calendar
from procurement.domain.outage import AMSTERDAM, earliest_extension, hindered
from procurement.enums import Outcome, RoundStatus, Stage, SubmissionStatus
from procurement.models import DeadlineExtension, ReceiptRoot, Round, Submission, VaultConfirmation, VaultOpening
from procurement.selectors.outage import late_attempts
from procurement.services.locks import LateSubmission
from procurement.services.outage import extend_deadline
from procurement.services.rounds import close_if_due
from procurement.services.submissions import (
    reopen_submission,
    replace_submission,
    start_submission,
    submit_submission,
    withdraw_submission,
)
from procurement.services.vault import confirm_opening
from tests.concurrency import at_once
from tests.factories import RegionFactory, RoundFactory, SegmentRoundFactory, submitted_entry, user_with
from tests.factories.packages import signer
from tests.factories.submissions import Fair, open_fair
from tests.integration.procurement.test_rounds import decide

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(fair):
    return user_with(Role.LEAD, region=fair.tender.region)


def later(days: int = 5) -> datetime:
    """A whole minute on a working day, some days from now."""
    moment = (timezone.now() + timedelta(days=days)).astimezone(AMSTERDAM)
    day = legal_calendar().roll(moment.date())
    return moment.replace(year=day.year, month=day.month, day=day.day, hour=12, minute=0, second=0, microsecond=0)


def extend(fair: Fair, lead: Any, **other: Any) -> DeadlineExtension:
    """As the lead does after two hours in which the portal was away, up to half an hour ago."""
    found = Round.objects.get(pk=fair.round.pk)
    now = timezone.now()
    facts = {
        "deadline_was": found.deadline, "outage_from": now - timedelta(hours=2, minutes=30),
        "outage_until": now - timedelta(minutes=30), "reason": "De databank stond stil.", "deadline": later(),
    }  # fmt: skip
    made = extend_deadline(round=found, by=lead, **{**facts, **other})
    fair.round.refresh_from_db()
    return made


def closed(fair: Fair) -> None:
    fair.pass_deadline()
    close_if_due(round=fair.round)
    fair.round.refresh_from_db()


def test_a_closed_round_opens_again_until_the_new_deadline(fair, lead):
    submission = fair.submitted()
    closed(fair)
    was = fair.round.deadline
    extension = extend(fair, lead)
    assert (fair.round.status, fair.round.deadline) == (RoundStatus.OPEN, extension.deadline)
    assert extension.deadline_was == was
    event = AuditEvent.objects.get(action="procurement.round.extend")
    assert (event.actor, event.detail["reason"]) == (lead, "De databank stond stil.")
    # What was submitted counts on, and may change again.
    by = signer(submission)
    replace_submission(submission=submission, by=by)
    submit_submission(submission=submission, by=by)
    withdraw_submission(submission=submission, by=by)
    reopen_submission(submission=submission, by=by)
    assert Submission.objects.get(pk=submission.pk).status == SubmissionStatus.DRAFT
    start_submission(round=fair.round, organisation=(pair := fair.bidder())[0], segments=fair.segments, by=pair[1])


def test_an_open_round_gets_more_time_too(fair, lead):
    fair.deadline(timezone.now() + timedelta(hours=1))
    extend(fair, lead)
    assert fair.round.status == RoundStatus.OPEN
    assert AuditEvent.objects.filter(action="procurement.round.extend").count() == 1


def test_a_round_that_the_clock_did_not_close_yet_is_closed_first(fair, lead):
    fair.pass_deadline()
    was = fair.round.deadline
    extend(fair, lead)
    assert fair.round.status == RoundStatus.OPEN
    assert ReceiptRoot.objects.get().deadline == was


def test_the_root_of_the_old_deadline_stays_and_a_new_one_comes(fair, lead):
    fair.submitted()
    closed(fair)
    (first,) = ReceiptRoot.objects.all()
    extension = extend(fair, lead)
    fair.submitted()
    closed(fair)
    assert ReceiptRoot.objects.get(pk=first.pk).root == first.root
    second = ReceiptRoot.objects.exclude(pk=first.pk).get()
    assert second.root != first.root
    assert second.deadline != extension.deadline_was


def test_everybody_with_an_interest_is_told(fair, lead):
    begun, handed_in, withdrawn = fair.draft(), fair.submitted(), fair.submitted()
    withdraw_submission(submission=withdrawn, by=signer(withdrawn))
    open_fair().draft()
    closed(fair)
    extension = extend(fair, lead)
    mails = OutboxMessage.objects.filter(key__startswith=f"extension:{extension.pk}:")
    assert {mail.to for mail in mails} == {s.organisation.email for s in (begun, handed_in, withdrawn)}
    for mail in mails:
        assert "De databank stond stil." in mail.body
        assert fair.tender.title in mail.subject
    # To whom it went is not read in the outbox as long as the vault is closed.
    assert not unsealed(mails).exists()
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.CLOSED, deadline=timezone.now())
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.OPENED, opened_at=timezone.now())
    assert unsealed(mails).count() == 3


def test_in_the_award_stage_the_invited_are_told_too(lead):
    selection = RoundFactory(vault_opened=True)
    rules = SegmentRoundFactory(round=selection)
    winner, loser = submitted_entry(rules), submitted_entry(rules)
    decide(rules, {winner: Outcome.SELECTED, loser: Outcome.RESERVE})
    award = RoundFactory(tender=selection.tender, stage=Stage.AWARD, deadline=timezone.now() + timedelta(hours=1))
    fair = Fair(tender=selection.tender, round=award, segments=[rules.segment])
    extension = extend(fair, user_with(Role.LEAD))
    told = OutboxMessage.objects.filter(key__startswith=f"extension:{extension.pk}:").values_list("to", flat=True)
    assert list(told) == [winner.submission.organisation.email]


def test_an_opener_who_had_confirmed_has_to_do_so_again(fair, lead):
    closed(fair)
    opener = user_with(Role.OPENER, region=fair.tender.region)
    confirm_opening(round=fair.round, by=opener)
    extend(fair, lead)
    assert not VaultConfirmation.objects.exists()
    event = AuditEvent.objects.get(action="procurement.round.confirmation_withdrawn")
    assert event.detail["opener"] == opener.pk
    with pytest.raises(RuleViolation):
        confirm_opening(round=fair.round, by=opener)


def test_never_after_the_opening(fair, lead):
    fair.open_vault()
    with pytest.raises(RuleViolation):
        extend(fair, lead)
    assert not DeadlineExtension.objects.exists()


def test_not_while_the_vault_is_being_opened(fair, lead):
    closed(fair)
    VaultOpening.objects.create(round=fair.round)
    with pytest.raises(RuleViolation):
        extend(fair, lead)


def test_only_the_lead_of_the_region(fair):
    closed(fair)
    for wrong in (user_with(Role.ADMIN), user_with(Role.OPENER), user_with(Role.LEAD, region=RegionFactory())):
        with pytest.raises(NotAllowed):
            extend(fair, wrong)


@pytest.mark.parametrize(
    ("field", "facts"),
    [
        ("outage_until", lambda now: {"outage_until": now + timedelta(minutes=5)}),
        ("outage_until", lambda now: {"outage_until": now - timedelta(hours=3)}),
        ("outage_from", lambda now: {"outage_from": now - timedelta(days=3), "outage_until": now - timedelta(days=2)}),
        ("outage_from", lambda now: {"outage_from": now - timedelta(minutes=1), "outage_until": now}),
        ("reason", lambda now: {"reason": " "}),
        ("deadline", lambda now: {"deadline": now + timedelta(minutes=90)}),
        ("deadline", lambda now: {"deadline": now - timedelta(days=1)}),
        ("deadline", lambda now: {"deadline": datetime(2031, 12, 25, 12, tzinfo=AMSTERDAM)}),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(fair, lead, field, facts):
    fair.deadline(timezone.now() - timedelta(minutes=10))
    with pytest.raises(RuleViolation) as refused:
        extend(fair, lead, **facts(timezone.now()))
    assert refused.value.field == field
    assert not DeadlineExtension.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_who_saw_another_deadline_looks_again(fair, lead):
    closed(fair)
    was = fair.round.deadline
    extend(fair, lead)
    with pytest.raises(RuleViolation):
        extend(fair, lead, deadline_was=was, deadline=later(9))
    assert DeadlineExtension.objects.count() == 1


def test_the_database_keeps_extensions_as_they_are(fair, lead):
    closed(fair)
    extend(fair, lead)
    with pytest.raises(Exception, match=r"extension_stays|Cannot"), transaction.atomic():
        DeadlineExtension.objects.update(reason="Iets anders")
    with pytest.raises(IntegrityError), transaction.atomic():
        DeadlineExtension.objects.create(
            round=fair.round, deadline_was=fair.round.deadline, deadline=fair.round.deadline - timedelta(days=1),
            outage_from=timezone.now() - timedelta(hours=1), outage_until=timezone.now(), reason="x", by=lead,
        )  # fmt: skip


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("deadline", "now", "begin", "end", "earliest"),
    [
        # Two hours lost: two hours after now.
        ("2027-03-09 12:00", "2027-03-09 14:00", "2027-03-09 11:00", "2027-03-09 13:00", "2027-03-09 16:00"),
        # Before the deadline: two hours after it.
        ("2027-03-09 12:00", "2027-03-09 09:00", "2027-03-09 06:00", "2027-03-09 08:00", "2027-03-09 14:00"),
        # Five minutes lost: still an hour.
        ("2027-03-09 12:00", "2027-03-09 12:30", "2027-03-09 11:50", "2027-03-09 11:55", "2027-03-09 13:30"),
        # On a Friday evening: the same hour on Monday; before Easter: on the Tuesday after it.
        ("2027-03-12 17:00", "2027-03-12 20:00", "2027-03-12 15:00", "2027-03-12 20:00", "2027-03-15 01:00"),
        ("2027-03-25 17:00", "2027-03-26 09:00", "2027-03-25 16:00", "2027-03-25 18:00", "2027-03-30 11:00"),
    ],
)
def test_how_long_at_least(deadline, now, begin, end, earliest):
    found = earliest_extension(*map(moment, (deadline, now, begin, end)), calendar=legal_calendar())
    assert found == moment(earliest)


def test_shortly_before_is_the_last_day():
    deadline = datetime(2027, 3, 9, 11, tzinfo=UTC)
    day, hour = timedelta(days=1), timedelta(hours=1)
    assert hindered(deadline, deadline - 2 * day, deadline - day + hour)
    assert hindered(deadline, deadline - hour, deadline + hour)
    assert not hindered(deadline, deadline - 2 * day, deadline - day)
    assert not hindered(deadline, deadline, deadline + hour)


@pytest.mark.django_db(transaction=True)
def test_extending_and_opening_at_once_one_wins(transactional_db):
    fair = open_fair()
    lead = user_with(Role.LEAD, region=fair.tender.region)
    openers = [user_with(Role.OPENER, region=fair.tender.region) for _ in range(2)]
    fair.submitted()
    closed(fair)
    confirm_opening(round=fair.round, by=openers[0])
    outcomes = at_once(
        lambda: extend(fair, lead), lambda: confirm_opening(round=Round.objects.get(pk=fair.round.pk), by=openers[1])
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, RuleViolation) for outcome in outcomes)
    found = Round.objects.get(pk=fair.round.pk)
    assert found.status == (RoundStatus.OPENED if outcomes[0] else RoundStatus.OPEN)
    assert DeadlineExtension.objects.exists() is (outcomes[0] is None)
    assert VaultOpening.objects.exists() is (outcomes[1] is None)


@pytest.mark.django_db(transaction=True)
def test_extending_twice_at_once_is_extending_once(transactional_db):
    fair = open_fair()
    lead = user_with(Role.LEAD, region=fair.tender.region)
    fair.draft()
    closed(fair)
    was = Round.objects.get(pk=fair.round.pk).deadline
    new = later()
    both = [lambda: extend(fair, lead, deadline_was=was, deadline=new)] * 2
    outcomes = at_once(*both)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert DeadlineExtension.objects.count() == 1
    assert OutboxMessage.objects.filter(key__startswith="extension:").count() == 1


def test_late_attempts_are_a_record_after_the_opening(fair, lead, client):
    draft = fair.draft()
    closed(fair)
    with pytest.raises(LateSubmission):
        submit_submission(submission=draft, by=signer(draft))
    address = reverse("procurement:late_attempts", args=[fair.round.pk])
    client.force_login(lead)
    assert client.get(address).status_code == 404
    fair.open_vault()
    (attempt,) = late_attempts(fair.round)
    assert (attempt.organisation, attempt.person) == (draft.organisation.name, signer(draft).name)
    assert draft.organisation.name in client.get(address).content.decode()
    client.force_login(user_with(Role.LEAD, region=RegionFactory()))
    assert client.get(address).status_code == 404


def test_the_record_takes_two_queries_however_many(fair, lead, django_assert_num_queries):
    for _ in range(3):
        draft = fair.draft()
        fair.pass_deadline()
        with pytest.raises(LateSubmission):
            submit_submission(submission=draft, by=signer(draft))
        fair.deadline(timezone.now() + timedelta(days=1))
    fair.open_vault()
    with django_assert_num_queries(2):
        assert len(late_attempts(fair.round)) == 3


def posted(**other: str) -> dict[str, str]:
    now = timezone.localtime()
    facts = {
        "outage_from": (now - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M"),
        "outage_until": (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
        "reason": "Het portaal gaf een storing.",
        "deadline": later().strftime("%Y-%m-%dT%H:%M"),
    }
    return {**facts, **other}


def test_the_lead_extends_in_the_browser_and_everybody_reads_it(fair, lead, client):
    draft = fair.draft()
    closed(fair)
    client.force_login(lead)
    page = client.get(reverse("procurement:lead_tender", args=[fair.tender.slug])).content.decode()
    address = reverse("procurement:deadline_extend", args=[fair.tender.slug, fair.round.stage])
    assert address in page
    shown = client.get(address)
    assert draft.organisation.name not in shown.content.decode()
    was = shown.context["form"]["deadline_was"].value()
    assert client.post(address, posted(deadline_was=was, reason="")).status_code == 422
    assert client.post(address, posted(deadline_was="gisteren")).status_code == 422
    done = client.post(address, posted(deadline_was=was), follow=True)
    assert done.status_code == 200
    fair.round.refresh_from_db()
    assert fair.round.deadline == later()
    client.logout()
    public = client.get(reverse("procurement:tender", args=[fair.tender.slug])).content.decode()
    assert "Het portaal gaf een storing." in public
    client.force_login(signer(draft))
    assert (
        "Het portaal gaf een storing."
        in client.get(reverse("procurement:submission", args=[draft.pk])).content.decode()
    )


def test_the_page_does_not_tell_whether_anybody_takes_part(fair, lead, client):
    """What the lead reads is the same with three bidders as with none, but for the token of the form."""
    client.force_login(lead)
    address = reverse("procurement:deadline_extend", args=[fair.tender.slug, fair.round.stage])

    def text() -> str:
        return re.sub(
            r'(csrfmiddlewaretoken" value=|data-now=|nonce=)"[^"]*"', "", client.get(address).content.decode()
        )

    empty = text()
    for _ in range(3):
        fair.submitted()
    assert text() == empty


def test_a_page_that_cannot_be_is_not_there(fair, lead, client):
    client.force_login(lead)
    fair.open_vault()
    assert (
        client.get(reverse("procurement:deadline_extend", args=[fair.tender.slug, fair.round.stage])).status_code == 404
    )
    assert client.get(reverse("procurement:deadline_extend", args=["bestaat-niet", "award"])).status_code == 404
