"""Addresses of tenders: the public pages, the lead's, and open data."""

from django.urls import path

from procurement.views import lead, open_data, tenders

urlpatterns = [
    path("aanbestedingen/", tenders.tender_list, name="tender_list"),
    path("aanbestedingen/<slug:slug>/", tenders.tender, name="tender"),
    path("inkoop/", lead.lead_home, name="lead_home"),
    path("inkoop/aanbesteding/<slug:slug>/", lead.lead_tender, name="lead_tender"),
    path("inkoop/aanbesteding/<slug:slug>/publiceren/", lead.tender_publish, name="tender_publish"),
    path("inkoop/aanbesteding/<slug:slug>/gunningsfase/", lead.award_round_open, name="award_round_open"),
    path("inkoop/aanbesteding/<slug:slug>/afronden/", lead.tender_complete, name="tender_complete"),
    path("open-data/", open_data.ocds_index, name="ocds_index"),
    path("open-data/ocds/", open_data.ocds, name="ocds"),
    path("open-data/ocds/<slug:slug>/", open_data.ocds_tender, name="ocds_tender"),
    path("open-data/ocds/<slug:slug>/record.json", open_data.ocds_record, name="ocds_record"),
    path("open-data/ocds/<slug:slug>/tabel.csv", open_data.ocds_csv, name="ocds_csv"),
]
