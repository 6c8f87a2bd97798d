"""Addresses of an outage and of the safety net: a later deadline, late attempts, fingerprints."""

from django.urls import path

from procurement.views import fingerprints, outage

urlpatterns = [
    path("inkoop/aanbesteding/<slug:slug>/verlengen/<slug:stage>/", outage.deadline_extend, name="deadline_extend"),
    path("inkoop/ronde/<int:pk>/te-laat/", outage.late, name="late_attempts"),
    path("mijn/inzendingen/<uuid:pk>/vingerafdruk/", fingerprints.fingerprints, name="fingerprints"),
    path("mijn/inzendingen/<uuid:pk>/vingerafdruk/pakket/", fingerprints.package_send, name="package_send"),
]
