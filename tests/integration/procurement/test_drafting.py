"""Filling in a draft with several people: saved as typed, both versions kept, files that come in piece by piece."""

import base64
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from achterhoek.documents.models import StoredFile, Upload
from procurement.models import DraftAlternative, Submission
from procurement.services.submissions import replace_submission, submit_submission
from tests.factories import QuestionFactory, member_of, user_with
from tests.factories.submissions import content, open_fair, pdf, pdf_bytes
from tests.integration.procurement.drafts import address, browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def piet(jan):
    return member_of(jan.organisation, signatory=False)


@pytest.fixture
def draft(fair, jan):
    return fair.draft(by=jan, organisation=jan.organisation)


class Tab:
    """A page of one section, open in somebody's browser: what it shows and the marks it carries."""

    def __init__(self, user, draft, key: str) -> None:
        self.client, self.url = browser(user), address("submission_section", draft, key)
        form = self.client.get(self.url).context["form"]
        self.data = {"section": key}
        for block in form.blocks():
            self.data[f"seen-{block.item.key}"] = block.mark
            for field in block.fields:
                shown = field.value()
                if not block.item.is_file and shown is not None:
                    self.data[field.html_name] = field.field.prepare_value(shown)

    def types(self, **typed: str) -> dict:
        """Type, and wait a second."""
        self.data |= typed
        answer = self.client.post(self.url, self.data, headers={"X-Autosave": "1"})
        found = answer.json()
        for key, mark in found.get("marks", {}).items():
            self.data[f"seen-{key}"] = mark
        return found | {"status": answer.status_code}

    def saves(self, **typed: str):
        return self.client.post(self.url, {**self.data, **typed})


def test_each_saving_gives_the_marks_for_the_next_one(fair, jan, draft):
    first = fair.segments[0]
    key = f"q{fair.questions(first)['text']}"
    tab = Tab(jan, draft, first.slug)
    for text in ("Eerste zin.", "Eerste zin. Tweede zin."):
        found = tab.types(**{key: text})
        assert found["conflicts"] == {}
        assert found["errors"] == {}
    assert content(draft).answers[fair.questions(first)["text"]].text == "Eerste zin. Tweede zin."
    assert not DraftAlternative.objects.exists()


def test_two_who_change_the_same_answer_both_keep_theirs_and_are_told(fair, jan, piet, draft):
    first = fair.segments[0]
    number = fair.questions(first)["text"]
    key = f"q{number}"
    one, two = Tab(jan, draft, first.slug), Tab(piet, draft, first.slug)
    one.types(**{key: "Van Jan."})
    told = two.types(**{key: "Van Piet."})
    assert told["conflicts"][key]["who"] == jan.name
    assert "Van Jan." in told["conflicts"][key]["html"]
    assert key not in told["marks"]
    # Piet types on: still one other version, with what he typed last.
    two.types(**{key: "Van Piet, langer."})
    given = content(draft).answers[number]
    assert given.text == "Van Jan."
    assert [(other.value.text, other.changed_by) for other in given.alternatives] == [("Van Piet, langer.", piet.name)]
    # Jan is told as well, at his next saving.
    assert "Van Piet, langer." in one.types(**{key: "Van Jan!"})["conflicts"][key]["html"]


def test_what_a_colleague_changed_is_told_and_not_overwritten_by_a_page_that_is_older(fair, jan, piet, draft):
    first = fair.segments[0]
    keys = fair.questions(first)
    text, price = f"q{keys['text']}", f"q{keys['price']}"
    one, two = Tab(jan, draft, first.slug), Tab(piet, draft, first.slug)
    one.types(**{text: "Nieuw van Jan."})
    told = two.types(**{price: "900000"})
    assert told["conflicts"][text]["who"] == jan.name
    assert "Nieuw van Jan." in told["conflicts"][text]["html"]
    assert text not in told["marks"], "a new mark beside an old text would let Piet overwrite Jan unawares"
    given = content(draft).answers
    assert given[keys["text"]].text == "Nieuw van Jan."
    assert given[keys["price"]].number == 900000


