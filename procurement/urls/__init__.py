"""Addresses of procurement, a module a part. Dutch on the screen, so Dutch in the address bar."""

from procurement.urls import (
    completeness,
    custody,
    decisions,
    drafting,
    evaluation,
    insight,
    outage,
    submissions,
    tenders,
    vault,
    verify,
)

app_name = "procurement"
urlpatterns = [
    *tenders.urlpatterns,
    *submissions.urlpatterns,
    *drafting.urlpatterns,
    *outage.urlpatterns,
    *custody.urlpatterns,
    *vault.urlpatterns,
    *verify.urlpatterns,
    *completeness.urlpatterns,
    *insight.urlpatterns,
    *evaluation.urlpatterns,
    *decisions.urlpatterns,
]
