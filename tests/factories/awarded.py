"""An award that has become final, for two providers, in a region of eight municipalities that all buy the segment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from procurement.models import Segment
from providers.models import Organisation
from tests.factories.accounts import user_with
from tests.factories.contracts import final_award_decision, takes_part
from tests.factories.procurement import LotFactory, SegmentFactory, TenderFactory
from tests.factories.providers import OrganisationFactory, member_of
from tests.factories.region import ContractingAuthorityFactory, RegionFactory

# With their places on the map of tiles.
MUNICIPALITIES = {
    "Aalten": (2, 3), "Berkelland": (2, 1), "Bronckhorst": (1, 1), "Doetinchem": (1, 2), "Montferland": (0, 3),
    "Oost Gelre": (3, 2), "Oude IJsselstreek": (1, 3), "Winterswijk": (3, 3),
}  # fmt: skip
WINNERS = ("Zorg Aan De Slinge", "Coöperatie Buurtkracht")


@dataclass(frozen=True)
class Awarded:
    """What was awarded, and everybody who works on it from now on."""

    segment: Segment
    winners: list[Organisation]
    members: list[User]
    known: list[Organisation]
    lead: User
    clm: User
    colleges: list[User]


@transaction.atomic
def awarded(*, starts: date) -> Awarded:
    """The contracts run three years from `starts`, with twice an option of two years, each to decide six months ahead.

    `known` are two organisations of which the portal knows the KvK number, without a contract.
    """
    authority = ContractingAuthorityFactory(name="Sociaal Domein Achterhoek", phone="0314 000 000")
    region = RegionFactory(slug="achterhoek", name="Achterhoek", authority=authority, is_default=True)
    tender = TenderFactory(
        region=region, slug="inkoop-jeugdhulp", title="Inkoop Jeugdhulp", contract_start=starts, notice_months=6
    )
    lot = LotFactory(tender=tender, name="Jeugdhulp", slug="jeugdhulp")
    segment = SegmentFactory(
        tender=tender, lot=lot, name="Integrale Ambulante Jeugdhulp", slug="ambulante-jeugdhulp", position=1
    )
    takes_part(segment, *MUNICIPALITIES)
    for place in region.municipalities.all():
        place.tile_x, place.tile_y = MUNICIPALITIES[place.name]
        place.save()
    decision = final_award_decision(segment=segment, bids=len(WINNERS))
    winners = [award.entry.submission.organisation for award in decision.awards.order_by("pk")]
    for organisation, name in zip(winners, WINNERS, strict=True):
        organisation.name = name
        organisation.save()
    return Awarded(
        segment=segment,
        winners=winners,
        members=[member_of(one, name=f"Bestuurder van {one.name}") for one in winners],
        known=[OrganisationFactory(name=name) for name in ("Zorgbureau Snel", "Stichting De Linde")],
        lead=user_with(Role.LEAD, region=region, name="Lotte Inkoop", email="lead@demo.example"),
        clm=user_with(Role.CLM, region=region, name="Carla Beheer", email="clm@demo.example"),
        colleges=[
            user_with(
                Role.COLLEGE, municipality=place, name=f"Secretaris {place.name}",
                email=f"college.{place.slug}@demo.example",
            )
            for place in region.municipalities.order_by("name")
        ],
    )  # fmt: skip
