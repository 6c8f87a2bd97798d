import factory

from achterhoek.region.models import ContractingAuthority, Municipality, Region


class ContractingAuthorityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ContractingAuthority

    name = factory.Sequence(lambda n: f"Sociaal Domein Voorbeeldstreek {n}")
    kvk_number = "90000001"
    street = "Raadhuisplein 1"
    postcode = "7001 AA"
    city = "Voorbeeldstad"
    email = "inkoop@streek.example"


class RegionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Region

    slug = factory.Sequence(lambda n: f"streek-{n}")
    name = factory.Sequence(lambda n: f"Voorbeeldstreek {n}")
    authority = factory.SubFactory(ContractingAuthorityFactory)


class MunicipalityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Municipality

    region = factory.SubFactory(RegionFactory)
    slug = factory.Sequence(lambda n: f"gemeente-{n}")
    name = factory.Sequence(lambda n: f"Gemeente {n}")
    tile_x = factory.Sequence(lambda n: n % 4)
    tile_y = factory.Sequence(lambda n: n // 4)
