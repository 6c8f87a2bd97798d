"""Addresses of the part `evaluation`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
