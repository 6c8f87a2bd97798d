from typing import Any

import factory

from achterhoek.accounts.models import RoleAssignment, User


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"persoon{n}@demo.example")
    name = factory.Sequence(lambda n: f"Persoon {n}")
    password = factory.django.Password("Achterhoek-2022-demo")


def user_with(role: str, *, region: Any = None, municipality: Any = None, **fields: Any) -> User:
    """A user with one role (in all regions, unless one is given)."""
    user = UserFactory(**fields)
    RoleAssignment.objects.create(user=user, role=role, region=region, municipality=municipality)
    return user
