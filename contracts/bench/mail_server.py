"""A mail server that keeps nothing but a log, and that may be killed at any moment. Only the standard library.

`python mail_server.py PORT LOG`: for each message that it accepts a line of JSON, on disk before it answers. Where a
file LOG.die lies beside the log, it ends after that line and before the answer: what every sender fears most.
An address that begins with `refused` is refused for good, one with `later` for now.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from email import message_from_bytes
from pathlib import Path

HOST = "127.0.0.1"


class Conversation:
    """One client: EHLO, MAIL, RCPT, DATA, QUIT (RFC 5321, 4.5.1)."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.receivers: list[str] = []

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = "220 ready"
        try:
            while True:
                writer.write(f"{answer}\r\n".encode())
                await writer.drain()
                line = (await reader.readline()).decode("ascii", "replace").strip()
                verb = line[:4].upper()
                if not line or verb == "QUIT":
                    break
                answer = await self.answer(verb, line, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, verb: str, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        if verb in ("EHLO", "HELO", "NOOP"):
            return "250 good"
        if verb in ("MAIL", "RSET"):
            self.receivers = []
            return "250 good"
        if verb == "RCPT":
            receiver = line.partition("<")[2].partition(">")[0]
            if receiver.startswith("refused"):
                return "550 no such mailbox"
            if receiver.startswith("later"):
                return "450 try again later"
            self.receivers.append(receiver)
            return "250 good"
        if verb == "DATA" and self.receivers:
            writer.write(b"354 go on\r\n")
            await writer.drain()
            self.keep(await reader.readuntil(b"\r\n.\r\n"))
            return "250 taken"
        return "502 not known"

    def keep(self, raw: bytes) -> None:
        mail = message_from_bytes(raw)
        said = {
            "to": self.receivers, "message_id": mail["Message-ID"], "date": mail["Date"], "subject": mail["Subject"],
            "files": [part.get_filename() for part in mail.walk() if part.get_filename()],
        }  # fmt: skip
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(said) + "\n")
            log.flush()
            os.fsync(log.fileno())
        fatal = self.log.with_name(f"{self.log.name}.die")
        if fatal.exists():
            fatal.unlink()
            os._exit(1)


async def serve(port: int, log: Path) -> None:
    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Conversation(log).hold(reader, writer)

    server = await asyncio.start_server(welcome, HOST, port, limit=64 * 1024 * 1024)
    async with server:
        await server.serve_forever()


def accepted(log: Path) -> list[dict[str, object]]:
    """What a server has accepted, in order."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
