"""Input that nobody types by accident: it is refused in words, and never ends in an internal error."""

from __future__ import annotations

import io
from contextlib import nullcontext
from typing import Any

import pikepdf
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.documents.services import accept_pdf
from achterhoek.errors import RuleViolation
from achterhoek.mail.models import OutboxMessage
from achterhoek.mail.services import queue_mail
from achterhoek.mail.tasks import send_outbox
from providers.services.organisations import OrganisationData, register_organisation
from tests.factories import TenderFactory, UserFactory, user_with
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db

HUGE = "9" * 40
ENDLESS = "9" * 5000


def test_one_message_that_cannot_be_made_does_not_hold_up_the_others():
    queue_mail(key="a", to="a@zorg.example", subject="Ontvangen\nBcc: iedereen@zorg.example", body="A")
    queue_mail(key="b", to="b@zorg.example", subject="Ontvangen", body="B")
    send_outbox()
    send_outbox()
    assert [message.to for message in mail.outbox] == [["b@zorg.example"]]
    assert OutboxMessage.objects.get(key="a").last_error


def crafted(change: Any) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    change(document)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def names_is_a_number(pdf: Any) -> None:
    pdf.Root.Names = 5


def names_hold_nonsense(pdf: Any) -> None:
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Array([1, 2]), JavaScript=3)


def opens_with_a_number(pdf: Any) -> None:
    pdf.Root.OpenAction = 5


def no_pages(pdf: Any) -> None:
    pdf.Root.Pages = pikepdf.Dictionary(Type=pikepdf.Name.Pages, Kids=5, Count=-3)


def pages_in_a_circle(pdf: Any) -> None:
    pdf.Root.Pages.Kids = pikepdf.Array([pdf.Root.Pages])


REFUSED = (no_pages, pages_in_a_circle)


@pytest.mark.parametrize(
    "change", [names_is_a_number, names_hold_nonsense, opens_with_a_number, no_pages, pages_in_a_circle]
)
def test_a_crafted_pdf_is_refused_and_not_an_internal_error(change):
    with pytest.raises(RuleViolation) if change in REFUSED else nullcontext():
        accept_pdf(upload=SimpleUploadedFile("a.pdf", crafted(change)), kind="answer", by=UserFactory())


def script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def script_on_a_page(pdf: Any) -> None:
    pdf.pages[0].obj.AA = pikepdf.Dictionary(O=script())


def script_under_a_button(pdf: Any) -> None:
    button = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, A=script())
    pdf.pages[0].obj.Annots = pikepdf.Array([pdf.make_indirect(button)])


def program_to_start(pdf: Any) -> None:
    start = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, A=start)
    pdf.pages[0].obj.Annots = pikepdf.Array([link])


@pytest.mark.parametrize("change", [script_on_a_page, script_under_a_button, program_to_start])
def test_a_script_anywhere_in_a_pdf_is_refused(change):
    with pytest.raises(RuleViolation, match="script"):
        accept_pdf(upload=SimpleUploadedFile("a.pdf", crafted(change)), kind="answer", by=UserFactory())


def file_on_a_page(pdf: Any) -> None:
    stream = pdf.make_stream(b"MZ", Type=pikepdf.Name.EmbeddedFile)
    spec = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=pikepdf.String("a.exe"), EF=pikepdf.Dictionary(F=stream))
    pdf.pages[0].obj.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.FileAttachment, FS=spec)])


def test_a_file_on_a_page_is_refused_too():
    with pytest.raises(RuleViolation, match="andere bestanden"):
        accept_pdf(upload=SimpleUploadedFile("a.pdf", crafted(file_on_a_page)), kind="answer", by=UserFactory())


def ordinary_link(pdf: Any) -> None:
    link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://zorg.example"))
    pdf.pages[0].obj.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=link)])
    pdf.Root.OpenAction = pikepdf.Array([pdf.pages[0].obj, pikepdf.Name.Fit])


