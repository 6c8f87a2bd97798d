"""Contracts, their terms, their subcontractors, and the public register."""

from contracts.models.contract import Contract, ContractTerm
from contracts.models.letter import ContractLetter
from contracts.models.register import RegisterVersion
from contracts.models.subcontractor import Subcontractor, SubcontractorChange

__all__ = ["Contract", "ContractLetter", "ContractTerm", "RegisterVersion", "Subcontractor", "SubcontractorChange"]
