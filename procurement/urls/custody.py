"""Addresses of custodian mode: who keeps the key of a tender's vaults."""

from django.urls import path

from procurement.views import custody as views

urlpatterns = [
    path("inkoop/aanbesteding/<slug:slug>/sleutel/", views.home, name="custody"),
    path("inkoop/aanbesteding/<slug:slug>/sleutel/<slug:stage>/papieren/", views.ceremony, name="custody_ceremony"),
    path("inkoop/aanbesteding/<slug:slug>/sleutel/<slug:stage>/terugtypen/", views.type_back, name="custody_type_back"),
]
