"""A provider's pages, walked as a provider does."""

import hashlib
import json
from decimal import Decimal

import pytest
from django.urls import reverse

from procurement.enums import SubmissionStatus
from procurement.models import Submission
from procurement.panels.submissions import provider_submissions
from procurement.selectors.submissions import startable
from procurement.services.fingerprints import register_fingerprint
from procurement.services.submissions import replace_submission, start_submission, withdraw_submission
from providers.models import Membership
from tests.factories import TenderFactory, member_of, user_with
from tests.factories.providers import OrganisationFactory
from tests.factories.submissions import Fair, content, open_fair, pdf, pdf_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def bidder(fair, client):
    organisation, by = fair.bidder()
    client.force_login(by)
    by.organisation = organisation
    return by


def address(name: str, submission: Submission, *more: str) -> str:
    return reverse(f"procurement:{name}", args=[submission.pk, *more])


def typed(fair: Fair, segment) -> dict[str, object]:
    """What is typed into the form of one segment."""
    keys = fair.questions(segment)
    requirement = fair.round.requirements.get(segment=segment)
    return {
        f"q{keys['text']}": "Wij werken\r\nmet vaste teams.",
        f"q{keys['price']}": "1.240.000,50",
        f"q{keys['file']}": pdf(),
        f"r{requirement.pk}-meets": "yes",
    }


def test_the_whole_way_from_taking_part_to_the_receipt(fair, bidder, client):
    start = reverse("procurement:submission_start", args=[fair.tender.slug])
    page = client.get(start).content.decode()
    assert all(segment.name in page for segment in fair.segments)
    first = fair.segments[0]
    response = client.post(start, {"organisation": bidder.organisation.pk, "segments": [first.pk]})
    submission = Submission.objects.get()
    assert response["Location"] == address("submission", submission)

    overview = client.get(address("submission", submission)).content.decode()
    assert "Nog niet ingediend" in overview
    assert "data-now=" in overview

    keys, requirement = fair.questions(), fair.round.requirements.get(segment=None)
    general = {f"q{keys['number']}": "12,5", f"q{keys['boolean']}": "no", f"r{requirement.pk}-meets": "yes"}
    response = client.post(address("submission_section", submission, "algemeen"), {**general, "next": "1"})
    assert response["Location"] == address("submission_section", submission, first.slug)
    response = client.post(response["Location"], {**typed(fair, first), "next": "1"})
    assert response["Location"] == address("submission", submission)
    given = content(submission).answers
    assert given[fair.questions(first)["price"]].number == Decimal("1240000.50")
    assert given[fair.questions(first)["text"]].text == "Wij werken\nmet vaste teams."

    submit = address("submission_submit", submission)
    response = client.post(submit, {})
    assert response.status_code == 422
    assert response.context["form"].errors["confirm"]
    response = client.post(submit, {"confirm": "on"}, follow=True)
    page = response.content.decode()
    receipt = submission.receipts.get()
    assert receipt.number in page
    assert receipt.digest in page

    download = client.get(address("receipt_json", submission, receipt.number))
    assert "sha256:" + hashlib.sha256(download.content).hexdigest() == receipt.digest
    files = [a for a in json.loads(download.content)["answers"] if "file_size" in a]
    assert files[0]["sha256"] == hashlib.sha256(pdf_bytes()).hexdigest()


