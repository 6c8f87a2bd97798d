"""Declared tables of states: which step leads from where to where, and who may take it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

SYSTEM = "system"
"""The role of the clock: a step that no person takes (a deadline that passes)."""


@dataclass(frozen=True)
class Step:
    """One arrow: `verb` takes `source` to `target`; `roles` may take it."""

    source: str
    target: str
    verb: str
    roles: frozenset[str]


@dataclass(frozen=True)
class TransitionTable:
    """All states of one status field and all steps between them. The only source of the diagrams in docs/."""

    name: str
    initial: str
    steps: tuple[Step, ...]
    labels: dict[str, str] = field(default_factory=dict)

    def find(self, source: str, target: str) -> Step | None:
        return next((s for s in self.steps if s.source == source and s.target == target), None)

    def targets(self, source: str) -> list[str]:
        return [s.target for s in self.steps if s.source == source]

    def states(self) -> list[str]:
        found = {self.initial: None}
        for step in self.steps:
            found.setdefault(step.source)
            found.setdefault(step.target)
        return list(found)

    def pairs(self) -> list[tuple[str, str]]:
        return [(s.source, s.target) for s in self.steps]

    def mermaid(self) -> str:
        """The table as a Mermaid state diagram, for docs/."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for s in self.steps:
            lines.append(f"    {s.source} --> {s.target}: {s.verb} ({', '.join(sorted(s.roles))})")
        sources = {s.source for s in self.steps}
        lines += [f"    {state} --> [*]" for state in self.states() if state not in sources]
        return "\n".join(lines)


def step(source: str, target: str, verb: str, *roles: str) -> Step:
    """A step, written short."""
    return Step(source, target, verb, frozenset(roles))


def table(name: str, initial: str, steps: Iterable[Step]) -> TransitionTable:
    """A table, with its arrows checked: no arrow twice, and no state that cannot be reached."""
    made = TransitionTable(name, initial, tuple(steps))
    if len(set(made.pairs())) != len(made.steps):
        raise ValueError(f"{name}: an arrow stands in the table twice")
    reached, frontier = {initial}, [initial]
    while frontier:
        for target in made.targets(frontier.pop()):
            if target not in reached:
                reached.add(target)
                frontier.append(target)
    lost = set(made.states()) - reached
    if lost:
        raise ValueError(f"{name}: no step leads to {sorted(lost)}")
    return made
