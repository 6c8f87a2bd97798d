"""`./run demo`: the servers, the web process, the worker and the clock, together up and together down.

A process that ends is started again, after a pause that grows while it keeps ending. All are told to
stop when we are, and the kernel tells them where we were killed (Linux).
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

from achterhoek import embedded
from achterhoek.embedded import cluster
from achterhoek.embedded.places import CHECKOUT, locate
from achterhoek.embedded.server import lock_if_free
from achterhoek.embedded.welcome import welcome

PYTHON = sys.executable
LOGS = CHECKOUT / "var" / "log"
READY_SECONDS = 300.0
STOP_SECONDS = 10.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
LOOK_AT_SERVERS_EVERY = 3.0
LONGEST_LOG = 10 * 1024 * 1024


class Stop(Exception):
    """Somebody asked us to stop."""


@dataclass(slots=True)
class Child:
    """One process that is kept going."""

    name: str
    command: list[str]
    nice: int = 0
    logs: Path = LOGS
    environment: dict[str, str] | None = None
    process: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    pause: float = 0.0
    not_before: float = field(default=0.0)

    @property
    def log(self) -> Path:
        return self.logs / f"{self.name}.log"

    def start(self) -> None:
        self.since = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us: we stop the others, in order
                preexec_fn=partial(_begin, self.nice),
            )

    def look_after(self) -> None:
        """Start it where it does not run, with a pause that doubles while it keeps ending."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            steady = now - self.since > STEADY_SECONDS
            self.pause = 1.0 if steady or not self.pause else min(2 * self.pause, LONGEST_PAUSE)
            say(f"{self.name} ended ({self.process.returncode}), see {self.log}; again in {self.pause:.0f} s")
            self.process, self.not_before = None, now + self.pause
        if now >= self.not_before:
            self.start()

    def tell(self, number: signal.Signals) -> None:
        """Signal the process; the last signal goes to all it started as well."""
        if self.process is None:
            return
        try:
            if number is signal.SIGKILL:
                os.killpg(self.process.pid, number)
            elif self.process.poll() is None:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run demo", description="The whole portal with demo data.")
    parser.add_argument("--reset", action="store_true", help="throw the demo's data away and start anew")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    host, port = os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or 8000)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "achterhoek.settings.local")
    os.environ.setdefault("BASE_URL", f"http://{reachable(host)}:{port}")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, _stop)
    LOGS.mkdir(parents=True, exist_ok=True)
    children = make_children(host, port)
    with lock_if_free(CHECKOUT / "var" / "demo.lock") as held:
        if held is None:
            return complain("the demo of this checkout already runs")
        try:
            return serve(children, host, port, began, reset=options.reset)
        except Stop:
            return 0
        except embedded.EmbeddedError as error:
            return complain(str(error))
        finally:
            end(children)


def serve(children: list[Child], host: str, port: int, began: float, *, reset: bool) -> int:
    """Bring all up, say so once, and look after it until we are asked to stop."""
    if not await_free_port(host, port):
        return complain(f"port {port} of {host} is taken; choose another: PORT=8100 ./run demo")
    if reset:
        if not uses_embedded():
            return complain("--reset is for the embedded servers; DATABASE_URL and REDIS_URL name others")
        say("Throwing the demo's data away ...")
        cluster.reset(locate())
    embedded.ensure_for_settings()
    prepared = subprocess.run(
        [PYTHON, "-m", "achterhoek.embedded.prepare"], cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False
    )
    if prepared.returncode:
        return complain("the portal could not be prepared")
    told, looked = False, time.monotonic()
    while True:
        for child in children:
            child.look_after()
        if not told and is_ready(host, port):
            say(welcome(os.environ["BASE_URL"], time.monotonic() - began))
            told = True
        if not told and time.monotonic() - began > READY_SECONDS:
            return complain(f"not ready after {READY_SECONDS:.0f} s; see {LOGS}")
        if time.monotonic() - looked > LOOK_AT_SERVERS_EVERY:
            revive_servers()
            looked = time.monotonic()
        time.sleep(0.5 if told else 0.1)


def make_children(host: str, port: int) -> list[Child]:
    """The portal's processes, with logs that begin anew when they are long."""
    children = portal(host, port, CHECKOUT / "var" / "beat-schedule")
    for log in (child.log for child in children):
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
    return children


def portal(host: str, port: int, schedule: Path) -> list[Child]:
    """The web process, the worker and the clock. The web goes first: what the worker makes can wait a minute."""
    web = ["gunicorn", "achterhoek.wsgi:application", "--bind", f"{host}:{port}", "--preload"]
    # Who cannot be helped at once waits before both processes, and is helped by the one that is free first.
    web += ["--workers", "2", "--threads", "4", "--worker-connections", "5", "--keep-alive", "0"]
    web += ["--timeout", "120", "--graceful-timeout", "5"]
    web += ["--access-logfile", "-", "--no-control-socket"]
    celery = ["celery", "--app", "achterhoek", "--quiet"]
    worker = [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"]
    beat = [*celery, "beat", "--loglevel", "INFO", "--pidfile", "", "--schedule", str(schedule)]
    return [
        Child("web", [PYTHON, "-m", *web]),
        Child("worker", [PYTHON, "-m", *worker], nice=19),
        Child("beat", [PYTHON, "-m", *beat]),
    ]


def uses_embedded() -> bool:
    return not os.environ.get("DATABASE_URL") and not os.environ.get("REDIS_URL")


def revive_servers() -> None:
    """Start PostgreSQL or Valkey again where it was killed; from a process of its own, so not as our child."""
    up = embedded.running()
    gone = [
        name
        for name, variable in (("postgres", "DATABASE_URL"), ("valkey", "REDIS_URL"))
        if not os.environ.get(variable) and not up[name]
    ]
    if gone:
        say(f"{' and '.join(gone)} ended; starting again")
        command = "from achterhoek import embedded; embedded.ensure_for_settings()"
        subprocess.run([PYTHON, "-c", command], cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False)


def end(children: list[Child]) -> None:
    """Stop the processes, then what they use. A second Ctrl-C does not interrupt this."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    going = [child for child in children if child.process is not None]
    for child in going:
        child.tell(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and any(c.process and c.process.poll() is None for c in going):
        time.sleep(0.05)
    for child in going:
        child.tell(signal.SIGKILL)  # what is left of it, and of what it started
    embedded.stop()


def await_free_port(host: str, port: int) -> bool:
    """Whether the port is free, with patience for a killed demo whose processes are on their way out."""
    deadline = time.monotonic() + STOP_SECONDS
    while True:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
                return True
            except OSError:
                if time.monotonic() > deadline:
                    return False
        time.sleep(0.2)


def reachable(host: str) -> str:
    """Where we ourselves reach a server that listens on every address."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - a comparison


def is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone; the portal need not be
        print(text, flush=True)


def complain(text: str) -> int:
    print(f"run demo: {text}", file=sys.stderr)
    return 1


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stop


def _begin(nice: int) -> None:
    """In the new process: give way as told, and ask Linux to end it when its parent is gone, however that came."""
    if nice:
        os.nice(nice)
        # Where Linux shares the processor out by session, `nice` counts within one only; this is the session's own.
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(nice))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


if __name__ == "__main__":
    sys.exit(main())
