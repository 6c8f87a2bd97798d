"""Addresses of the part `objections`: what is brought against a decision, and the notice of an award."""

from django.urls import path

from procurement.views import award_notices, objection_handling, objections

urlpatterns = [
    path("mijn/besluit/<int:pk>/", objections.decision_own, name="decision_own"),
    path("mijn/besluit/<int:pk>/bezwaar/", objections.file, name="objection_file"),
    path("mijn/bezwaar/<uuid:pk>/", objections.own, name="objection_own"),
    path("inkoop/besluit/<int:pk>/bezwaren/", objection_handling.against, name="objections"),
    path("inkoop/besluit/<int:pk>/bezwaren/vastleggen/", objection_handling.register, name="objection_register"),
    path("inkoop/besluit/<int:pk>/aankondiging/", award_notices.notice, name="award_notice"),
    path("bezwaar/<uuid:pk>/", objection_handling.detail, name="objection"),
    path("bezwaar/<uuid:pk>/oppakken/", objection_handling.take, name="objection_take_up"),
    path("bezwaar/<uuid:pk>/intrekken/", objection_handling.withdraw, name="objection_withdraw"),
    path("klachten/", objection_handling.complaints, name="complaints_home"),
]
