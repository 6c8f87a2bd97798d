"""Addresses of the audit log."""

from django.urls import path

from achterhoek.audit.views import log

app_name = "audit"
urlpatterns = [path("", log, name="log")]
