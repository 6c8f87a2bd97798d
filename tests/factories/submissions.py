"""A round that can be bid in, its bidders, and what they fill in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from achterhoek.accounts.enums import Role
from procurement.enums import QuestionKind, Stage
from procurement.models import Round, Segment, SegmentRound, Submission, Tender, VaultOpening
from procurement.selectors.content import Content, content_of
from procurement.services.answers import save_answers
from procurement.services.opening import open_prices
from procurement.services.submissions import start_submission, submit_submission
from procurement.services.vault import confirm_opening
from tests.factories.accounts import user_with
from tests.factories.procurement import (
    QuestionFactory,
    RequirementFactory,
    RoundFactory,
    SegmentFactory,
    SegmentRoundFactory,
    TenderFactory,
)
from tests.factories.providers import OrganisationFactory, member_of


@cache
def pdf_bytes(pages: int = 1) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page()
    target = BytesIO()
    document.save(target, deterministic_id=True)
    return target.getvalue()


def pdf(name: str = "plan.pdf", pages: int = 1) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf_bytes(pages), content_type="application/pdf")


def content(submission: Submission) -> Content:
    """What stands in a submission now, as its team reads it."""
    return content_of(Submission.objects.select_related("organisation__sealing_key").get(pk=submission.pk))


@dataclass
class Fair:
    """A tender open for requests: two segments, general and segment questions, a requirement of each."""

    tender: Tender
    round: Round
    segments: list[Segment]

    def questions(self, segment: Segment | None = None) -> dict[str, int]:
        return {q.kind: q.pk for q in self.round.questions.filter(segment=segment)}

    def answers(self, *segments: Segment) -> dict[int, Any]:
        """A right answer to every question, general and of these segments."""
        found: dict[int, Any] = {}
        for question in self.round.questions.all():
            if question.segment_id is None or question.segment_id in [s.pk for s in segments]:
                found[question.pk] = {
                    "text": "Wij werken met vaste teams.",
                    "number": Decimal("12.5"),
                    "price": Decimal("1240000.00"),
                    "boolean": True,
                }.get(question.kind) or pdf()
        return found

    def confirmations(self, *segments: Segment) -> dict[int, tuple[bool | None, str]]:
        keys = [s.pk for s in segments]
        return {r.pk: (True, "") for r in self.round.requirements.all() if r.segment_id in [None, *keys]}

    def bidder(self, name: str = "Zorg Bidder") -> tuple[Any, Any]:
        organisation = OrganisationFactory(name=name)
        return organisation, member_of(organisation)

    def draft(self, *segments: Segment, by: Any = None, organisation: Any = None) -> Submission:
        """A complete draft for these segments (all, unless given)."""
        if by is None:
            organisation, by = self.bidder()
        chosen = list(segments) or self.segments
        made = start_submission(round=self.round, organisation=organisation, segments=chosen, by=by)
        saved = save_answers(
            submission=made, answers=self.answers(*chosen), confirmations=self.confirmations(*chosen), by=by
        )
        assert saved.refused == {}
        return made

    def submitted(self, *segments: Segment, by: Any = None, organisation: Any = None) -> Submission:
        made = self.draft(*segments, by=by, organisation=organisation)
        signer = made.organisation.memberships.get().user
        submit_submission(submission=made, by=signer)
        return Submission.objects.get(pk=made.pk)

    def deadline(self, moment: datetime) -> None:
        """Move the deadline, as time itself would."""
        Round.objects.filter(pk=self.round.pk).update(deadline=moment)
        self.round.refresh_from_db()

    def pass_deadline(self) -> None:
        self.deadline(timezone.now() - timedelta(seconds=1))

    def open_vault(self, *, confirmed: int = 0) -> VaultOpening:
        """Pass the deadline, and let the openers who have not confirmed yet, of the region, open the vault."""
        self.pass_deadline()
        for _ in range(self.tender.openers_required - confirmed):
            opening = confirm_opening(round=self.round, by=user_with(Role.OPENER, region=self.tender.region))
        self.round.refresh_from_db()
        assert opening is not None
        return opening

    def fix(self, segment: Segment, by: Any = None) -> SegmentRound:
        """Fix the scores of a segment, as the lead does, without anybody having scored; its prices open."""
        found = SegmentRound.objects.get(round=self.round, segment=segment)
        for state in ("consensus", "fixed"):
            SegmentRound.objects.filter(pk=found.pk).update(status=state)
        found.refresh_from_db()
        open_prices(segment_round=found, by=by or user_with(Role.LEAD, region=self.tender.region))
        return found


def open_fair(*, stage: str = Stage.SELECTION, tender: Tender | None = None, region: Any = None) -> Fair:
    tender = tender or (TenderFactory(region=region) if region else TenderFactory())
    found = RoundFactory(tender=tender, stage=stage)
    segments = [SegmentFactory(tender=tender, position=n) for n in range(2)]
    for segment in segments:
        SegmentRoundFactory(round=found, segment=segment)
        QuestionFactory(round=found, segment=segment, kind=QuestionKind.TEXT, max_chars=100, position=1)
        QuestionFactory(round=found, segment=segment, kind=QuestionKind.FILE, max_pages=2, position=2)
        QuestionFactory(round=found, segment=segment, kind=QuestionKind.PRICE, position=3)
        RequirementFactory(round=found, segment=segment)
    QuestionFactory(round=found, kind=QuestionKind.NUMBER, position=1)
    QuestionFactory(round=found, kind=QuestionKind.BOOLEAN, position=2)
    RequirementFactory(round=found)
    return Fair(tender=tender, round=found, segments=segments)


def again(fair: Fair, **other) -> Fair:
    """Another tender that asks the same by the same codes, for segments of the same slugs."""
    new = open_fair(**other)
    for old, segment in zip(fair.segments, new.segments, strict=True):
        type(segment).objects.filter(pk=segment.pk).update(slug=old.slug, name=old.name)
    for kind in ("questions", "requirements"):
        theirs = getattr(fair.round, kind).order_by("pk")
        for source, target in zip(theirs, getattr(new.round, kind).order_by("pk"), strict=True):
            type(target).objects.filter(pk=target.pk).update(code=source.code)
    new.segments = [type(s).objects.get(pk=s.pk) for s in new.segments]
    return new
