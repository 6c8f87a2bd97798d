"""Addresses of the part `vault`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
