"""Sealing as such: age (X25519 and ChaCha20-Poly1305), through its library. Bytes in, bytes out; no database."""

from __future__ import annotations

import pyrage
from pyrage import x25519


class SealBroken(Exception):
    """What was sealed cannot be opened with this key: another key's, damaged, or changed."""


def new_identity() -> str:
    """A new private key, in age's own spelling (`AGE-SECRET-KEY-1...`)."""
    return str(x25519.Identity.generate())


def public_of(secret: str) -> str:
    """The public key (`age1...`) of a private one. Raises `ValueError` where it is none."""
    return str(_identity(secret).to_public())


def seal(plain: bytes, *publics: str) -> bytes:
    """Encrypt for the holders of these public keys; each of them can open it alone."""
    return bytes(pyrage.encrypt(plain, [x25519.Recipient.from_str(public) for public in publics]))


def unseal(sealed: bytes | memoryview, secret: str) -> bytes:
    """Decrypt, and prove that not one byte was changed. Raises `SealBroken`."""
    try:
        return bytes(pyrage.decrypt(bytes(sealed), [_identity(secret)]))
    except pyrage.DecryptError as error:
        raise SealBroken("this key does not open the seal, or what is in it was changed") from error


def _identity(secret: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(secret.strip())
    except pyrage.IdentityError as error:
        # Without the cause's own text: it might repeat the key.
        raise ValueError("this is not an age private key") from error
