"""Who may help somebody, by organisation: what the register says of contracts, turned around. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.domain.register import Party, Register, folded


@dataclass(frozen=True, slots=True)
class Helper:
    """An organisation to turn to; `through` names the contract partners for which it works as a subcontractor."""

    party: Party
    works: tuple[str, ...]
    through: tuple[str, ...]

    @property
    def is_subcontractor_only(self) -> bool:
        return bool(self.through)


def helpers(register: Register, *, subsegment: str = "") -> list[Helper]:
    """The organisations of these contracts by name, each once.

    Whoever has a contract itself is not also named as somebody's subcontractor. A subcontractor that works in named
    parts only is left out where another part is asked for.
    """
    own: dict[str, Party] = {}
    hired: dict[str, tuple[Party, dict[str, None], dict[str, None]]] = {}
    for line in register.contracts:
        own |= {held.party.kvk_number: held.party for held in line.parties}
        for sub in line.subcontractors:
            if subsegment and sub.subsegments and subsegment not in {part.slug for part in sub.subsegments}:
                continue
            _party, works, through = hired.setdefault(sub.party.kvk_number, (sub.party, {}, {}))
            works[sub.part_of_work] = through[line.name] = None
    found = [Helper(party, (), ()) for party in own.values()]
    found += [Helper(p, tuple(works), tuple(via)) for kvk, (p, works, via) in hired.items() if kvk not in own]
    return sorted(found, key=lambda helper: folded(helper.party.name))
