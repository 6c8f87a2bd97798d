"""Addresses of the part `submissions`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
