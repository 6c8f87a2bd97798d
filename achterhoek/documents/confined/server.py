"""The helper process itself. Not imported by the portal: started by path, without environment or settings.

It reads a request and two open files (the content, and where the answer goes) from the socket that is its standard
input, and forks: the child limits itself, does the work, answers and ends. The end of the socket is our end.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Any

# Only what lies beside this file can be asked for.
TASKS = {"pdf": "pdf_rules", "picture": "pdf_picture"}


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    importlib.import_module(TASKS["pdf"])
    with socket.socket(fileno=os.dup(0)) as link:
        while True:
            request, handles, _flags, _address = socket.recv_fds(link, 4096, 2)
            if not request:
                return
            asked = json.loads(request)
            work = importlib.import_module(TASKS[asked["task"]])
            if os.fork() == 0:
                link.close()
                serve(work, asked, *handles)
            for handle in handles:
                os.close(handle)
            link.send(b"!")


def serve(work: Any, asked: dict[str, Any], content: int, answer: int) -> None:
    """The child: limit, work, answer, end."""
    try:
        confine(asked["memory"], asked["cpu"])
        with os.fdopen(content, "rb") as file, os.fdopen(answer, "wb") as out:
            file.seek(0)
            out.write(work.run(file, **asked["options"]) + b"\n.")
    except BaseException:  # whatever it is: who asked hears that there is no answer
        os._exit(1)
    os._exit(0)


def confine(memory: int, cpu: int) -> None:
    """Limits that the child cannot lift again: memory, time, no core dump, no file written."""
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    signal.alarm(cpu * 3)


if __name__ == "__main__":
    main()
