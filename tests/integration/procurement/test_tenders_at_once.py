"""Two leads press "publish" at the same moment: one publishes, the other is told it was done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from achterhoek.accounts.enums import Role
from achterhoek.accounts.models import User
from achterhoek.audit.models import AuditEvent
from achterhoek.clock import database_today
from achterhoek.errors import RuleViolation
from procurement.models import Tender
from procurement.services.tenders import publish_tender
from tests.factories import user_with
from tests.factories.loaded import draft_tender


@pytest.mark.django_db(transaction=True)
def test_a_tender_is_published_once_by_two_leads_at_once(tmp_path: Path) -> None:
    tender = draft_tender(tmp_path)
    leads = [user_with(Role.LEAD), user_with(Role.LEAD)]
    deadline = timezone.make_aware(datetime.combine(database_today() + timedelta(days=60), time(12)))
    together = Barrier(2)

    def publish(user: User) -> str:
        try:
            own = Tender.objects.get(pk=tender.pk)
            together.wait(timeout=20)
            publish_tender(tender=own, deadline=deadline, by=user)
        except RuleViolation:
            return "refused"
        finally:
            connection.close()
        return "published"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(publish, leads)) == ["published", "refused"]
    assert AuditEvent.objects.filter(action="procurement.tender.publish").count() == 1
