"""The pages that the demo has to show, each with the person who may see it; forms also in their error state."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from playwright.sync_api import Page

from contracts.enums import ChangeKind, ChangeStatus, ContractStatus
from contracts.models import Contract, RegisterVersion, SubcontractorChange
from procurement.enums import (
    CollegeDecisionStatus,
    DecisionStatus,
    ObjectionKind,
    ObjectionStatus,
    RoundStatus,
    SeatRole,
    SegmentRoundStatus,
    Stage,
    SubmissionStatus,
)
from procurement.models import (
    CollegeDecision,
    CommitteeMember,
    Decision,
    Letter,
    Objection,
    Ranking,
    Round,
    SegmentRound,
    Submission,
)
from procurement.selectors.seats import entries_to_score
from tests.e2e.contract_rooms import lives
from tests.e2e.looking import go
from tests.e2e.register_rooms import desks
from tests.e2e.visiting import VISITOR, Visit
from tests.e2e.visiting import member as _member
from tests.e2e.visiting import newest as _newest
from tests.e2e.visiting import press as _press
from tests.e2e.visiting import typed as _with


def _press_first(page: Page) -> None:
    """Send the page's form in as it is."""
    go(page.get_by_role("main").locator("form[method=post] button[type=submit]").first)


def _score_without_reason(page: Page) -> None:
    scores = page.get_by_role("main").locator("form:has(button[name=next])")
    scores.locator("input[type=radio]").first.check()
    scores.locator("textarea").first.fill("")
    go(scores.get_by_role("button", name="Opslaan", exact=True))


def _reason_taken_out(page: Page) -> None:
    """The first motivation of the letter is emptied."""
    reasons = page.get_by_role("main").locator("form:has(button[name=next])")
    reasons.locator("textarea").first.fill("")
    go(reasons.get_by_role("button", name="Opslaan", exact=True))


def _not_met_without_reason(page: Page) -> None:
    """A requirement is not met, and nobody says why."""
    page.get_by_role("main").locator("input[type=radio][value=no]").first.check()
    _press("Oordelen opslaan")(page)


def visits() -> list[Visit]:
    """All pages to look at; every kind of page once, in the state in which it has most to show."""
    return [
        *_public(),
        *_lead(),
        *_judges(),
        *_colleges(),
        *_providers(),
        *_objectors(),
        *_contracts(),
        *lives(),
        *desks(),
        *_overseers(),
    ]


def _public() -> Iterator[Visit]:
    yield Visit(VISITOR, "voorpagina", "/")
    yield Visit(VISITOR, "aanbestedingen", "/aanbestedingen/")
    yield Visit(VISITOR, "inkoop-2022", "/aanbestedingen/inkoop-2022/")
    yield Visit(VISITOR, "open-aanbesteding", "/aanbestedingen/oefening-dyslexiezorg/")
    yield Visit(VISITOR, "register", "/register/")
    yield Visit(VISITOR, "register-verkeerde-dag", "/register/?op=1800-01-01")
    yield from _register()
    yield Visit(VISITOR, "verifieer", "/verifieer/", _press("Controleer het ontvangstbewijs"))
    yield Visit(VISITOR, "open-data", "/open-data/")
    yield Visit(VISITOR, "toegankelijkheid", "/toegankelijkheid/")
    yield Visit(VISITOR, "inloggen", "/accounts/login/", _press("Inloggen"))
    yield Visit(VISITOR, "account-maken", "/accounts/signup/", _press("Maak een account"))
    yield Visit(VISITOR, "niet-gevonden", "/bestaat-niet/")


def _register() -> Iterator[Visit]:
    """What stays of the register, and who may help where."""
    newest, before = RegisterVersion.objects.exclude(digest="").dates("date", "day", order="DESC")[:2]
    yield Visit(VISITOR, "register-versies", "/register/versies/", _press("Vergelijk"))
    yield Visit(VISITOR, "register-versie", f"/register/versies/{newest}/")
    yield Visit(VISITOR, "register-verschil", f"/register/verschil/{before}/{newest}/")
    yield Visit(VISITOR, "register-wie-helpt", "/register/wie-helpt/", _press("Toon wie mag helpen"))
    yield Visit(VISITOR, "register-api", "/api/v1/docs")


