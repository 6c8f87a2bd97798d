"""The virus scanner: clamd, asked over its own protocol (INSTREAM), where `CLAMD_URL` says where it is."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Iterable
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from achterhoek.documents.models import Scan

logger = structlog.get_logger(__name__)

CONNECT_SECONDS = 5
# A large file is judged only after its last byte, and may be a deep archive of pictures.
ANSWER_SECONDS = 120
PIECE = 256 * 1024
ANSWER_LIMIT = 4096


def scan(content: Iterable[bytes]) -> Scan:
    """What the scanner says; `NONE` where there is none, `WAITING` where it gives no answer now."""
    if not settings.CLAMD_URL:
        return Scan.NONE
    try:
        answer = _ask(content)
    except (OSError, ValueError) as error:
        logger.error("virus scanner does not answer", error=type(error).__name__)
        return Scan.WAITING
    if answer == "stream: OK":
        return Scan.CLEAN
    if found := re.fullmatch(r"stream: (.+) FOUND", answer):
        logger.warning("virus found", signature=found[1])
        return Scan.INFECTED
    # For instance a file larger than its StreamMaxLength: not judged, so not shown.
    logger.error("virus scanner could not judge a file", answer=answer[:200])
    return Scan.WAITING


def _ask(content: Iterable[bytes]) -> str:
    """One conversation: length and bytes of each piece, a zero, then its answer."""
    with _connected() as link:
        try:
            link.sendall(b"zINSTREAM\0")
            for chunk in content:
                for start in range(0, len(chunk), PIECE):
                    piece = chunk[start : start + PIECE]
                    link.sendall(struct.pack("!I", len(piece)) + piece)
            link.sendall(struct.pack("!I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it may have answered and hung up before the end: a file too large for it
        link.settimeout(ANSWER_SECONDS)
        return _read(link)


def _read(link: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < ANSWER_LIMIT:
        piece = link.recv(ANSWER_LIMIT)
        if not piece:
            raise ConnectionResetError("no whole answer")
        answer += piece
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _connected() -> socket.socket:
    """`tcp://host:port`, or `unix:/path/to/socket`."""
    place = urlsplit(settings.CLAMD_URL)
    if place.scheme == "unix":
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(CONNECT_SECONDS)
        try:
            link.connect(place.path)
        except OSError:
            link.close()
            raise
        return link
    if place.scheme != "tcp" or not place.hostname:
        raise ValueError("CLAMD_URL is tcp://host:port or unix:/path")
    return socket.create_connection((place.hostname, place.port or 3310), timeout=CONNECT_SECONDS)
