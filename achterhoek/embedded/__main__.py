"""`python -m achterhoek.embedded start|stop|status [--test] [--if-idle]`."""

from __future__ import annotations

import argparse
import sys

from achterhoek import embedded
from achterhoek.embedded import cluster
from achterhoek.embedded.places import locate


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m achterhoek.embedded", description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("--test", action="store_true", help="the tests' pair instead of the demo's")
    parser.add_argument("--if-idle", action="store_true", help="stop only where no process uses them")
    options = parser.parse_args(arguments)
    places = locate(durable=False) if options.test else locate()
    if options.action == "start":
        embedded.ensure_running(places=places)
    elif options.action == "stop":
        (cluster.stop_if_idle if options.if_idle else embedded.stop)(places)
    up = embedded.running(places)
    if options.action != "stop":
        print(f"postgres {'runs' if up['postgres'] else 'stopped'}  {embedded.database_url(places)}")
        print(f"valkey   {'runs' if up['valkey'] else 'stopped'}  {embedded.redis_url(places=places)}")
    return 0 if options.action == "stop" or all(up.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except embedded.EmbeddedError as error:
        sys.exit(f"embedded: {error}")
