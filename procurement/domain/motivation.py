"""The reasons in a letter: composed from the record, and checked before they go out. Pure: texts in, findings out.

Aw 2.130 asks for the *relevante redenen*: why the bidder got its own scores, and the characteristics and relative
advantages of the bids that were awarded. Aw 2.57 and 2.138 forbid to tell what others handed in as confidential.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Final

from procurement.domain.wording import comparative_phrases

RUN: Final = 8
"""From so many words in a row a text is a quotation, and no coincidence."""

Words = tuple[str, ...]

# Composing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """What the committee decided together on one bid and one criterion."""

    score: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Bid:
    """`compares`: whether its letter tells the advantages of the awarded bids, as it was scored and not awarded."""

    key: int
    awarded: bool
    compares: bool


@dataclass(frozen=True, slots=True)
class Part:
    """One reason for one bidder on one criterion: of its own score, or of an awarded bid that scored higher."""

    bid: int
    criterion: int
    winner: int | None
    text: str


def compose(bids: Sequence[Bid], criteria: Sequence[int], judged: Mapping[tuple[int, int], Judged]) -> list[Part]:
    """What the record says to each bidder: nothing is written that the committee did not write.

    Of each criterion the own motivation; and where the letter compares, the motivation of each awarded bid with a
    higher score, the highest first, equal ones in the order of the ranking.
    """
    winners = [bid.key for bid in bids if bid.awarded]
    parts = []
    for bid in bids:
        for criterion in criteria:
            own = judged.get((bid.key, criterion))
            parts.append(Part(bid.key, criterion, None, tidy(own.reason) if own else ""))
            if own is None or not bid.compares:
                continue
            better = [
                (winner, found)
                for winner in winners
                if winner != bid.key and (found := judged.get((winner, criterion))) and found.score > own.score
            ]
            better.sort(key=lambda item: -item[1].score)
            parts += [Part(bid.key, criterion, winner, tidy(found.reason)) for winner, found in better]
    return parts


def tidy(text: str) -> str:
    """A text as it is kept and compared: a browser sends other line ends than the record has."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def version_of(text: str) -> str:
    """What a page sends along of the text it showed, so that of two leads neither overwrites the other unseen."""
    return sha256(tidy(text).encode()).hexdigest()[:16]


# Words -------------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+")
# How a legal form is written, as words: "B.V." is read as "b", "v".
_ENDINGS: Final = (
    ("b", "v"), ("bv",), ("n", "v"), ("nv",), ("v", "o", "f"), ("vof",), ("c", "v"), ("cv",), ("u", "a"), ("ua",),
    ("b", "a"), ("ba",), ("w", "a"), ("i", "o"), ("holding",), ("stichting",),
)  # fmt: skip
_BEGINNINGS: Final = (("stichting",), ("cooperatie",), ("vereniging",), ("maatschap",), ("vof",), ("v", "o", "f"))


@lru_cache(maxsize=20_000)
def _bare(word: str) -> str:
    """Without diacritics, so that "coöperatie" and "cooperatie" are the same."""
    # A sign like "𝑨" is a capital only once it is undone.
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    return "".join(sign for sign in parts if sign.isalnum()) or word


def words(text: str) -> list[str]:
    """The words of a text, to compare by: without capitals and diacritics."""
    found = _WORD.findall(unicodedata.normalize("NFC", text).casefold())
    return found if text.isascii() else [word if word.isascii() else _bare(word) for word in found]


def name_words(name: str) -> Words:
    """A name as it is looked for: its legal form says nothing, as long as something else is left."""
    found = tuple(words(name))
    while ending := next((one for one in _ENDINGS if len(found) > len(one) and found[-len(one) :] == one), None):
        found = found[: -len(ending)]
    # "Stichting Thuis" is not looked for as "thuis", which is an everyday word.
    beginning = next((one for one in _BEGINNINGS if found[: len(one)] == one), ())
    return found[len(beginning) :] if len(found) - len(beginning) > 1 else found


def runs(found: Sequence[str]) -> Iterator[Words]:
    """Each run of `RUN` words in a row."""
    return zip(*(found[start:] for start in range(RUN)), strict=False)


# Amounts, numbers, addresses ---------------------------------------------------------------------------

_AMOUNT = re.compile(
    r"(?P<sign>€|\beur\b|\beuro\b)?\s*(?<![\d.,])"
    r"(?P<figure>\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?![\d])(?P<after>\s*(?:€|\beuro?\b))?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\d.,])\d{8}(?![\d.,]\d|\d)")
_EMAIL = re.compile(r"[^\s@<>()\[\],;:]+@[^\s@<>()\[\],;:]+\.[^\s@<>()\[\],;:]*\w")
LEAST_PRICE: Final = Decimal(1000)
"""A smaller figure is looked upon as a price only where it says that it is euros: it may as well be a score."""


