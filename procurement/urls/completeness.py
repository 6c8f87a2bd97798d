"""Addresses of the completeness check and of clarifications."""

from django.urls import path

from procurement.views import clarifications, completeness

urlpatterns = [
    path("inkoop/volledigheid/<int:pk>/", completeness.completeness, name="completeness"),
    path(
        "inkoop/volledigheid/<int:pk>/<uuid:submission_pk>/",
        completeness.completeness_judge,
        name="completeness_judge",
    ),
    path("inkoop/volledigheid/<int:pk>/vraag/", clarifications.clarification_ask, name="clarification_ask"),
    path("inkoop/toelichting/<int:pk>/", clarifications.clarification_request, name="clarification_request"),
    path(
        "mijn/inzendingen/<uuid:pk>/toelichting/<int:request_pk>/",
        clarifications.clarification,
        name="clarification",
    ),
]