def test_one_wrong_field_is_shown_with_what_was_typed_and_the_rest_is_saved(fair, bidder, client):
    draft = start_submission(round=fair.round, organisation=bidder.organisation, segments=fair.segments, by=bidder)
    first = fair.segments[0]
    keys = fair.questions(first)
    data = typed(fair, first) | {f"q{keys['price']}": "veel geld", f"q{keys['file']}": pdf("lang.pdf", pages=3)}
    response = client.post(address("submission_section", draft, first.slug), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Fout: " in page
    assert set(response.context["form"].errors) == {f"q{keys['price']}", f"q{keys['file']}"}
    assert "veel geld" in page
    assert "lang.pdf" in page
    assert "De rest is opgeslagen" in page
    given = content(draft)
    assert list(given.answers) == [keys["text"]]
    assert len(given.confirmations) == 1


def test_text_that_is_too_long_is_not_lost(fair, bidder, client):
    draft = start_submission(round=fair.round, organisation=bidder.organisation, segments=fair.segments, by=bidder)
    first = fair.segments[0]
    key = f"q{fair.questions(first)['text']}"
    long = "Een lange zin. " * 7
    response = client.post(address("submission_section", draft, first.slug), {key: long})
    assert response.status_code == 422
    assert long.strip() in response.content.decode()


def test_an_explanation_without_a_choice_is_asked_for_beside_its_field(fair, bidder, client):
    draft = start_submission(round=fair.round, organisation=bidder.organisation, segments=fair.segments, by=bidder)
    requirement = fair.round.requirements.get(segment=None)
    data = {f"r{requirement.pk}-explanation": "Certificaat volgt."}
    response = client.post(address("submission_section", draft, "algemeen"), data)
    assert response.context["form"].errors[f"r{requirement.pk}-meets"]
    assert "Certificaat volgt." in response.content.decode()


def test_saving_while_typing_answers_without_a_page(fair, bidder, client):
    draft = start_submission(round=fair.round, organisation=bidder.organisation, segments=fair.segments, by=bidder)
    first = fair.segments[0]
    url = address("submission_section", draft, first.slug)
    key = f"q{fair.questions(first)['price']}"
    assert client.post(url, {key: "10"}, headers={"X-Autosave": "1"}).json()["errors"] == {}
    assert list(client.post(url, {key: "tien"}, headers={"X-Autosave": "1"}).json()["errors"]) == [f"id_{key}"]
    assert [given.number for given in content(draft).answers.values()] == [10]


def test_what_was_saved_stands_in_the_form_again(fair, bidder, client):
    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    page = client.get(address("submission_section", draft, fair.segments[0].slug)).content.decode()
    assert "Wij werken met vaste teams." in page
    assert "1.240.000,00" in page
    assert "plan.pdf" in page
    general = client.get(address("submission_section", draft, "algemeen")).content.decode()
    assert 'value="12,5"' in general


def test_a_file_can_be_removed(fair, bidder, client):
    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    first = fair.segments[0]
    key = fair.questions(first)["file"]
    client.post(address("submission_section", draft, first.slug), {**typed(fair, first), f"q{key}": ""})
    assert content(draft).answers[key].file is not None
    data = {**typed(fair, first), f"q{key}": "", f"q{key}-remove": "on"}
    client.post(address("submission_section", draft, first.slug), data)
    assert content(draft).answers[key].file is None


def test_the_last_page_lists_what_is_missing_with_links(fair, bidder, client):
    draft = start_submission(round=fair.round, organisation=bidder.organisation, segments=fair.segments, by=bidder)
    page = client.get(address("submission_submit", draft)).content.decode()
    for question in fair.round.questions.all():
        assert f"#item-q{question.pk}" in page
    response = client.post(address("submission_submit", draft), {"confirm": "on"})
    assert response.status_code == 422
    assert not draft.receipts.exists()


def test_a_helper_reads_who_may_sign(fair, bidder, client):
    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    client.force_login(member_of(bidder.organisation, signatory=False))
    page = client.get(address("submission_submit", draft)).content.decode()
    assert bidder.name in page
    assert 'name="confirm"' not in page
    assert client.post(address("submission_submit", draft), {"confirm": "on"}).status_code == 422


def test_too_late_is_said_in_so_many_words_and_keeps_what_was_typed(fair, bidder, client):
    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    fair.pass_deadline()
    assert "Niet ingediend" in client.get(address("submission", draft)).content.decode()
    response = client.post(address("submission_submit", draft), {"confirm": "on"})
    assert response.status_code == 422
    assert "De sluitingstijd is voorbij" in response.content.decode()
    first = fair.segments[0]
    data = typed(fair, first) | {f"q{fair.questions(first)['text']}": "Net te laat getypt"}
    response = client.post(address("submission_section", draft, first.slug), data)
    assert "Net te laat getypt" in response.content.decode()


def test_submitted_answers_are_read_but_not_changed(fair, bidder, client):
    submission = fair.submitted(by=bidder, organisation=bidder.organisation)
    page = client.get(address("submission_section", submission, fair.segments[0].slug)).content.decode()
    assert "Wij werken met vaste teams." in page
    assert "<textarea" not in page
    assert client.get(address("submission_submit", submission)).status_code == 302


def test_withdraw_and_reopen_by_button(fair, bidder, client):
    submission = fair.submitted(by=bidder, organisation=bidder.organisation)
    assert client.get(address("submission_withdraw", submission)).status_code == 405
    page = client.post(address("submission_withdraw", submission), follow=True).content.decode()
    assert "Ingetrokken" in page
    page = client.post(address("submission_reopen", submission), follow=True).content.decode()
    assert "Nog niet ingediend" in page
    assert Submission.objects.get().status == SubmissionStatus.DRAFT


def test_taking_part_again_leads_to_the_same_draft(fair, bidder, client):
    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    response = client.get(reverse("procurement:submission_start", args=[fair.tender.slug]))
    assert response["Location"] == address("submission", draft)


def test_no_taking_part_where_no_round_is_open(fair, bidder, client):
    fair.pass_deadline()
    assert client.get(reverse("procurement:submission_start", args=[fair.tender.slug])).status_code == 404
    draft = TenderFactory(status="draft", published_at=None)
    assert client.get(reverse("procurement:submission_start", args=[draft.slug])).status_code == 404


def test_without_an_organisation_one_is_registered_first(fair, client):
    client.force_login(user_with("provider"))
    page = client.get(reverse("procurement:submission_start", args=[fair.tender.slug])).content.decode()
    assert "Meld eerst uw organisatie aan" in page


def test_segments_are_chosen_anew(fair, bidder, client):
    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    url = address("submission_segments", draft)
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"segments": [fair.segments[1].pk]}).status_code == 302
    assert [entry.segment for entry in draft.entries.all()] == [fair.segments[1]]


