"""The vault: opened after the deadline, by two different people, with proof that nothing changed."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.sealing import age
from procurement.enums import RoundStatus, SegmentRoundStatus, SubmissionStatus
from procurement.models import Round, SealedPackage, VaultConfirmation, VaultOpening
from procurement.selectors.vault import unfinished_openings
from procurement.services.submissions import withdraw_submission
from procurement.services.vault import confirm_opening, finish_opening
from providers.models import Organisation
from tests.factories import RegionFactory, member_of, user_with
from tests.factories.accounts import RoleAssignment
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db
PASSWORD = "Achterhoek-2022-demo"


@pytest.fixture
def openers(fair):
    return [user_with(Role.OPENER, region=fair.tender.region, is_demo=True) for _ in range(2)]


def opened(fair, openers) -> VaultOpening:
    fair.pass_deadline()
    assert confirm_opening(round=fair.round, by=openers[0]) is None
    opening = confirm_opening(round=fair.round, by=openers[1])
    assert opening is not None
    fair.round.refresh_from_db()
    return opening


def test_two_openers_open_the_vault_and_scoring_begins(fair, openers):
    submission = fair.submitted()
    opening = opened(fair, openers)
    assert fair.round.status == RoundStatus.OPENED
    assert fair.round.opened_at == opening.at >= fair.round.deadline
    assert set(opening.openers.all()) == set(openers)
    assert {s.status for s in fair.round.segment_rounds.all()} == {SegmentRoundStatus.SCORING}
    for rules in fair.round.segment_rounds.all():
        assert rules.draws.get().sealed_still, "nobody has scored yet, and the seed of the draw is promised"
    (line,) = opening.submissions
    receipt = submission.receipts.get()
    assert line["number"] == submission.number
    assert line["organisation"] == submission.organisation.name
    assert line["digest"] == line["computed"] == receipt.digest
    assert line["matches"] is True
    found = list(AuditEvent.objects.filter(target_type="procurement.round").values_list("action", flat=True))
    assert found == ["procurement.round.open_vault", "procurement.round.confirm_opening",
                     "procurement.round.confirm_opening", "procurement.round.publish_root",
                     "procurement.round.close"]  # fmt: skip


def test_nobody_opens_before_the_deadline(fair, openers):
    with pytest.raises(RuleViolation):
        confirm_opening(round=fair.round, by=openers[0])
    assert not VaultConfirmation.objects.exists()


def test_the_database_refuses_an_opening_before_the_deadline(fair):
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.CLOSED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.OPENED, opened_at=timezone.now())


def test_the_same_opener_does_not_count_twice(fair, openers):
    fair.pass_deadline()
    confirm_opening(round=fair.round, by=openers[0])
    with pytest.raises(RuleViolation):
        confirm_opening(round=fair.round, by=openers[0])
    assert VaultConfirmation.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        VaultConfirmation.objects.create(round=fair.round, opener=openers[0])


def test_a_confirmation_expires_after_ten_minutes(fair, openers):
    fair.pass_deadline()
    confirm_opening(round=fair.round, by=openers[0])
    VaultConfirmation.objects.update(at=timezone.now() - timedelta(minutes=10))
    assert confirm_opening(round=fair.round, by=openers[1]) is None
    assert AuditEvent.objects.filter(action="procurement.round.confirmation_expired").count() == 1
    assert confirm_opening(round=fair.round, by=openers[0]) is not None


def test_an_expired_confirmation_is_given_anew(fair, openers):
    fair.pass_deadline()
    confirm_opening(round=fair.round, by=openers[0])
    VaultConfirmation.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert confirm_opening(round=fair.round, by=openers[0]) is None
    assert VaultConfirmation.objects.count() == 1


def test_a_vault_opens_once(fair, openers):
    opened(fair, openers)
    with pytest.raises(RuleViolation):
        confirm_opening(round=fair.round, by=user_with(Role.OPENER))
    assert VaultOpening.objects.count() == 1


def test_more_openers_where_the_tender_asks_more(fair, openers):
    fair.tender.openers_required = 3
    fair.tender.save()
    fair.pass_deadline()
    assert [confirm_opening(round=fair.round, by=opener) for opener in openers] == [None, None]
    assert confirm_opening(round=fair.round, by=user_with(Role.OPENER)) is not None


def test_only_openers_of_the_region_who_do_not_bid(fair):
    submission = fair.draft()
    bidder = submission.created_by
    RoleAssignment.objects.create(user=bidder, role=Role.OPENER)
    fair.pass_deadline()
    for wrong in (
        bidder, user_with(Role.LEAD), user_with(Role.ADMIN), user_with(Role.AUDITOR),
        user_with(Role.OPENER, region=RegionFactory()), member_of(submission.organisation),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            confirm_opening(round=fair.round, by=wrong)
    assert not VaultConfirmation.objects.exists()


def test_drafts_and_withdrawn_ones_are_not_in_the_vault(fair, openers):
    draft, withdrawn, kept = fair.draft(), fair.submitted(), fair.submitted()
    withdraw_submission(submission=withdrawn, by=withdrawn.created_by)
    opening = opened(fair, openers)
    assert [line["number"] for line in opening.submissions] == [kept.number]
    draft.refresh_from_db()
    assert draft.status == SubmissionStatus.DRAFT


@pytest.mark.parametrize("meddle", ["package", "other package", "file", "gone", "segment", "manifest"])
def test_a_change_behind_the_portals_back_shows_in_the_record(fair, openers, client, meddle):
    submission, untouched = fair.submitted(), fair.submitted()
    package = SealedPackage.objects.get(receipt__submission=submission)
    stored = package.files.first()
    key = stored.parts[0]["key"]
    if meddle == "package":
        by_sql("UPDATE procurement_sealedpackage SET sealed = sealed || 'x'::bytea WHERE id = %s", [package.pk])
    elif meddle == "other package":
        other = SealedPackage.objects.get(receipt__submission=untouched).sealed
        by_sql("UPDATE procurement_sealedpackage SET sealed = %s WHERE id = %s", [bytes(other), package.pk])
    elif meddle == "file":
        default_storage.delete(key)
        default_storage.save(key, ContentFile(age.seal(b"%PDF-1.7 ander plan", stored.public)))
    elif meddle == "gone":
        default_storage.delete(key)
    elif meddle == "segment":
        submission.entries.first().delete()
    else:
        meddled = 'manifest || \'{"organisation": "X"}\''
        by_sql(f"UPDATE procurement_receipt SET manifest = {meddled} WHERE submission_id = %s", [submission.pk])
    opening = opened(fair, openers)
    assert {line["number"]: line["matches"] for line in opening.submissions} == {
        submission.number: False, untouched.number: True,
    }  # fmt: skip
    client.force_login(openers[0])
    page = client.get(reverse("procurement:vault_round", args=[fair.round.pk])).content.decode()
    assert "Klopt niet" in page


def by_sql(statement: str, values: list[object]) -> None:
    """As somebody would who has the database, and switches its guards off."""
    table = statement.split()[1]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_what_was_in_the_vault_lies_open_but_not_its_prices(fair, openers):
    submission = fair.submitted()
    opened(fair, openers)
    kinds = sorted(submission.answers.values_list("question__kind", flat=True))
    assert kinds == ["boolean", "file", "file", "number", "text", "text"]
    assert submission.confirmations.count() == 3
    price_lines = fair.fix(fair.segments[0]).price_opening.submissions
    assert [line["matches"] for line in price_lines] == [True]
    (price,) = submission.answers.filter(question__kind="price")
    assert price.question.segment == fair.segments[0]
    assert price.number == 1240000


def test_an_opening_that_a_worker_did_not_finish_goes_on(fair, openers, monkeypatch):
    submission = fair.submitted()
    monkeypatch.setattr("procurement.services.vault.OPEN_AT_ONCE_BYTES", 0)
    fair.pass_deadline()
    for opener in openers:
        opening = confirm_opening(round=fair.round, by=opener)
    assert opening.finished_at is None
    assert not submission.answers.exists()
    with pytest.raises(RuleViolation, match="wordt geopend"):
        confirm_opening(round=fair.round, by=user_with(Role.OPENER, region=fair.tender.region))
    assert unfinished_openings() == []
    fair.deadline(timezone.now() - timedelta(minutes=9))
    VaultOpening.objects.update(at=timezone.now() - timedelta(minutes=5))
    assert unfinished_openings() == [fair.round.pk]
    for _ in range(2):
        assert finish_opening(round_id=fair.round.pk).finished_at is not None
    assert submission.answers.count() == 6
    assert unfinished_openings() == []


def test_an_organisation_that_gets_another_name_still_matches(fair, openers):
    submission = fair.submitted()
    Organisation.objects.filter(pk=submission.organisation_id).update(name="Nieuwe naam")
    assert opened(fair, openers).submissions[0]["matches"]


def test_the_page_asks_a_demo_account_its_password_and_shows_the_record(fair, openers, client):
    submission = fair.submitted()
    fair.pass_deadline()
    address = reverse("procurement:vault_round", args=[fair.round.pk])
    client.force_login(openers[0])
    for password in ("", "fout wachtwoord"):
        response = client.post(address, {"password": password})
        assert response.status_code == 422
        assert response.context["form"].errors["password"]
    assert not VaultConfirmation.objects.exists()
    assert client.post(address, {"password": PASSWORD}).status_code == 302
    client.force_login(openers[1])
    page = client.post(address, {"password": PASSWORD}, follow=True).content.decode()
    assert submission.number in page
    assert submission.organisation.name in page


def test_a_sealed_vault_tells_nothing_of_who_is_inside(fair, openers, client):
    """Not who, not what, and not even how many: the page is the same for none and for some."""
    fair.pass_deadline()
    client.force_login(openers[0])
    addresses = [reverse("procurement:vault_home"), reverse("procurement:vault_round", args=[fair.round.pk])]

    def visible() -> list[str]:
        moving = r'(data-now|datetime|csrfmiddlewaretoken" value)="[^"]*"|\d{1,2}:\d\d'
        return [re.sub(moving, "", client.get(address).content.decode()) for address in addresses]

    empty = visible()
    fair.deadline(timezone.now() + timedelta(days=1))
    fair.submitted()
    fair.pass_deadline()
    assert visible() == empty


def test_before_the_deadline_a_round_is_not_in_the_vault(fair, openers, client):
    client.force_login(openers[0])
    assert fair.tender.title not in client.get(reverse("procurement:vault_home")).content.decode()
    assert client.get(reverse("procurement:vault_round", args=[fair.round.pk])).status_code == 404


def test_lead_and_auditor_read_the_record_but_not_the_sealed_vault(fair, openers, client):
    address = reverse("procurement:vault_round", args=[fair.round.pk])
    people = [user_with(Role.LEAD, region=fair.tender.region), user_with(Role.AUDITOR)]
    fair.submitted()
    fair.pass_deadline()
    for user in people:
        client.force_login(user)
        assert client.get(address).status_code == 404
    opened(fair, openers)
    for user in people:
        client.force_login(user)
        assert client.get(address).status_code == 200
        assert client.post(address, {"password": PASSWORD}).status_code == 403
    client.force_login(user_with(Role.LEAD, region=RegionFactory()))
    assert client.get(address).status_code == 404


def test_vault_page_has_a_fixed_number_of_queries(fair, openers, client, django_assert_num_queries):
    client.force_login(openers[0])
    fair.pass_deadline()
    with django_assert_num_queries(4):  # session, user, roles, rounds
        client.get(reverse("procurement:vault_home"))
    for _ in range(3):
        open_fair(region=fair.tender.region).pass_deadline()
    with django_assert_num_queries(4):
        client.get(reverse("procurement:vault_home"))


def test_record_has_a_fixed_number_of_queries(fair, openers, client, django_assert_num_queries):
    for _ in range(3):
        fair.submitted()
    opened(fair, openers)
    client.force_login(openers[0])
    with django_assert_num_queries(7):  # session, user, roles, round, record, openers, records of prices
        client.get(reverse("procurement:vault_round", args=[fair.round.pk]))
