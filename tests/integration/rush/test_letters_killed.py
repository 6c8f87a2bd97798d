"""A batch of letters while worker, queue, database and mail server are killed: the real processes, on a real disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from django.db.models.functions import Now

from achterhoek.jobs.models import Job
from achterhoek.mail.models import MessageStatus, OutboxMessage
from contracts.bench.letters_killed import batch_killed, prepare
from contracts.bench.letters_scene import check, make
from contracts.bench.rush_stack import stack
from procurement.models import Letter
from procurement.tasks.letters import send_letters
from tests import template

LETTERS, KILLS, SEED = 24, 4, 18


@pytest.mark.django_db
def test_what_came_of_a_batch_is_judged_beside_the_others() -> None:
    """The second batch of a measurement has its own letters and mails; a mail too many is found."""
    made = []
    for name in ("een", "twee"):
        batch = make(name=name, letters=2)["batch"]
        job, lead = Job.objects.values_list("pk", "created_by").get(key=f"letters:{batch}")
        assert send_letters(batch, lead, str(job)) == "sent"
        OutboxMessage.objects.update(status=MessageStatus.SENT, sent_at=Now())
        made.append(batch)
    for batch in made:
        mails = OutboxMessage.objects.filter(letter__batch=batch)
        accepted = [{"message_id": mail.message_id, "files": [f"{mail.pk}.pdf"]} for mail in mails]
        told = {"problems": [], "letters": 2, "arrived": 2, "doubled": 0}
        assert check(batch=batch, accepted=accepted) == told
        assert check(batch=batch, accepted=[*accepted, accepted[0]]) == told | {"doubled": 1}
        assert len(check(batch=batch, accepted=accepted[1:])["problems"]) == 1
    again = OutboxMessage.objects.create(key="letter:again", to="a@zorg.example", subject="Brief", body="")
    assert len(check(batch=batch, accepted=accepted)["problems"]) == 1
    again.attachments.set(Letter.objects.filter(batch=batch).values_list("file", flat=True)[:1])
    assert len(check(batch=batch, accepted=accepted)["problems"]) == 1


@pytest.mark.long
@pytest.mark.usefixtures("django_db_setup")
def test_every_bidder_has_one_letter_and_one_message_id() -> None:
    """At the end every bidder has one letter and one entry in the outbox, all are sent at one moment, and no letter
    arrived under two Message-IDs."""
    with tempfile.TemporaryDirectory(prefix="achterhoek-letters-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with stack(folder) as portal:
            template.pour(portal.environment["DATABASE_URL"])
            prepare(portal)
            outcome = batch_killed(portal, letters=LETTERS, kills=KILLS, seed=SEED)
        assert list(folder.iterdir()) == [], "nothing of it is left behind"
    assert outcome.problems == []
    assert len(outcome.killed) >= KILLS - 1
