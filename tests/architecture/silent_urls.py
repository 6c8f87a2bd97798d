"""Addresses for one test: a view that does not say who may."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def silent(request: HttpRequest) -> HttpResponse:
    return HttpResponse("everybody reads this")


urlpatterns = [path("zwijgt/", silent), path("", include("achterhoek.urls"))]
