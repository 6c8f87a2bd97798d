"""WSGI entry point, served by gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achterhoek.settings.local")

application = get_wsgi_application()

# What was loaded stays: the collector need not look through it again and again, nor touch (and so copy) the pages that
# the web processes share.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
