"""Addresses of the part `tenders`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
