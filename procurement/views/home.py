"""The front page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from achterhoek.accounts.access import public
from achterhoek.clock import database_now
from procurement.selectors.home import home_page


@public
def home(request: HttpRequest) -> HttpResponse:
    """The theme page of the region."""
    now = database_now()
    page = home_page(now=now, today=timezone.localdate(now))
    return render(request, "procurement/home/detail.html", {"page": page, "now": now})
