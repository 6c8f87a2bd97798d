"""Factories: the shortest way to a row that the constraints accept."""

from tests.factories.accounts import UserFactory, user_with
from tests.factories.procurement import (
    CriterionFactory,
    EntryFactory,
    LotFactory,
    QuestionFactory,
    RequirementFactory,
    RoundFactory,
    SegmentFactory,
    SegmentRoundFactory,
    SubmissionFactory,
    TenderFactory,
    submitted_entry,
)
from tests.factories.providers import ConsortiumFactory, OrganisationFactory, member_of
from tests.factories.region import ContractingAuthorityFactory, MunicipalityFactory, RegionFactory

__all__ = [
    "ConsortiumFactory", "ContractingAuthorityFactory", "CriterionFactory", "EntryFactory", "LotFactory",
    "MunicipalityFactory", "OrganisationFactory", "QuestionFactory", "RegionFactory", "RequirementFactory",
    "RoundFactory", "SegmentFactory", "SegmentRoundFactory", "SubmissionFactory", "TenderFactory", "UserFactory",
    "member_of", "submitted_entry", "user_with",
]  # fmt: skip
