"""A letter of every kind, in both languages: what the tests of their texts and their pictures are made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from procurement.domain.letter_frame import Head, Party, PlainLetter
from procurement.domain.letters import (
    Advantage,
    Comparison,
    CriterionLine,
    LetterContent,
    NoticeDates,
    UnmetRequirement,
    Winner,
)

DIGEST = "sha256:" + "ab" * 32
OWN = "De commissie leest een plan met namen en data. Hoe het voorliggend veld sterker wordt, is minder uitgewerkt."
BETTER = (
    "Elke partner is genoemd, met een vaste persoon en een dag in de week. Dat maakt de samenwerking controleerbaar."
)
SENDER = Party(
    "Sociaal Domein Voorbeeldstreek", "Raadhuisplein 1", "7001 AA", "Voorbeeldstad", "inkoop@streek.example",
    "0314 000 000",
)  # fmt: skip
RECEIVER = Party("Stichting Łęgowska & Zonen", "Zorgstraat 12", "7001 AB", "Voorbeeldstad", "bestuur@zorg.example")
LOGO = (
    "data:image/svg+xml;base64,"
    "PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9IjAgMCAxMjAgNDAiPjxyZWN0IHdpZHRoPSI0MCIgaGVpZ2h0"
    "PSI0MCIgZmlsbD0iIzE1NDI3MyIvPjxjaXJjbGUgY3g9IjcyIiBjeT0iMjAiIHI9IjIwIiBmaWxsPSIjMTU0MjczIi8+PC9zdmc+"
)
HEAD = Head(
    logo=LOGO, logo_text="Voorbeeldstreek", sender="Voorbeeldstreek, zeven gemeenten samen",
    return_address="Postbus 100, 7000 AC Voorbeeldstad", footer="Bezoek: Raadhuisplein 1, werkdagen 9 tot 17 uur",
    colour="#154273", function="hoofd inkoop sociaal domein",
)  # fmt: skip


def content(**fields: Any) -> LetterContent:
    """A letter to a bidder that was not awarded, or another one."""
    base = LetterContent(
        kind="not_awarded",
        award=True,
        language="nl",
        outcome="reserve",
        dates=NoticeDates(date(2020, 10, 12), date(2020, 11, 2), date(2020, 11, 1)),
        sender=SENDER,
        region="Voorbeeldstreek",
        receiver=RECEIVER,
        decision_number="B-00012",
        submission_number="T-000123",
        tender="Inkoop Jeugdhulp, Wmo en Wonen",
        lot="Jeugdhulp",
        segment="Integrale Ambulante Jeugdhulp",
        places=2,
        by_value=False,
        scale_max="10",
        criteria=(
            CriterionLine("G1", "Kwaliteit van samenwerking", "60", "6", "36", OWN),
            CriterionLine("G2", "Doorlooptijd", "40", "8", "32", OWN),
        ),
        rank="3",
        ranked=3,
        total="68",
        minimum_total="60",
        last_place_total="76",
        status_reason="",
        unmet=(),
        winners=(
            Winner("Zorg Aan De Slinge", "1", "92", ("10", "8")),
            Winner("Coöperatie Buurtkracht", "2", "76", ("8", "7")),
        ),
        comparisons=(
            Comparison(
                "G1", "Kwaliteit van samenwerking", "6",
                (Advantage("Zorg Aan De Slinge", "10", BETTER), Advantage("Coöperatie Buurtkracht", "8", BETTER)),
            ),
        ),
        reservations=(),
        municipalities=("Aalten", "Berkelland", "Winterswijk"),
        court="rechtbank Gelderland",
        bid_deadline="",
        signatory="Maud Mandaat",
        digest=DIGEST,
        mandate="Mandaatbesluit 2020, artikel 4",
    )  # fmt: skip
    return replace(base, **fields)


BEST = (
    CriterionLine("G1", "Kwaliteit van samenwerking", "60", "10", "60", BETTER),
    CriterionLine("G2", "Doorlooptijd", "40", "8", "32", OWN),
)
SELECTION: dict[str, Any] = {
    "award": False, "winners": (), "comparisons": (),
    "dates": NoticeDates(date(2020, 10, 12), None, date(2020, 11, 1)),
}  # fmt: skip
BARE: dict[str, Any] = {"criteria": (), "comparisons": (), "rank": "", "total": ""}
UNMET = (UnmetRequirement("E2", "Verklaring omtrent gedrag", "De verklaring is ouder dan zes maanden."),)

DUTCH: dict[str, LetterContent] = {
    "selected": content(kind="selected", outcome="selected", rank="1", total="92", criteria=BEST, **SELECTION),
    "not_selected": content(kind="not_selected", **SELECTION),
    "awarded": content(
        kind="awarded", outcome="selected", rank="1", total="92", criteria=BEST, comparisons=(),
        reservations=("Aalten", "Winterswijk"), head=HEAD,
        opening=("Dank u wel voor het werk dat u in uw inschrijving hebt gestoken.",),
        closing=("Wij zien uit naar de samenwerking.",),
    ),
    "not_awarded": content(head=HEAD),
    "reserve": content(kind="reserve", reserve_place="1"),
    "below_minimum": content(
        kind="below_minimum", outcome="knocked_out", rank="", total="44",
        criteria=(
            CriterionLine("G1", "Kwaliteit van samenwerking", "60", "2", "12", OWN, "4", below_minimum=True),
            CriterionLine("G2", "Doorlooptijd", "40", "8", "32", OWN),
        ),
        comparisons=(
            Comparison("G1", "Kwaliteit van samenwerking", "2", (Advantage("Zorg Aan De Slinge", "10", BETTER),)),
        ),
    ),
    "excluded": content(kind="excluded", outcome="excluded", unmet=UNMET, **BARE),
    "withdrawn": content(kind="withdrawn", outcome="withdrawn", status_reason="Te weinig personeel.", **BARE),
    "pending_draw": content(
        kind="pending_draw", outcome="pending_draw", decision_number="R-00003", mandate="", winners=(),
        facts=(
            ("commitment", DIGEST),
            ("how", "De voorzitter maakt het geheime getal bekend. Daarna rekent het portaal de volgorde uit."),
            ("moment", "9 november 2020, 10.00 uur"), ("place", "Gemeentehuis, Raadhuisplein 1, Voorbeeldstad"),
        ), **BARE,
    ),
    "invitation": content(
        kind="invitation", outcome="selected", bid_deadline="30 november 2020, 12.00 uur", **{**SELECTION, **BARE}
    ),
    "decision_withdrawn": content(
        kind="decision_withdrawn",
        facts=(("reason", "Een inschrijver maakte terecht bezwaar. Wij beoordelen criterium G1 opnieuw."),), **BARE,
    ),
    "final": content(kind="final", **BARE),
}  # fmt: skip

ENGLISH_FACTS: dict[str, dict[str, Any]] = {
    "pending_draw": {"facts": (
        ("commitment", DIGEST), ("how", "De voorzitter maakt het geheime getal bekend."),
        ("moment", "9 November 2020, 10:00"), ("place", "Gemeentehuis, Raadhuisplein 1, Voorbeeldstad"),
    )},
    "invitation": {"bid_deadline": "30 November 2020, 12:00"},
    "awarded": {
        "opening": ("Thank you for the work you put into your tender.",),
        "closing": ("We look forward to working together.",),
    },
    "final": {"outcome": "selected"},
}  # fmt: skip
ENGLISH = {kind: replace(letter, language="en", **ENGLISH_FACTS.get(kind, {})) for kind, letter in DUTCH.items()}


def plain(kind: str, language: str, number: str, about: str, **facts: str | tuple[str, ...]) -> PlainLetter:
    return PlainLetter(
        kind=kind, language=language, sender=SENDER, receiver=RECEIVER, dated=date(2022, 6, 1), our_reference="V-00007",
        your_reference=number, about=about, signatory="", facts=tuple(facts.items()),
    )  # fmt: skip


def _plain_of(language: str) -> dict[str, PlainLetter]:
    dutch = language == "nl"
    day = {name: (nl if dutch else en) for name, nl, en in (
        ("start", "1 juli 2022", "1 July 2022"), ("end", "30 juni 2025", "30 June 2025"),
        ("later", "1 juli 2025", "1 July 2025"), ("last", "30 juni 2027", "30 June 2027"),
        ("due", "8 juni 2022, 12.00 uur", "8 June 2022, 12:00"),
    )}  # fmt: skip
    option = "1 juli 2027 tot en met 30 juni 2029" if dutch else "1 July 2027 up to and including 30 June 2029"
    segment = "Wmo Integrale Ondersteuning"
    return {
        "clarification": plain(
            "clarification", language, "T-000123", "Inkoop Jeugdhulp, Wmo en Wonen", subject="Referentie 2",
            stage="selectiefase" if dutch else "selection stage", due=day["due"],
            text="In referentie 2 staat geen einddatum.\n\nTot wanneer liep die opdracht?",
        ),
        "contract": plain(
            "contract", language, "VBS-2022-0001", segment, signed=day["start"], party="Stichting Łęgowska & Zonen",
            tender="Inkoop Jeugdhulp, Wmo en Wonen", lot="Wmo", subsegments=("Ontwikkelen", "Stabiliseren"),
            start=day["start"], end=day["end"], options=(option,), notice="6",
        ),
        "extension": plain(
            "extension", language, "VBS-2022-0001", segment, start=day["later"], end=day["last"],
            reason="De tussenevaluatie is goed. Inwoners bereiken hun resultaat.", options=(option,),
            before=day["end"], leaving=("Berkelland",),
        ),
        "non_extension": plain(
            "non_extension", language, "VBS-2022-0001", segment, end=day["end"],
            reason="De colleges kopen deze zorg opnieuw in.",
        ),
        "termination": plain(
            "termination", language, "VBS-2022-0001", segment, end=day["end"],
            reason="U kunt de zorg niet meer leveren. Dat heeft u zelf gemeld.",
        ),
        "amendment": plain(
            "amendment", language, "VBS-2022-0001", segment, sequence="3", title="Een inloop erbij",
            description="In Aalten komt een tweede inloop.", reason="Meer inwoners vragen hulp.", ground="2.163b",
            day=day["later"], value="€ 40.000,00", percentage="", year="", successor="", told_old="",
        ),
        "subcontractor": plain(
            "subcontractor", language, "VBS-2022-0001", segment, change="add", outcome="conditional",
            organisation="Praktijk De Oever", kvk="90000077", part="Spoedhulp in het weekend", day=day["start"],
            reason="Zonder deze partij is er in het weekend niemand.", conditions="Alleen in het weekend.",
        ),
    }  # fmt: skip


ALL: dict[tuple[str, str], LetterContent | PlainLetter] = {
    **{(kind, "nl"): letter for kind, letter in {**DUTCH, **_plain_of("nl")}.items()},
    **{(kind, "en"): letter for kind, letter in {**ENGLISH, **_plain_of("en")}.items()},
}
