"""Addresses of the paper of a region."""

from django.urls import path

from procurement.views import letterhead

urlpatterns = [
    path("inkoop/briefpapier/", letterhead.letterhead, name="letterhead"),
    path(
        "inkoop/briefpapier/<slug:slug>/<slug:kind>/<slug:language>/",
        letterhead.letterhead_texts,
        name="letterhead_texts",
    ),
    path(
        "inkoop/briefpapier/<slug:slug>/<slug:kind>/<slug:language>/voorbeeld.pdf",
        letterhead.letterhead_preview,
        name="letterhead_preview",
    ),
]
