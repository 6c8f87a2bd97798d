"""A provider registers its organisation, and only its own people see and change it."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.accounts.roles import has_role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import NotAllowed, RuleViolation
from providers.models import Membership, Organisation
from providers.services.organisations import OrganisationData, register_organisation
from tests.factories import OrganisationFactory, UserFactory, member_of, user_with

TYPED = {
    "name": "Zorghuis De Linde",
    "legal_form": "bv",
    "kvk_number": "9123 4567",
    "agb_code": "22.012345",
    "street": "Lindelaan 4",
    "postcode": "7001ab",
    "city": "Doetinchem",
    "email": "bestuur@delinde.example",
    "phone": "",
    "website": "",
}


def sign_in(user: object) -> Client:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return client


@pytest.mark.django_db
def test_a_person_registers_the_organisation_and_may_sign_for_it() -> None:
    user = UserFactory()
    response = sign_in(user).post(reverse("providers:organisation_new"), TYPED)
    assert response.status_code == 302
    organisation = Organisation.objects.get()
    assert (organisation.kvk_number, organisation.agb_code, organisation.postcode) == (
        "91234567",
        "22012345",
        "7001 AB",
    )
    assert Membership.objects.get(user=user).is_signatory
    assert has_role(type(user).objects.get(pk=user.pk), Role.PROVIDER)
    assert AuditEvent.objects.filter(action="providers.organisation.registered", actor=user).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("kvk_number", "1234567", "8 cijfers"),
        ("agb_code", "abcdefgh", "8 cijfers"),
        ("postcode", "99", "4 cijfers en 2 letters"),
        ("email", "geen adres", "Dit is geen e-mailadres"),
        ("legal_form", "", "Kies de rechtsvorm"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_nothing_typed_is_lost(
    field: str, value: str, words: str
) -> None:
    response = sign_in(UserFactory()).post(reverse("providers:organisation_new"), TYPED | {field: value})
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert f'id="id_{field}_error"' in page
    assert "<title>Fout: " in page
    assert "Zorghuis De Linde" in page
    assert not Organisation.objects.exists()


@pytest.mark.django_db
def test_a_number_that_is_taken_is_told_beside_its_field() -> None:
    OrganisationFactory(kvk_number="91234567")
    page = sign_in(UserFactory()).post(reverse("providers:organisation_new"), TYPED).content.decode()
    assert 'id="id_kvk_number_error"' in page
    assert Organisation.objects.count() == 1


@pytest.mark.django_db
def test_an_official_cannot_stand_on_both_sides() -> None:
    with pytest.raises(NotAllowed):
        register_organisation(data=OrganisationData(**TYPED), by=user_with(Role.EVALUATOR))


@pytest.mark.django_db
def test_others_do_not_see_an_organisation() -> None:
    organisation = OrganisationFactory()
    other = member_of(OrganisationFactory())
    assert sign_in(other).get(reverse("providers:organisation", args=[organisation.pk])).status_code == 404
    assert (
        sign_in(member_of(organisation)).get(reverse("providers:organisation", args=[organisation.pk])).status_code
        == 200
    )


@pytest.mark.django_db
def test_only_a_signatory_changes_the_details_and_never_the_kvk_number() -> None:
    organisation = OrganisationFactory()
    address = reverse("providers:organisation_edit", args=[organisation.pk])
    colleague = member_of(organisation, signatory=False)
    assert (
        "mag tekenen"
        in sign_in(colleague).post(address, TYPED | {"kvk_number": organisation.kvk_number}).content.decode()
    )
    signatory = sign_in(member_of(organisation))
    assert 'id="id_kvk_number_error"' in signatory.post(address, TYPED).content.decode()
    assert signatory.post(address, TYPED | {"kvk_number": organisation.kvk_number}).status_code == 302
    organisation.refresh_from_db()
    assert organisation.city == "Doetinchem"


@pytest.mark.django_db
def test_the_database_itself_refuses_a_number_that_is_none() -> None:
    with pytest.raises(IntegrityError):
        OrganisationFactory(kvk_number="123")


@pytest.mark.django_db(transaction=True)
def test_two_people_register_the_same_number_at_once_and_one_wins() -> None:
    users = [UserFactory(), UserFactory()]
    barrier, outcomes = threading.Barrier(2), []

    def attempt(user: object) -> None:
        try:
            barrier.wait(5)
            register_organisation(data=OrganisationData(**TYPED), by=user)
            outcomes.append("registered")
        except RuleViolation as refused:
            outcomes.append(refused.field)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kvk_number", "registered"]
    assert Membership.objects.count() == 1


@pytest.mark.django_db
def test_a_signatory_adds_a_colleague_who_can_then_work_for_the_organisation() -> None:
    organisation, colleague = OrganisationFactory(), UserFactory(email="collega@zorg.example")
    client = sign_in(member_of(organisation))
    response = client.post(reverse("providers:member_new", args=[organisation.pk]), {"email": "Collega@zorg.example"})
    assert response.status_code == 302
    assert not Membership.objects.get(user=colleague).is_signatory
    assert sign_in(colleague).get(reverse("providers:organisation", args=[organisation.pk])).status_code == 200


@pytest.mark.django_db
def test_the_administrator_adds_the_first_person_of_an_organisation_that_had_none() -> None:
    organisation, person = OrganisationFactory(), UserFactory()
    client = sign_in(user_with(Role.ADMIN))
    data = {"email": person.email, "is_signatory": "on"}
    assert client.post(reverse("providers:member_new", args=[organisation.pk]), data).status_code == 302
    assert Membership.objects.get(user=person).is_signatory


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["nobody", "official", "member"])
def test_who_cannot_be_added_is_told_beside_the_field(who: str) -> None:
    organisation = OrganisationFactory()
    signatory = member_of(organisation)
    email = {"nobody": "niemand@zorg.example", "official": user_with(Role.LEAD).email, "member": signatory.email}[who]
    page = sign_in(signatory).post(reverse("providers:member_new", args=[organisation.pk]), {"email": email})
    assert 'id="id_email_error"' in page.content.decode()
    assert organisation.memberships.count() == 1


@pytest.mark.django_db
def test_who_may_not_sign_adds_nobody() -> None:
    organisation, person = OrganisationFactory(), UserFactory()
    client = sign_in(member_of(organisation, signatory=False))
    client.post(reverse("providers:member_new", args=[organisation.pk]), {"email": person.email})
    assert not Membership.objects.filter(user=person).exists()
