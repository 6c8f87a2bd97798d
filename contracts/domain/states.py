"""The declared tables of every status field in contracts. The diagrams in docs/ are drawn from these."""

from achterhoek.transitions.domain import SYSTEM, step, table

# The values of `achterhoek.accounts.enums.Role`, spelled out so that this stays pure Python.
LEAD, CLM, PROVIDER = "lead", "clm", "provider"

CONTRACT = table("contract", "prepared", [
    step("prepared", "active", "sign", LEAD, CLM),
    step("active", "ended", "end", SYSTEM),
    step("active", "terminated", "terminate", CLM),
])  # fmt: skip

TERM = table("term", "open", [
    step("open", "exercised", "exercise", CLM),
    step("open", "declined", "decline", CLM),
])  # fmt: skip

SUBCONTRACTOR_CHANGE = table("subcontractor_change", "requested", [
    step("requested", "approved", "approve", CLM),
    step("requested", "conditional", "approve_with_conditions", CLM),
    step("requested", "refused", "refuse", CLM),
    step("requested", "withdrawn", "withdraw", PROVIDER),
])  # fmt: skip

ALL = (CONTRACT, TERM, SUBCONTRACTOR_CHANGE)
