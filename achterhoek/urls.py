"""All addresses of the portal."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("achterhoek.site_urls")),
    path("accounts/", include("allauth.urls")),
    path("taal/", include("django.conf.urls.i18n")),
    path("beheer/", admin.site.urls),
    path("toezicht/", include("achterhoek.audit.urls")),
    path("bestanden/", include("achterhoek.documents.urls")),
    path("taken/", include("achterhoek.jobs.urls")),
    path("mijn/", include("providers.urls")),
    path("", include("procurement.urls.front")),
    path("", include("procurement.urls")),
    path("", include("contracts.urls")),
]

handler500 = "achterhoek.site_views.internal_error"
