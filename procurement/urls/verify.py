"""Addresses of checking a receipt: for everybody."""

from django.urls import path

from procurement.views import verify as views

urlpatterns = [
    path("verifieer/", views.verify, name="verify"),
    path("verifieer/bewijs/", views.proof, name="verify_proof"),
    path("verifieer/proof.py", views.tool, name="verify_tool"),
]
