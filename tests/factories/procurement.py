from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from procurement.enums import RoundStatus, SegmentRoundStatus, Stage, SubmissionStatus, TenderStatus
from procurement.models import (
    Criterion,
    Entry,
    Lot,
    Question,
    Requirement,
    Round,
    Segment,
    SegmentRound,
    Submission,
    Tender,
)
from tests.factories.accounts import UserFactory
from tests.factories.providers import OrganisationFactory
from tests.factories.region import RegionFactory


class TenderFactory(factory.django.DjangoModelFactory):
    """A published tender."""

    class Meta:
        model = Tender

    region = factory.SubFactory(RegionFactory)
    slug = factory.Sequence(lambda n: f"aanbesteding-{n}")
    title = factory.Sequence(lambda n: f"Aanbesteding {n}")
    summary = "Zorg voor inwoners."
    procedure = "restricted"
    status = TenderStatus.PUBLISHED
    term_pattern = [3, 2, 2]
    framework_motivation = "Partnerschap vraagt tijd."
    published_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=40))


class LotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Lot

    tender = factory.SubFactory(TenderFactory)
    slug = factory.Sequence(lambda n: f"perceel-{n}")
    name = factory.Sequence(lambda n: f"Perceel {n}")


class SegmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Segment

    tender = factory.SubFactory(TenderFactory)
    lot = factory.SubFactory(LotFactory, tender=factory.SelfAttribute("..tender"))
    slug = factory.Sequence(lambda n: f"segment-{n}")
    name = factory.Sequence(lambda n: f"Segment {n}")
    position = factory.Sequence(lambda n: n)


class RoundFactory(factory.django.DjangoModelFactory):
    """A round that is open, with its deadline in the future; `closed=True` and `vault_opened=True` move it on."""

    class Meta:
        model = Round

    class Params:
        closed = factory.Trait(
            status=RoundStatus.CLOSED,
            opens_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=40)),
            deadline=factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1)),
        )
        vault_opened = factory.Trait(
            status=RoundStatus.OPENED,
            opens_at=factory.LazyFunction(lambda: timezone.now() - timedelta(days=40)),
            deadline=factory.LazyFunction(lambda: timezone.now() - timedelta(hours=2)),
            opened_at=factory.LazyFunction(lambda: timezone.now() - timedelta(hours=1)),
        )

    tender = factory.SubFactory(TenderFactory)
    stage = Stage.SELECTION
    status = RoundStatus.OPEN
    opens_at = factory.LazyFunction(lambda: timezone.now() - timedelta(days=10))
    deadline = factory.LazyFunction(lambda: timezone.now() + timedelta(days=30))


class SegmentRoundFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SegmentRound

    round = factory.SubFactory(RoundFactory)
    segment = factory.SubFactory(SegmentFactory, tender=factory.SelfAttribute("..round.tender"))
    status = SegmentRoundStatus.PENDING
    places = 2
    tie_break = factory.LazyFunction(list)


class CriterionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Criterion

    segment_round = factory.SubFactory(SegmentRoundFactory)
    code = factory.Sequence(lambda n: f"K{n}")
    title = factory.Sequence(lambda n: f"Criterium {n}")
    weight = Decimal("50")


class QuestionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Question

    round = factory.SubFactory(RoundFactory)
    code = factory.Sequence(lambda n: f"V{n}")
    title = factory.Sequence(lambda n: f"Vraag {n}")
    kind = "text"


class RequirementFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Requirement

    round = factory.SubFactory(RoundFactory)
    code = factory.Sequence(lambda n: f"E{n}")
    title = factory.Sequence(lambda n: f"Eis {n}")
    text = "U voldoet aan deze eis."


class SubmissionFactory(factory.django.DjangoModelFactory):
    """A draft; `submitted=True` makes it handed in."""

    class Meta:
        model = Submission

    class Params:
        submitted = factory.Trait(
            status=SubmissionStatus.SUBMITTED,
            number=factory.Sequence(lambda n: f"T-{n:06d}"),
            submitted_at=factory.LazyFunction(lambda: timezone.now() - timedelta(hours=3)),
            submitted_by=factory.SelfAttribute("created_by"),
        )

    round = factory.SubFactory(RoundFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    created_by = factory.SubFactory(UserFactory)


class EntryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Entry

    submission = factory.SubFactory(SubmissionFactory)
    segment = factory.SubFactory(SegmentFactory, tender=factory.SelfAttribute("..submission.round.tender"))


def submitted_entry(segment_round: SegmentRound, **fields: Any) -> Entry:
    """A handed-in submission with one entry, for this segment round."""
    submission = SubmissionFactory(round=segment_round.round, submitted=True, **fields)
    return EntryFactory(submission=submission, segment=segment_round.segment)