def test_one_person_in_two_tabs_loses_nothing_either(fair, jan, draft):
    first = fair.segments[0]
    number = fair.questions(first)["text"]
    one, two = Tab(jan, draft, first.slug), Tab(jan, draft, first.slug)
    one.types(**{f"q{number}": "Tab een."})
    two.types(**{f"q{number}": "Tab twee."})
    given = content(draft).answers[number]
    assert {given.text, given.alternatives[0].value.text} == {"Tab een.", "Tab twee."}


@pytest.mark.parametrize(("keep", "stands"), [("other", "Van Piet."), ("this", "Van Jan.")])
def test_without_scripts_the_page_after_saving_asks_which_version_to_keep(fair, jan, piet, draft, keep, stands):
    first = fair.segments[0]
    keys = fair.questions(first)
    text, price = f"q{keys['text']}", f"q{keys['price']}"
    one, two = Tab(jan, draft, first.slug), Tab(piet, draft, first.slug)
    one.saves(**{text: "Van Jan."})
    response = two.saves(**{text: "Van Piet."})
    assert response["Location"].endswith(f"{first.slug}/#item-{text}")
    page = two.client.get(response["Location"]).content.decode()
    assert "Van Jan." in page
    assert "Van Piet." in page
    assert f"De versie van {piet.name} nemen" in page
    overview = two.client.get(address("submission", draft)).content.decode()
    assert "1 antwoord om te kiezen" in overview
    # Choosing also saves what was typed elsewhere on the page.
    three = Tab(piet, draft, first.slug)
    other = DraftAlternative.objects.get()
    url = address("submission_choose", draft, first.slug, other.pk)
    three.client.post(url, {**three.data, price: "750000", "keep": keep})
    given = content(draft).answers
    assert given[keys["text"]].text == stands
    assert given[keys["text"]].alternatives == []
    assert given[keys["price"]].number == 750000


def test_choosing_in_the_page_where_one_typed_keeps_what_was_typed_last(fair, jan, piet, draft):
    first = fair.segments[0]
    number = fair.questions(first)["text"]
    one, two = Tab(jan, draft, first.slug), Tab(piet, draft, first.slug)
    one.types(**{f"q{number}": "Van Jan."})
    two.types(**{f"q{number}": "Van Piet."})
    url = address("submission_choose", draft, first.slug, DraftAlternative.objects.get().pk)
    two.client.post(url, {**two.data, f"q{number}": "Van Piet, af.", "keep": "other"})
    given = content(draft).answers[number]
    assert (given.text, given.alternatives) == ("Van Piet, af.", [])


def test_nothing_is_saved_while_typing_after_the_deadline_and_the_page_says_so(fair, jan, draft):
    first = fair.segments[0]
    tab = Tab(jan, draft, first.slug)
    fair.pass_deadline()
    found = tab.types(**{f"q{fair.questions(first)['text']}": "Te laat."})
    assert found["status"] == 422
    assert "De sluitingstijd is voorbij" in found["message"]


def test_a_file_is_not_removed_while_typing(fair, jan, draft):
    first = fair.segments[0]
    number = fair.questions(first)["file"]
    tab = Tab(jan, draft, first.slug)
    tab.types(**{f"q{number}-remove": "on"})
    assert content(draft).answers[number].file is not None
    tab.saves(**{f"q{number}-remove": "on"})
    assert content(draft).answers[number].file is None


def test_the_page_says_who_changed_what_lately(fair, jan, piet, draft):
    first = fair.segments[0]
    page = browser(piet).get(address("submission_section", draft, first.slug)).content.decode()
    assert f"{jan.name} wijzigde dit op" in page
    own = browser(jan).get(address("submission_section", draft, first.slug)).content.decode()
    assert "wijzigde dit op" not in own


# Files.


def send(client: Client, draft: Submission, question: int, content: bytes, *, upto: int | None = None, name="plan.pdf"):
    """Begin to send a file, as the page does; all of it or a part."""
    headers = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": str(len(content)),
        "Upload-Metadata": "filename " + base64.b64encode(name.encode()).decode(),
    }
    answer = client.post(address("submission_upload", draft, question), headers=headers)
    if answer.status_code == 201:
        more(client, answer["Location"], content[:upto])
    return answer


def more(client: Client, url: str, content: bytes, offset: int = 0):
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset)}
    return client.patch(url, content, content_type="application/offset+octet-stream", headers=headers)