def _lead() -> Iterator[Visit]:
    lead = "lead@demo.example"
    yield Visit(lead, "inkoop", "/inkoop/")
    for slug in ("dyslexiezorg", "wmo-logeren", "wmo-ondersteuning", "wmo-wonen"):
        path = reverse("procurement:lead_tender", args=[f"oefening-{slug}"])
        yield Visit(lead, f"inkoop-{slug}", path)
    yield Visit(lead, "sleutel-vast", reverse("procurement:custody", args=["oefening-dyslexiezorg"]))
    for status in (SegmentRoundStatus.SCORING, SegmentRoundStatus.CONSENSUS, SegmentRoundStatus.RANKED):
        found = _newest(SegmentRound, status=status)
        yield Visit(lead, f"beoordeling-{status}", reverse("procurement:segment_round", args=[found.pk]))
    consensus = _newest(SegmentRound, status=SegmentRoundStatus.CONSENSUS)
    entry = consensus.segment.entries.filter(submission__round=consensus.round).first()
    path = reverse("procurement:consensus_entry", args=[consensus.pk, entry.pk])
    yield Visit(lead, "consensus", path, _score_without_reason)
    unjudged = consensus.segment.entries.filter(submission__round=consensus.round, requirement_checks=None).first()
    path = reverse("procurement:consensus_entry", args=[consensus.pk, unjudged.pk])
    yield Visit(lead, "eisen", path, _not_met_without_reason)
    yield from _lead_evaluates(lead, scored=_newest(SegmentRound, status=SegmentRoundStatus.SCORING), met=consensus)
    ranking = _newest(Ranking, segment_round__round__stage=Stage.AWARD)
    yield Visit(lead, "ranglijst", reverse("procurement:ranking", args=[ranking.pk]) + "?narekenen=ja")
    letter = _newest(Letter, kind="not_awarded")
    yield Visit(lead, "besluit", reverse("procurement:decision", args=[letter.decision_id]))
    yield Visit(lead, "brief", reverse("procurement:letter_preview", args=[letter.decision_id, letter.entry_id]))
    yield Visit(lead, "bezwaren", reverse("procurement:objections", args=[letter.decision_id]))
    path = reverse("procurement:objection_register", args=[letter.decision_id])
    yield Visit(lead, "bezwaar-vastleggen", path, _press("Leg het vast"))
    running = _newest(Objection, kind=ObjectionKind.OBJECTION, status=ObjectionStatus.IN_REVIEW)
    path = reverse("procurement:objection", args=[running.pk])
    yield Visit(lead, "bezwaar", path, _press("Leg het antwoord vast en verstuur het"))
    waiting = _newest(Decision, college_decisions__status=CollegeDecisionStatus.PENDING)
    path = reverse("procurement:decision_withdraw", args=[waiting.pk])
    yield Visit(lead, "besluit-intrekken", path, _press("Trek het besluit in"))
    path = reverse("procurement:decision_withdraw", args=[letter.decision_id])
    yield Visit(lead, "besluit-intrekken-met-brief", path, _press("Laat de brieven maken en trek het besluit in"))
    reason = waiting.motivations.filter(kind="advantage").first()
    assert reason is not None
    yield Visit(lead, "motivering", reverse("procurement:motivation_list", args=[waiting.pk]))
    path = reverse("procurement:motivation", args=[waiting.pk, reason.entry_id])
    yield Visit(lead, "motivering-inschrijver", path, _reason_taken_out)
    opened = _newest(Round, status=RoundStatus.OPENED)
    yield Visit(lead, "proces-verbaal", reverse("procurement:vault_round", args=[opened.pk]))
    scored = _newest(SegmentRound, status=SegmentRoundStatus.SCORING)
    yield Visit(lead, "volledigheid", reverse("procurement:completeness", args=[scored.round_id]))
    entry = scored.segment.entries.filter(submission__round=scored.round).first()
    path = reverse("procurement:completeness_judge", args=[scored.round_id, entry.submission_id])
    yield Visit(lead, "volledigheid-oordeel", path, _press("Opslaan"))
    yield Visit(lead, "te-laat", reverse("procurement:late_attempts", args=[opened.pk]))
    open_one = _newest(Round, status=RoundStatus.OPEN, tender__region__is_default=True)
    path = reverse("procurement:deadline_extend", args=[open_one.tender.slug, open_one.stage])
    yield Visit(lead, "verlengen", path, _press("Sluitingstijd verlengen en iedereen inlichten"))
    yield Visit(lead, "contracten", "/inkoop/contracten/")
    yield Visit(lead, "stukken", reverse("procurement:records", args=[opened.tender.slug]))


