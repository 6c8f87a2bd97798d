"""Addresses of evaluators, and of the lead's evaluation."""

from django.urls import path

from procurement.views import consensus, evaluation, evaluation_settings, scoring, segment_round

urlpatterns = [
    path("beoordelen/", evaluation.evaluator_home, name="evaluator_home"),
    path("beoordelen/<int:pk>/", evaluation.evaluate, name="evaluate"),
    path("beoordelen/<int:pk>/inleveren/", evaluation.hand_in, name="hand_in"),
    path("beoordelen/<int:pk>/criterium/<int:criterion_id>/", evaluation.score_by_criterion, name="score_by_criterion"),
    path("beoordelen/<int:pk>/stuk/<uuid:document>/", scoring.bid_document, name="bid_document"),
    path("beoordelen/<int:pk>/<int:entry_id>/", scoring.score_entry, name="score_entry"),
    path("beoordelen/<int:pk>/<int:entry_id>/notitie/", scoring.scoring_note, name="scoring_note"),
    path(
        "inkoop/beoordeling/<int:pk>/instellingen/",
        evaluation_settings.evaluation_settings,
        name="evaluation_settings",
    ),
    path("inkoop/beoordeling/<int:pk>/", segment_round.segment_round, name="segment_round"),
    path("inkoop/beoordeling/<int:pk>/scoren-sluiten/", segment_round.scoring_close, name="scoring_close"),
    path("inkoop/beoordeling/<int:pk>/vaststellen/", segment_round.scores_fix, name="scores_fix"),
    path("inkoop/beoordeling/<int:pk>/<int:entry_id>/", consensus.consensus_entry, name="consensus_entry"),
    path(
        "inkoop/beoordeling/<int:pk>/<int:entry_id>/eisen/",
        consensus.requirement_check,
        name="requirement_check",
    ),
]
