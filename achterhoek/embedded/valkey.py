"""The embedded Valkey: start it, know whether it answers, stop it."""

from __future__ import annotations

import signal
import socket
import subprocess

from achterhoek.embedded.binaries import Binaries
from achterhoek.embedded.owner import Owner
from achterhoek.embedded.places import Places
from achterhoek.embedded.server import Server


def server(places: Places) -> Server:
    return Server(places.home, "valkey", "valkey-server")


def answers(places: Places) -> bool:
    """Whether it takes commands now; while it still reads its data it says so and this is false."""
    return _ask(places, b"PING").startswith(b"+PONG")


def launch(places: Places, owner: Owner, binaries: Binaries) -> subprocess.Popen[bytes]:
    """Start it, on a Unix socket only. What is queued survives: the demo's is written down every second."""
    owner.make_folder(places.valkey)
    places.valkey_socket.unlink(missing_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(places.valkey_socket),
        "unixsocketperm": "700",
        "dir": str(places.valkey),
        "appendonly": "yes" if places.durable else "no",
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    command = [str(binaries.valkey)]
    for name, value in options.items():
        command += [f"--{name}", value]
    return server(places).launch(command, owner)


def ask_to_stop(places: Places, *, urgently: bool = False) -> None:
    """Let it write down what it has and end."""
    if urgently or _ask(places, b"SHUTDOWN"):
        server(places).signal(signal.SIGKILL if urgently else signal.SIGTERM)


def _ask(places: Places, command: bytes) -> bytes:
    """One command, one answer; empty where nobody answers."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(places.valkey_socket))
            connection.sendall(command + b"\r\n")
            return connection.recv(200)
    except OSError:
        return b""
