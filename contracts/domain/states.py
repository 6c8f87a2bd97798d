"""The declared tables of every status field in contracts. The diagrams in docs/ are drawn from these."""

from achterhoek.transitions.domain import SYSTEM, step, table

# The values of `achterhoek.accounts.enums.Role`, spelled out so that this stays pure Python.
LEAD, CLM, PROVIDER = "lead", "clm", "provider"

CONTRACT = table("contract", "prepared", [
    step("prepared", "active", "sign", LEAD, CLM, PROVIDER),
    step("active", "ended", "end", SYSTEM),
    step("active", "terminated", "terminate", CLM),
])  # fmt: skip

TERM = table("term", "open", [
    step("open", "exercised", "exercise", CLM, SYSTEM),
    step("open", "declined", "decline", CLM, SYSTEM),
])  # fmt: skip

SUBCONTRACTOR_CHANGE = table("subcontractor_change", "requested", [
    step("requested", "questioned", "question", CLM),
    step("questioned", "requested", "answer", PROVIDER),
    step("requested", "approved", "approve", CLM),
    step("requested", "conditional", "approve_with_conditions", CLM),
    step("requested", "refused", "refuse", CLM),
    step("questioned", "refused", "refuse", CLM),
    step("requested", "withdrawn", "withdraw", PROVIDER),
    step("questioned", "withdrawn", "withdraw", PROVIDER),
])  # fmt: skip

AMENDMENT = table("amendment", "draft", [
    step("draft", "signed", "sign", CLM),
    step("draft", "dropped", "drop", CLM),
])  # fmt: skip

RESULT_REPORT = table("result_report", "asked", [
    step("asked", "submitted", "submit", PROVIDER),
    step("submitted", "returned", "send_back", CLM),
    step("submitted", "accepted", "accept", CLM),
    step("returned", "submitted", "submit", PROVIDER),
    step("accepted", "returned", "reopen", CLM),
])  # fmt: skip

INTERIM_EVALUATION = table("interim_evaluation", "open", [
    step("open", "concluded", "conclude", CLM),
])  # fmt: skip

TRANSITION = table("transition", "proposed", [
    step("proposed", "agreed", "agree", CLM),
    step("proposed", "dropped", "drop", CLM),
    step("agreed", "done", "finish", CLM),
    step("agreed", "dropped", "drop", CLM),
])  # fmt: skip

ALL = (
    CONTRACT, TERM, SUBCONTRACTOR_CHANGE, AMENDMENT, RESULT_REPORT, INTERIM_EVALUATION, TRANSITION,
)  # fmt: skip
