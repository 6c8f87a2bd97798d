"""Writers of organisations and their people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from stdnum.exceptions import ValidationError
from stdnum.nl import postcode as dutch_postcode

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.accounts.roles import roles_of
from achterhoek.accounts.services import grant_role
from achterhoek.audit.services import record
from achterhoek.errors import NotAllowed, RuleViolation
from providers.domain.identity import clean_number, is_agb_code, is_kvk_number, one_line
from providers.enums import LetterLanguage
from providers.models import Membership, Organisation
from providers.rules import may_add_people, may_change_organisation


@dataclass(frozen=True)
class OrganisationData:
    """What is asked of an organisation, as it was typed."""

    name: str
    legal_form: str
    kvk_number: str
    agb_code: str
    street: str
    postcode: str
    city: str
    email: str
    phone: str = ""
    website: str = ""
    letter_language: str = LetterLanguage.DUTCH


def _checked(data: OrganisationData) -> dict[str, Any]:
    values = {field: one_line(value) for field, value in asdict(data).items()}
    _require_words(values)
    values["kvk_number"] = clean_number(data.kvk_number)
    values["agb_code"] = clean_number(data.agb_code)
    if not is_kvk_number(values["kvk_number"]):
        raise RuleViolation(
            _("A KvK number has 8 digits. You find it on the extract of the Chamber of Commerce."), "kvk_number"
        )
    if not is_agb_code(values["agb_code"]):
        raise RuleViolation(_("An AGB code has 8 digits. You find it in the AGB register of Vektis."), "agb_code")
    try:
        values["postcode"] = dutch_postcode.validate(data.postcode)
    except ValidationError as error:
        raise RuleViolation(_("A postcode has 4 digits and 2 letters, for example 7001 AB."), "postcode") from error
    return values


def _require_words(values: dict[str, Any]) -> None:
    needed = {
        "name": _("Fill in the name of the organisation."),
        "street": _("Fill in the street and number."),
        "city": _("Fill in the city or village."),
    }
    for field, problem in needed.items():
        if not values[field]:
            raise RuleViolation(problem, field)


def create_organisation(*, data: OrganisationData, by: User) -> Organisation:
    """Make an organisation, with its numbers checked. Raises `RuleViolation` with the field."""
    values = _checked(data)
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(**values)
            record(
                "providers.organisation.registered", by=by, target=organisation, detail={"kvk": values["kvk_number"]}
            )
    except IntegrityError as error:
        field = "agb_code" if "agb_code" in str(error) else "kvk_number"
        number = _("AGB code") if field == "agb_code" else _("KvK number")
        raise RuleViolation(
            _(
                "An organisation with this %(number)s is registered already. "
                "Is it yours? Ask a colleague who may sign, or the functional administrator, to add you."
            )
            % {"number": number},
            field,
        ) from error
    return organisation


@transaction.atomic
def register_organisation(*, data: OrganisationData, by: User) -> Organisation:
    """A person registers the organisation they work for, and becomes its first signatory.

    Officials may not: nobody stands on both sides of a tender (Aw 1.10b). Raises `RuleViolation`.
    """
    if roles_of(by) - {Role.PROVIDER}:
        raise NotAllowed(_("You work for the municipalities here. Use another account for a provider."))
    organisation = create_organisation(data=data, by=by)
    Membership.objects.create(organisation=organisation, user=by, is_signatory=True)
    grant_role(user=by, role=Role.PROVIDER, by=None)
    record("providers.membership.added", by=by, target=organisation, detail={"signatory": True})
    return organisation


@transaction.atomic
def update_organisation(*, organisation: Organisation, data: OrganisationData, by: User) -> Organisation:
    """A signatory changes the details. The KvK number is the identity and stays. Raises `RuleViolation`."""
    if not may_change_organisation(by, organisation):
        raise NotAllowed(_("Only a person who may sign for the organisation changes its details."))
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    values = _checked(data)
    if values["kvk_number"] != locked.kvk_number:
        raise RuleViolation(
            _("The KvK number cannot be changed. Register a new organisation, or ask the procurement team."),
            "kvk_number",
        )
    changed = {name: value for name, value in values.items() if getattr(locked, name) != value}
    try:
        with transaction.atomic():
            for name, value in changed.items():
                setattr(locked, name, value)
            locked.save()
    except IntegrityError as error:
        raise RuleViolation(_("An organisation with this AGB code is registered already."), "agb_code") from error
    record("providers.organisation.changed", by=by, target=locked, detail={"changed": sorted(changed)})
    return locked


@transaction.atomic
def add_member(*, organisation: Organisation, email: str, is_signatory: bool, by: User) -> Membership:
    """Add a person who has an account. A signatory does so for their own organisation; the functional
    administrator for any, since one can be known here before its people are (a subcontractor).

    Raises `RuleViolation` beside `email`: no account, a member already, or an official (Aw 1.10b).
    """
    if not may_add_people(by, organisation):
        raise NotAllowed(_("Only a person who may sign for the organisation adds people."))
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        raise RuleViolation(
            _("Nobody with this e-mail address has an account. Ask the person to make one first."), "email"
        )
    try:
        grant_role(user=person, role=Role.PROVIDER, by=None)
    except NotAllowed as refused:
        raise RuleViolation(refused.message, "email") from refused
    member, created = Membership.objects.get_or_create(
        organisation=organisation, user=person, defaults={"is_signatory": is_signatory}
    )
    if not created:
        raise RuleViolation(_("This person is a member of the organisation already."), "email")
    detail = {"person": person.email, "signatory": is_signatory}
    record("providers.membership.added", by=by, target=organisation, detail=detail)
    return member
