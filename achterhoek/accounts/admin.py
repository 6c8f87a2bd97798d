"""People and their roles in the admin, for the functional administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.admin_site import RoleModelAdmin
from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import RoleAssignment, User
from achterhoek.accounts.roles import has_role
from achterhoek.accounts.services import (
    create_account,
    grant_role,
    leaves_no_administrator,
    on_the_other_side,
    revoke_role,
)

admin.site.unregister(Group)


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person is made without a password; they set their own through 'forgotten password'."""

    class Meta:
        model = User
        fields = ("email", "name", "is_active")


@admin.register(User)
class UserAdmin(RoleModelAdmin):
    change_roles = (Role.ADMIN,)
    can_add = True
    form = UserForm
    list_display = ("email", "name", "is_active", "date_joined")
    search_fields = ("email", "name")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        create_account(user=obj, by=request.user, changed=form.changed_data if change else None)


class RoleAssignmentForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = RoleAssignment
        fields = ("user", "role", "region", "municipality")

    def clean_role(self) -> str:
        """Members of a provider come from the registration of their organisation."""
        role: str = self.cleaned_data["role"]
        if role == Role.PROVIDER:
            raise forms.ValidationError(_("A provider's member gets this role by registering the organisation."))
        return role

    def clean(self) -> dict[str, Any] | None:
        data = super().clean()
        user, role = self.cleaned_data.get("user"), self.cleaned_data.get("role")
        if user is not None and role is not None and on_the_other_side(user, role):
            self.add_error(
                "user", _("Somebody who works for a provider cannot work for the municipalities here as well.")
            )
        return data


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(RoleModelAdmin):
    change_roles = (Role.ADMIN,)
    can_add = True
    form = RoleAssignmentForm
    list_display = ("user", "role", "region", "municipality")
    list_filter = ("role",)
    list_select_related = ("user", "region", "municipality")
    autocomplete_fields = ("user",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role is given or taken away, never edited into another."""
        return False

    def save_model(self, request: HttpRequest, obj: RoleAssignment, form: Any, change: bool) -> None:
        made = grant_role(
            user=obj.user,
            role=obj.role,
            region=obj.region,
            municipality=obj.municipality,
            by=request.user,  # type: ignore[arg-type]
        )
        obj.pk = made.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The one thing in the admin that can go: who leaves must not keep the role. The log remembers it."""
        return has_role(request.user, *self.change_roles)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        found, counts, needed, protected = super().get_deleted_objects(objs, request)
        if leaves_no_administrator(objs):
            reason = _("This is the last functional administrator. Give the role to somebody else first.")
            protected = [*protected, str(reason)]
        return found, counts, needed, protected

    def delete_model(self, request: HttpRequest, obj: RoleAssignment) -> None:
        revoke_role(assignment=obj, by=request.user)  # type: ignore[arg-type]

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RoleAssignment]) -> None:
        for assignment in queryset:
            self.delete_model(request, assignment)
