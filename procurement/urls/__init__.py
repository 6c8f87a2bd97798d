"""Addresses of procurement, a module a part. Dutch on the screen, so Dutch in the address bar."""

from procurement.urls import decisions, evaluation, submissions, tenders, vault

app_name = "procurement"
urlpatterns = [
    *tenders.urlpatterns,
    *submissions.urlpatterns,
    *vault.urlpatterns,
    *evaluation.urlpatterns,
    *decisions.urlpatterns,
]
