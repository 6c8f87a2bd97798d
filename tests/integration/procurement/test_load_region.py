"""A region is data: it loads from its files, twice is once, and what was published stays as it was."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from achterhoek.region.models import Municipality, Region
from procurement.enums import FundingModel, RoundStatus, TenderStatus
from procurement.models import (
    Criterion,
    DecisionLogEntry,
    Participation,
    Phase,
    Question,
    Replan,
    Requirement,
    Round,
    Segment,
    SegmentRound,
    Tender,
)
from procurement.services.load_region import load_region
from procurement.services.region_files import DATA, folder_of
from tests.factories import user_with

pytestmark = pytest.mark.django_db
INKOOP = "tenders/inkoop-2022.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the region's files that a test may change."""
    copy = tmp_path / "achterhoek"
    shutil.copytree(DATA / "regions" / "achterhoek", copy)
    return copy


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def draft(folder: Path) -> Path:
    """The main tender as one still in preparation."""
    path = folder / "tenders" / "inkoop-2022.yaml"
    rewrite(path, "status: history", "status: draft")
    return path


def test_the_achterhoek_loads_with_all_that_is_known_of_it() -> None:
    load_region(folder=folder_of("achterhoek"))
    region = Region.objects.get(slug="achterhoek")
    assert region.is_default
    assert region.content["theme_page"]["faq"]
    assert Municipality.objects.filter(region=region).count() == 8
    tender = Tender.objects.get(slug="inkoop-2022")
    assert tender.status == TenderStatus.COMPLETED
    assert tender.is_history
    assert tender.term_pattern == [3, 2, 2]
    assert tender.segments.count() == 8
    care = Segment.objects.get(tender=tender, slug="wmo-integrale-ondersteuning")
    assert care.funding_provisional
    assert care.subsegments.get(slug="wmo-persoonlijke-verzorging").funding == FundingModel.PXQ
    assert (
        Segment.objects.get(tender=tender, slug="hoog-complex").former_names[0]["name"]
        == "Hoog Specialistische Jeugdhulp"
    )
    out = Participation.objects.get(
        segment__tender=tender, segment__slug="wmo-integrale-ondersteuning", participates=False
    )
    assert out.municipality.name == "Oude IJsselstreek"
    assert out.reason
    assert DecisionLogEntry.objects.filter(tender=tender).count() == 7
    assert SegmentRound.objects.filter(round__tender=tender, segment__own_track=True).count() == 0
    assert (
        Criterion.objects.filter(segment_round__round__tender=tender, segment_round__round__stage="selection").count()
        == 28
    )
    assert Question.objects.filter(round__tender=tender, segment=None, round__stage="selection").count() == 3
    assert Requirement.objects.filter(round__tender=tender, segment__slug="wmo-logeren").count() == 1


def test_every_replan_is_kept_and_the_last_decided_one_holds() -> None:
    load_region(folder=folder_of("achterhoek"))
    start = Phase.objects.get(tender__slug="inkoop-2022", code="contract_start")
    assert start.planned_start == date(2022, 7, 1)
    assert [r.to_value for r in start.replans.all()] == ["2021-04-01", "2022-01-01", "2022-07-01"]
    publication = Phase.objects.get(tender__slug="inkoop-2022", code="publication")
    assert [r.is_scenario for r in publication.replans.all()] == [True, False]
    assert publication.planned_start == date(2021, 4, 1)
    assert not Replan.objects.filter(reason="").exists()


def test_loading_again_changes_nothing_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_region", "achterhoek")
    before = AuditEvent.objects.filter(action="region.load").count()
    capsys.readouterr()
    call_command("load_region", "achterhoek")
    assert "niets veranderd" in capsys.readouterr().out
    assert AuditEvent.objects.filter(action="region.load").count() == before == 1


def test_a_second_region_loads_from_the_same_form_and_the_first_stays_the_front_page() -> None:
    call_command("load_region", "achterhoek", "alkmaar")
    assert Region.objects.get(is_default=True).slug == "achterhoek"
    assert Municipality.objects.filter(region__slug="alkmaar").count() == 7
    unknown = Tender.objects.get(slug="wmo-2016")
    assert unknown.term_pattern == []
    assert unknown.content["facts"]["publication_date"] is None


