"""Numbers of clients, never who they are."""

import pytest

from contracts.domain.privacy import holds_bsn


@pytest.mark.parametrize("text", ["111222333", "BSN 111222333.", "111 222 333", "1112.22.333", "twee: 123456782"])
def test_a_citizen_service_number_is_seen(text):
    assert holds_bsn(text)


@pytest.mark.parametrize(
    "text", ["", "14 cliënten", "0612345678", "KvK 91234567", "000000000", "111222334", "1112223330", "dossier 111222"]
)
def test_other_numbers_are_let_through(text):
    assert not holds_bsn(text)
