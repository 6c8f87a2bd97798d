"""Addresses that belong to no app: the start after logging in, accessibility, and health."""

from django.urls import path

from achterhoek import site_views

urlpatterns = [
    path("start/", site_views.start, name="start"),
    path("toegankelijkheid/", site_views.accessibility, name="accessibility"),
    path("healthz", site_views.healthz, name="healthz"),
    path("readyz", site_views.readyz, name="readyz"),
]
