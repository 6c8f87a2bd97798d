"""The Celery application: long work with a progress bar, and the clock of the portal."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achterhoek.settings.local")

app = Celery("achterhoek")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
