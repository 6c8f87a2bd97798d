"""The key service: it wraps every private key that the database holds, and its own key is never in there.

Where its key comes from is set by the environment: `SEALING_KEYS` (age private keys, separated by commas: the
first wraps, all unwrap, so that a key can be replaced), or `SEALING_KEY_COMMAND`, a program that stands for a key
service or an HSM: called with `wrap` or `unwrap`, it gets the bytes on its standard input and gives bytes on its
standard output.
"""

from __future__ import annotations

import shlex
import subprocess

from django.conf import settings

from achterhoek.sealing import age

COMMAND_SECONDS = 20


class KeyServiceDown(Exception):
    """The key service does not answer, or holds no key that opens this."""


def wrap(secret: str) -> bytes:
    """The private key as it may lie in the database."""
    if settings.SEALING_KEY_COMMAND:
        return _ask("wrap", secret.encode())
    return age.seal(secret.encode(), age.public_of(_masters()[0]))


def unwrap(wrapped: bytes) -> str:
    """The private key itself, for as long as the caller needs it. Raises `KeyServiceDown`."""
    if settings.SEALING_KEY_COMMAND:
        return _ask("unwrap", bytes(wrapped)).decode()
    for master in _masters():
        try:
            return age.unseal(wrapped, master).decode()
        except age.SealBroken:
            continue
    raise KeyServiceDown("none of the keys in SEALING_KEYS opens this; is the environment the right one?")


def _masters() -> list[str]:
    if not settings.SEALING_KEYS:
        raise KeyServiceDown("SEALING_KEYS is not set")
    keys: list[str] = settings.SEALING_KEYS
    return keys


def _ask(verb: str, content: bytes) -> bytes:
    """Ask the program. What it says on its standard error is not repeated: it might hold the key."""
    command = [*shlex.split(settings.SEALING_KEY_COMMAND), verb]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=COMMAND_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise KeyServiceDown(f"the key service does not answer ({type(error).__name__})") from None
    if done.returncode or not done.stdout:
        raise KeyServiceDown(f"the key service refused to {verb} (exit status {done.returncode})")
    return done.stdout
