"""Addresses of the consensus meeting."""

from django.urls import path

from procurement.views import meeting_screen, meetings

urlpatterns = [
    path("inkoop/beoordeling/<int:pk>/overleg/", meetings.meeting_list, name="meeting_list"),
    path("inkoop/beoordeling/<int:pk>/overleg/scherm/", meeting_screen.meeting_screen, name="meeting_screen"),
]
