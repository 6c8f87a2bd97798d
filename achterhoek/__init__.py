"""The project: settings, and what all apps share."""

from achterhoek.celery import app as celery_app

__all__ = ["celery_app"]
