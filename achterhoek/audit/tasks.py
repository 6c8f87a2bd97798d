"""Work of the clock: anchor the chain of the log, and check the whole of it each night."""

from __future__ import annotations

import structlog
from celery import shared_task

from achterhoek.audit import services
from achterhoek.audit.domain.chain import Finding

logger = structlog.get_logger(__name__)
# So many findings are written out; one that cut the log to pieces makes thousands.
SHOWN = 50


@shared_task(name="audit.anchor")
def anchor() -> None:
    """Every five minutes: sign how far the chain is. May run twice without harm."""
    services.anchor()


@shared_task(name="audit.verify")
def verify() -> None:
    """Every night: a difference is an error in the program's log, which whoever runs the portal watches."""
    shown: list[str] = []

    def report(finding: Finding) -> None:
        if len(shown) < SHOWN:
            shown.append(str(finding))

    walk, check = services.verify(report=report)
    if check.ok:
        logger.info("audit log verified", end=walk.end)
    else:
        logger.error("audit log does not match its chain", findings=check.findings, first=shown)
