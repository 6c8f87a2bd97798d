"""Writers of key pairs, and the one way to a private key."""

from __future__ import annotations

from django.db import transaction

from achterhoek.sealing import age, keyring
from achterhoek.sealing.models import SealingKey


class KeyWithheld(Exception):
    """The private key is not here: only its custodians have it, in shares."""


def make_key(purpose: str) -> SealingKey:
    """A new pair, the private half wrapped by the key service."""
    secret = age.new_identity()
    return SealingKey.objects.create(purpose=purpose[:100], public=age.public_of(secret), wrapped=keyring.wrap(secret))


def make_withheld_key(purpose: str) -> tuple[SealingKey, str]:
    """A new pair of which only the public half is kept; the caller gives the private half away in shares."""
    secret = age.new_identity()
    return SealingKey.objects.create(purpose=purpose[:100], public=age.public_of(secret), wrapped=None), secret


def restore_key(key: SealingKey, secret: str) -> SealingKey:
    """Keep the private half that its custodians brought together. Raises `ValueError` where it is another key's."""
    if age.public_of(secret) != key.public:
        raise ValueError("this is the private half of another key")
    key.wrapped = keyring.wrap(secret)
    key.save(update_fields=["wrapped"])
    return key


def secret_of(key: SealingKey) -> str:
    """The private half. Whoever asks has passed the gate of what it opens.

    Raises `KeyWithheld` where only custodians have it, `KeyServiceDown` where the key service does not answer.
    """
    if key.wrapped is None:
        raise KeyWithheld(key.purpose)
    return keyring.unwrap(bytes(key.wrapped))


def rewrap_keys() -> int:
    """Wrap every private key anew with the key service's present key, so that an earlier one can be put away; how many.

    One key at a time: a run that was broken off is simply run again.
    """
    done = 0
    for pk in SealingKey.objects.filter(wrapped__isnull=False).values_list("pk", flat=True).order_by("created_at"):
        with transaction.atomic():
            key = SealingKey.objects.select_for_update().get(pk=pk)
            if key.wrapped is not None:
                key.wrapped = keyring.wrap(keyring.unwrap(bytes(key.wrapped)))
                key.save(update_fields=["wrapped"])
                done += 1
    return done
