"""Who leaves must not keep a role: the functional administrator takes it away, and the log remembers."""

import pytest
from django.urls import reverse

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment
from achterhoek.accounts.services import revoke_role
from achterhoek.audit.models import AuditEvent
from achterhoek.errors import RuleViolation
from tests.factories import user_with

pytestmark = pytest.mark.django_db


def test_the_administrator_takes_a_role_away_and_the_log_says_so(client):
    administrator, leaver = user_with(Role.ADMIN), user_with(Role.EVALUATOR)
    client.force_login(administrator)
    assignment = leaver.role_assignments.get()
    address = reverse("admin:accounts_roleassignment_delete", args=[assignment.pk])
    assert client.get(address).status_code == 200
    client.post(address, {"post": "yes"})
    assert not leaver.role_assignments.exists()
    event = AuditEvent.objects.get(action="accounts.role.revoked")
    assert (event.actor, event.target_id, event.detail) == (administrator, str(leaver.pk), {"role": Role.EVALUATOR})


def test_roles_chosen_in_the_list_are_taken_away_one_by_one(client):
    client.force_login(user_with(Role.ADMIN))
    leavers = [user_with(Role.EVALUATOR), user_with(Role.LEAD)]
    chosen = list(RoleAssignment.objects.filter(user__in=leavers).values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    client.post(reverse("admin:accounts_roleassignment_changelist"), data)
    assert not RoleAssignment.objects.filter(pk__in=chosen).exists()
    assert AuditEvent.objects.filter(action="accounts.role.revoked").count() == 2


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.LEAD, Role.CLM, Role.PROVIDER])
def test_nobody_else_takes_a_role_away(client, role):
    client.force_login(user_with(role))
    kept = user_with(Role.EVALUATOR).role_assignments.get()
    client.post(reverse("admin:accounts_roleassignment_delete", args=[kept.pk]), {"post": "yes"})
    assert RoleAssignment.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize("how", ["one", "list"])
def test_the_last_administrator_keeps_the_role(client, how):
    administrator = user_with(Role.ADMIN)
    client.force_login(administrator)
    kept = administrator.role_assignments.get()
    if how == "one":
        page = client.post(reverse("admin:accounts_roleassignment_delete", args=[kept.pk]), {"post": "yes"})
    else:
        data = {"action": "delete_selected", "_selected_action": [kept.pk], "post": "yes"}
        page = client.post(reverse("admin:accounts_roleassignment_changelist"), data)
    assert "laatste functioneel beheerder" in page.content.decode()
    assert RoleAssignment.objects.filter(pk=kept.pk).exists()
    with pytest.raises(RuleViolation):
        revoke_role(assignment=kept, by=administrator)
