"""A private key as shares in words, for paper: Shamir's secret sharing as SLIP-39 spells it. No database.

Any `needed` of `total` shares give the key back; fewer tell nothing at all about it. A share is 33 words of a
public list of 1,024 words, of which the first four letters already tell them apart, with a checksum at its end.
What a message says of a share is its place among those that were typed, and never one of its words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import bech32
from django.utils.translation import gettext as _
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics
from shamir_mnemonic.constants import CUSTOMIZATION_STRING_EXTENDABLE
from shamir_mnemonic.rs1024 import CHECKSUM_LENGTH_WORDS, create_checksum
from shamir_mnemonic.wordlist import WORD_INDEX_MAP, WORDLIST

# age spells a private key in Bech32 with this prefix, in capitals.
IDENTITY_PREFIX = "age-secret-key-"
SECRET_BYTES = 32
WORDS = 33
LETTERS = 4
MOST_SHARES = 16
WORD_BITS = 10
_BY_BEGINNING = {word[:LETTERS]: word for word in WORDLIST}


class ShareProblem(Exception):
    """Something is wrong with a share, or with the shares together, in words for who typed them.

    `place` is the share's place among those that were typed, from 0; None where it concerns all of them. The
    message does not repeat it: a page shows it beside the share; where there is one message for all, use `told`.
    """

    def __init__(self, message: str, place: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.place = place

    @property
    def told(self) -> str:
        """The message for where it does not stand beside the share that it is about."""
        if self.place is None:
            return self.message
        return _("Paper %(number)d: %(problem)s") % {"number": self.place + 1, "problem": self.message}


def split(secret: str, *, needed: int, total: int) -> list[str]:
    """The shares of an age private key. Raises `ValueError` for another key, or for numbers that cannot be."""
    if not 2 <= needed <= total <= MOST_SHARES:
        raise ValueError("at least two shares are needed, of at most sixteen")
    # No passphrase, so stretching it (the iteration exponent) would only cost time.
    groups = generate_mnemonics(1, [(needed, total)], _raw(secret), iteration_exponent=0)
    return list(groups[0])


def combine(words: Sequence[str]) -> str:
    """The private key that these shares give, in age's spelling. Raises `ShareProblem`."""
    read = [_read(text, place) for place, text in enumerate(words)]
    if not read:
        raise ShareProblem(_("Type in the words of the shares."))
    for place, share in enumerate(read):
        if share.group_parameters() != read[0].group_parameters():
            raise ShareProblem(_("This share belongs to another set than the first one. Use those of one set."), place)
        if share.index in [earlier.index for earlier in read[:place]]:
            raise ShareProblem(_("You typed this share in already. Type in the one of another custodian."), place)
    needed = read[0].member_threshold
    if len(read) < needed:
        text = _("There are too few shares: %(given)d of the %(needed)d that are needed.")
        raise ShareProblem(text % {"given": len(read), "needed": needed})
    try:
        raw = combine_mnemonics([share.mnemonic() for share in read[:needed]])
    except MnemonicError:
        # Not from the error itself: its text may hold words.
        raise ShareProblem(_("These shares do not belong together. Use those of one set.")) from None
    return _spelled(raw)


def normal(text: str, place: int = 0) -> str:
    """The share as it was printed, from what somebody typed: capitals, numbers, commas and line ends do not
    matter, and the first four letters of a word will do. Raises `ShareProblem`.
    """
    return " ".join(_read(text, place).words())


def digest_of(text: str, place: int = 0) -> str:
    """The sha256 of a share's words: enough to know it again, and of no use to make it. Raises `ShareProblem`."""
    return hashlib.sha256(normal(text, place).encode()).hexdigest()


def _read(text: str, place: int) -> Share:
    typed = re.findall(r"[^\W\d_]+", text.lower())
    if not typed:
        raise ShareProblem(_("Type in the words of this share."), place)
    words = [_word(word) for word in typed]
    if None in words:
        problem = _("Word %(number)d is not in the list of words. Compare it with the paper.")
        raise ShareProblem(problem % {"number": words.index(None) + 1}, place)
    if len(words) != WORDS:
        problem = _("These are %(given)d words; a share has %(words)d. Was one skipped, or typed twice?")
        raise ShareProblem(problem % {"given": len(words), "words": WORDS}, place)
    whole = " ".join(word for word in words if word)
    try:
        share = Share.from_mnemonic(whole)
    except MnemonicError:
        # Not from the error itself: its text may hold words.
        raise ShareProblem(_misread(whole), place) from None
    if (share.group_count, share.group_threshold, len(share.value)) != (1, 1, SECRET_BYTES):
        raise ShareProblem(_("This share was not made by this portal."), place)
    return share


def _word(typed: str) -> str | None:
    """The word of the list that was meant; None where it is none."""
    found = _BY_BEGINNING.get(typed[:LETTERS])
    return found if found is not None and found.startswith(typed) else None


def _misread(whole: str) -> str:
    """All are words of the list, and yet the checksum is wrong: say which one, where one alone explains it."""
    wrong = _one_wrong_word([WORD_INDEX_MAP[word] for word in whole.split()])
    if wrong is None:
        return _("At least one word is wrong, or two stand in the wrong order. Compare all of them with the paper.")
    return _("Word %(number)d is probably wrong. Compare it with the paper.") % {"number": wrong}


def _one_wrong_word(numbers: list[int]) -> int | None:
    """The place of the one word that, read differently, makes the checksum right; None where there is none.

    The checksum is linear: what changing a word does to it depends on that word alone. So ten bits a place are
    enough to know all 33 x 1,023 readings. What the word should be is not told: that stands on the paper.
    """
    empty = _checksum([0] * len(numbers))
    off = _checksum(numbers)
    for place in range(len(numbers)):
        reached = {0}
        for bit in range(WORD_BITS):
            alone = [0] * len(numbers)
            alone[place] = 1 << bit
            step = _checksum(alone) ^ empty
            reached |= {known ^ step for known in reached}
        if off in reached:
            return place + 1
    return None


def _checksum(numbers: list[int]) -> int:
    """How far the checksum at the end is from the one that belongs to the words before it; 0 where it is right."""
    right = create_checksum(numbers[:-CHECKSUM_LENGTH_WORDS], CUSTOMIZATION_STRING_EXTENDABLE)
    off = 0
    for computed, given in zip(right, numbers[-CHECKSUM_LENGTH_WORDS:], strict=True):
        off = (off << WORD_BITS) | (computed ^ given)
    return off


def _raw(secret: str) -> bytes:
    """The 32 bytes of an age private key."""
    prefix, fives = bech32.bech32_decode(secret.strip())
    eights = bech32.convertbits(fives, 5, 8, False) if prefix == IDENTITY_PREFIX and fives is not None else None
    if eights is None or len(eights) != SECRET_BYTES:
        raise ValueError("this is not an age private key")
    return bytes(eights)


def _spelled(raw: bytes) -> str:
    fives = bech32.convertbits(raw, 8, 5)
    assert fives is not None
    return bech32.bech32_encode(IDENTITY_PREFIX, fives).upper()
