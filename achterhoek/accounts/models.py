"""People who log in, by e-mail address, and the roles they hold."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from achterhoek.accounts.enums import Role
from achterhoek.region.models import Municipality, Region


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address; there is no user name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do follows from their roles, never from Django's staff flag."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    is_active = models.BooleanField(_("may log in"), default=True)
    is_demo = models.BooleanField(_("account of the demo"), default=False, editable=False)
    date_joined = models.DateTimeField(_("since"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once_in_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    @property
    def is_staff(self) -> bool:
        """Whether the door of /beheer/ opens at all; each page there asks for its own role."""
        from achterhoek.accounts.roles import has_role

        return has_role(self, Role.CLM, Role.ADMIN, Role.AUDITOR)


class RoleAssignment(models.Model):
    """A role of a person. Without a region it holds for all regions; a college secretary's needs a municipality."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    region = models.ForeignKey(Region, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.CASCADE, null=True, blank=True, related_name="role_assignments"
    )

    class Meta:
        verbose_name = _("role of a user")
        verbose_name_plural = _("roles of users")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "region", "municipality"],
                nulls_distinct=False,
                name="role_once_a_user",
            ),
            models.CheckConstraint(
                condition=(Q(role=Role.COLLEGE) & Q(municipality__isnull=False))
                | (~Q(role=Role.COLLEGE) & Q(municipality__isnull=True)),
                name="role_college_has_municipality",
                violation_error_message=_("Choose the municipality of the college secretary."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
