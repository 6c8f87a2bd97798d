"""The demo's accounts, its providers and their consortia."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.services import grant_role
from achterhoek.region.models import Municipality, Region
from contracts.services.demo.files import Document
from providers.models import Consortium, ConsortiumMember, Membership, Organisation

# These look over all regions; the others work in one.
EVERYWHERE = (Role.ADMIN, Role.AUDITOR)


@dataclass(frozen=True)
class Party:
    """Who takes part: a provider, or a consortium that its lead speaks for."""

    name: str
    organisation: Organisation
    consortium: Consortium | None
    signer: User


def make_accounts(accounts: Document, region: Region) -> dict[str, User]:
    """The fixed accounts, by address, all with the one password (hashed once: it is slow on purpose)."""
    password = make_password(accounts["password"])
    rows = accounts["accounts"]
    User.objects.bulk_create(
        User(email=row["email"], name=row["name"], password=password, is_demo=True) for row in rows
    )
    found = {user.email: user for user in User.objects.filter(email__in=[row["email"] for row in rows])}
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in found.values()
    )
    towns = {town.slug: town for town in Municipality.objects.filter(region=region)}
    for row in rows:
        role = row["role"]
        local = role not in (*EVERYWHERE, Role.PROVIDER, Role.COLLEGE)
        grant_role(
            user=found[row["email"]], role=role, by=None, region=region if local else None,
            municipality=towns[row["municipality"]] if role == Role.COLLEGE else None,
        )  # fmt: skip
    return found


def make_parties(providers: Document, accounts: Document, people: dict[str, User]) -> dict[str, Party]:
    """All providers and consortia by their key, each with a person who signs for it."""
    rows = providers["providers"]
    organisations = _organisations(rows)
    consortia = _consortia(providers["consortia"], organisations)
    with_account = {row["provider"]: people[row["email"]] for row in accounts["accounts"] if "provider" in row}
    signers = {**_contacts([row for row in rows if row["key"] not in with_account]), **with_account}
    Membership.objects.bulk_create(
        Membership(organisation=organisations[key], user=user, is_signatory=True) for key, user in signers.items()
    )
    parties = {key: Party(org.name, org, None, signers[key]) for key, org in organisations.items()}
    for row in providers["consortia"]:
        lead = row["lead"]
        parties[row["key"]] = Party(row["name"], organisations[lead], consortia[row["key"]], signers[lead])
    return parties


def _organisations(rows: list[Document]) -> dict[str, Organisation]:
    made = {
        row["key"]: Organisation(
            name=row["name"],
            legal_form=row["registration"]["legal_form"],
            kvk_number=row["registration"]["kvk"],
            agb_code=row["registration"]["agb"],
            street=row["address"]["street"],
            postcode=row["address"]["postcode"],
            city=row["address"]["city"],
            email=row["contact"]["email"],
            website=row["contact"]["website"] or "",
        )
        for row in rows
    }
    Organisation.objects.bulk_create(made.values())
    return made


def _contacts(rows: list[Document]) -> dict[str, User]:
    """The contact persons of the other providers. They have no password: nobody logs in as them."""
    made = {
        row["key"]: User(
            email=row["contact"]["email"], name=row["contact"]["name"], password=make_password(None), is_demo=True
        )
        for row in rows
    }
    User.objects.bulk_create(made.values())
    for user in made.values():
        grant_role(user=user, role=Role.PROVIDER, by=None)
    return made


def _consortia(rows: list[Document], organisations: dict[str, Organisation]) -> dict[str, Consortium]:
    made = {row["key"]: Consortium(name=row["name"], lead=organisations[row["lead"]]) for row in rows}
    Consortium.objects.bulk_create(made.values())
    ConsortiumMember.objects.bulk_create(
        ConsortiumMember(consortium=made[row["key"]], organisation=organisations[member])
        for row in rows
        for member in row["members"]
    )
    return made
