"""The receipt as PDF and JSON, mailed by a worker: never forgotten, never twice, and always the same."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from achterhoek.documents.gate import may_read
from achterhoek.documents.models import StoredFile
from achterhoek.mail.models import OutboxMessage
from procurement.domain.proof import digest_of
from procurement.enums import RoundStatus
from procurement.models import Receipt, ReceiptDelivery, Round
from procurement.selectors.receipts import contents_of, standing_of, waiting_deliveries
from procurement.services import receipt_mail
from procurement.services.receipt_documents import manifest_json, receipt_html, receipt_pdf
from procurement.services.receipt_mail import mail_receipt
from procurement.services.submissions import replace_submission, submit_submission, withdraw_submission
from procurement.tasks.receipts import mail_receipts
from tests.factories import QuestionFactory, member_of
from tests.factories.submissions import Fair
from tests.integration.procurement.test_gate import everyone_else
from tests.pdf import assert_accessible, tags_of, text_of

pytestmark = pytest.mark.django_db


def the_receipt(submission: Any) -> Receipt:
    return (
        Receipt.objects.select_related("submission__round__tender__region").filter(submission=submission).latest("pk")
    )


def withdrawn(fair: Fair) -> Receipt:
    submission = fair.submitted()
    withdraw_submission(submission=submission, by=submission.created_by)
    return the_receipt(submission)


def test_the_pdf_tells_everything_that_came_in(fair: Fair) -> None:
    receipt = the_receipt(fair.submitted())
    text = text_of(receipt_pdf(receipt))
    asked = list(fair.round.questions.all())
    for part in (
        receipt.number, receipt.submission.number, receipt.digest, fair.tender.title, receipt.manifest["organisation"],
        receipt.manifest["submitted_by"], "(Nederlandse ", receipt.manifest["received_at"], "/verifieer/",
        *(question.code for question in asked), *(question.title for question in asked),
        *(segment.name for segment in fair.segments), *(line["sha256"] for line in receipt.manifest["answers"]),
        *(line["sha256"] for line in receipt.manifest["requirements"]), "Bestand", "1 pagina",
    ):  # fmt: skip
        assert part.replace(" ", "") in text.replace(" ", ""), part


def test_it_tells_nothing_of_what_was_answered(fair: Fair) -> None:
    receipt = the_receipt(fair.submitted())
    everything = receipt_html(receipt) + manifest_json(receipt).decode()
    for secret in ("Wij werken met vaste teams", "1240000", "1.240.000", "plan.pdf"):
        assert secret not in everything


@pytest.mark.parametrize("kind", ["submission", "withdrawal"])
def test_it_is_an_accessible_dutch_document(fair: Fair, kind: str) -> None:
    receipt = the_receipt(fair.submitted()) if kind == "submission" else withdrawn(fair)
    pdf = receipt_pdf(receipt)
    reader = assert_accessible(pdf)
    wanted = "Ontvangstbewijs " if kind == "submission" else "Bewijs van intrekking "
    assert reader.metadata is not None
    assert reader.metadata.title == wanted + receipt.number
    assert {"/H1", "/H2", "/P", "/Table", "/Caption", "/TH", "/TD", "/L", "/LI", "/Link"} <= tags_of(reader)
    html = receipt_html(receipt)
    assert html.count("<table") == html.count("<caption")
    assert html.count("<th ") == html.count('scope="')


def test_the_same_receipt_is_the_same_file_in_every_language(fair: Fair) -> None:
    receipt = the_receipt(fair.submitted())
    first = receipt_pdf(receipt)
    with translation.override("en"):
        assert receipt_pdf(the_receipt(receipt.submission)) == first
    assert receipt_pdf(the_receipt(fair.submitted())) != first
    assert "sha256:" + hashlib.sha256(manifest_json(receipt)).hexdigest() == receipt.digest


def test_a_withdrawal_names_what_no_longer_counts(fair: Fair) -> None:
    receipt = withdrawn(fair)
    first = receipt.submission.receipts.earliest("pk")
    text = text_of(receipt_pdf(receipt))
    assert first.digest in text
    assert receipt.digest in text
    assert "telt niet meer" in text


def test_what_others_wrote_is_text_and_never_markup(fair: Fair) -> None:
    organisation, by = fair.bidder("Zorg <b>Łęg</b> & Co")
    html = receipt_html(the_receipt(fair.submitted(by=by, organisation=organisation)))
    assert "Zorg &lt;b&gt;Łęg&lt;/b&gt; &amp; Co" in html


def test_the_contents_take_a_fixed_number_of_queries(fair: Fair, django_assert_num_queries: Any) -> None:
    receipt = the_receipt(fair.submitted())
    with django_assert_num_queries(3):  # questions, requirements, segments
        contents = contents_of(receipt)
    assert (contents.files, contents.values) == (2, 6)
    assert [part.title for part in contents.answers] == ["", *(segment.name for segment in fair.segments)]
    for number in range(5):
        QuestionFactory(round=fair.round, code=f"X{number}")
    with django_assert_num_queries(3):
        contents_of(receipt)


# Mailing -----------------------------------------------------------------------------------------------


def test_submitting_promises_a_mail_and_renders_nothing(fair: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object, **_kwargs: object) -> bytes:
        raise AssertionError("somebody waits for this")

    monkeypatch.setattr(receipt_mail, "receipt_pdf", never)
    submission = fair.submitted()
    delivery = ReceiptDelivery.objects.get()
    assert delivery.receipt == submission.receipts.get()
    assert delivery.addresses == [submission.created_by.email.lower(), submission.organisation.email.lower()]
    assert delivery.mailed_at is None
    assert not OutboxMessage.objects.exists()


def test_each_address_gets_one_mail_with_the_pdf_and_the_json(fair: Fair) -> None:
    submission = fair.submitted()
    receipt = the_receipt(submission)
    assert mail_receipts() == 1
    messages = list(OutboxMessage.objects.order_by("to"))
    addresses = {submission.created_by.email.lower(), submission.organisation.email.lower()}
    assert {message.to for message in messages} == addresses
    assert {message.key for message in messages} == {f"receipt:{receipt.number}:{address}" for address in addresses}
    for message in messages:
        assert receipt.digest in message.body
        assert receipt.number in message.subject
        assert reverse("procurement:verify") in message.body
        pdf, manifest = message.attachments.order_by("content_type").reverse()
        assert (pdf.content_type, manifest.content_type) == ("application/pdf", "application/json")
        assert pdf.file.read() == receipt_pdf(receipt)
        assert manifest.file.read() == manifest_json(receipt)
        assert {pdf.kind, manifest.kind} == {"receipt"}
    assert StoredFile.objects.filter(kind="receipt").count() == 2


def test_one_person_who_is_the_organisation_gets_one_mail(fair: Fair) -> None:
    organisation, by = fair.bidder()
    type(organisation).objects.filter(pk=organisation.pk).update(email=by.email.upper())
    organisation.refresh_from_db()
    fair.submitted(by=by, organisation=organisation)
    mail_receipts()
    assert [message.to for message in OutboxMessage.objects.all()] == [by.email.lower()]


def test_a_withdrawal_is_mailed_too(fair: Fair) -> None:
    receipt = withdrawn(fair)
    assert mail_receipts() == 2
    message = OutboxMessage.objects.get(key=f"receipt:{receipt.number}:{receipt.submission.organisation.email.lower()}")
    assert receipt.manifest["withdraws"] in message.body
    assert "ingetrokken" in message.body


def test_twice_does_no_harm(fair: Fair) -> None:
    fair.submitted()
    (delivery,) = waiting_deliveries(10)
    assert mail_receipt(delivery_id=delivery) is True
    assert mail_receipt(delivery_id=delivery) is False
    assert mail_receipts() == 0
    assert OutboxMessage.objects.count() == 2


def test_a_refused_submission_promises_nothing(fair: Fair) -> None:
    draft = fair.draft()
    fair.pass_deadline()
    with pytest.raises(Exception, match=r".+"):
        submit_submission(submission=draft, by=draft.created_by)
    assert not ReceiptDelivery.objects.exists()


def test_one_that_fails_stays_and_holds_up_no_other(fair: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = the_receipt(fair.submitted()), receipt_mail.receipt_pdf
    fair.submitted()

    def render(receipt: Receipt) -> bytes:
        if receipt.pk == broken.pk:
            raise OSError("disk full")
        return whole(receipt)

    with monkeypatch.context() as patched:
        patched.setattr(receipt_mail, "receipt_pdf", render)
        assert mail_receipts() == 1
    assert not OutboxMessage.objects.filter(key__startswith=f"receipt:{broken.number}:").exists()
    assert mail_receipts() == 1
    assert OutboxMessage.objects.filter(key__startswith=f"receipt:{broken.number}:").count() == 2


def test_the_database_wants_the_documents_of_what_is_called_mailed(fair: Fair) -> None:
    fair.submitted()
    with pytest.raises(IntegrityError), transaction.atomic():
        ReceiptDelivery.objects.update(mailed_at=timezone.now())


# Who reads it, and whether it counts -------------------------------------------------------------------


@pytest.mark.parametrize("state", ["open", "closed", "opened"])
def test_the_documents_are_for_the_own_team_alone(fair: Fair, state: str) -> None:
    submission = fair.submitted()
    mail_receipts()
    files = list(StoredFile.objects.filter(kind="receipt"))
    if state == "opened":
        fair.open_vault()
    elif state == "closed":
        Round.objects.filter(pk=fair.round.pk).update(status=RoundStatus.CLOSED)
    team = [submission.created_by, member_of(submission.organisation, signatory=False)]
    others = everyone_else(fair)
    assert len(files) == 2
    for stored in files:
        assert all(may_read(user, stored) for user in team)
        assert [name for name, user in others.items() if may_read(user, stored)] == []


def test_whether_a_receipt_counts(fair: Fair) -> None:
    submission = fair.submitted()
    first = the_receipt(submission)
    assert standing_of(first).counts
    replace_submission(submission=submission, by=submission.created_by)
    assert standing_of(the_receipt(submission)).counts
    submit_submission(submission=submission, by=submission.created_by)
    second = the_receipt(submission)
    assert (standing_of(first).counts, standing_of(first).later) == (False, second)
    assert standing_of(second).counts
    withdraw_submission(submission=submission, by=submission.created_by)
    third = the_receipt(submission)
    second = Receipt.objects.get(pk=second.pk)
    assert (standing_of(second).counts, standing_of(second).later) == (False, third)
    assert (standing_of(third).counts, standing_of(third).later) == (False, None)
    assert digest_of(third.manifest) == third.digest


def test_the_page_gives_both_documents(fair: Fair, client: Any) -> None:
    submission = fair.submitted()
    receipt = the_receipt(submission)
    client.force_login(submission.created_by)
    place = [submission.pk, receipt.number]
    page = client.get(reverse("procurement:receipt", args=place)).content.decode()
    for name in ("receipt_pdf", "receipt_json"):
        assert reverse(f"procurement:{name}", args=place) in page
    assert reverse("procurement:verify") in page
    assert client.get(reverse("procurement:receipt_json", args=place)).content == manifest_json(receipt)
    before = client.get(reverse("procurement:receipt_pdf", args=place))
    mail_receipts()
    after = client.get(reverse("procurement:receipt_pdf", args=place), follow=True)
    assert before["Content-Type"] == after["Content-Type"] == "application/pdf"
    assert before.content == b"".join(after.streaming_content) == receipt_pdf(receipt)
    assert "no-store" in before["Cache-Control"]
    assert receipt.number in before["Content-Disposition"]


def test_the_page_says_what_became_of_it(fair: Fair, client: Any) -> None:
    submission = fair.submitted()
    first = the_receipt(submission)
    client.force_login(submission.created_by)
    address = reverse("procurement:receipt", args=[submission.pk, first.number])
    assert "gezamenlijke controlegetal is nog niet gepubliceerd" in client.get(address).content.decode()
    withdraw_submission(submission=submission, by=submission.created_by)
    later = the_receipt(submission)
    assert reverse("procurement:receipt", args=[submission.pk, later.number]) in client.get(address).content.decode()
    own = client.get(reverse("procurement:receipt", args=[submission.pk, later.number])).content.decode()
    assert first.digest in own
    fair.open_vault()
    root = fair.round.receipt_roots.get()
    assert root.root in client.get(address).content.decode()


def test_the_page_has_a_fixed_number_of_queries(fair: Fair, client: Any) -> None:
    submission = fair.submitted()
    client.force_login(submission.created_by)
    address = reverse("procurement:receipt", args=[submission.pk, the_receipt(submission).number])
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
        for more in range(4):
            QuestionFactory(round=fair.round, code=f"Z{number}{more}")
    assert counts[0] == counts[1] <= 11
