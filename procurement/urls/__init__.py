"""Addresses of procurement, a module a part. Dutch on the screen, so Dutch in the address bar."""

from procurement.urls import (
    committee,
    completeness,
    consensus,
    custody,
    decisions,
    drafting,
    evaluation,
    exports,
    insight,
    motivation,
    outage,
    ranking,
    records,
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
    *committee.urlpatterns,
    *insight.urlpatterns,
    *ranking.urlpatterns,
    *consensus.urlpatterns,
    *exports.urlpatterns,
    *evaluation.urlpatterns,
    *decisions.urlpatterns,
    *motivation.urlpatterns,
    *records.urlpatterns,
]
