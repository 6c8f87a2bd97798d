"""Addresses of the records and dossiers of a tender."""

from django.urls import path

from procurement.views import records

urlpatterns = [
    path("inkoop/aanbesteding/<slug:slug>/stukken/", records.records, name="records"),
    path("inkoop/aanbesteding/<slug:slug>/stukken/proces-verbaal/", records.record_request, name="record_request"),
    path("inkoop/aanbesteding/<slug:slug>/stukken/dossier/", records.dossier_request, name="dossier_request"),
]
