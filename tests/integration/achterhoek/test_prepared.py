"""Reads of which the SQL is written once: what they give is always what stands in the database now."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.prepared import Prepared
from tests.factories import user_with

pytestmark = pytest.mark.django_db

by_email = Prepared(lambda email: User.objects.filter(email=email), str)
roles = Prepared(lambda user: RoleAssignment.objects.filter(user=user).values_list("role", flat=True), int)


def test_each_call_asks_the_database_with_its_own_values(django_assert_num_queries):
    one, other = user_with("provider"), user_with("lead")
    with django_assert_num_queries(2):
        assert roles(one.pk) == ["provider"]
        assert roles(other.pk) == ["lead"]
    RoleAssignment.objects.filter(user=one).delete()
    assert roles(one.pk) == []
    assert roles.first(one.pk) is None


def test_its_rows_are_those_of_the_queryset():
    person = user_with("provider")
    found = by_email.first(person.email)
    assert found == person
    assert found.get_deferred_fields() == set()
    assert by_email.first("nobody@example.org") is None


def test_what_is_no_value_of_its_kind_is_refused():
    for wrong in ([None], ["1"], [uuid4()], [], [1, 2]):
        with pytest.raises((TypeError, ValueError)):
            roles(*wrong)


def test_a_value_that_does_not_stand_in_the_sql_is_a_mistake_of_ours():
    lost = Prepared(lambda user, other: RoleAssignment.objects.filter(user=user), int, int)
    with pytest.raises(ValueError, match="stand in its SQL"):
        lost(1, 2)


def test_a_value_may_stand_in_it_twice():
    twice = Prepared(lambda pk: User.objects.filter(Q(pk=pk) | Q(role_assignments__user=pk)).distinct(), int)
    person = user_with("provider")
    user_with("provider")
    assert twice(person.pk) == [person]


@pytest.mark.django_db(transaction=True)
def test_what_locks_is_read_within_a_transaction():
    held = Prepared(lambda pk: User.objects.filter(pk=pk).select_for_update(), int)
    person = user_with("provider")
    with transaction.atomic():
        assert held(person.pk) == [person]
    with pytest.raises(transaction.TransactionManagementError):
        held(person.pk)


def test_the_database_plans_it_once_for_a_connection():
    person = user_with("provider")
    for _ in range(6):
        roles(person.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%accounts_roleassignment%'")
        assert cursor.fetchone()[0] >= 1


def test_a_session_ends_when_its_time_is_over_or_when_it_is_taken_away(client: Client):
    client.force_login(user_with("provider"))
    assert client.get("/mijn/").status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/mijn/").status_code == 302
    client.force_login(user_with("provider"))
    Session.objects.all().delete()
    assert client.get("/mijn/").status_code == 302
