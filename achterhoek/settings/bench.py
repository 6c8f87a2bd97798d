"""Measurements: the portal as in the demo, on servers, folders and keys that are made for it and thrown away.

`BENCH_HOME` is where all of it lies; whoever measures sets the rest (`contracts.bench.rush_stack`).
"""

from pathlib import Path

from achterhoek import embedded
from achterhoek.embedded.places import locate
from achterhoek.settings.local import *  # noqa: F403
from achterhoek.settings.local import CELERY_BEAT_SCHEDULE, env

BENCH_HOME = Path(env("BENCH_HOME"))
CELERY_BROKER_URL = embedded.celery_url(places=locate(BENCH_HOME, durable=True))
EMAIL_FILE_PATH = str(BENCH_HOME / "mail")

# Where mail is measured it goes to a server.
if env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
# The clock in haste: what comes round every minute comes every few seconds.
if HASTE := env.int("BENCH_BEAT_SECONDS", default=0):
    for _entry in CELERY_BEAT_SCHEDULE.values():
        if _entry["schedule"] == 60.0:
            _entry["schedule"] = float(HASTE)
