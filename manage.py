#!/usr/bin/env python
"""The command line of the portal. `./run manage ...` calls this inside the environment."""

import os
import sys

# These compute from their arguments alone (scoring-dossier, legal terms), or only read the code.
WITHOUT_DATABASE = {
    "rank", "term", "verify", "makemessages", "compilemessages", "collectstatic", "help", "check", "draw_states",
}  # fmt: skip


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achterhoek.settings.local")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    offline = command in WITHOUT_DATABASE or (command == "dossier" and "--recorded" not in sys.argv)
    if not offline and not command.startswith("-"):
        from achterhoek.embedded import ensure_for_settings

        ensure_for_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
