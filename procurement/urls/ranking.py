"""Addresses of rankings and of the drawing of lots."""

from django.urls import path

from procurement.views import draw, dropping, ranking

urlpatterns = [
    path("inkoop/beoordeling/<int:pk>/rangschikken/", ranking.ranking_request, name="ranking_request"),
    path("inkoop/beoordeling/<int:pk>/loting/", draw.draw, name="draw"),
    path("inkoop/beoordeling/<int:pk>/loting/toezeggen/", draw.draw_promise, name="draw_promise"),
    path("inkoop/beoordeling/<int:pk>/loting/tonen/", draw.draw_reveal, name="draw_reveal"),
    path("inkoop/ranglijst/<int:pk>/", ranking.ranking, name="ranking"),
    path("inkoop/ranglijst/<int:pk>/narekenen/", ranking.ranking_check, name="ranking_check"),
    path("inkoop/ranglijst/<int:pk>/afvallen/", dropping.ranking_drop, name="ranking_drop"),
    path("inkoop/ranglijst/<int:pk>/dossier.json", ranking.ranking_dossier, name="ranking_dossier"),
]
