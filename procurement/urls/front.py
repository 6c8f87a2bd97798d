"""The front page, whose name has no app before it."""

from django.urls import path

from procurement.views import home

urlpatterns = [path("", home.home, name="home")]