def test_a_changed_file_updates_and_what_it_leaves_out_is_kept(folder: Path) -> None:
    load_region(folder=folder)
    rewrite(folder / "tenders" / "hulp-bij-het-huishouden.yaml", "Hulp om het huis schoon", "Steun om het huis schoon")
    loaded = load_region(folder=folder)
    assert loaded.changed == {"procurement.Segment": 1}
    assert loaded.made == {}
    path = folder / "tenders" / "inkoop-2022.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index("  - code: interim_evaluation")
    path.write_text(text[:start] + text[text.index("decision_log:") :], encoding="utf-8")
    loaded = load_region(folder=folder)
    assert len(loaded.left) == 1
    assert "interim_evaluation" in loaded.left[0]
    assert Phase.objects.filter(code="interim_evaluation").exists()


def test_a_tender_that_is_not_history_begins_in_preparation(folder: Path) -> None:
    draft(folder)
    load_region(folder=folder)
    tender = Tender.objects.get(slug="inkoop-2022")
    assert (tender.status, tender.published_at) == (TenderStatus.DRAFT, None)
    assert set(tender.rounds.values_list("status", flat=True)) == {RoundStatus.PLANNED}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Hoe bent u lokaal geworteld?", "title: Hoe lokaal bent u?"),
        ("places_selection: 30", "places_selection: 31"),
        ('weight: "40"', 'weight: "45"'),
        ("title: Inschrijving bij de KvK", "title: Inschrijving"),
        ('minimum_total: "60"\n    tie_break: [S1, S2]', 'minimum_total: "55"\n    tie_break: [S1, S2]'),
        ('scale_max: "10"', 'scale_max: "20"'),
    ],
)
def test_what_an_opened_round_asks_cannot_change_any_more(folder: Path, old: str, new: str) -> None:
    path = draft(folder)
    load_region(folder=folder)
    tender = Tender.objects.get(slug="inkoop-2022")
    Tender.objects.filter(pk=tender.pk).update(status="published", published_at="2026-01-01T00:00Z")
    Round.objects.filter(tender=tender, stage="selection").update(status="open", deadline="2030-01-01T00:00Z")
    assert load_region(folder=folder).nothing
    rewrite(path, old, new)
    with pytest.raises(RuleViolation, match=r"inkoop-2022\.yaml"):
        load_region(folder=folder)


def test_the_award_stage_may_still_change_while_only_the_selection_is_open(folder: Path) -> None:
    path = draft(folder)
    load_region(folder=folder)
    Round.objects.filter(stage="selection").update(status="open", deadline="2030-01-01T00:00Z")
    rewrite(path, "title: Hoe schaalt u hulp af?", "title: Hoe maakt u hulp lichter?")
    assert load_region(folder=folder).changed == {"procurement.Question": 7}


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("region.yaml", "  name: Achterhoek\n", "", "region.yaml: region.name: "),
        ("region.yaml", "name: Aalten,", "name: Aalten, colour: red,", "municipalities[0].colour"),
        (INKOOP, "publication_date: 2021-04-01", "publication_date: 2021-02-30x", "tender.publication_date"),
        (INKOOP, "lot: wmo\n    name: Wmo Logeren", "lot: zorg\n    name: Wmo Logeren", "segments[6].lot: zorg"),
        (INKOOP, "tie_break: [S1, S2]", "tie_break: [S1, S9]", "rounds.selection.tie_break: S9"),
        (INKOOP, "procedure: restricted", "procedure: [", "inkoop-2022.yaml"),
        (INKOOP, "openers_required: 2", "openers_required: 1", "tender.openers_required"),
        (INKOOP, "    montferland: true\n", "", "participation.integrale-ambulante-jeugdhulp.montferland"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_file_and_key_and_nothing_is_loaded(
    folder: Path, file: str, old: str, new: str, told: str
) -> None:
    rewrite(folder / file, old, new)
    with pytest.raises(RuleViolation) as caught:
        load_region(folder=folder)
    assert told in caught.value.message
    assert not Region.objects.exists()


def test_an_unknown_region_is_refused_with_the_names_that_exist() -> None:
    with pytest.raises(CommandError, match="achterhoek, alkmaar"):
        call_command("load_region", "nergens")


def test_a_slug_of_another_region_is_refused(folder: Path) -> None:
    load_region(folder=folder)
    rewrite(folder / "region.yaml", "slug: achterhoek\n", "slug: elders\n")
    with pytest.raises(RuleViolation, match="hulp-bij-het-huishouden"):
        load_region(folder=folder)


def test_only_the_administrator_loads_a_region(folder: Path) -> None:
    with pytest.raises(NotAllowed):
        load_region(folder=folder, by=user_with(Role.LEAD))
    assert not load_region(folder=folder, by=user_with(Role.ADMIN)).nothing
