from typing import Any

import factory

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from providers.models import Consortium, ConsortiumMember, Membership, Organisation
from tests.factories.accounts import user_with


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    name = factory.Sequence(lambda n: f"Zorg Voorbeeld {n}")
    legal_form = "stichting"
    kvk_number = factory.Sequence(lambda n: f"{91000000 + n}")
    agb_code = factory.Sequence(lambda n: f"{22000000 + n}")
    street = "Zorgstraat 1"
    postcode = "7001 AB"
    city = "Voorbeeldstad"
    email = factory.Sequence(lambda n: f"bestuur{n}@zorg.example")


class ConsortiumFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Consortium
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Combinatie Voorbeeld {n}")
    lead = factory.SubFactory(OrganisationFactory)

    @factory.post_generation
    def lead_is_member(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        if create:
            ConsortiumMember.objects.create(consortium=self, organisation=self.lead)


def member_of(organisation: Organisation, *, signatory: bool = True, **fields: Any) -> User:
    """A user with the provider role who is a member of this organisation."""
    user = user_with(Role.PROVIDER, **fields)
    Membership.objects.create(organisation=organisation, user=user, is_signatory=signatory)
    return user
