"""Steps out of order, twice, by two leads, and for what is somebody else's."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.urls import get_resolver
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import RuleViolation
from achterhoek.jobs.models import Job
from procurement.enums import SegmentRoundStatus, Stage, TenderStatus
from procurement.models import Decision, SegmentRound
from procurement.services.decisions import request_sending
from procurement.services.tenders import complete_tender
from tests.asking import Asking, refusals_made_once
from tests.factories import (
    MunicipalityFactory,
    OrganisationFactory,
    RegionFactory,
    RoundFactory,
    SegmentRoundFactory,
    member_of,
    submitted_entry,
    user_with,
)
from tests.factories.contracts import final_award_decision
from tests.factories.decisions import adopted, proposed
from tests.factories.evaluation import evaluation
from tests.factories.submissions import open_fair

pytestmark = pytest.mark.django_db


def test_a_second_lead_that_asks_for_the_letters_again_is_not_sent_to_a_page_that_is_not_theirs(client):
    ranked, decision = adopted()
    request_sending(decision=decision, by=ranked.lead)
    client.force_login(user_with(Role.LEAD, region=ranked.segment_round.round.tender.region))
    answer = client.post(f"/inkoop/besluit/{decision.pk}/versturen/", follow=True)
    assert answer.status_code == 200


def test_a_tender_can_be_completed_though_nobody_bid_for_one_segment():
    decision = final_award_decision()
    round_ = decision.segment_round.round
    SegmentRoundFactory(round=round_, status=SegmentRoundStatus.SCORING)
    lead = user_with(Role.LEAD)
    assert complete_tender(tender=round_.tender, by=lead).status == TenderStatus.COMPLETED


def test_completing_too_early_does_not_tell_for_what_nobody_submitted():
    round_ = RoundFactory(stage=Stage.AWARD)
    found = SegmentRoundFactory(round=round_)
    with pytest.raises(RuleViolation) as refused:
        complete_tender(tender=round_.tender, by=user_with(Role.LEAD))
    assert found.segment.name in refused.value.message
    submitted_entry(found)
    with pytest.raises(RuleViolation) as again:
        complete_tender(tender=round_.tender, by=user_with(Role.LEAD))
    assert again.value.message == refused.value.message


def paths_with_a_number() -> list[str]:
    """Every address of the portal with an object in it, admin and allauth aside."""
    found: list[str] = []

    def walk(patterns: Any, before: str) -> None:
        for pattern in patterns:
            path = before + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, path)
            elif "<" in path and path.startswith(
                ("mijn", "inkoop", "kluis", "beoordelen", "college", "brieven", "taken", "mandaat", "klachten")
            ):
                found.append("/" + path)

    walk(get_resolver().url_patterns, "")
    return found


def strangers(region: Any) -> dict[str, Any]:
    """Each role, but of another region, another municipality or another organisation; and the auditor of this one."""
    other = RegionFactory()
    return {
        "lead": user_with(Role.LEAD, region=other),
        "evaluator": user_with(Role.EVALUATOR, region=region),
        "opener": user_with(Role.OPENER, region=other),
        "college": user_with(Role.COLLEGE, municipality=MunicipalityFactory(region=region)),
        "mandate": user_with(Role.MANDATE, region=other),
        "complaints": user_with(Role.COMPLAINTS, region=other),
        "clm": user_with(Role.CLM, region=other),
        "auditor": user_with(Role.AUDITOR, region=region),
        "admin": user_with(Role.ADMIN),
        "competitor": member_of(OrganisationFactory()),
    }


def state() -> tuple[Any, ...]:
    """What a step could have changed."""
    from contracts.models import Contract
    from procurement.models import CollegeDecision, Entry, Score, Submission

    models = (Decision, SegmentRound, CollegeDecision, Submission, Entry, Contract, Job)
    # One question for all of it: it is asked after every address.
    rows = [
        f"(SELECT array_agg(t.id || ' ' || t.status ORDER BY t.id) FROM {model._meta.db_table} t)" for model in models
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(rows)}, (SELECT count(*) FROM {Score._meta.db_table})")
        return tuple(cursor.fetchone())


PAPERS = "/stukken/"


@pytest.mark.long
def test_no_stranger_changes_anything_by_any_address():
    """Every address with an object in it, with the numbers of objects that are somebody else's, sent to by POST."""
    ranked, decision = proposed()
    region = ranked.segment_round.round.tender.region
    made = evaluation(region=region)
    fair = open_fair(region=region)
    draft = fair.submitted()
    numbers = {
        "slug": [fair.tender.slug, ranked.segment_round.round.tender.slug],
        "pk": [
            decision.pk, ranked.segment_round.pk, made.segment_round.pk, fair.round.pk, ranked.ranking.pk,
            *decision.college_decisions.values_list("pk", flat=True), draft.organisation_id,
        ],
        "uuid": [draft.pk],
        "entry_id": [entry.pk for entry in (*ranked.entries, *made.entries)],
        "subcontractor_id": [1],
    }  # fmt: skip
    typed = {
        "outcome": "approved", "note": "x", "reason": "x", "mandate": "x", "confirmed": "on",
        "users": [user.pk for user in made.evaluators],
        "deadline": (timezone.now() + timedelta(days=90)).strftime("%Y-%m-%dT%H:%M"), "confirm": "on",
        "password": "Achterhoek-2022-demo", "segments": [segment.pk for segment in fair.segments],
        **{f"k{criterion.pk}-value": "8" for criterion in (*ranked.criteria, *made.criteria)},
        **{f"k{criterion.pk}-reason": "x" for criterion in (*ranked.criteria, *made.criteria)},
    }  # fmt: skip
    paths = paths_with_a_number()
    assert len(paths) > 30
    before, events = state(), recorded()
    for who, user in strangers(region).items():
        client = Asking(user)
        with refusals_made_once():
            for path in paths:
                for address in filled(path, numbers):
                    if who == "auditor" and PAPERS in address:
                        continue  # having a record or a dossier made is theirs to ask
                    status = client.post(address, typed).status_code
                    assert status in (403, 404, 405, 422, 200, 302), (who, address, status)
                    assert state() == before, f"{who} changed something by {address}"
    assert recorded() == events


def recorded() -> int:
    """How much is recorded; that the region's auditor has a ranking computed again is theirs to do, and changes
    nothing.
    """
    looked = ("procurement.ranking.checked", "procurement.ranking.differs")
    return AuditEvent.objects.exclude(action__in=looked).count()


def filled(path: str, numbers: dict[str, list[Any]]) -> list[str]:
    """The path with each number in the place of its last kind of object, once."""
    kinds = re.findall(r"<(\w+):(\w+)>", path)
    size = max(len(numbers.get("uuid" if kind == "uuid" else name, [1])) for kind, name in kinds)
    found = []
    for index in range(size):
        address = path
        for kind, name in kinds:
            values = numbers.get("uuid" if kind == "uuid" else name, ["algemeen" if kind == "slug" else 1])
            address = address.replace(f"<{kind}:{name}>", str(values[index % len(values)]), 1)
        found.append(address)
    return found