def test_a_pdf_with_links_that_opens_on_its_first_page_is_taken():
    stored = accept_pdf(upload=SimpleUploadedFile("a.pdf", crafted(ordinary_link)), kind="answer", by=UserFactory())
    assert stored.pages == 1


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEAD, Role.CLM, Role.EVALUATOR, Role.PROVIDER])
@pytest.mark.parametrize(
    "path",
    [
        "/toezicht/?q=%00", "/toezicht/?q=a&page=x", f"/toezicht/?page={HUGE}", "/register/?op=junk",
        "/register/?zoek=%00", f"/register/?op={HUGE}", "/register.csv?op=0000-00-00", "/register.json?segment=%00",
        "/aanbestedingen/?regio=%00", f"/kluis/{HUGE}/", f"/beoordelen/{HUGE}/", f"/beoordelen/{HUGE}/{HUGE}/",
        f"/inkoop/besluit/{HUGE}/", f"/inkoop/beoordeling/{HUGE}/{HUGE}/", f"/inkoop/ranglijst/{HUGE}/",
        f"/college/{HUGE}/", f"/mijn/contracten/{HUGE}/", f"/mijn/organisatie/{HUGE}/",
        f"/inkoop/contracten/?page={ENDLESS}", f"/kluis/{ENDLESS}/", f"/beheer/contracts/contract/{HUGE}/change/",
        f"/beheer/contracts/contract/{ENDLESS}/change/", "/beheer/contracts/contract/%C2%B2/change/",
        "/beheer/contracts/subcontractorchange/x/change/", "/beheer/audit/auditevent/?action=%00",
        "/beheer/providers/organisation/?q=%00", f"/beheer/procurement/tender/?region__id__exact={HUGE}",
        "/beheer/contracts/contract/?segment__id__exact=x", f"/beheer/providers/organisation/{HUGE}/change/",
        "/mijn/inzendingen/00000000-0000-0000-0000-000000000000/",
    ],
)  # fmt: skip
def test_no_address_ends_in_an_internal_error(client, role, path):
    client.raise_request_exception = False
    client.force_login(user_with(role))
    assert client.get(path).status_code < 500


def data(**fields: str) -> OrganisationData:
    given = {
        "name": "Zorg", "legal_form": "bv", "kvk_number": "12345678", "agb_code": "12345678", "street": "Straat 1",
        "postcode": "7001 AB", "city": "Doetinchem", "email": "post@zorg.example", **fields,
    }  # fmt: skip
    return OrganisationData(**given)


def test_a_name_is_one_line_without_signs_that_nobody_sees():
    """It stands in letters, in the register and in mail; a sign that turns the reading order makes it another name."""
    made = register_organisation(
        data=data(name="Zorg\r\nBcc: a \u202egroep\u200b", city="Doe\ntinchem"), by=UserFactory()
    )
    assert (made.name, made.city) == ("Zorg Bcc: a groep", "Doe tinchem")


def test_a_name_of_nothing_but_such_signs_is_no_name():
    with pytest.raises(RuleViolation) as refused:
        register_organisation(data=data(name="\u200b\u202e"), by=UserFactory())
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "target", ["https://kwaad.example/", "//kwaad.example", "/\\kwaad.example", "javascript:alert(1)"]
)
def test_nobody_is_led_away_after_a_choice_of_language_or_logging_in(client, target):
    chosen = client.post("/taal/setlang/", {"language": "en", "next": target})
    assert "kwaad" not in chosen.headers.get("Location", "")
    user = UserFactory()
    logged_in = client.post(
        reverse("account_login"), {"login": user.email, "password": "Achterhoek-2022-demo", "next": target}
    )
    assert logged_in.status_code == 302
    assert "kwaad" not in logged_in.headers["Location"]
    assert "javascript" not in logged_in.headers["Location"]


def test_a_pdf_with_endless_parts_does_not_keep_the_portal_busy(monkeypatch):
    monkeypatch.setattr("achterhoek.documents.inspection.MAX_PDF_OBJECTS", 2)
    with pytest.raises(RuleViolation, match="te veel onderdelen"):
        accept_pdf(upload=SimpleUploadedFile("a.pdf", crafted(ordinary_link)), kind="answer", by=UserFactory())


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00", "9999-12-31T23:59", "2027-03-28T02:30", "x", "2027-02-30T12:00"]
)
def test_no_deadline_ends_in_an_internal_error(client, moment):
    """The first and the last year, an hour that the clock skips, a day that is none."""
    tender = TenderFactory(status="draft", published_at=None)
    client.force_login(user_with(Role.LEAD, region=tender.region))
    answer = client.post(reverse("procurement:tender_publish", args=[tender.slug]), {"deadline": moment})
    assert answer.status_code < 500
    tender.refresh_from_db()
    assert tender.status == "draft"


def test_a_bid_of_signs_that_look_like_numbers_is_refused_beside_its_field(client):
    fair = open_fair()
    draft = fair.draft()
    client.force_login(draft.organisation.memberships.get().user)
    segment = fair.segments[0]
    price = fair.questions(segment)["price"]
    address = reverse("procurement:submission_section", args=[draft.pk, segment.slug])
    for typed in (
        "NaN",
        "-Infinity",
        "sNaN",
        "1e999999",
        "1e-999999",
        "9" * 400,
        "-5",
        "0",
        "\x00",
        "1\u06601",
        "€",
        "1,2,3,4",
    ):
        answer = client.post(address, {f"q{price}": typed})
        assert answer.status_code in (422, 302), typed
    answers = draft.answers.filter(question=price)
    assert all(answer.number is not None and 0 < answer.number < 10**12 for answer in answers)
