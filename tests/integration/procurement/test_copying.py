"""Copying answers out of an earlier submission, into what is still empty."""

import io

import pytest

from achterhoek.documents import uploads
from achterhoek.documents.models import StoredFile, Upload
from achterhoek.errors import NotAllowed, RuleViolation
from procurement.models import Submission, Tender
from procurement.selectors.checklist import checklist
from procurement.selectors.copying import copy_plan, earlier_submissions
from procurement.services import copying
from procurement.services.answers import save_answers
from procurement.services.copying import copy_from
from procurement.services.submissions import start_submission, submit_submission, withdraw_submission
from procurement.tasks.copying import copy_file
from tests.factories import QuestionFactory, RequirementFactory, SegmentFactory, SegmentRoundFactory
from tests.factories.submissions import again, content, pdf_bytes
from tests.integration.procurement.drafts import address, browser, values

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["draft", "submitted", "withdrawn", "opened"])
def test_copying_takes_over_what_is_the_same_in_every_state_of_the_earlier_one(fair, jan, strays, state):
    if state == "draft":
        source = fair.draft(by=jan, organisation=jan.organisation)
    else:
        source = fair.submitted(by=jan, organisation=jan.organisation)
    before = sorted(map(str, values(source).values()))
    if state == "withdrawn":
        withdraw_submission(submission=source, by=jan)
    if state == "opened":
        fair.open_vault()
    source.refresh_from_db()
    new = again(fair)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments, by=jan)
    client = browser(jan)
    page = client.get(address("submission_copy", draft)).content.decode()
    assert fair.tender.title in page
    plan = client.get(address("submission_copy", draft), {"van": str(source.pk)}).content.decode()
    assert "Wij werken met vaste teams." in plan
    assert values(draft) == {}, "looking copies nothing"
    response = client.post(address("submission_copy", draft), {"van": str(source.pk)}, follow=True)
    assert "zijn ingevuld" in response.content.decode()
    assert sorted(map(str, values(draft).values())) == before
    # Other files, other keys, other bytes in storage.
    keys = [{p["key"] for g in content(s).answers.values() if g.file for p in _parts(g)} for s in (draft,)]
    assert keys[0]
    assert strays() == set()
    submit_submission(submission=draft, by=jan)


def _parts(given):
    return StoredFile.objects.get(pk=given.file.pk).parts


def test_copying_never_takes_the_place_of_what_stands_there(fair, jan):
    source = fair.submitted(by=jan, organisation=jan.organisation)
    new = again(fair)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments, by=jan)
    keys = new.questions(new.segments[0])
    save_answers(submission=draft, answers={keys["text"]: "Nieuw."}, by=jan)
    copy_from(submission=draft, source=source, by=jan)
    assert content(draft).answers[keys["text"]].text == "Nieuw."
    before = values(draft)
    twice = copy_from(submission=draft, source=source, by=jan)
    assert (twice.answers, twice.refused) == (0, [])
    assert values(draft) == before


def test_copying_keeps_to_the_limits_of_the_new_question(fair, jan):
    source = fair.submitted(by=jan, organisation=jan.organisation)
    new = again(fair)
    keys = new.questions(new.segments[0])
    new.round.questions.filter(pk=keys["text"]).update(max_chars=5)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments, by=jan)
    copied = copy_from(submission=draft, source=source, by=jan)
    assert len(copied.refused) == 1
    assert keys["text"] not in content(draft).answers
    other = new.round.questions.get(pk=keys["file"])
    other.kind = "text"
    other.save()
    assert other.code not in [line.item.code for line in _plan(jan, draft, source) if line.item.key == f"q{other.pk}"]


def _plan(user, draft, source):
    found = Submission.objects.select_related("organisation__sealing_key", "round__tender").get(pk=draft.pk)
    return copy_plan(user, checklist(found, content(found)), source)


def test_another_organisation_is_never_copied_from(fair, jan):
    theirs = fair.submitted()
    new = again(fair)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments, by=jan)
    client = browser(jan)
    assert client.get(address("submission_copy", draft), {"van": str(theirs.pk)}).status_code == 422
    assert client.post(address("submission_copy", draft), {"van": str(theirs.pk)}).status_code == 422
    with pytest.raises(NotAllowed):
        copy_from(submission=draft, source=theirs, by=jan)
    assert values(draft) == {}


def test_what_custodians_hold_is_not_offered_and_the_page_says_why(fair, jan):
    source = fair.submitted(by=jan, organisation=jan.organisation)
    Tender.objects.filter(pk=fair.tender.pk).update(custody="custodians")
    new = again(fair)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments, by=jan)
    page = browser(jan).get(address("submission_copy", draft)).content.decode()
    assert f'value="{source.pk}"' not in page
    assert "bewaarders hebben de sleutel" in page.lower()
    source = Submission.objects.select_related("round__tender").get(pk=source.pk)
    with pytest.raises(RuleViolation):
        copy_from(submission=draft, source=source, by=jan)


def test_a_large_file_is_copied_by_a_worker_once_and_goes_on_after_a_cut(fair, jan, monkeypatch, strays):
    sent = []
    monkeypatch.setattr(copying, "AT_ONCE", 10)
    monkeypatch.setattr(copying, "after_commit", lambda *task: sent.append(task))
    source = fair.submitted(by=jan, organisation=jan.organisation)
    new = again(fair)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments, by=jan)
    copied = copy_from(submission=draft, source=source, by=jan)
    assert copied.under_way == 2
    page = browser(jan).get(address("submission", draft)).content.decode()
    assert "2 bestanden komen nog binnen" in page
    task, *arguments = sent[0]
    assert task == "procurement.copy_file"
    # A worker that died half-way: a part has come in.
    upload = Upload.objects.get(pk=arguments[0])
    uploads.append(upload=upload, offset=0, stream=io.BytesIO(pdf_bytes()[:100]))
    assert copy_file(*arguments)
    assert not copy_file(*arguments), "twice is once"
    copy_file(*sent[1][1:])
    assert all(content(draft).answers[new.questions(s)["file"]].file.sha256 for s in new.segments)
    assert strays() == set()


def test_the_choice_asks_the_same_number_of_questions_however_many_submissions_there_are(
    fair, jan, django_assert_num_queries
):
    new = again(fair)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=new.segments, by=jan)
    draft = Submission.objects.select_related("round__tender").get(pk=draft.pk)
    for number in (1, 4):
        for _ in range(number):
            other = again(fair)
            start_submission(round=other.round, organisation=jan.organisation, segments=other.segments, by=jan)
        with django_assert_num_queries(5):  # submissions, their segments, questions, requirements, own segments
            assert all(found.shared for found in earlier_submissions(jan, draft))


def test_an_answer_for_another_segment_is_not_taken(fair, jan):
    source = fair.draft(by=jan, organisation=jan.organisation)
    new = again(fair)
    extra = SegmentFactory(tender=new.tender, position=9)
    SegmentRoundFactory(round=new.round, segment=extra)
    old = fair.round.questions.filter(segment=fair.segments[0], kind="text").get()
    QuestionFactory(round=new.round, segment=extra, kind="text", code=old.code, max_chars=100)
    RequirementFactory(round=new.round, segment=extra)
    draft = start_submission(round=new.round, organisation=jan.organisation, segments=[extra], by=jan)
    copy_from(submission=draft, source=source, by=jan)
    assert extra.pk not in {line.item.question.segment_id for line in _plan(jan, draft, source) if line.item.question}
