"""What the audit log calls the actions of procurement."""

from django.utils.translation import gettext_lazy as _

from achterhoek.actions import name_actions

TENDER = {
    "region.load": _("Region loaded or updated"),
    "procurement.tender.publish": _("Tender published"),
    "procurement.tender.complete": _("Tender completed"),
    "procurement.tender.withdraw": _("Tender withdrawn"),
    "procurement.tender.choose_custody": _("Chosen who keeps the key of the vault"),
    "procurement.committee.set": _("Evaluation committee named"),
    "procurement.committee.attendants": _("Chair and observers of the committee named"),
    "procurement.committee.replaced": _("Member of the committee replaced"),
    "procurement.interests.declared": _("Interests in bidders declared"),
    "procurement.interests.correction_asked": _("Said that an interest was declared by mistake"),
    "procurement.interests.correction_agreed": _("Agreed that an interest was declared by mistake"),
    "procurement.interests.correction_refused": _("Not agreed that an interest was declared by mistake"),
    "procurement.interests.asked_again": _("Interests asked again, as the parties of a bidder changed"),
    "procurement.assignment.divided": _("Bids divided among the evaluators"),
    "procurement.assignment.undone": _("Bids no longer divided: each evaluator scores all"),
    "procurement.assignment.by_hand": _("Evaluators of a bid changed by hand"),
}

ROUND = {
    "procurement.round.open": _("Round opened for bids"),
    "procurement.round.close": _("Round closed at the deadline"),
    "procurement.round.extend": _("Deadline extended after an outage"),
    "procurement.round.make_shares": _("Key of the vault made and divided among the custodians"),
    "procurement.round.type_back_share": _("Share of a custodian typed back as a check"),
    "procurement.round.join_shares": _("Shares of custodians joined to open the vault"),
    "procurement.round.confirm_opening": _("Opening of the vault confirmed"),
    "procurement.round.confirmation_expired": _("Confirmation of the opening expired"),
    "procurement.round.confirmation_withdrawn": _("Confirmation of the opening lapsed, as the deadline was extended"),
    "procurement.round.wrong_factor": _("Opening of the vault refused: wrong code or password"),
    "procurement.round.open_vault": _("Vault opened"),
    "procurement.round.opening_record": _("Record of the opening made"),
    "procurement.round.price_record": _("Record of the opening of the prices made"),
    "procurement.round.publish_root": _("Joint digest of the receipts published"),
}

SUBMISSION = {
    "procurement.submission.start": _("Submission begun"),
    "procurement.submission.segments": _("Segments of the submission chosen anew"),
    "procurement.submission.save": _("Answers saved"),
    "procurement.submission.choose_version": _("Chosen between two versions of an answer"),
    "procurement.submission.copy": _("Answers copied from an earlier submission"),
    "procurement.submission.restore": _("Answers filled in from the team's own ZIP"),
    "procurement.submission.submit": _("Submission submitted"),
    "procurement.submission.begin_replacement": _("Replacement of the submission begun"),
    "procurement.submission.end_replacement": _("Replacement of the submission given up"),
    "procurement.submission.replace": _("Submission replaced"),
    "procurement.submission.withdraw": _("Submission withdrawn"),
    "procurement.submission.reopen": _("Withdrawn submission taken up again"),
    "procurement.submission.late": _("Attempt after the deadline, refused"),
    "procurement.submission.fingerprint": _("Fingerprint registered"),
    "procurement.submission.package_refused": _("Package of a fingerprint refused"),
    "procurement.submission.completeness_judged": _("Completeness judged"),
    "procurement.clarification.asked": _("Clarification asked for"),
    "procurement.clarification.answered": _("Clarification answered"),
    "procurement.clarification.late": _("Clarification answered too late, refused"),
}

EVALUATION = {
    "procurement.evaluation.settings": _("Settings of the evaluation changed"),
    "procurement.entry.exclude": _("Bid excluded"),
    "procurement.entry.withdraw": _("Bid withdrawn from the evaluation"),
    "procurement.entry.drop": _("Bid fallen out"),
    "procurement.requirement.checked": _("Minimum requirement checked"),
    "procurement.score.saved": _("Score saved"),
    "procurement.scores.handed_in": _("Scores handed in"),
    "procurement.consensus.recorded": _("Consensus score recorded"),
    "procurement.consensus.minutes": _("Minutes of the consensus meeting recorded"),
    "procurement.segmentround.begin_scoring": _("Evaluation begun"),
    "procurement.segmentround.close_scoring": _("Individual evaluation closed"),
    "procurement.segmentround.fix_scores": _("Scores fixed"),
    "procurement.segmentround.rank": _("Ranking fixed"),
    "procurement.segmentround.reevaluate": _("Scoring done again"),
    "procurement.reevaluation.started": _("Re-evaluation begun"),
    "procurement.reevaluation.finished": _("Re-evaluation ended, with what changed"),
    "procurement.report.requested": _("Evaluation report asked for"),
    "procurement.report.made": _("Evaluation report made"),
    "procurement.segmentround.decide": _("Decision on the segment taken"),
    "procurement.segmentround.take_back": _("Decision on the segment taken back"),
    "procurement.ranking.requested": _("Ranking asked for"),
    "procurement.ranking.made": _("Ranking computed"),
    "procurement.ranking.checked": _("Ranking computed again: equal"),
    "procurement.ranking.differs": _("Ranking computed again: not equal"),
    "procurement.draw.promised": _("Seed of the draw made, and its digest published"),
    "procurement.draw.revealed": _("Seed of the draw shown"),
    "procurement.draw.held": _("Draw by hand entered"),
}

DECISION = {
    "procurement.decision.propose": _("Decision proposed"),
    "procurement.decision.approve": _("Decision approved by all colleges"),
    "procurement.decision.sign": _("Decision signed"),
    "procurement.decision.send": _("Decision sent to the bidders"),
    "procurement.decision.finalise": _("Decision final"),
    "procurement.decision.withdraw": _("Decision withdrawn"),
    "procurement.decision.take_back": _("Decision withdrawn by letter"),
    "procurement.collegedecision.approve": _("Approved by the college"),
    "procurement.collegedecision.approve_with_reservation": _("Approved by the college, with a reservation"),
    "procurement.collegedecision.reject": _("Rejected by the college"),
    "procurement.collegedecision.lift_reservation": _("Reservation of the college lifted"),
    "procurement.award.make": _("Provisional award made"),
    "procurement.award.finalise": _("Award final"),
    "procurement.award.cancel": _("Award cancelled"),
    "procurement.letterbatch.request": _("Letters asked for"),
    "procurement.letterbatch.send": _("Letters sent"),
    "procurement.letterbatch.stop": _("Letters stopped"),
    "procurement.letter.render": _("Letter made"),
    "procurement.letter.fail": _("Letter could not be made"),
    "procurement.letter.retry": _("Letter tried again"),
    "procurement.letter.remake": _("Letter made anew, with the date of today"),
    "procurement.letter.send": _("Letter sent"),
    "procurement.letter.read": _("Letter opened by the bidder"),
}

OBJECTION = {
    "procurement.objection.take_up": _("Objection taken up"),
    "procurement.objection.uphold": _("Objection upheld"),
    "procurement.objection.reject": _("Objection rejected"),
    "procurement.objection.withdraw": _("Objection withdrawn"),
}

name_actions(TENDER | ROUND | SUBMISSION | EVALUATION | DECISION | OBJECTION)
