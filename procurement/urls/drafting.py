"""Addresses of filling in a draft."""

from django.urls import path

from procurement.views import own_package, sections, uploads

urlpatterns = [
    path("mijn/inzendingen/<uuid:pk>/deel/<slug:key>/", sections.section, name="submission_section"),
    path(
        "mijn/inzendingen/<uuid:pk>/deel/<slug:key>/kies/<int:alternative>/",
        sections.choose,
        name="submission_choose",
    ),
    path("mijn/inzendingen/<uuid:pk>/bestanden/<int:question>/", uploads.begin, name="submission_upload"),
    path("mijn/inzendingen/<uuid:pk>/overnemen/", own_package.copy, name="submission_copy"),
    path("mijn/inzendingen/<uuid:pk>/pakket.zip", own_package.download, name="submission_package"),
    path("mijn/inzendingen/<uuid:pk>/pakket-terugzetten/", own_package.restore, name="submission_restore"),
]
