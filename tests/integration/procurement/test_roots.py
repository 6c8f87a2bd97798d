"""At the deadline one number is published over all receipts of a round, and it betrays nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from achterhoek.audit.models import AuditEvent
from achterhoek.errors import RuleViolation
from procurement.domain.proof import inclusion_proof, merkle_root, verify_inclusion
from procurement.enums import ReceiptKind, RoundStatus
from procurement.models import Receipt, ReceiptRoot, Round
from procurement.selectors.proof import known_receipt, proof_of
from procurement.services.roots import publish_root
from procurement.services.rounds import close_due_rounds, close_if_due
from procurement.services.submissions import withdraw_submission
from tests.factories.submissions import Fair, open_fair

pytestmark = pytest.mark.django_db


def closed(fair: Fair) -> ReceiptRoot:
    fair.pass_deadline()
    assert close_if_due(round=fair.round)
    fair.round.refresh_from_db()
    return ReceiptRoot.objects.get(round=fair.round)


def opened(fair: Fair) -> None:
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.OPENED, opened_at=timezone.now())


def test_every_receipt_of_submissions_and_withdrawals_is_in_the_root(fair: Fair) -> None:
    kept, taken_back = fair.submitted(), fair.submitted()
    withdraw_submission(submission=taken_back, by=taken_back.organisation.memberships.get().user)
    other = open_fair().submitted()
    root = closed(fair)
    found = Receipt.objects.filter(submission__in=[kept, taken_back])
    assert sorted(found.values_list("kind", flat=True)) == [
        ReceiptKind.SUBMISSION, ReceiptKind.SUBMISSION, ReceiptKind.WITHDRAWAL,
    ]  # fmt: skip
    leaves = [*found.values_list("digest", flat=True), root.blind]
    assert merkle_root(leaves) == root.root
    for digest in leaves:
        assert verify_inclusion(digest, inclusion_proof(leaves, digest), root.root)
    assert other.receipts.get().digest not in leaves


def test_it_is_published_once_for_each_deadline(fair: Fair) -> None:
    root = closed(fair)
    assert publish_root(round=fair.round) == root
    assert close_due_rounds() == 0
    event = AuditEvent.objects.get(action="procurement.round.publish_root")
    assert event.actor is None
    assert event.detail == {"root": root.root, "deadline": root.deadline.isoformat()}


def test_no_root_before_the_deadline(fair: Fair) -> None:
    with pytest.raises(RuleViolation):
        publish_root(round=fair.round)
    assert not ReceiptRoot.objects.exists()


def test_a_root_stays_as_it_was_published(fair: Fair) -> None:
    root = closed(fair)
    with pytest.raises(ProgrammingError), transaction.atomic():
        ReceiptRoot.objects.filter(pk=root.pk).update(root="sha256:" + "0" * 64)
    with pytest.raises(ProgrammingError), transaction.atomic():
        root.delete()


def test_the_root_of_no_receipts_and_of_one_does_not_tell_so() -> None:
    """Who has bid is secret until the vault is open; a lone bidder knows its own digest, and nobody's silence."""
    empty, lonely = open_fair(), open_fair()
    digest = lonely.submitted().receipts.get().digest
    assert closed(empty).root != merkle_root([])
    assert closed(lonely).root != merkle_root([digest])


def test_a_clock_that_was_set_back_leaves_no_receipt_out(fair: Fair) -> None:
    made = Receipt.objects.create(
        submission=fair.submitted(), number="V-5555-5555-9", digest="sha256:" + "5" * 64, manifest={},
        at=timezone.now() + timedelta(minutes=5),
    )  # fmt: skip
    closed(fair)
    assert [place.status for place in places(made)] == ["in"]


def test_an_extended_deadline_gives_a_second_root_and_the_first_still_holds(fair: Fair) -> None:
    early = fair.submitted().receipts.get()
    first = closed(fair)
    Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.OPEN, deadline=timezone.now() + timedelta(days=1))
    late = fair.submitted().receipts.get()
    Round.objects.filter(pk=fair.round.pk).update(deadline=timezone.now())
    assert close_if_due(round=fair.round)
    second = ReceiptRoot.objects.get(round=fair.round, deadline__gt=first.deadline)
    assert [(p.root, p.status) for p in places(early)] == [(first, "in"), (second, "in")]
    assert [(p.root, p.status) for p in places(late)] == [(first, "after"), (second, "in")]


def places(receipt: Receipt) -> list[Any]:
    standing = known_receipt(receipt.digest)
    assert standing is not None
    return standing.places


def test_a_receipt_that_is_slipped_in_or_taken_out_afterwards_shows(fair: Fair) -> None:
    """Also by somebody who may write to the tables directly."""
    mine, other = fair.submitted().receipts.get(), fair.submitted()
    closed(fair)
    assert [place.status for place in places(mine)] == ["in"]
    Receipt.objects.create(
        submission=other, number="V-2222-2222-1", at=mine.at, digest="sha256:" + "1" * 64, manifest={}
    )
    assert [place.status for place in places(mine)] == ["broken"]


def test_the_proof_waits_for_the_opening_since_its_length_tells_how_many_there_are(fair: Fair) -> None:
    mine = fair.submitted().receipts.get()
    fair.submitted()
    root = closed(fair)
    assert proof_of(mine.digest) is None
    opened(fair)
    made = proof_of(mine.digest)
    assert made is not None
    assert verify_inclusion(mine.digest, made, root.root)
    assert (made["tender"], made["stage"]) == (fair.tender.slug, fair.round.stage)


@pytest.mark.parametrize("digest", ["", "\0", "sha256:" + "0" * 64, "V-ABCD-EFGH-1"])
def test_there_is_no_proof_of_what_is_not_there(fair: Fair, digest: str) -> None:
    closed(fair)
    opened(fair)
    assert proof_of(digest) is None


def test_the_root_is_on_the_page_of_the_tender_and_in_the_open_data(fair: Fair, client: Client) -> None:
    address = f"/aanbestedingen/{fair.tender.slug}/"
    assert "controlegetal" not in client.get(address).content.decode()
    before = client.get("/open-data/ocds/")
    root = closed(fair)
    assert root.root in client.get(address).content.decode()
    after = client.get("/open-data/ocds/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    (release,) = after.json()["releases"]
    (document,) = release["tender"]["documents"]
    assert document["description"] == root.root