def _lead_evaluates(lead: str, *, scored: SegmentRound, met: SegmentRound) -> Iterator[Visit]:
    """Everything around the scores: who gives them, how, the meeting, the draw, and what is learned of it."""
    seat = scored.committee.filter(role=SeatRole.MEMBER, ended_at=None, handed_in_at=None).first()
    assert seat is not None
    path = reverse("procurement:committee_replace", args=[scored.pk, seat.pk])
    yield Visit(lead, "vervangen", path, _press_first)
    refused = {
        "evaluation_settings": _with("[name=reason_min_length]", "250", "Instellingen opslaan"),
    }
    for name, about in (
        ("committee_page", scored), ("assignment", scored), ("evaluation_settings", scored), ("meeting_list", met),
        ("meeting_screen", met), ("draw", met), ("insight", met), ("exports", met),
    ):  # fmt: skip
        yield Visit(lead, f"beoordeling-{name}", reverse(f"procurement:{name}", args=[about.pk]), refused.get(name))
    ranked = _newest(SegmentRound, status=SegmentRoundStatus.RANKED)
    for name in ("draw", "insight", "coverage", "exports"):
        yield Visit(lead, f"gerangschikt-{name}", reverse(f"procurement:{name}", args=[ranked.pk]))
    yield Visit(lead, "opnieuw", reverse("procurement:reevaluation", args=[ranked.pk]))


def _judges() -> Iterator[Visit]:
    seat = _newest(
        CommitteeMember,
        segment_round__status=SegmentRoundStatus.SCORING,
        handed_in_at__isnull=True,
        role=SeatRole.MEMBER,
        user__email__endswith="@demo.example",
    )
    who, pk = seat.user.email, seat.segment_round_id
    entry = entries_to_score(seat).first()
    assert entry is not None
    yield Visit(who, "beoordelen", "/beoordelen/")
    yield Visit(who, "inzendingen", reverse("procurement:evaluate", args=[pk]))
    criterion = seat.segment_round.criteria.order_by("position").first()
    path = reverse("procurement:score_by_criterion", args=[pk, criterion.pk])
    yield Visit(who, "inzendingen-per-criterium", path)
    yield Visit(who, "inzendingen-gemarkeerd", f"{path}?toon=gemarkeerd")
    path = reverse("procurement:score_entry", args=[pk, entry.pk])
    yield Visit(who, "score-per-criterium", f"{path}?criterium={criterion.pk}", _score_without_reason)
    yield Visit(who, "score", reverse("procurement:score_entry", args=[pk, entry.pk]), _score_without_reason)
    yield Visit(who, "inleveren", reverse("procurement:hand_in", args=[pk]))
    yield Visit(who, "belangen", reverse("procurement:interests", args=[pk]))
    meeting = _newest(SegmentRound, status=SegmentRoundStatus.CONSENSUS)
    chair = meeting.committee.get(role=SeatRole.CHAIR, ended_at=None).user.email
    yield Visit(chair, "beoordelen-voorzitter", "/beoordelen/")
    yield Visit(chair, "inzendingen-voorzitter", reverse("procurement:evaluate", args=[meeting.pk]))
    yield Visit(chair, "overleg-voorzitter", reverse("procurement:meeting_list", args=[meeting.pk]), _press_first)
    path = reverse("procurement:meeting_screen", args=[meeting.pk])
    yield Visit(chair, "scherm-voorzitter", path)
    vault = _newest(Round, status=RoundStatus.CLOSED)
    yield Visit("opener1@demo.example", "kluis", "/kluis/")
    path = reverse("procurement:vault_round", args=[vault.pk])
    yield Visit("opener1@demo.example", "kluis-openen", path, _press("Bevestig het openen van de kluis"))


def _colleges() -> Iterator[Visit]:
    waiting = _newest(CollegeDecision, status=CollegeDecisionStatus.PENDING)
    who = f"college.{waiting.municipality.slug}@demo.example"
    yield Visit(who, "college", "/college/")
    path = reverse("procurement:college_decision", args=[waiting.pk])
    yield Visit(who, "collegebesluit", path, _press("Leg het besluit van het college vast"))
    mandate = "mandate@demo.example"
    yield Visit(mandate, "mandaat", "/mandaat/")
    signed = _newest(Decision, signed_by__email=mandate)
    yield Visit(mandate, "ondertekend", reverse("procurement:signing", args=[signed.pk]))
    ready = _newest(Decision, status=DecisionStatus.APPROVED)
    path = reverse("procurement:signing", args=[ready.pk])
    yield Visit(mandate, "ondertekenen", path, _press("Onderteken het besluit"))
    coming = _newest(Decision, status=DecisionStatus.PROPOSED)
    yield Visit(mandate, "nog-bij-de-colleges", reverse("procurement:signing", args=[coming.pk]))


