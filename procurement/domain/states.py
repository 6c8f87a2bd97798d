"""The declared tables of every status field in procurement. The diagrams in docs/ are drawn from these."""

from achterhoek.transitions.domain import SYSTEM, step, table

# The values of `achterhoek.accounts.enums.Role`, spelled out so that this stays pure Python.
LEAD, OPENER, COLLEGE, PROVIDER = "lead", "opener", "college", "provider"
MANDATE, COMPLAINTS = "mandate", "complaints"

TENDER = table("tender", "draft", [
    step("draft", "published", "publish", LEAD),
    step("published", "completed", "complete", LEAD),
    step("draft", "withdrawn", "withdraw", LEAD),
    step("published", "withdrawn", "withdraw", LEAD),
])  # fmt: skip

ROUND = table("round", "planned", [
    step("planned", "open", "open", LEAD),
    step("open", "closed", "close", SYSTEM),
    step("closed", "open", "extend", LEAD),
    step("closed", "opened", "open_vault", OPENER),
])  # fmt: skip

SEGMENT_ROUND = table("segment_round", "pending", [
    step("pending", "scoring", "begin_scoring", OPENER),
    step("scoring", "consensus", "close_scoring", LEAD),
    step("consensus", "fixed", "fix_scores", LEAD),
    step("fixed", "ranked", "rank", LEAD),
    step("ranked", "decided", "decide", LEAD, COLLEGE),
    step("ranked", "scoring", "reevaluate", LEAD),
    step("decided", "ranked", "take_back", LEAD),
])  # fmt: skip

SUBMISSION = table("submission", "draft", [
    step("draft", "submitted", "submit", PROVIDER),
    step("submitted", "withdrawn", "withdraw", PROVIDER),
    step("withdrawn", "draft", "reopen", PROVIDER),
])  # fmt: skip

ENTRY = table("entry", "admitted", [
    step("admitted", "excluded", "exclude", LEAD),
    step("admitted", "withdrawn", "withdraw", LEAD),
    step("admitted", "dropped", "drop", LEAD),
])  # fmt: skip

DECISION = table("decision", "proposed", [
    step("proposed", "approved", "approve", COLLEGE),
    step("proposed", "adopted", "sign", MANDATE),
    step("approved", "adopted", "sign", MANDATE),
    step("adopted", "sent", "send", LEAD),
    step("sent", "final", "finalise", LEAD),
    step("proposed", "withdrawn", "withdraw", LEAD),
    step("approved", "withdrawn", "withdraw", LEAD),
    step("adopted", "withdrawn", "withdraw", LEAD),
    step("sent", "withdrawn", "take_back", LEAD),
])  # fmt: skip

COLLEGE_DECISION = table("college_decision", "pending", [
    step("pending", "approved", "approve", COLLEGE),
    step("pending", "reserved", "approve_with_reservation", COLLEGE),
    step("pending", "rejected", "reject", COLLEGE),
    step("reserved", "approved", "lift_reservation", COLLEGE),
])  # fmt: skip

AWARD = table("award", "pending", [
    step("pending", "active", "finalise", LEAD),
    step("pending", "cancelled", "cancel", LEAD),
])  # fmt: skip

LETTER = table("letter", "queued", [
    step("queued", "rendered", "render", SYSTEM),
    step("queued", "failed", "fail", SYSTEM),
    step("failed", "queued", "retry", LEAD),
    step("rendered", "sent", "send", SYSTEM),
    step("queued", "stopped", "stop", LEAD),
    step("rendered", "stopped", "stop", LEAD),
    step("failed", "stopped", "stop", LEAD),
])  # fmt: skip

LETTER_BATCH = table("letter_batch", "prepared", [
    step("prepared", "sent", "send", LEAD),
    step("prepared", "stopped", "stop", LEAD),
])  # fmt: skip

OBJECTION = table("objection", "received", [
    step("received", "in_review", "take_up", LEAD, COMPLAINTS),
    step("in_review", "upheld", "uphold", LEAD, COMPLAINTS),
    step("in_review", "rejected", "reject", LEAD, COMPLAINTS),
    step("received", "withdrawn", "withdraw", PROVIDER, LEAD, COMPLAINTS),
    step("in_review", "withdrawn", "withdraw", PROVIDER, LEAD, COMPLAINTS),
])  # fmt: skip

ALL = (
    TENDER,
    ROUND,
    SEGMENT_ROUND,
    SUBMISSION,
    ENTRY,
    DECISION,
    COLLEGE_DECISION,
    AWARD,
    LETTER,
    LETTER_BATCH,
    OBJECTION,
)