def test_a_file_that_comes_in_by_itself_is_the_answer(fair, jan, draft):
    first = fair.segments[0]
    number = fair.questions(first)["file"]
    before = content(draft).answers[number].file.pk
    client = browser(jan)
    answer = send(client, draft, number, pdf_bytes(2), name="Ons plan.pdf")
    state = client.get(answer["Location"]).json()
    assert state["state"] == "ready"
    held = content(draft).answers[number].file
    assert (held.name, held.pages) == ("Ons plan.pdf", 2)
    assert not StoredFile.objects.filter(pk=before).exists()
    page = client.get(address("submission_section", draft, first.slug)).content.decode()
    assert held.sha256 in page
    assert "Ons plan.pdf" in page


def test_a_cut_upload_is_told_before_submitting_and_goes_on_where_it_was(fair, jan, piet, draft):
    number = fair.questions(fair.segments[0])["file"]
    client, whole = browser(jan), pdf_bytes(2)
    url = send(client, draft, number, whole, upto=200)["Location"]
    page = browser(piet).get(address("submission_submit", draft)).content.decode()
    assert "1 bestand komt nog binnen" in page
    assert jan.name in page
    assert more(client, url, whole[200:], offset=200).status_code == 204
    assert content(draft).answers[number].file.pages == 2
    assert "komt nog binnen" not in browser(piet).get(address("submission_submit", draft)).content.decode()


def test_what_was_begun_and_left_for_another_file_is_not_on_its_way(fair, jan, draft):
    number = fair.questions(fair.segments[0])["file"]
    send(browser(jan), draft, number, pdf_bytes(2), upto=100)
    send(browser(jan), draft, number, pdf_bytes(1))
    assert "komt nog binnen" not in browser(jan).get(address("submission_submit", draft)).content.decode()


def test_two_files_for_one_question_at_once_are_both_kept(fair, jan, piet, draft):
    number = fair.questions(fair.segments[0])["file"]
    one, two = browser(jan), browser(piet)
    slow = send(two, draft, number, pdf_bytes(2), upto=100, name="piet.pdf")["Location"]
    send(one, draft, number, pdf_bytes(1), name="jan.pdf")
    more(two, slow, pdf_bytes(2)[100:], offset=100)
    given = content(draft).answers[number]
    # Jan's is the second change of Jan himself; Piet began before it and finished after it.
    assert given.file.name == "jan.pdf"
    assert [other.file.name for other in given.alternatives] == ["piet.pdf"]
    assert two.get(reverse("documents:download", args=[given.alternatives[0].file.pk])).status_code == 200


def test_pages_of_the_question_are_counted_also_here(fair, jan, draft):
    number = fair.questions(fair.segments[0])["file"]
    client = browser(jan)
    state = client.get(send(client, draft, number, pdf_bytes(3))["Location"]).json()
    assert state["state"] == "refused"
    assert "2" in state["message"]
    assert content(draft).answers[number].file.pages == 1


def test_only_the_own_team_sends_files_and_only_to_questions_that_ask_one(fair, jan, draft):
    keys = fair.questions(fair.segments[0])
    stranger = fair.bidder("Andere zorg")[1]
    assert send(browser(stranger), draft, keys["file"], pdf_bytes()).status_code == 404
    assert send(browser(user_with("lead")), draft, keys["file"], pdf_bytes()).status_code == 403
    assert send(browser(jan), draft, keys["text"], pdf_bytes()).status_code == 404
    elsewhere = open_fair()
    assert send(browser(jan), draft, elsewhere.questions(elsewhere.segments[0])["file"], pdf_bytes()).status_code == 404
    assert not Upload.objects.exists()


def test_the_deadline_or_submitting_ends_an_upload_that_was_under_way(fair, jan, draft):
    number = fair.questions(fair.segments[0])["file"]
    client, whole = browser(jan), pdf_bytes(2)
    first = send(client, draft, number, whole, upto=100)["Location"]
    submit_submission(submission=draft, by=jan)
    answer = more(client, first, whole[100:], offset=100)
    assert answer.status_code == 403
    assert "al ingediend" in answer.json()["message"]
    other = fair.draft()
    signer = browser(other.organisation.memberships.get().user)
    second = send(signer, other, number, whole, upto=100)["Location"]
    fair.pass_deadline()
    assert more(signer, second, whole[100:], offset=100).status_code == 403
    assert send(signer, other, number, whole).status_code == 403
    assert content(other).answers[number].file.pages == 1


