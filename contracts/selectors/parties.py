"""Which subcontractors an organisation has now: evaluators declare about those of a bidder too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from contracts.models import Subcontractor
from providers.models import Organisation


def subcontractors_of(organisation_ids: Collection[int]) -> dict[int, list[Organisation]]:
    """The subcontractors of each contractor that work today or will; one query."""
    rows = Subcontractor.objects.filter(contract__contractor__in=organisation_ids)
    found: dict[int, list[Organisation]] = defaultdict(list)
    now = rows.filter(Q(end__isnull=True) | Q(end__gte=timezone.localdate()))
    for row in now.select_related("organisation", "contract"):
        found[row.contract.contractor_id].append(row.organisation)
    return found