def panel(user, rf):
    request = rf.get("/mijn/")
    request.user = user
    return provider_submissions(request).context


def test_the_panel_tells_each_next_step(fair, bidder, rf):
    others = [open_fair() for _ in range(3)]
    fair.draft(by=bidder, organisation=bidder.organisation)
    others[0].submitted(by=bidder, organisation=bidder.organisation)
    withdrawn = others[1].submitted(by=bidder, organisation=bidder.organisation)
    withdraw_submission(submission=withdrawn, by=bidder)
    context = panel(bidder, rf)
    steps = {line["submission"].round_id: line["step"] for line in context["rows"]}
    assert steps == {fair.round.pk: "fill_in", others[0].round.pk: "wait", others[1].round.pk: "reopen"}
    assert context["open_rounds"] == [others[2].round]
    fair.pass_deadline()
    assert "late" in [line["step"] for line in panel(bidder, rf)["rows"]]


def test_who_registered_a_fingerprint_reads_on_the_home_that_the_package_may_still_come(fair, bidder, client, rf):
    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    register_fingerprint(submission=draft, digest="0" * 64, by=bidder)
    assert [line["step"] for line in panel(bidder, rf)["rows"]] == ["fill_in"]
    fair.pass_deadline()
    assert [line["step"] for line in panel(bidder, rf)["rows"]] == ["send"]
    assert address("fingerprints", draft) in client.get(reverse("providers:home")).content.decode()


def test_changes_that_were_not_submitted_in_time_are_said_not_to_count(fair, bidder, client):
    submission = fair.submitted(by=bidder, organisation=bidder.organisation)
    replace_submission(submission=submission, by=bidder)
    fair.pass_deadline()
    page = client.get(address("submission", submission)).content.decode()
    assert "Uw wijzigingen van daarna zijn niet ingediend" in page


def test_the_panel_stands_on_the_providers_home(fair, bidder, client):
    fair.draft(by=bidder, organisation=bidder.organisation)
    other = open_fair()
    page = client.get(reverse("providers:home")).content.decode()
    assert fair.tender.title in page
    assert reverse("procurement:submission_start", args=[other.tender.slug]) in page


def test_the_panel_has_a_fixed_number_of_queries(bidder, rf, django_assert_num_queries):
    from achterhoek.accounts.models import User

    for number in (1, 3):
        for _ in range(number):
            open_fair().draft(by=bidder, organisation=bidder.organisation)
            open_fair()
        user = User.objects.get(pk=bidder.pk)
        # clock, questions, submissions, entries, letters, organisations, open rounds
        with django_assert_num_queries(7):
            panel(user, rf)


def test_the_pages_of_a_draft_have_a_fixed_number_of_queries(fair, bidder, client):
    from tests.factories import QuestionFactory

    draft = fair.draft(by=bidder, organisation=bidder.organisation)
    urls = [
        address("submission", draft),
        address("submission_section", draft, fair.segments[0].slug),
        address("submission_submit", draft),
    ]
    before = [count(client, url) for url in urls]
    for segment in fair.segments:
        for _ in range(5):
            QuestionFactory(round=fair.round, segment=segment, kind="file")
    assert [count(client, url) for url in urls] == before
    assert max(before) <= 17


def count(client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("organisations", [1, 4])
def test_taking_part_asks_the_same_number_of_questions_for_one_organisation_and_for_many(
    fair, client, organisations, django_assert_num_queries
):
    user = member_of(OrganisationFactory())
    for _ in range(organisations - 1):
        Membership.objects.create(organisation=OrganisationFactory(), user=user, is_signatory=True)
    with django_assert_num_queries(3):  # submissions that were begun, organisations, segments
        options = startable(user=user, round=fair.round)
        assert list(options.segments) == fair.segments
    assert len(options.organisations) == organisations
