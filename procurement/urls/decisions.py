"""Addresses of the part `decisions`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
