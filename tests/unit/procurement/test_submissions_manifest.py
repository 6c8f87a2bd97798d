"""The manifest of a receipt: one spelling, one digest, and every change shows."""

import hashlib
import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from procurement.domain.drafts import plain_number
from procurement.domain.proof import canonical, digest_of
from procurement.services.receipts import ALPHABET

clean = st.text(alphabet=st.characters(exclude_categories=("Cs",)))
values = st.recursive(
    clean | st.integers() | st.booleans(), lambda inner: st.lists(inner) | st.dictionaries(clean, inner)
)
manifests = st.dictionaries(clean, values)


@given(manifests)
def test_digest_does_not_depend_on_the_order_of_keys(manifest):
    turned = dict(reversed(manifest.items()))
    assert digest_of(turned) == digest_of(manifest)


@given(st.dictionaries(st.text(alphabet=st.characters(exclude_categories=("Cs",))), st.booleans()))
def test_manifest_reads_back_the_same(manifest):
    assert json.loads(canonical(manifest)) == manifest


def test_digest_is_the_sha256_of_the_downloaded_file():
    manifest = {"b": "é", "a": 1}
    assert canonical(manifest) == '{"a":1,"b":"é"}'.encode()
    assert digest_of(manifest) == "sha256:" + hashlib.sha256(canonical(manifest)).hexdigest()


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9, places=4))
def test_number_is_hashed_the_same_however_many_zeros_are_kept(value):
    assert plain_number(value) == plain_number(value.quantize(Decimal("1.00000000")))
    assert Decimal(plain_number(value)) == value


def test_zeros_before_the_point_stay():
    assert plain_number(Decimal("1200")) == "1200"
    assert plain_number(Decimal("0.0000")) == "0"
    assert plain_number(Decimal("12.5000")) == "12.5"


def test_numbers_hold_no_characters_that_look_alike():
    assert not set("01IO") & set(ALPHABET)
