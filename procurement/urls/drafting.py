"""Addresses of filling in a draft."""

from django.urls import path

from procurement.views import sections, uploads

urlpatterns = [
    path("mijn/inzendingen/<uuid:pk>/deel/<slug:key>/", sections.section, name="submission_section"),
    path(
        "mijn/inzendingen/<uuid:pk>/deel/<slug:key>/kies/<int:alternative>/",
        sections.choose,
        name="submission_choose",
    ),
    path("mijn/inzendingen/<uuid:pk>/bestanden/<int:question>/", uploads.begin, name="submission_upload"),
]
