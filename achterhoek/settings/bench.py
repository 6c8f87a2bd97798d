"""Measurements: the portal as in the demo, on servers, folders and keys that are made for it and thrown away.

`BENCH_HOME` is where all of it lies; whoever measures sets the rest (`contracts.bench.rush_stack`).
"""

from pathlib import Path

from achterhoek import embedded
from achterhoek.embedded.places import locate
from achterhoek.settings.local import *  # noqa: F403
from achterhoek.settings.local import env

BENCH_HOME = Path(env("BENCH_HOME"))
CELERY_BROKER_URL = embedded.celery_url(places=locate(BENCH_HOME, durable=True))
EMAIL_FILE_PATH = str(BENCH_HOME / "mail")
