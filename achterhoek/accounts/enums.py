"""The roles of the portal."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a person may be here. One person may have several roles."""

    PROVIDER = "provider", _("Provider member")
    LEAD = "lead", _("Procurement lead")
    EVALUATOR = "evaluator", _("Evaluator")
    OPENER = "opener", _("Vault opener")
    COLLEGE = "college", _("College secretary")
    MANDATE = "mandate", _("Mandate holder")
    COMPLAINTS = "complaints", _("Complaints officer")
    CLM = "clm", _("Team CLM")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Functional administrator")
