"""How the open data tells of contracts, which lie in an app above: that app registers a maker from `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Collection

from procurement.domain.open_data import ContractFact

Maker = Callable[[Collection[int]], list[ContractFact]]
_makers: list[Maker] = []


def register_contracts(maker: Maker) -> None:
    """Add a maker: it takes ids of tenders, and gives their signed contracts in a fixed number of queries."""
    if maker not in _makers:
        _makers.append(maker)


def contracts_of(tender_ids: Collection[int]) -> list[ContractFact]:
    """The signed contracts of these tenders."""
    return [contract for maker in _makers for contract in maker(tender_ids)]
