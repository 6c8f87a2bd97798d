"""From ranking to final award in a browser: two segments, 24 bidders in each (issue "decisions", show 1).

One segment goes straight through. In the other a bidder objects, and is right: the decision is withdrawn, one
criterion is scored again by others, and the decision is taken anew. A real PostgreSQL, Valkey and Celery worker. The
scores of before the rankings come from the services, and so do those of the second newcomer and of the meeting after
its first bids: the same pages again would show nothing else. Every PDF that is made on the way is downloaded by who may
read it, opened, and held against the table of scores in `tests/factories/awarding.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from contracts.models import Contract
from procurement.models import AwardNotice, Decision, Letter
from tests.e2e.chain import again, awarding, letters
from tests.e2e.chain.actors import Cast, kept_on_failure
from tests.e2e.chain.judging import rank, to_evaluation
from tests.e2e.chain.letters import Letterbox, hold, text_of_sound
from tests.e2e.chain.time import pass_standstill
from tests.e2e.looking import keep
from tests.factories.awarding import READS, Awarding, Part
from tests.factories.awarding import awarding as prepared
from tests.worker import running_worker

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.django_db(transaction=True)]

OBJECTOR, BETTER = 3, 10


def test_from_ranking_to_final_award(
    chromium: Browser, live_server: LiveServer, mailoutbox: list[object], tmp_path: Path
) -> None:
    made = prepared(starts=date(date.today().year + 1, 7, 1))
    cast, box = Cast(chromium, live_server.url), Letterbox(chromium, live_server.url)
    disputed, smooth = made.parts
    with running_worker(), kept_on_failure(cast):
        _decided_and_told(cast, box, made, tmp_path)
        _an_objection_is_right(cast, box, disputed)
        _the_other_goes_on(cast, box, smooth)
        _scored_again(cast, made, disputed, tmp_path)
        _decided_anew(cast, box, disputed)
        _final(cast, box, disputed)
        _the_record(cast, disputed, tmp_path)
    box.close()
    assert cast.complaints() == []


def _decided_and_told(cast: Cast, box: Letterbox, made: Awarding, tmp_path: Path) -> None:
    """Both segments: ranked, proposed, complete, agreed, signed; the letters of the first are read before they go."""
    lead = cast.person(made.parts[0].scenario.lead.email)
    for part in made.parts:
        rank(lead, part.scenario, awarding.STAGE)
        lead.reads(*(bidder.name for bidder in part.bidders))
        awarding.propose(lead, part, "De drie hoogste krijgen een contract.")
        awarding.complete_motivations(lead, part)
        awarding.agree_and_sign(cast, part)
    disputed, smooth = made.parts
    awarding.make_letters(lead, disputed)
    _nobody_has_one(box, disputed)
    opened = awarding.proofread(lead, disputed, tmp_path / "leeslijst.pdf")
    last = disputed.ranked()[-1]
    assert last.name in text_of_sound(opened)
    _nobody_has_one(box, disputed)
    awarding.let_go(lead)
    awarding.send_at_once(lead, smooth)
    kinds = _read_by_all(box, made.parts)
    assert kinds == {kind: 2 * count for kind, count in _COUNTS.items()}
    for part in made.parts:
        assert len({letter.sent_at for letter in Letter.objects.filter(entry__segment=part.scenario.segment)}) == 1


_COUNTS = {"awarded": 3, "reserve": 2, "not_awarded": 16, "below_minimum": 1, "excluded": 1, "withdrawn": 1}


def _nobody_has_one(box: Letterbox, part: Part) -> None:
    """As long as not all are sent no bidder finds a letter, or may read its own by its address."""
    for bidder in (part.bidders[0], part.bidders[OBJECTOR]):
        assert box.addresses(bidder) == []
        letter = Letter.objects.get(entry=bidder.entry)
        assert letter.file_id is not None
        box.refused(bidder, f"/brieven/{letter.pk}/")


def _read_by_all(box: Letterbox, parts: list[Part], *, reason: str = "") -> dict[str, int]:
    """Every bidder downloads what is new, and each letter says what it has to; how many there were of each kind."""
    kinds: dict[str, int] = {}
    for bidder in parts[0].bidders:
        found = box.fresh(bidder)
        assert {letter.entry.segment_id for letter in found} == {part.scenario.segment.pk for part in parts}
        for letter, pdf in found.items():
            (part,) = (part for part in parts if part.scenario.segment.pk == letter.entry.segment_id)
            (own,) = (one for one in part.bidders if one.entry.pk == letter.entry_id)
            assert own.name == bidder.name
            text = text_of_sound(pdf, letter.language)
            hold(part, own, letter, text, reason=reason)
            if bidder == parts[0].bidders[0]:
                box.refused(parts[0].bidders[1], f"/brieven/{letter.pk}/")
            kinds[letter.kind] = kinds.get(letter.kind, 0) + 1
            letters.keep_pdf(f"{letter.kind}-{letter.language}", pdf)
    return kinds


def _an_objection_is_right(cast: Cast, box: Letterbox, part: Part) -> None:
    objector = part.bidders[OBJECTOR]
    provider, lead = cast.person(objector.user.email), cast.person(part.scenario.lead.email)
    objection = again.file_objection(provider, part)
    awarding.to_decision(lead, part)
    again.uphold(lead, objection)
    provider.opens("/mijn/")
    provider.follows(objection.number)
    provider.reads(again.UPHELD)
    again.take_back(lead)
    assert _read_by_all(box, [part], reason=again.WITHDRAWN) == {"decision_withdrawn": 24}


def _the_other_goes_on(cast: Cast, box: Letterbox, part: Part) -> None:
    """Meanwhile the segment to which nobody objected becomes final, and its contracts are made."""
    lead = cast.person(part.scenario.lead.email)
    pass_standstill(awarding.decision_of(part))
    awarding.lift_and_finish(cast, part)
    assert _read_by_all(box, [part]) == {"final": 24}
    awarding.publish_notice(lead, part, "TN-500123", _now())
    awarding.make_contracts(lead, part)
    assert Contract.objects.filter(segment=part.scenario.segment).count() == 3


def _scored_again(cast: Cast, made: Awarding, part: Part, tmp_path: Path) -> None:
    """One criterion, by others; the minutes and the report of it are PDFs that the lead reads."""
    lead = cast.person(part.scenario.lead.email)
    awarding.to_decision(lead, part)
    objector = part.bidders[OBJECTOR]
    reason = objector.reasons[0].replace(READS[8], READS[BETTER])
    part.bidders[OBJECTOR] = replace(
        objector, scores=(BETTER, objector.scores[1]), reasons=(reason, objector.reasons[1])
    )
    again.score_again(cast, made, part)
    again.agree_again(lead, part)
    minutes = lead.downloads(lead.main.get_by_role("link", name="Verslag (PDF)").last, tmp_path / "verslag.pdf")
    _tells(minutes, again.MINUTES, "Nine Nieuw", "Niek Nieuw")
    again.rank_again(lead, part)
    to_evaluation(lead, part.scenario, awarding.STAGE)
    lead.follows("Exporteren")
    lead.presses("Maak het verslag")
    lead.waits_for_the_work()
    report = lead.downloads(lead.main.get_by_role("link", name="Verslag 1").first, tmp_path / "rapport.pdf")
    _tells(report, again.EXPLAINED, reason, *(bidder.name for bidder in part.bidders))


def _tells(path: Path, *texts: str) -> None:
    letters.keep_pdf(path.stem, path.read_bytes())
    text = text_of_sound(path.read_bytes())
    missing = [part for part in texts if " ".join(part.split()) not in text]
    assert missing == [], f"{missing} not in: {text}"


def _decided_anew(cast: Cast, box: Letterbox, part: Part) -> None:
    """The decision on the new ranking; the one before stays beside it, and so do its letters."""
    lead = cast.person(part.scenario.lead.email)
    first = Decision.objects.get(segment_round=part.pk)
    assert first.status == "withdrawn"
    awarding.propose(lead, part, "Opnieuw, na de herbeoordeling.")
    awarding.complete_motivations(lead, part)
    awarding.agree_and_sign(cast, part)
    awarding.send_at_once(lead, part)
    lead.reads("Alle besluiten over dit segment", again.WITHDRAWN)
    keep(lead.page, "wandeling-besluit-opnieuw")
    assert part.ranked()[2].name == part.bidders[OBJECTOR].name
    assert _read_by_all(box, [part]) == _COUNTS
    assert Letter.objects.filter(decision=first, status="sent").count() == 48


def _final(cast: Cast, box: Letterbox, part: Part) -> None:
    lead = cast.person(part.scenario.lead.email)
    assert lead.main.get_by_role("button", name="Maak de gunning definitief").count() == 0
    pass_standstill(awarding.decision_of(part))
    awarding.lift_and_finish(cast, part)
    assert _read_by_all(box, [part]) == {"final": 24}
    awarding.publish_notice(lead, part, "TN-500124", _now())
    awarding.make_contracts(lead, part)
    winners = {contract.contractor.name for contract in Contract.objects.filter(segment=part.scenario.segment)}
    assert winners == {bidder.name for bidder in part.ranked()[:3]}
    assert AwardNotice.objects.exclude(published_at=None).count() == 2


def _now() -> str:
    return timezone.localtime().strftime("%Y-%m-%dT%H:%M")


def _the_record(cast: Cast, part: Part, tmp_path: Path) -> None:
    """The proces-verbaal of all of it: who was chosen and who was not, and what was taken back."""
    lead = cast.person(part.scenario.lead.email)
    lead.opens("/inkoop/")
    lead.follows(part.scenario.tender.title)
    lead.follows("Proces-verbaal van de procedure, en de hele aanbesteding als dossier")
    lead.presses("Maak het proces-verbaal")
    lead.waits_for_the_work()
    record = lead.downloads(lead.main.get_by_role("link", name="Proces-verbaal 1").first, tmp_path / "pv.pdf")
    _tells(record, again.WITHDRAWN, part.scenario.tender.title, *(bidder.name for bidder in part.bidders))
