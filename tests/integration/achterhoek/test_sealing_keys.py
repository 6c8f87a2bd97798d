"""Keys: wrapped by the key service, never as they are in the database, and replaceable."""

from __future__ import annotations

import stat
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from achterhoek.local_keys import local_secret
from achterhoek.sealing import age, keyring
from achterhoek.sealing.keyring import KeyServiceDown
from achterhoek.sealing.models import SealingKey
from achterhoek.sealing.services import KeyWithheld, make_key, make_withheld_key, restore_key, secret_of
from tests.concurrency import at_once

pytestmark = pytest.mark.django_db


def test_what_is_sealed_is_opened_by_its_own_key_only_and_unchanged():
    one, other = age.new_identity(), age.new_identity()
    sealed = age.seal(b"geheim", age.public_of(one))
    assert age.unseal(sealed, one) == b"geheim"
    for secret, content in (
        (other, sealed),
        (one, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (one, b""),
        (one, sealed[:40]),
    ):
        with pytest.raises(age.SealBroken):
            age.unseal(content, secret)


def test_what_is_no_key_is_refused_without_being_repeated():
    with pytest.raises(ValueError, match="not an age private key") as refused:
        age.public_of("AGE-SECRET-KEY-1NOTREALLY")
    assert "NOTREALLY" not in str(refused.value)


def test_the_database_holds_a_private_key_only_wrapped():
    key = make_key("proef")
    secret = secret_of(key)
    assert age.public_of(secret) == key.public
    held = bytes(SealingKey.objects.get(pk=key.pk).wrapped)
    assert secret.encode() not in held
    assert secret.lower().encode() not in held.lower()


def test_a_withheld_key_is_nowhere_until_it_is_brought_back():
    key, secret = make_withheld_key("proef")
    assert key.is_withheld
    with pytest.raises(KeyWithheld):
        secret_of(key)
    with pytest.raises(ValueError, match="another key"):
        restore_key(key, age.new_identity())
    assert secret_of(restore_key(key, secret)) == secret


def test_a_new_key_of_the_service_takes_over_and_the_old_one_can_go(settings):
    old = settings.SEALING_KEYS[0]
    new = age.new_identity()
    keys = {make_key(f"proef {n}").pk for n in range(3)}
    withheld, _secret = make_withheld_key("bewaarders")
    before = {key.pk: secret_of(key) for key in SealingKey.objects.filter(pk__in=keys)}
    settings.SEALING_KEYS = [new, old]
    out = StringIO()
    call_command("sealing_keys", "rewrap", stdout=out)
    assert out.getvalue().startswith("3 ")
    settings.SEALING_KEYS = [new]
    assert {key.pk: secret_of(key) for key in SealingKey.objects.filter(pk__in=keys)} == before
    withheld.refresh_from_db()
    assert withheld.wrapped is None


def test_without_the_right_key_of_the_service_nothing_opens_and_it_is_said(settings):
    key = make_key("proef")
    for wrong in ([age.new_identity()], []):
        settings.SEALING_KEYS = wrong
        with pytest.raises(KeyServiceDown):
            secret_of(key)
    with pytest.raises(CommandError):
        call_command("sealing_keys", "rewrap")


def test_a_program_can_stand_for_the_key_service(settings, tmp_path):
    """As it would for an HSM: this one keeps its key in a file that only it reads."""
    program = tmp_path / "service.py"
    master = age.new_identity()
    program.write_text(
        "import sys, pyrage\n"
        f"key = pyrage.x25519.Identity.from_str({master!r})\n"
        "content = sys.stdin.buffer.read()\n"
        "wrap = sys.argv[1] == 'wrap'\n"
        "done = pyrage.encrypt(content, [key.to_public()]) if wrap else pyrage.decrypt(content, [key])\n"
        "sys.stdout.buffer.write(done)\n"
    )
    settings.SEALING_KEYS = []
    settings.SEALING_KEY_COMMAND = f"{sys.executable} {program}"
    key = make_key("proef")
    assert age.public_of(secret_of(key)) == key.public
    key.wrapped = b"onzin"
    with pytest.raises(KeyServiceDown, match="refused to unwrap"):
        secret_of(key)
    settings.SEALING_KEY_COMMAND = "/geen/programma"
    with pytest.raises(KeyServiceDown, match="does not answer"):
        keyring.wrap("x")


def test_a_key_of_the_demo_is_made_once_and_read_by_its_owner_only(tmp_path):
    folder = tmp_path / "keys"
    made = at_once(*[lambda: local_secret("sealing.key", age.new_identity, folder=folder)] * 4)
    assert len(set(made)) == 1
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
