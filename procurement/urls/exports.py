"""Addresses of what can be taken along from an evaluation, and of a scoring done again."""

from django.urls import path

from procurement.views import exports, reevaluation

urlpatterns = [
    path("inkoop/beoordeling/<int:pk>/export/", exports.exports, name="exports"),
    path("inkoop/beoordeling/<int:pk>/export/scores.xlsx", exports.export_xlsx, name="export_xlsx"),
    path("inkoop/beoordeling/<int:pk>/export/<slug:what>.csv", exports.export_csv, name="export_csv"),
    path("inkoop/beoordeling/<int:pk>/export/verslag/", exports.report_request, name="report_request"),
    path("inkoop/ranglijst/<int:pk>/dossier.zip", exports.ranking_zip, name="ranking_zip"),
    path("inkoop/beoordeling/<int:pk>/opnieuw/", reevaluation.reevaluation, name="reevaluation"),
    path("inkoop/beoordeling/<int:pk>/opnieuw/afronden/", reevaluation.reevaluation_finish, name="reevaluation_finish"),
]
