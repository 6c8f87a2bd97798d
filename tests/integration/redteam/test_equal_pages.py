"""A sealed round that nobody bids in and one that many bid in look the same, to the byte, to all who may not know yet.

Who bids, and how many, is a secret until the opening (Aw 2.108): a number, an empty place, a line in a list or another
answer than "not found" would tell it to who compares two pages.
"""

from __future__ import annotations

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.errors import RuleViolation
from procurement.models import CommitteeMember, Receipt, Submission
from procurement.services.fingerprints import register_fingerprint
from procurement.services.rounds import close_due_rounds
from procurement.services.submissions import replace_submission, submit_submission, withdraw_submission
from tests.asking import Asking, refusals_made_once
from tests.factories import MunicipalityFactory, OrganisationFactory, RegionFactory, member_of, user_with
from tests.factories.accounts import UserFactory
from tests.factories.submissions import Fair, open_fair
from tests.integration.redteam.crawler import CHANGING, body_of, empty_queue, every_address, run_queue

pytestmark = pytest.mark.django_db
# What is random or of this very second: tokens, the time of day, and the digest of the root, which chance goes into.
VARIES = re.compile(
    CHANGING.pattern
    + rb"|\d{4}-\d\d-\d\dT[\d:.]+(\+[\d:]+|Z)?|\b\d{1,2}:\d\d(:\d\d)?\b"
    + "|[0-9a-f]{8}…[0-9a-f]{8}".encode()
    + rb'|(?<="receipt-root-)\d+|(?<=-)[0-9a-f]{16}(?=")'
)
# Pages of the own account and of an organisation's own data say nothing of any round.
OTHER = re.compile(r"/accounts/|/mijn/organisatie/\d+/")
Pages = dict[tuple[str, str], tuple[int, str, bytes]]


class Watched:
    """A round, its bidders who may still bid, and everybody who may not know whether they do."""

    def __init__(self, capture: Any) -> None:
        self.capture = capture
        self.fair: Fair = open_fair(region=RegionFactory())
        # In the middle of an hour: a page that tells the time left says the same all along.
        self.fair.deadline(timezone.now() + timedelta(days=3, hours=4, minutes=30))
        self.teams = [(made, member_of(made)) for made in (OrganisationFactory(name=f"Zorg {n}") for n in range(7))]
        region = self.fair.tender.region
        people: dict[str, Any] = {"nobody": None, "no role": UserFactory()}
        for role in Role.values:
            if role == Role.COLLEGE:
                people[role] = user_with(role, municipality=MunicipalityFactory(region=region))
            elif role != Role.PROVIDER:
                people[role] = user_with(role, region=None if role == Role.ADMIN else region)
        people["a provider who does not bid"] = member_of(OrganisationFactory(name="Zorg Kijkt Toe"))
        for segment_round in self.fair.round.segment_rounds.all():
            CommitteeMember.objects.create(segment_round=segment_round, user=people[Role.EVALUATOR])
        self.browsers = {who: Asking(user) for who, user in people.items()}
        self.addresses = [address for address in every_address(self.fair.round) if not OTHER.match(address)]

    @refusals_made_once()
    def walk(self) -> Pages:
        """Every address as everybody; those of the admin as who gets past its door."""
        return {
            (who, address): _plain(browser.get(address))
            for who, browser in self.browsers.items()
            for address in self.addresses
            if not address.startswith("/beheer/") or who in (Role.ADMIN, Role.AUDITOR, Role.CLM, Role.LEAD)
        }

    def bid(self) -> None:
        """A draft, one that is submitted, replaced, being replaced, withdrawn, and one with a fingerprint."""
        with self.capture(execute=True):
            made = [self.fair.draft(by=person, organisation=team) for team, person in self.teams[:6]]
            people = [person for _, person in self.teams]
            for place in (1, 2, 3, 4):
                submit_submission(submission=made[place], by=people[place])
            for place in (2, 3):
                replace_submission(submission=made[place], by=people[place])
            submit_submission(submission=Submission.objects.get(pk=made[2].pk), by=people[2])
            withdraw_submission(submission=Submission.objects.get(pk=made[4].pk), by=people[4])
        run_queue()
        assert Receipt.objects.count() == 6
        self.drafted = made[0], people[0]

    def close(self) -> None:
        self.fair.pass_deadline()
        with self.capture(execute=True):
            assert close_due_rounds() == 1
        run_queue()


def _plain(answer: Any) -> tuple[int, str, bytes]:
    content = body_of(answer)
    if zipfile.is_zipfile(packed := BytesIO(content)):
        with zipfile.ZipFile(packed) as sheet:  # which says when it was packed
            content = b"".join(sheet.read(name) for name in sheet.namelist())
    return answer.status_code, answer.get("Location", ""), VARIES.sub(b"", content)


def different(one: Pages, other: Pages) -> list[str]:
    assert one.keys() == other.keys()
    return [f"{who} at {address}" for who, address in one if one[who, address] != other[who, address]]


@pytest.fixture
def watched(django_capture_on_commit_callbacks: Any) -> Watched:
    empty_queue()
    return Watched(django_capture_on_commit_callbacks)


def test_before_the_deadline_nobody_sees_whether_anybody_bids(watched: Watched) -> None:
    empty = watched.walk()
    assert sum(status == 200 for status, _, _ in empty.values()) > 100
    assert not any(status >= 500 for status, _, _ in empty.values())
    watched.bid()
    draft, person = watched.drafted
    register_fingerprint(submission=draft, digest="ab" * 32, by=person)
    assert different(empty, watched.walk()) == []


def test_after_the_deadline_nobody_sees_it_either_until_the_vault_is_open(watched: Watched) -> None:
    """A fingerprint aside: that it may hold up the opening is said, without for whom (docs/adr/fingerprint.md)."""
    with transaction.atomic():
        watched.close()
        empty = watched.walk()
        transaction.set_rollback(True)
    watched.bid()
    watched.close()
    draft, person = watched.drafted
    with pytest.raises(RuleViolation):
        submit_submission(submission=draft, by=person)
    assert different(empty, watched.walk()) == []
