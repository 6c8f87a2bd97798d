"""Addresses of procurement, a module a part. Dutch on the screen, so Dutch in the address bar."""

from procurement.urls import completeness, decisions, evaluation, submissions, tenders, vault

app_name = "procurement"
urlpatterns = [
    *tenders.urlpatterns,
    *submissions.urlpatterns,
    *vault.urlpatterns,
    *completeness.urlpatterns,
    *evaluation.urlpatterns,
    *decisions.urlpatterns,
]
