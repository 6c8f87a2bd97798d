"""Addresses of providers."""

from django.urls import path

from providers.views import organisations

app_name = "providers"
urlpatterns = [
    path("", organisations.home, name="home"),
    path("organisatie/nieuw/", organisations.organisation_new, name="organisation_new"),
    path("organisatie/<int:pk>/", organisations.organisation, name="organisation"),
    path("organisatie/<int:pk>/wijzigen/", organisations.organisation_edit, name="organisation_edit"),
    path("organisatie/<int:pk>/mensen/nieuw/", organisations.member_new, name="member_new"),
]