def amounts(text: str) -> dict[Decimal, str]:
    """What may be prices in a text, with how it was written."""
    found: dict[Decimal, str] = {}
    for match in _AMOUNT.finditer(text):
        figure = match["figure"]
        if "," in figure or figure.count(".") > 1 or re.search(r"\.\d{3}$", figure):
            figure = figure.replace(".", "").replace(",", ".")
        try:
            value = Decimal(figure)
        except InvalidOperation:  # pragma: no cover - the pattern lets nothing else through
            continue
        if value >= LEAST_PRICE or match["sign"] or match["after"]:
            found.setdefault(value.normalize(), match.group().strip())
    return found


# What is known of the round ----------------------------------------------------------------------------


class FindingKind(StrEnum):
    """What may be wrong with a reason. The first three are gaps: with one of them no letter is made."""

    EMPTY = "empty"
    SHORT = "short"
    NO_SCORE = "no_score"
    WRONG_BIDDER = "wrong_bidder"
    NOT_AWARDED = "not_awarded"
    WRONG_CRITERION = "wrong_criterion"
    QUOTE = "quote"
    PRICE = "price"
    NUMBER = "number"
    EMAIL = "email"
    COMPARING = "comparing"
    CHANGED = "changed"


GAPS: Final = frozenset({FindingKind.EMPTY, FindingKind.SHORT, FindingKind.NO_SCORE})


@dataclass(frozen=True, slots=True)
class Finding:
    """`words`: what in the text it is about."""

    kind: FindingKind
    words: str = ""

    @property
    def is_gap(self) -> bool:
        return self.kind in GAPS


@dataclass(frozen=True)
class Facts:
    """Who took part and what was asked: what a text is held against. Names, codes and numbers by bid or criterion.

    `prices` are those of all bids; `numbers` the KvK numbers. `minimum`: how many characters a motivation has at least.
    """

    names: Mapping[int, str]
    awarded: frozenset[int]
    codes: Mapping[int, str]
    numbers: Mapping[int, str] = field(default_factory=dict)
    prices: Mapping[Decimal, Collection[int]] = field(default_factory=dict)
    minimum: int = 1

    @cached_property
    def by_name(self) -> dict[str, list[tuple[Words, int]]]:
        """By the first word, the longest name first: "Zorg Oost Groep" is not "Zorg Oost"."""
        return _by_first_word((name_words(name), key) for key, name in self.names.items())

    @cached_property
    def by_code(self) -> dict[str, list[tuple[Words, int]]]:
        """A code with a figure is looked for as it is; one of letters only where it says that it is a criterion."""
        found = []
        for key, code in self.codes.items():
            parts = tuple(words(code))
            found.append((parts if any(sign.isdigit() for sign in code) else ("criterium", *parts), key))
        return _by_first_word(found)


def _by_first_word(found: Iterable[tuple[Words, int]]) -> dict[str, list[tuple[Words, int]]]:
    index: dict[str, list[tuple[Words, int]]] = defaultdict(list)
    for parts, key in found:
        if parts:
            index[parts[0]].append((parts, key))
    for rows in index.values():
        rows.sort(key=lambda row: -len(row[0]))
    return dict(index)


def _named(found: Sequence[str], index: Mapping[str, list[tuple[Words, int]]]) -> list[frozenset[int]]:
    """Whose names stand in a text, in its order; of names that begin alike the longest. Namesakes come together."""
    named: list[frozenset[int]] = []
    place = 0
    while place < len(found):
        fits = [
            (parts, key)
            for parts, key in index.get(found[place], ())
            if tuple(found[place : place + len(parts)]) == parts
        ]
        if not fits:
            place += 1
            continue
        longest = len(fits[0][0])
        named.append(frozenset(key for parts, key in fits if len(parts) == longest))
        place += longest
    return named


# Quotations --------------------------------------------------------------------------------------------


def quoted_runs(
    texts: Iterable[str], answers: Iterable[tuple[int, str]], public: Iterable[str]
) -> dict[Words, frozenset[int]]:
    """Which runs of words of these texts stand in answers, and in whose; what the tender itself says is left out.

    The runs of the few texts are held against the many answers, which are read once and not kept: of 300 bids with six
    answers of 4,000 characters each no set is made, only those runs that occur.
    """
    wanted = {run for text in set(texts) for run in runs(words(text))}
    for text in public:
        wanted.difference_update(runs(words(text)))
    owners: dict[Words, set[int]] = defaultdict(set)
    if wanted:
        for bid, text in answers:
            for run in wanted.intersection(runs(words(text))):
                owners[run].add(bid)
    return {run: frozenset(bids) for run, bids in owners.items()}


