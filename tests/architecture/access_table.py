"""Who may use which address. Read it as a person would; change it on purpose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Access:
    """`roles` do all, `look` may only look (GET)."""

    everybody: bool = False
    logged_in: bool = False
    roles: frozenset[str] = frozenset()
    look: frozenset[str] = frozenset()

    def permits(self, who: str, method: str) -> bool:
        if self.everybody:
            return True
        if who == "anonymous":
            return False
        return self.logged_in or who in self.roles or (method == "get" and who in self.look)


def only(*roles: str, look: tuple[str, ...] = ()) -> Access:
    return Access(roles=frozenset(roles), look=frozenset(look))


EVERYBODY, LOGGED_IN = Access(everybody=True), Access(logged_in=True)

# Installed parts that guard themselves: allauth, the admin (walked on its own), the language switch.
ELSEWHERE = {"account", "admin", "mfa", "set", "socialaccount"}

TABLE: dict[str, Access] = {
    "accessibility": EVERYBODY,
    "audit:log": only("admin", look=("auditor",)),
    "contracts:change_new": only("provider"),
    "contracts:change_stop": only("provider"),
    "contracts:change_withdraw": only("provider"),
    "contracts:contract": only(
        "provider",
        look=(
            "admin",
            "auditor",
            "clm",
            "lead",
        ),
    ),
    "contracts:contract_sign": only("clm", "lead"),
    "contracts:contracts_make": only("lead"),
    "contracts:lead_contracts": only("clm", "lead", look=("auditor",)),
    "contracts:letter_retry": only("clm", "lead"),
    "contracts:register": EVERYBODY,
    "contracts:register_csv": EVERYBODY,
    "contracts:register_json": EVERYBODY,
    "contracts:register_xlsx": EVERYBODY,
    "documents:download": LOGGED_IN,
    "documents:thumbnail": LOGGED_IN,
    "documents:upload": LOGGED_IN,
    "healthz": EVERYBODY,
    "home": EVERYBODY,
    "jobs:job": LOGGED_IN,
    "procurement:award_round_open": only("lead"),
    "procurement:clarification": only("provider"),
    "procurement:clarification_ask": only("lead"),
    "procurement:clarification_request": only("lead", look=("auditor",)),
    "procurement:college_decision": only(
        "college",
        look=(
            "auditor",
            "lead",
        ),
    ),
    "procurement:college_home": only(
        "college",
        look=(
            "auditor",
            "lead",
        ),
    ),
    "procurement:college_lift": only("college"),
    "procurement:assignment": only("lead", look=("auditor",)),
    "procurement:committee_page": only("lead", look=("auditor",)),
    "procurement:committee_replace": only("lead", look=("auditor",)),
    "procurement:dossier_request": only("lead", "auditor"),
    "procurement:export_csv": only("lead", look=("auditor",)),
    "procurement:export_xlsx": only("lead", look=("auditor",)),
    "procurement:exports": only("lead", look=("auditor",)),
    "procurement:interests": only("evaluator"),
    "procurement:interest_ask": only("evaluator"),
    "procurement:interest_decide": only("lead", look=("auditor",)),
    "procurement:completeness": only("lead", look=("auditor",)),
    "procurement:completeness_judge": only("lead", look=("auditor",)),
    "procurement:consensus_entry": only("lead", look=("auditor",)),
    "procurement:coverage": only("lead", look=("auditor",)),
    "procurement:custody": only("lead", look=("auditor",)),
    "procurement:custody_ceremony": only("lead"),
    "procurement:custody_type_back": only("lead"),
    "procurement:deadline_extend": only("lead"),
    "procurement:decision": only("lead", look=("auditor",)),
    "procurement:decision_finalise": only("lead"),
    "procurement:decision_invite": only("lead"),
    "procurement:decision_tell_final": only("lead"),
    "procurement:decision_withdraw_on": only("lead"),
    "procurement:decision_withdraw_stop": only("lead"),
    "procurement:decision_propose": only("lead"),
    "procurement:decision_send": only("lead"),
    "procurement:decision_withdraw": only("lead"),
    "procurement:award_notice": only("lead", look=("auditor",)),
    "procurement:complaints_home": only("complaints", look=("auditor",)),
    "procurement:decision_own": only("provider"),
    "procurement:objection": only("complaints", "lead", look=("auditor",)),
    "procurement:objection_file": only("provider"),
    "procurement:objection_own": only("provider"),
    "procurement:objection_register": only("lead"),
    "procurement:objection_take_up": only("complaints", "lead"),
    "procurement:objection_withdraw": only("complaints", "lead"),
    "procurement:objections": only("lead", look=("auditor",)),
    "procurement:evaluate": only("evaluator"),
    "procurement:evaluation_settings": only("lead", look=("auditor",)),
    "procurement:evaluator_home": only("evaluator"),
    "procurement:fingerprints": only("provider"),
    "procurement:hand_in": only("evaluator"),
    "procurement:insight": only("lead", look=("auditor",)),
    "procurement:late_attempts": only("lead", look=("auditor",)),
    "procurement:lead_home": only("lead", look=("auditor",)),
    "procurement:lead_tender": only("lead", look=("auditor",)),
    "procurement:letter": LOGGED_IN,
    "procurement:letterhead": only("lead", look=("auditor",)),
    "procurement:letterhead_preview": only("lead", look=("auditor",)),
    "procurement:letterhead_texts": only("lead", look=("auditor",)),
    "procurement:letter_preview": only("lead", look=("auditor", "mandate")),
    "procurement:letter_preview_pdf": only("lead", look=("auditor", "mandate")),
    "procurement:letter_retry": only("lead"),
    "procurement:letters_make": only("lead"),
    "procurement:proofread": only("lead", look=("auditor",)),
    "procurement:proofread_csv": only("lead", look=("auditor",)),
    "procurement:proofread_send": only("lead"),
    "procurement:meeting_list": only("evaluator", "lead", look=("auditor",)),
    "procurement:meeting_screen": only("evaluator", "lead", look=("auditor",)),
    "procurement:motivation": only("lead", look=("auditor",)),
    "procurement:motivation_list": only("lead", look=("auditor",)),
    "procurement:motivation_next": only("lead", look=("auditor",)),
    "procurement:ocds": EVERYBODY,
    "procurement:ocds_csv": EVERYBODY,
    "procurement:ocds_index": EVERYBODY,
    "procurement:ocds_record": EVERYBODY,
    "procurement:ocds_tender": EVERYBODY,
    "procurement:package_send": only("provider"),
    "procurement:draw": only("lead", look=("auditor",)),
    "procurement:draw_announce": only("lead"),
    "procurement:draw_promise": only("lead"),
    "procurement:draw_reveal": only("lead"),
    "procurement:ranking": only("lead", look=("auditor",)),
    "procurement:ranking_check": only("auditor", "lead"),
    "procurement:ranking_dossier": only("lead", look=("auditor",)),
    "procurement:ranking_drop": only("lead"),
    "procurement:ranking_request": only("lead"),
    "procurement:ranking_zip": only("lead", look=("auditor",)),
    "procurement:receipt": only("provider"),
    "procurement:receipt_json": only("provider"),
    "procurement:receipt_pdf": only("provider"),
    "procurement:record_request": only("lead", "auditor"),
    "procurement:records": only("lead", "auditor"),
    "procurement:reevaluation": only("lead", look=("auditor",)),
    "procurement:reevaluation_finish": only("lead"),
    "procurement:report_request": only("lead"),
    "procurement:requirement_check": only("lead"),
    "procurement:bid_document": only("evaluator", "lead", look=("auditor",)),
    "procurement:score_by_criterion": only("evaluator"),
    "procurement:scoring_note": only("evaluator"),
    "procurement:score_entry": only("evaluator"),
    "procurement:scores_fix": only("lead"),
    "procurement:scoring_close": only("lead"),
    "procurement:segment_round": only("lead", look=("auditor",)),
    "procurement:signing": only("mandate", look=("auditor", "lead")),
    "procurement:signing_home": only("mandate", look=("auditor", "lead")),
    "procurement:submission": only("provider"),
    "procurement:submission_choose": only("provider"),
    "procurement:submission_copy": only("provider"),
    "procurement:submission_keep": only("provider"),
    "procurement:submission_package": only("provider"),
    "procurement:submission_reopen": only("provider"),
    "procurement:submission_replace": only("provider"),
    "procurement:submission_restore": only("provider"),
    "procurement:submission_section": only("provider"),
    "procurement:submission_segments": only("provider"),
    "procurement:submission_start": LOGGED_IN,
    "procurement:submission_submit": only("provider"),
    "procurement:submission_upload": only("provider"),
    "procurement:submission_withdraw": only("provider"),
    "procurement:tender": EVERYBODY,
    "procurement:tender_complete": only("lead"),
    "procurement:tender_list": EVERYBODY,
    "procurement:tender_publish": only("lead"),
    "procurement:vault_home": only(
        "opener",
        look=(
            "auditor",
            "lead",
        ),
    ),
    "procurement:vault_round": only(
        "opener",
        look=(
            "auditor",
            "lead",
        ),
    ),
    "procurement:verify": EVERYBODY,
    "procurement:verify_proof": EVERYBODY,
    "procurement:verify_tool": EVERYBODY,
    "providers:home": LOGGED_IN,
    "providers:member_new": only("admin", "provider"),
    "providers:organisation": only(
        "provider",
        look=(
            "admin",
            "auditor",
            "clm",
            "lead",
        ),
    ),
    "providers:organisation_edit": only("provider"),
    "providers:organisation_new": LOGGED_IN,
    "readyz": EVERYBODY,
    "start": LOGGED_IN,
}
