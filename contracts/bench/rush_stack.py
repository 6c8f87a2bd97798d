"""The whole portal for a measurement: servers, web, worker and clock of its own, as `./run demo` starts them.

Nothing of it is the demo's: another PostgreSQL (which waits for the disk), another Valkey, other folders, other
keys. So any of it may be killed, and all of it is thrown away.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from achterhoek import embedded
from achterhoek.embedded import cluster, valkey
from achterhoek.embedded import postgres as pg
from achterhoek.embedded.places import CHECKOUT, Places, locate
from achterhoek.embedded.supervise import Child, is_ready, portal
from achterhoek.sealing.age import new_identity

HOST = "127.0.0.1"
CLIENT = Path(__file__).with_name("rush_client.py")
READY_SECONDS = 60
LOOK_EVERY = 0.2
# What runs in a process of its own, with the settings of the measurement.
IN_DJANGO = "import django; django.setup(); from contracts.bench.{0} import main; main()"


class Stack:
    """The running portal of one measurement."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.places: Places = locate(home, durable=True)
        self.port = _free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TEST_", "EMBEDDED_"))},
            "DJANGO_SETTINGS_MODULE": "achterhoek.settings.bench",
            "BENCH_HOME": str(home),
            "BASE_URL": f"http://{HOST}:{self.port}",
            "DATABASE_URL": embedded.database_url(self.places),
            "REDIS_URL": embedded.redis_url(places=self.places),
            "FILES_DIR": str(home / "files"),
            "SCRATCH_DIR": str(home),
            "SEALING_KEYS": new_identity(),
            "AUDIT_KEYS": new_identity(),
        }
        self.children: list[Child] = portal(HOST, self.port, home / "beat-schedule")
        self.killed: list[str] = []
        self._stop = threading.Event()
        self._keeper = threading.Thread(target=self._look_after, daemon=True)
        for child in self.children:
            child.logs, child.environment = home, self.environment

    def start_servers(self) -> None:
        cluster.ensure_running(self.places, postgres=True, valkey=True)

    def start_without_web(self) -> None:
        """All but the web; they are not waited for."""
        self.children = [child for child in self.children if child.name != "web"]
        for child in self.children:
            child.look_after()
        self._keeper.start()

    def start(self) -> None:
        """Web, worker and clock; back when the portal says that it is ready."""
        for child in self.children:
            child.look_after()
        self._keeper.start()
        end = time.monotonic() + READY_SECONDS
        while not is_ready(HOST, self.port):
            if time.monotonic() > end:
                raise RuntimeError(f"the portal did not start; see {self.home}")
            time.sleep(0.1)

    def _look_after(self) -> None:
        """What ends is started again, the servers as well: as the demo does, and systemd or compose elsewhere."""
        while not self._stop.wait(LOOK_EVERY):
            for child in self.children:
                child.look_after()
            # One that does not come back in time is tried again.
            with contextlib.suppress(embedded.EmbeddedError):
                if not all(embedded.running(self.places).values()):
                    cluster.ensure_running(self.places, postgres=True, valkey=True)

    def stop(self) -> None:
        self._stop.set()
        if self._keeper.is_alive():
            self._keeper.join()
        for child in self.children:
            child.tell(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
        cluster.stop(self.places)

    def kill(self, what: str) -> None:
        """SIGKILL, without a word: PostgreSQL, Valkey, the worker (with what it started), one `process` of the worker,
        one of the web processes, or what else was started by name.
        """
        if what == "postgres":
            victim = psutil.Process(int(pg.server(self.places).pid_file.read_text()))
        elif what == "valkey":
            victim = psutil.Process(int(valkey.server(self.places).pid_file.read_text()))
        elif what == "process":
            victim = max(self._process("worker").children(), key=lambda child: child.pid)
        elif what != "web":
            victim = self._process(what)
        else:
            victim = max(self._process("web").children(), key=lambda child: child.pid)
        self.killed.append(f"{what} {victim.pid}")
        for child in victim.children() if what == "worker" else []:
            child.kill()
        victim.kill()

    def _process(self, name: str) -> psutil.Process:
        child = next(child for child in self.children if child.name == name)
        if child.process is None:
            raise RuntimeError(f"{name} does not run")
        return psutil.Process(child.process.pid)

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time that each part has used until now, its ended children too."""
        roots = {child.name: psutil.Process(child.process.pid) for child in self.children if child.process}
        roots["postgres"] = psutil.Process(int(pg.server(self.places).pid_file.read_text()))
        return {name: sum(_seconds(p) for p in [root, *root.children(recursive=True)]) for name, root in roots.items()}

    def django(self, module: str, given: dict[str, Any]) -> Any:
        """What a module of ours answers in a process with the settings of this measurement."""
        command = [sys.executable, "-c", IN_DJANGO.format(module)]
        done = subprocess.run(  # noqa: S603
            command, input=json.dumps(given), env=self.environment, cwd=CHECKOUT, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{module} failed:\n{done.stderr[-3000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def rush(self, plan: dict[str, Any]) -> subprocess.Popen[str]:
        """The clients, in a process of their own; `finish` waits for what they tell."""
        given = tempfile.TemporaryFile("w+")  # noqa: SIM115 - the child reads it
        json.dump({"host": HOST, "port": self.port, **plan}, given)
        given.seek(0)
        with given:
            return subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", str(CLIENT)], stdin=given, stdout=subprocess.PIPE, text=True
            )


def finish(clients: subprocess.Popen[str]) -> dict[str, Any]:
    said, _nothing = clients.communicate()
    if clients.returncode:
        raise RuntimeError("the clients failed")
    told: dict[str, Any] = json.loads(said)
    return told


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """A portal that is there for as long as the measurement takes; what it leaves behind goes."""
    folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="rush-", dir=folder))
    home.chmod(0o755)
    made = Stack(home)
    try:
        made.start_servers()
        yield made
    finally:
        made.stop()
        for place in (made.places.private, made.places.home, home):
            if place is not None:
                shutil.rmtree(place, ignore_errors=True)


def _seconds(process: psutil.Process) -> float:
    try:
        used = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(used.user + used.system + used.children_user + used.children_system)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])