def _quotations(text: str, found: Sequence[str], told: Mapping[Words, frozenset[int]], own: int) -> list[str]:
    """The parts of the text that stand in another's answers and not in the own, each as long as it goes."""
    taken = [place for place, run in enumerate(runs(found)) if (bids := told.get(run)) and own not in bids]
    shown = _WORD.findall(unicodedata.normalize("NFC", text))
    shown = shown if len(shown) == len(found) else list(found)
    quotes: list[str] = []
    start = end = -1
    for place in [*taken, None]:
        if place is not None and start >= 0 and place <= end:
            end = place + RUN
            continue
        if start >= 0:
            quotes.append(" ".join(shown[start:end]))
        if place is not None:
            start, end = place, place + RUN
    return quotes


# Checking ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What stands in one text, whoever it is sent to: the same motivation of a winner goes to many bidders."""

    text: str
    words: list[str]
    named: list[frozenset[int]]
    codes: list[frozenset[int]]
    amounts: dict[Decimal, str]
    numbers: list[str]
    emails: list[str]
    comparing: tuple[str, ...]


class Checker:
    """Holds texts against the facts of the round. `told` comes from `quoted_runs`; each text is read once."""

    def __init__(self, facts: Facts, told: Mapping[Words, frozenset[int]]) -> None:
        self.facts = facts
        self.told = told
        self._readings: dict[str, Reading] = {}

    def _read(self, text: str) -> Reading:
        if text not in self._readings:
            found = words(text)
            self._readings[text] = Reading(
                text=text,
                words=found,
                named=_named(found, self.facts.by_name),
                codes=_named(found, self.facts.by_code),
                amounts=amounts(text),
                numbers=_NUMBER.findall(text),
                emails=_EMAIL.findall(text),
                comparing=comparative_phrases(text),
            )
        return self._readings[text]

    def check(self, part: Part, *, scored: bool = True) -> tuple[Finding, ...]:
        """What is wrong, or may be, with this reason. `scored`: whether there is a consensus score at all."""
        if not scored:
            return (Finding(FindingKind.NO_SCORE),)
        text = part.text.strip()
        if not text:
            return (Finding(FindingKind.EMPTY),)
        read = self._read(text)
        found = [*self._bidders(read, part), *self._criteria(read, part), *self._confidential(read, part)]
        if len(text) < self.facts.minimum:
            found.insert(0, Finding(FindingKind.SHORT))
        # An advantage compares by its nature; the own motivation stands on its own (Aw 1.8).
        if part.winner is None:
            found += [Finding(FindingKind.COMPARING, phrase) for phrase in read.comparing]
        return tuple(dict.fromkeys(found))

    def _bidders(self, read: Reading, part: Part) -> Iterator[Finding]:
        if part.winner is not None and part.winner not in self.facts.awarded:
            yield Finding(FindingKind.NOT_AWARDED, self.facts.names.get(part.winner, ""))
        meant = {part.bid} if part.winner is None else {part.bid, part.winner}
        for bids in read.named:
            if not bids & meant:
                awarded = bids & self.facts.awarded
                kind = FindingKind.WRONG_BIDDER if awarded else FindingKind.NOT_AWARDED
                yield Finding(kind, self.facts.names[min(awarded or bids)])

    def _criteria(self, read: Reading, part: Part) -> Iterator[Finding]:
        for criteria in read.codes:
            if part.criterion not in criteria:
                yield Finding(FindingKind.WRONG_CRITERION, self.facts.codes[min(criteria)])

    def _confidential(self, read: Reading, part: Part) -> Iterator[Finding]:
        for quote in _quotations(read.text, read.words, self.told, part.bid):
            yield Finding(FindingKind.QUOTE, quote)
        for value, written in read.amounts.items():
            bids = self.facts.prices.get(value, ())
            if bids and part.bid not in bids:
                yield Finding(FindingKind.PRICE, written)
        own = self.facts.numbers.get(part.bid)
        for number in read.numbers:
            if number != own:
                yield Finding(FindingKind.NUMBER, number)
        for email in read.emails:
            yield Finding(FindingKind.EMAIL, email)


def is_accepted(*, text: str, accepted: str, accepted_text: str) -> bool:
    """Whether what was found may stand: for exactly the text that somebody looked at, with the reason."""
    return bool(accepted.strip()) and text == accepted_text


class Standing(StrEnum):
    """How the reasons for one bidder stand, the worst of its parts."""

    GAP = "gap"
    LOOK = "look"
    COMPLETE = "complete"


def standing_of(findings: Iterable[Finding], *, accepted: bool) -> Standing:
    """A gap stays a gap, whatever somebody says about it; what was found may be accepted."""
    found = list(findings)
    if any(finding.is_gap for finding in found):
        return Standing.GAP
    return Standing.LOOK if found and not accepted else Standing.COMPLETE


def worst(standings: Iterable[Standing]) -> Standing:
    order: dict[Hashable, int] = {standing: place for place, standing in enumerate(Standing)}
    return min(standings, key=lambda standing: order[standing], default=Standing.COMPLETE)
