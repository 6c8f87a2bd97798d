"""What can be taken along: through the same rule as the pages, safe in a spreadsheet, and a report for everybody."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from achterhoek.accounts.enums import Role
from achterhoek.jobs.models import Job, JobStatus
from achterhoek.spreadsheets import Table, as_csv, as_xlsx
from procurement.enums import SegmentRoundStatus
from procurement.models import CommitteeMember, ConsensusScore, EvaluationReport, ScoringNote
from procurement.selectors.report import report_content
from procurement.services.evaluation_report import make_report, report_html, request_report
from procurement.services.ranking import rank_segment
from tests.factories import RegionFactory, user_with
from tests.factories.evaluation import Evaluation, evaluation

pytestmark = pytest.mark.django_db
KINDS = ("consensus", "individueel", "eisen")


def ranked() -> Evaluation:
    made = evaluation(entries=2)
    made.to_fixed(["6", "8"])
    rank_segment(segment_round=made.segment_round, by=made.lead)
    made.segment_round.refresh_from_db()
    return made


def get(client: Client, made: Evaluation, name: str, *more: str):
    return client.get(reverse(f"procurement:{name}", args=[made.segment_round.pk, *more]))


def everything(client: Client, made: Evaluation) -> str:
    """All text of the page, the workbook and the CSV files."""
    parts = [get(client, made, "exports").content.decode()]
    book = load_workbook(io.BytesIO(get(client, made, "export_xlsx").content))
    parts += [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    for kind in KINDS:
        response = get(client, made, "export_csv", kind)
        parts += [response.content.decode("utf-8-sig")] if response.status_code == 200 else []
    return "\n".join(parts)


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR])
def test_nothing_of_individual_scores_before_all_are_in_and_no_note_ever(client: Client, role: str) -> None:
    made = evaluation(entries=2)
    seat = CommitteeMember.objects.filter(segment_round=made.segment_round).first()
    ScoringNote.objects.create(seat=seat, entry=made.entries[0], text="Mijn geheime aantekening")
    made.score_all("6", made.evaluators[:1])
    client.force_login(user_with(role, region=made.region))

    before = everything(client, made)

    assert "Goed onderbouwd." not in before
    assert get(client, made, "export_csv", "individueel").status_code == 404
    assert get(client, made, "export_csv", "consensus").status_code == 404
    made.score_all("6", made.evaluators[1:])
    after = everything(client, made)
    assert "Goed onderbouwd." in after
    assert "Mijn geheime aantekening" not in after


def test_others_get_nothing(client: Client) -> None:
    made = ranked()
    ranking = made.segment_round.rankings.get()
    for user in (made.evaluators[0], user_with(Role.PROVIDER), user_with(Role.LEAD, region=RegionFactory())):
        client.force_login(user)
        answers = [get(client, made, "exports"), get(client, made, "export_xlsx")]
        answers += [get(client, made, "export_csv", kind) for kind in KINDS]
        answers.append(client.get(reverse("procurement:ranking_zip", args=[ranking.pk])))
        assert {answer.status_code for answer in answers} <= {403, 404}


def test_no_text_becomes_a_formula(client: Client) -> None:
    made = ranked()
    ConsensusScore.objects.filter(entry=made.entries[0]).update(reason='=HYPERLINK("http://x.example")')
    client.force_login(made.lead)

    book = load_workbook(io.BytesIO(get(client, made, "export_xlsx").content))
    text = get(client, made, "export_csv", "consensus").content.decode("utf-8-sig")

    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(str(cell.value).startswith("=HYPERLINK") and cell.data_type == "s" for cell in cells)
    assert "'=HYPERLINK" in text
    assert ';"=HYPERLINK' not in text


def test_control_characters_do_no_harm() -> None:
    table = Table("Blad", ["a"], [["tekst\x0b met\x00 teken"], ["\t=1+1"]])

    assert load_workbook(io.BytesIO(as_xlsx([table])))["Blad"]["A2"].value == "tekst met teken"
    assert b"'\t=1+1" in as_csv(table)


@pytest.mark.parametrize(
    ("name", "more", "queries"),
    [
        ("exports", [], 8),
        ("export_xlsx", [], 11),
        ("export_csv", ["consensus"], 9),
        ("export_csv", ["individueel"], 8),
        ("export_csv", ["eisen"], 8),
    ],
)
def test_the_number_of_queries_does_not_grow(
    client: Client, django_assert_num_queries: Any, name: str, more: list[str], queries: int
) -> None:
    for entries in (1, 6):
        made = evaluation(entries=entries)
        made.to_consensus()
        client.force_login(made.lead)
        with django_assert_num_queries(queries):
            get(client, made, name, *more)


def test_the_report_says_it_all_and_nothing_of_who_gave_what(client: Client) -> None:
    made = ranked()
    ranking = made.segment_round.rankings.get()

    html = report_html(report_content(ranking))

    assert ranking.digest in html
    assert "De commissie vond." in html
    assert made.evaluators[0].name in html
    assert "Goed onderbouwd." not in html
    assert html == report_html(report_content(ranking))


def test_the_report_is_made_once_kept_and_read_by_lead_and_auditor_alone(client: Client) -> None:
    made = ranked()
    job = request_report(segment_round=made.segment_round, by=made.lead)
    assert request_report(segment_round=made.segment_round, by=made.lead).pk == job.pk

    for _again in range(2):
        make_report(segment_round=made.segment_round, by=made.lead, job_id=str(job.pk), number=1)

    report = EvaluationReport.objects.get()
    assert Job.objects.get(pk=job.pk).status == JobStatus.DONE
    with report.file.file.open() as stored, pikepdf.open(io.BytesIO(stored.read())) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert "pdfuaid" in bytes(pdf.Root.Metadata.read_bytes()).decode()
    url = reverse("documents:download", args=[report.file_id])
    for user, status in (
        (made.lead, 200),
        (user_with(Role.AUDITOR, region=made.region), 200),
        (made.evaluators[0], 404),
        (user_with(Role.PROVIDER), 404),
    ):
        client.force_login(user)
        assert client.get(url).status_code == status


def test_no_report_before_there_is_a_ranking(client: Client) -> None:
    made = evaluation()
    client.force_login(made.lead)

    response = client.post(reverse("procurement:report_request", args=[made.segment_round.pk]), follow=True)

    assert made.segment_round.status == SegmentRoundStatus.SCORING
    assert response.status_code == 200
    assert not Job.objects.filter(key__startswith="report:").exists()
