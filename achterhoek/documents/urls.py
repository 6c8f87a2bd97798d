"""Addresses of documents."""

from django.urls import path

from achterhoek.documents.views import download, thumbnail, upload

app_name = "documents"
urlpatterns = [
    path("upload/<uuid:pk>/", upload, name="upload"),
    path("<uuid:pk>/", download, name="download"),
    path("<uuid:pk>/voorbeeld.png", thumbnail, name="thumbnail"),
]
