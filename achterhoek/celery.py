"""The Celery application: long work with a progress bar, and the clock of the portal."""

import os
from logging.config import dictConfig
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achterhoek.settings.local")

app = Celery("achterhoek")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_as_the_web_does(**_: Any) -> None:
    """JSON, a line an event, without what an error says of itself (`achterhoek.settings.logs`)."""
    dictConfig(settings.LOGGING)