def test_a_file_that_waits_for_the_scanner_says_so_and_is_not_shown(fair, jan, draft):
    first = fair.segments[0]
    number = fair.questions(first)["file"]
    StoredFile.objects.filter(pk=content(draft).answers[number].file.pk).update(scan="waiting")
    page = browser(jan).get(address("submission_section", draft, first.slug)).content.decode()
    assert "virusscanner" in page
    assert reverse("documents:download", args=[content(draft).answers[number].file.pk]) not in page


def test_a_plain_form_takes_files_too(fair, jan, draft):
    first = fair.segments[0]
    number = fair.questions(first)["file"]
    Tab(jan, draft, first.slug).saves(**{f"q{number}": pdf("zonder-script.pdf", pages=2)})
    assert content(draft).answers[number].file.name == "zonder-script.pdf"


# Submitting.


def test_a_second_click_sees_the_receipt_of_the_first(fair, jan, draft):
    url = address("submission_submit", draft)
    first = browser(jan).post(url, {"confirm": "on"})
    second = browser(jan).post(url, {"confirm": "on"})
    assert first["Location"] == second["Location"]
    assert draft.receipts.count() == 1


def test_not_submitted_stands_on_every_page_of_a_draft(fair, jan, draft):
    client = browser(jan)
    pages = [
        address("submission", draft),
        address("submission_section", draft, "algemeen"),
        address("submission_segments", draft),
        address("submission_submit", draft),
    ]
    for url in pages:
        page = client.get(url).content.decode()
        assert "<title>Nog niet ingediend – " in page, url
        assert "Nog niet ingediend" in page.partition("<main")[2], url


def test_the_home_of_a_provider_says_what_is_not_submitted(fair, jan, draft):
    client = browser(jan)
    home = reverse("providers:home")
    assert "Nog niet ingediend" in client.get(home).content.decode()
    submit_submission(submission=draft, by=jan)
    assert "Nog niet ingediend" not in client.get(home).content.decode()
    replace_submission(submission=draft, by=jan)
    page = client.get(home).content.decode()
    assert "Wijzigingen nog niet ingediend" in page
    assert "telt wat u eerder indiende" in page
    fair.pass_deadline()
    assert "Wijzigingen nog niet ingediend" not in client.get(home).content.decode(), "what was submitted counts"


def test_a_late_page_says_what_counts(fair, jan, draft):
    fair.deadline(Now() - timedelta(minutes=1))
    page = browser(jan).get(address("submission_submit", draft)).content.decode()
    assert "Een inzending die daarvoor is begonnen en daarna klaar was, is te laat." in page


def test_the_pages_ask_as_much_of_the_database_with_conflicts_and_uploads_as_without(fair, jan, piet, draft):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first = fair.segments[0]
    for _ in range(3):
        QuestionFactory(round=fair.round, segment=first, kind="text", max_chars=100)
        QuestionFactory(round=fair.round, segment=first, kind="file")
    texts = [q.pk for q in fair.round.questions.filter(segment=first, kind="text")]
    files = [q.pk for q in fair.round.questions.filter(segment=first, kind="file")]
    Tab(jan, draft, first.slug).types(**{f"q{pk}": "Eerst." for pk in texts})

    def counts() -> list[int]:
        found = []
        for name in ("submission", "submission_section", "submission_submit"):
            client = browser(jan)
            more = [first.slug] if name == "submission_section" else []
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address(name, draft, *more)).status_code == 200
            found.append(len(queries))
        return found

    def trouble(count: int) -> list[int]:
        one, two = Tab(jan, draft, first.slug), Tab(piet, draft, first.slug)
        one.types(**{f"q{pk}": f"Van Jan {count}." for pk in texts[:count]})
        two.types(**{f"q{pk}": f"Van Piet {count}." for pk in texts[:count]})
        for pk in files[:count]:
            send(browser(jan), draft, pk, pdf_bytes(2), upto=10)
        return counts()

    assert trouble(1) == trouble(4)
