"""Addresses of the vault."""

from django.urls import path

from procurement.views import vault as views

urlpatterns = [
    path("kluis/", views.home, name="vault_home"),
    path("kluis/<int:pk>/", views.detail, name="vault_round"),
]
