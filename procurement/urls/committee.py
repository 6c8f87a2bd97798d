"""Addresses of the committee of a segment round, of interests, and of the division of bids."""

from django.urls import path

from procurement.views import committee, interests

urlpatterns = [
    path("inkoop/beoordeling/<int:pk>/commissie/", committee.committee_page, name="committee_page"),
    path(
        "inkoop/beoordeling/<int:pk>/commissie/<int:seat>/vervangen/",
        committee.committee_replace,
        name="committee_replace",
    ),
    path("inkoop/beoordeling/<int:pk>/verdeling/", committee.assignment, name="assignment"),
    path(
        "inkoop/beoordeling/<int:pk>/commissie/belang/<int:declaration>/",
        interests.interest_decide,
        name="interest_decide",
    ),
    path("beoordelen/<int:pk>/belangen/", interests.interests, name="interests"),
    path("beoordelen/<int:pk>/belangen/<int:declaration>/vergissing/", interests.interest_ask, name="interest_ask"),
]
