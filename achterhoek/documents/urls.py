"""Addresses of documents."""

from django.urls import path

from achterhoek.documents.views import download

app_name = "documents"
urlpatterns = [path("<uuid:pk>/", download, name="download")]
