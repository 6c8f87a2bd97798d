"""Addresses of the reasons in the letters of a decision."""

from django.urls import path

from procurement.views import motivation

urlpatterns = [
    path("inkoop/besluit/<int:pk>/motivering/", motivation.motivation_list, name="motivation_list"),
    path("inkoop/besluit/<int:pk>/motivering/volgende/", motivation.motivation_next, name="motivation_next"),
    path("inkoop/besluit/<int:pk>/motivering/<int:entry_id>/", motivation.motivation, name="motivation"),
]
