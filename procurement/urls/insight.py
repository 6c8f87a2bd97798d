"""Addresses of what the scores tell afterwards, and of who would deliver where."""

from django.urls import path

from procurement.views import coverage, insight

urlpatterns = [
    path("inkoop/beoordeling/<int:pk>/inzicht/", insight.insight, name="insight"),
    path("inkoop/beoordeling/<int:pk>/dekking/", coverage.coverage, name="coverage"),
]