def _providers() -> Iterator[Visit]:
    mine = {"organisation__memberships__user__email__endswith": "@demo.example"}
    draft = _newest(Submission, status=SubmissionStatus.DRAFT, **mine)
    who = _member(draft.organisation)
    yield Visit(who, "mijn", "/mijn/")
    yield Visit(who, "concept", reverse("procurement:submission", args=[draft.pk]))
    path = reverse("procurement:submission_section", args=[draft.pk, draft.entries.first().segment.slug])
    yield Visit(who, "onderdeel", path, _with("input[inputmode=decimal]", "veel", "Concept opslaan"))
    yield Visit(who, "onderdeel-bestanden", reverse("procurement:submission_section", args=[draft.pk, "algemeen"]))
    yield Visit(who, "overnemen", reverse("procurement:submission_copy", args=[draft.pk]))
    path = reverse("procurement:submission_restore", args=[draft.pk])
    yield Visit(who, "eigen-pakket", path, _press("Vul mijn concept hiermee"))
    yield Visit(who, "indienen", reverse("procurement:submission_submit", args=[draft.pk]))
    path = reverse("procurement:fingerprints", args=[draft.pk])
    yield Visit(who, "vingerafdruk", path, _press("Vingerafdruk vastleggen"))
    path = reverse("providers:organisation_edit", args=[draft.organisation_id])
    yield Visit(who, "organisatie", path, _with("[name=kvk_number]", "12", "Organisatie opslaan"))
    handed_in = _newest(Submission, status=SubmissionStatus.SUBMITTED, **mine)
    receipt = handed_in.receipts.last()
    path = reverse("procurement:receipt", args=[handed_in.pk, receipt.number])
    yield Visit(_member(handed_in.organisation), "ontvangstbewijs", path)


def _objectors() -> Iterator[Visit]:
    """Who was told a decision: its dates, what can be done, and the form; and the room of who handles complaints."""
    mine = {"entry__submission__organisation__memberships__user__email__endswith": "@demo.example"}
    letter = _newest(Letter, status="sent", **mine)
    who = _member(letter.entry.submission.organisation)
    yield Visit(who, "besluit-over-mij", reverse("procurement:decision_own", args=[letter.decision_id]))
    path = reverse("procurement:objection_file", args=[letter.decision_id])
    yield Visit(who, "bezwaar-maken", path, _press("Stuur het naar de aanbestedende dienst"))
    officer = "complaints@demo.example"
    yield Visit(officer, "klachten", "/klachten/")
    answered = _newest(Objection, kind=ObjectionKind.COMPLAINT, ended_at__isnull=False)
    yield Visit(officer, "klacht", reverse("procurement:objection", args=[answered.pk]))
    path = reverse("procurement:objection_own", args=[answered.pk])
    yield Visit(_member(answered.organisation), "klacht-van-mij", path)


def _contracts() -> Iterator[Visit]:
    mine = {"contractor__memberships__user__email__endswith": "@demo.example"}
    contract = _newest(Contract, status=ContractStatus.ACTIVE, **mine)
    who = _member(contract.contractor)
    yield Visit(who, "mijn-contracten", "/mijn/")
    yield Visit(who, "contract", reverse("contracts:contract", args=[contract.pk]))
    path = reverse("contracts:change_new", args=[contract.pk])
    yield Visit(who, "onderaannemer-vragen", path, _press("Naar Team CLM sturen"))
    asked = _newest(SubcontractorChange, **{f"contract__{name}": value for name, value in mine.items()})
    path = reverse("contracts:change", args=[asked.contract_id, asked.pk])
    yield Visit(_member(asked.contract.contractor), "wijziging", path)
    change = _newest(SubcontractorChange, status=ChangeStatus.REQUESTED, kind=ChangeKind.ADD)
    clm = "clm@demo.example"
    yield Visit(clm, "beheer", "/beheer/")
    yield Visit(clm, "verzoeken", reverse("admin:contracts_subcontractorchange_changelist"))
    path = reverse("admin:contracts_subcontractorchange_change", args=[change.pk])
    yield Visit(clm, "verzoek", path, _press("Besluit vastleggen"))
    yield Visit(clm, "contract-beheer", reverse("admin:contracts_contract_change", args=[contract.pk]))


def _overseers() -> Iterator[Visit]:
    yield Visit("auditor@demo.example", "toezicht", "/toezicht/")
    yield Visit("admin@demo.example", "beheer-functioneel", "/beheer/")
