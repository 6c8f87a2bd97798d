"""The proces-verbaal of an opening: everything that happened stands in it, and nothing of what was answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.documents.gate import may_read
from achterhoek.documents.models import StoredFile
from achterhoek.jobs.models import Job, JobStatus
from procurement.models import (
    DeadlineExtension,
    Fingerprint,
    PriceOpening,
    PriceRecord,
    Round,
    SealedPackage,
    VaultOpening,
)
from procurement.selectors.opening_record import opening_content, openings_without_record, price_content
from procurement.services import opening_record
from procurement.services import vault as vault_service
from procurement.services.locks import LateSubmission
from procurement.services.opening_record import (
    make_opening_record,
    make_price_record,
    price_record_html,
    record_html,
)
from procurement.services.submissions import submit_submission
from procurement.services.vault import confirm_opening
from procurement.tasks.vault import finish_opening, finish_openings
from tests.factories import user_with
from tests.factories.submissions import Fair, open_fair
from tests.integration.procurement.test_gate import everyone_else, file_of
from tests.integration.procurement.test_vault import by_sql
from tests.pdf import assert_accessible, tags_of, text_of

pytestmark = pytest.mark.django_db


def record_of(fair: Fair) -> bytes:
    stored = make_opening_record(round_id=fair.round.pk)
    assert stored is not None
    return stored.file.read()


def test_it_says_who_opened_what_and_when(fair: Fair) -> None:
    submissions = [fair.submitted(), fair.submitted()]
    opening = fair.open_vault()
    text = text_of(record_of(fair))
    assert "Alles klopt" in text
    for submission in submissions:
        receipt = submission.receipts.get()
        assert submission.number in text
        assert submission.organisation.name in text
        assert text.count(receipt.digest) == 2  # as it was, and computed again
    for opener in opening.openers.all():
        assert opener.name in text
    assert fair.round.receipt_roots.get().root in text
    for said in (
        "werd bewaard door het portaal",
        "niet verlengd",
        "geen pogingen",
        "geen vingerafdrukken",
        "tijd, UTC+",
    ):
        assert said in text, said


def test_it_holds_nothing_of_what_was_answered(fair: Fair) -> None:
    fair.submitted()
    fair.open_vault()
    fair.fix(fair.segments[0])
    html = record_html(opening_content(fair.round.pk))
    html += price_record_html(price_content(PriceOpening.objects.get().pk))
    for secret in ("Wij werken met vaste teams", "1240000", "1.240.000", "plan.pdf"):
        assert secret not in html


def test_it_is_an_accessible_dutch_document(fair: Fair) -> None:
    fair.submitted()
    fair.open_vault()
    fair.fix(fair.segments[0])
    price = make_price_record(opening_id=PriceOpening.objects.get().pk)
    for pdf in (record_of(fair), price.file.read()):
        reader = assert_accessible(pdf)
        assert {"/H1", "/H2", "/P", "/Table", "/Caption", "/TH", "/TD"} <= tags_of(reader)
        assert reader.metadata is not None
        assert str(reader.metadata.title).startswith("Proces-verbaal van opening")
    for html in (
        record_html(opening_content(fair.round.pk)),
        price_record_html(price_content(PriceOpening.objects.get().pk)),
    ):
        assert html.count("<table") == html.count("<caption")
        assert html.count("<th ") == html.count('scope="')


def test_what_does_not_match_is_said_in_words(fair: Fair) -> None:
    broken, changed, kept = fair.submitted(), fair.submitted(), fair.submitted()
    package = SealedPackage.objects.get(receipt=broken.receipts.get())
    by_sql("UPDATE procurement_sealedpackage SET sealed = sealed || 'x'::bytea WHERE id = %s", [package.pk])
    held = file_of(changed, fair.segments[0])
    key = StoredFile.objects.get(pk=held.pk).parts[0]["key"]
    default_storage.delete(key)
    default_storage.save(key, ContentFile(b"something else"))
    fair.open_vault()
    text = text_of(record_of(fair))
    assert "Niet alles klopt. Bij 2 van de 3 inzendingen" in text
    assert f"{broken.number}, {broken.organisation.name}: Het pakket kan niet open" in text
    assert f"begint met {held.sha256[:12]}" in text
    assert f"{kept.number}, {kept.organisation.name}:" not in text
    client = Client()
    client.force_login(user_with(Role.OPENER, region=fair.tender.region))
    page = client.get(reverse("procurement:vault_round", args=[fair.round.pk])).content.decode()
    assert "Het pakket kan niet open" in page
    assert held.sha256[:12] in page


def test_late_attempts_extensions_and_fingerprints_stand_in_it(fair: Fair) -> None:
    late = fair.draft()
    now = timezone.now()
    lead = user_with(Role.LEAD, region=fair.tender.region)
    DeadlineExtension.objects.create(
        round=fair.round, deadline_was=now - timedelta(days=2), deadline=now - timedelta(seconds=1),
        outage_from=now - timedelta(days=2, hours=3), outage_until=now - timedelta(days=2, hours=1),
        reason="De opslag was niet bereikbaar.", by=lead,
    )  # fmt: skip
    Fingerprint.objects.create(submission=late, digest="ab" * 32, by=late.created_by)
    fair.pass_deadline()
    with pytest.raises(LateSubmission):
        submit_submission(submission=late, by=late.created_by)
    content = opening_content_after(fair)
    assert [attempt.organisation for attempt in content.late] == [late.organisation.name]
    text = text_of(record_of(fair))
    assert "De opslag was niet bereikbaar." in text
    assert "Te late pogingen" in text
    assert "ab" * 32 in text
    assert "De kluis was leeg" in text


def opening_content_after(fair: Fair) -> Any:
    Fingerprint.objects.update(at=timezone.now() - timedelta(days=30))
    fair.deadline(timezone.now() - timedelta(days=6))
    for _ in range(2):
        confirm_opening(round=fair.round, by=user_with(Role.OPENER, region=fair.tender.region))
    return opening_content(fair.round.pk)


def test_it_is_made_once_and_kept(fair: Fair) -> None:
    fair.submitted()
    assert make_opening_record_of(fair) is None
    fair.open_vault()
    assert openings_without_record() == [fair.round.pk]
    assert finish_openings() == 1
    stored = VaultOpening.objects.get().record
    assert make_opening_record_of(fair) == stored
    assert finish_openings() == 0
    assert StoredFile.objects.filter(kind="opening_record").count() == 1
    event = AuditEvent.objects.get(action="procurement.round.opening_record")
    assert stored is not None
    assert event.detail == {"sha256": stored.sha256}


def make_opening_record_of(fair: Fair) -> StoredFile | None:
    return make_opening_record(round_id=fair.round.pk) if VaultOpening.objects.exists() else None


def test_opened_prices_have_a_record_of_their_own(fair: Fair) -> None:
    submission = fair.submitted()
    fair.open_vault()
    finish_openings()
    lead = user_with(Role.LEAD, region=fair.tender.region)
    fair.fix(fair.segments[0], by=lead)
    assert finish_openings() == 1
    record = PriceRecord.objects.get()
    text = text_of(record.file.file.read())
    for said in (fair.segments[0].name, submission.number, submission.organisation.name, lead.name, "Alles klopt"):
        assert said in text, said
    assert make_price_record(opening_id=record.opening_id) == record.file
    assert finish_openings() == 0


def test_a_record_that_fails_holds_up_no_other(fair: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    other = open_fair()
    fair.open_vault()
    other.open_vault()
    whole = opening_record.opening_content

    def content(round_id: int) -> Any:
        if round_id == fair.round.pk:
            raise OSError("disk full")
        return whole(round_id)

    with monkeypatch.context() as patched:
        patched.setattr(opening_record, "opening_content", content)
        assert finish_openings() == 1
    assert openings_without_record() == [fair.round.pk]
    assert finish_openings() == 1


def test_openers_lead_and_auditor_read_the_records_and_nobody_else(fair: Fair) -> None:
    submission = fair.submitted()
    people = {**everyone_else(fair), "team": submission.created_by}
    people["opener elsewhere"] = user_with(Role.OPENER, region=open_fair().tender.region)
    fair.open_vault()
    fair.fix(fair.segments[0])
    finish_openings()
    files = list(StoredFile.objects.filter(kind="opening_record"))
    assert len(files) == 2
    for stored in files:
        assert {name for name, user in people.items() if may_read(user, stored)} == {
            "lead", "lead everywhere", "auditor", "opener",
        }  # fmt: skip


def test_the_record_takes_a_fixed_number_of_queries(fair: Fair) -> None:
    counts = []
    for stage in ("selection", "award"):
        found = fair if stage == "selection" else open_fair()
        for _ in range(1 if stage == "selection" else 4):
            found.submitted()
        found.open_vault()
        with CaptureQueriesContext(connection) as queries:
            opening_content(found.round.pk)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 9


def test_the_page_gives_the_documents_fifty_submissions_at_a_time(fair: Fair, client: Any) -> None:
    fair.submitted()
    fair.open_vault()
    opening = VaultOpening.objects.get()
    (line,) = opening.submissions
    opening.submissions = [{**line, "number": f"V-TEST-{n:04}"} for n in range(120)]
    opening.save()
    client.force_login(user_with(Role.AUDITOR, region=fair.tender.region))
    address = reverse("procurement:vault_round", args=[fair.round.pk])
    page = client.get(address).content.decode()
    assert "V-TEST-0049" in page
    assert "V-TEST-0050" not in page
    assert "wordt gemaakt" in page
    assert "V-TEST-0119" in client.get(address, {"page": 3}).content.decode()
    finish_openings()
    opening.refresh_from_db()
    assert opening.record is not None
    download = reverse("documents:download", args=[opening.record.pk])
    assert download in client.get(address).content.decode()
    assert client.get(download).status_code == 200


# A vault that is too large to wait for ----------------------------------------------------------------


@pytest.fixture
def large(fair: Fair, monkeypatch: pytest.MonkeyPatch) -> Fair:
    """Every vault is a large one."""
    monkeypatch.setattr(vault_service, "OPEN_AT_ONCE_BYTES", -1)
    for _ in range(2):
        fair.submitted()
    fair.open_vault()
    return fair


def test_both_openers_see_how_far_the_worker_is(large: Fair, client: Any) -> None:
    address = reverse("procurement:vault_round", args=[large.round.pk])
    opening = VaultOpening.objects.get()
    assert opening.finished_at is None
    for opener in opening.openers.all():
        client.force_login(opener)
        response = client.get(address)
        page = response.content.decode()
        assert response.headers["Refresh"] == "10"
        assert 'id="opening-progress"' in page
        assert 'value="0"' in page
    job = Job.objects.get(key=f"opening:{large.round.pk}")
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, total=100, done=50)
    assert 'value="50"' in client.get(address).content.decode()
    assert finish_opening(large.round.pk) is True
    job.refresh_from_db()
    assert (job.status, job.done, job.total) == (JobStatus.DONE, 100, 100)
    assert client.get(address, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "Proces-verbaal" in client.get(address).content.decode()


def test_the_bar_does_not_tell_how_many_have_bid(large: Fair) -> None:
    seen = []

    def told(job: str, done: int) -> None:
        seen.append(done)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(vault_service, "reach", told)
        finish_opening(large.round.pk)
    assert seen == [50, 100]
    assert Job.objects.get(key=f"opening:{large.round.pk}").total == 100


def test_work_that_breaks_off_is_told_and_taken_up_again(large: Fair, client: Any) -> None:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise OSError("the storage is gone")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(vault_service, "compare", broken)
        with pytest.raises(OSError, match="storage"):
            finish_opening(large.round.pk)
    client.force_login(VaultOpening.objects.get().openers.earliest("pk"))
    page = client.get(reverse("procurement:vault_round", args=[large.round.pk])).content.decode()
    assert "niets geopend" in page
    assert Round.objects.get(pk=large.round.pk).status == "closed"
    large.deadline(timezone.now() - timedelta(minutes=9))
    VaultOpening.objects.update(at=timezone.now() - timedelta(minutes=3))
    assert finish_openings() == 2  # the opening, and its record
    assert VaultOpening.objects.get().finished_at is not None
    assert Job.objects.get(key=f"opening:{large.round.pk}").status == JobStatus.DONE


def test_who_confirmed_stays_on_the_page_while_it_is_compared(large: Fair, client: Any) -> None:
    """However long that takes: the ten minutes are over, the openers are known."""
    large.round.confirmations.update(at=timezone.now() - timedelta(hours=1))
    openers = list(VaultOpening.objects.get().openers.all())
    client.force_login(openers[0])
    page = client.get(reverse("procurement:vault_round", args=[large.round.pk])).content.decode()
    assert all(opener.name in page for opener in openers)
