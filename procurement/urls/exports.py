"""Addresses of what can be taken along from an evaluation, and of a scoring done again."""

from django.urls import path

from procurement.views import reevaluation

urlpatterns = [
    path("inkoop/beoordeling/<int:pk>/opnieuw/", reevaluation.reevaluation, name="reevaluation"),
    path("inkoop/beoordeling/<int:pk>/opnieuw/afronden/", reevaluation.reevaluation_finish, name="reevaluation_finish"),
]
