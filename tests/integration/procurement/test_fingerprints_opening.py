"""The page of a fingerprint, and what one does to the opening of a vault; both at once."""

from unittest.mock import patch

import pytest
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.documents.storage import StorageDown
from achterhoek.errors import RuleViolation
from procurement.enums import RoundStatus
from procurement.models import Fingerprint, Receipt, Round, Submission
from procurement.selectors.fingerprints import net_ends_at
from procurement.services.rounds import close_if_due
from procurement.services.vault import confirm_opening
from tests.concurrency import at_once
from tests.factories import member_of, user_with
from tests.factories.packages import answers_of, as_upload, sha256, signer, zipped
from tests.factories.submissions import open_fair
from tests.integration.procurement.fingerprints import clock, register, send, unchanged

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(fair):
    return fair.draft()


def test_the_opening_waits_for_it_without_telling_for_whom(fair, draft):
    register(draft, zipped(answers_of(fair)))
    fair.pass_deadline()
    opener = user_with(Role.OPENER, region=fair.tender.region)
    with pytest.raises(RuleViolation) as refused:
        confirm_opening(round=fair.round, by=opener)
    assert "2.109a" in refused.value.message
    assert draft.organisation.name not in refused.value.message
    assert "vingerafdruk" not in refused.value.message.lower()
    with clock(net_ends_at(fair.round.deadline)):
        assert confirm_opening(round=fair.round, by=opener) is None


def test_it_waits_no_longer_than_the_package(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    send(draft, package)
    assert fair.open_vault().submissions[0]["number"]


def test_it_does_not_wait_where_nothing_can_come(fair, draft):
    fair.pass_deadline()
    assert fair.open_vault() is not None
    assert Round.objects.get(pk=fair.round.pk).status == RoundStatus.OPENED


def test_after_the_opening_nothing_comes_in(fair, draft):
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    close_if_due(round=fair.round)
    with clock(net_ends_at(fair.round.deadline)):
        for _ in range(2):
            confirm_opening(round=fair.round, by=user_with(Role.OPENER, region=fair.tender.region))
    with pytest.raises(RuleViolation):
        send(draft, package)
    assert not Receipt.objects.exists()


def test_the_page_registers_and_receives(fair, draft, client):
    client.force_login(signer(draft))
    package = zipped(answers_of(fair))
    page = reverse("procurement:fingerprints", args=[draft.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"digest": "kort"}).status_code == 422
    shown = client.post(page, {"digest": sha256(package).upper()}, follow=True)
    assert sha256(package) in shown.content.decode()
    fair.pass_deadline()
    late = client.get(reverse("procurement:submission", args=[draft.pk])).content.decode()
    assert page in late
    sent = reverse("procurement:package_send", args=[draft.pk])
    refused = client.post(sent, {"package": as_upload(package + b" ")})
    assert refused.status_code == 422
    assert sha256(package + b" ") in refused.content.decode()
    assert client.post(sent).status_code == 422
    done = client.post(sent, {"package": as_upload(package)})
    assert done.status_code == 302
    assert client.get(done["Location"]).status_code == 200
    assert client.get(page).status_code == 200


def test_who_has_none_is_told_what_counts(fair, draft, client):
    client.force_login(signer(draft))
    fair.pass_deadline()
    text = client.get(reverse("procurement:submission", args=[draft.pk])).content.decode()
    assert "2.109a" in text
    assert "2.109)" in text
    answer = client.post(reverse("procurement:fingerprints", args=[draft.pk]), {"digest": "0" * 64})
    assert answer.status_code == 422


def test_a_stranger_does_not_find_the_page(draft, client):
    client.force_login(member_of(open_fair().draft().organisation))
    assert client.get(reverse("procurement:fingerprints", args=[draft.pk])).status_code == 404
    assert client.post(reverse("procurement:package_send", args=[draft.pk])).status_code == 404


def test_of_the_draft_itself(fair, draft, client):
    """The portal computes what the team's own ZIP has; that ZIP, still to be had after the deadline, is in time."""
    client.force_login(signer(draft))
    package_address = reverse("procurement:submission_package", args=[draft.pk])
    package = b"".join(client.get(package_address).streaming_content)
    client.post(reverse("procurement:fingerprints", args=[draft.pk]), {"of_draft": "1"})
    assert Fingerprint.objects.get().digest == sha256(package)
    fair.pass_deadline()
    assert b"".join(client.get(package_address).streaming_content) == package
    sent = reverse("procurement:package_send", args=[draft.pk])
    assert client.post(sent, {"package": as_upload(package)}).status_code == 302
    manifest = Receipt.objects.get().manifest
    assert manifest["in_time_by"] == f"sha256:{sha256(package)}"


def test_a_store_that_is_away_changes_nothing(fair, draft, client):
    client.force_login(signer(draft))
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    sent = reverse("procurement:package_send", args=[draft.pk])
    with patch("achterhoek.documents.storage.put", side_effect=StorageDown):
        assert client.post(sent, {"package": as_upload(package)}).status_code == 422
    assert unchanged(draft)
    assert client.post(sent, {"package": as_upload(package)}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_same_package_twice_at_once_is_one_submission(transactional_db):
    fair = open_fair()
    draft = fair.draft()
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    outcomes = at_once(*[lambda: send(Submission.objects.get(pk=draft.pk), package)] * 2)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert all(outcome is None or isinstance(outcome, RuleViolation) for outcome in outcomes)
    assert Receipt.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_package_and_an_opening_at_once(transactional_db):
    """Whoever comes first: the vault is never opened without the package, nor the package taken in after it."""
    fair = open_fair()
    draft = fair.draft()
    package = zipped(answers_of(fair))
    register(draft, package)
    fair.pass_deadline()
    close_if_due(round=fair.round)
    opener = user_with(Role.OPENER, region=fair.tender.region)
    sent, confirmed = at_once(
        lambda: send(Submission.objects.get(pk=draft.pk), package),
        lambda: confirm_opening(round=Round.objects.get(pk=fair.round.pk), by=opener),
    )
    assert sent is None
    assert confirmed is None or isinstance(confirmed, RuleViolation)
    opening = fair.open_vault(confirmed=int(confirmed is None))
    assert opening.submissions[0]["matches"] is True
