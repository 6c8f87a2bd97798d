"""Shares of a key on paper: enough of them give the key back, fewer nothing; and what is mistyped is told."""

from itertools import combinations

import pytest
from django.utils.translation import gettext as _
from hypothesis import given, settings
from hypothesis import strategies as st
from shamir_mnemonic.wordlist import WORDLIST

from achterhoek.sealing import age, shares
from achterhoek.sealing.shares import ShareProblem


@st.composite
def numbers(draw):
    total = draw(st.integers(2, 16))
    return draw(st.integers(2, total)), total


def problem(*words):
    with pytest.raises(ShareProblem) as caught:
        shares.combine(list(words))
    return caught.value


@pytest.fixture(scope="module")
def secret():
    return age.new_identity()


@pytest.fixture(scope="module")
def three(secret):
    return shares.split(secret, needed=2, total=3)


@given(numbers(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_any_needed_shares_give_the_key_and_fewer_do_not(two_numbers, random):
    needed, total = two_numbers
    key = age.new_identity()
    made = shares.split(key, needed=needed, total=total)
    assert len({*made}) == total
    chosen = random.sample(made, random.randint(needed, total))
    assert shares.combine(chosen) == key
    few = problem(*chosen[: needed - 1])
    assert few.place is None
    assert str(needed) in few.message


def test_every_pair_of_three_gives_the_key(secret, three):
    for pair in combinations(three, 2):
        assert shares.combine(pair) == secret
        assert shares.combine(pair[::-1]) == secret


def test_one_share_tells_nothing_of_the_key(three):
    """With one share given, every key is still as likely: another share makes any other key of it."""
    from shamir_mnemonic import Share
    from shamir_mnemonic.shamir import SECRET_INDEX, RawShare, _interpolate

    own = Share.from_mnemonic(three[0])
    found = {
        _interpolate([RawShare(own.index, own.value), RawShare(7, bytes([n] * 32))], SECRET_INDEX) for n in range(50)
    }
    assert len(found) == 50


@pytest.mark.parametrize(
    "typed",
    [
        str.upper,
        lambda text: text.replace(" ", "\r\n   "),
        lambda text: " ".join(word[:4] for word in text.split()),
        lambda text: ", ".join(f"{number}. {word}" for number, word in enumerate(text.split(), start=1)),
        lambda text: f"  {text}\t",
    ],
)
def test_how_the_words_are_typed_does_not_matter(secret, three, typed):
    assert shares.combine([typed(three[0]), typed(three[2])]) == secret
    assert shares.normal(typed(three[0])) == three[0]
    assert shares.digest_of(typed(three[0])) == shares.digest_of(three[0])


@given(st.integers(0, 32), st.sampled_from(WORDLIST))
@settings(max_examples=200)
def test_one_word_misread_is_pointed_at_and_not_repeated(place, other):
    made = shares.split(KEY, needed=2, total=2)
    words = made[1].split()
    if words[place] == other:
        return
    words[place] = other
    found = problem(made[0], " ".join(words))
    assert found.place == 1
    assert found.message == _("Word %(number)d is probably wrong. Compare it with the paper.") % {"number": place + 1}


KEY = age.new_identity()


def test_a_word_that_is_none_is_pointed_at(three):
    words = three[1].split()
    words[11] = "zorgverlener"
    found = problem(three[0], " ".join(words))
    assert (found.place, "12" in found.message, "zorgverlener" in found.message) == (1, True, False)
    assert "2" in found.told


@pytest.mark.parametrize("wrong", ["aca", "academics", "acadx"])
def test_too_few_letters_or_too_many_are_no_word(three, wrong):
    assert problem(wrong + " " + three[0]).place == 0


def test_two_words_in_the_wrong_order(three):
    words = three[0].split()
    place = next(n for n in range(5, 32) if words[n] != words[n + 1])
    words[place], words[place + 1] = words[place + 1], words[place]
    assert problem(" ".join(words), three[1]).place == 0


@pytest.mark.parametrize(
    "change", [lambda words: words[:-1], lambda words: [*words, words[-1]], lambda words: words[:20]]
)
def test_a_word_skipped_or_typed_twice(three, change):
    found = problem(three[0], " ".join(change(three[1].split())))
    assert found.place == 1
    assert "33" in found.message


def test_the_same_share_twice(three):
    assert problem(three[0], three[0].upper()).place == 1


def test_shares_of_different_sets(secret, three):
    assert problem(three[0], shares.split(secret, needed=2, total=3)[1]).place == 1


def test_nothing_typed(three):
    assert problem().place is None
    assert problem("", three[0]).place == 0
    assert problem(three[0], " 12 . ").place == 1


def test_a_share_of_something_else():
    from shamir_mnemonic import generate_mnemonics

    ((short, _other),) = generate_mnemonics(1, [(2, 2)], b"1" * 16)
    assert problem(short).place == 0
    first = generate_mnemonics(2, [(2, 2), (2, 2)], b"1" * 32)[0][0]
    assert problem(first).place == 0


@pytest.mark.parametrize(("needed", "total"), [(1, 3), (4, 3), (0, 0), (2, 17)])
def test_numbers_that_cannot_be(secret, needed, total):
    with pytest.raises(ValueError, match="shares"):
        shares.split(secret, needed=needed, total=total)


@pytest.mark.parametrize("key", ["", "AGE-SECRET-KEY-1QQQQ", "age1qqqq"])
def test_only_an_age_key_is_split(key):
    with pytest.raises(ValueError, match="not an age private key"):
        shares.split(key, needed=2, total=3)
