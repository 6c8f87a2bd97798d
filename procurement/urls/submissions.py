"""Addresses of taking part: the provider's submissions and receipts."""

from django.urls import path

from procurement.views import receipts
from procurement.views import submissions as views

urlpatterns = [
    path("aanbestedingen/<slug:slug>/meedoen/", views.start, name="submission_start"),
    path("mijn/inzendingen/<uuid:pk>/", views.detail, name="submission"),
    path("mijn/inzendingen/<uuid:pk>/segmenten/", views.segments, name="submission_segments"),
    path("mijn/inzendingen/<uuid:pk>/indienen/", views.submit, name="submission_submit"),
    path("mijn/inzendingen/<uuid:pk>/intrekken/", views.withdraw, name="submission_withdraw"),
    path("mijn/inzendingen/<uuid:pk>/heropenen/", views.reopen, name="submission_reopen"),
    path("mijn/inzendingen/<uuid:pk>/vervangen/", views.replace, name="submission_replace"),
    path("mijn/inzendingen/<uuid:pk>/niet-vervangen/", views.keep, name="submission_keep"),
    path("mijn/inzendingen/<uuid:pk>/ontvangstbewijs/<slug:number>/", receipts.receipt, name="receipt"),
    path("mijn/inzendingen/<uuid:pk>/ontvangstbewijs/<slug:number>.json", receipts.receipt_json, name="receipt_json"),
    path("mijn/inzendingen/<uuid:pk>/ontvangstbewijs/<slug:number>.pdf", receipts.receipt_pdf_file, name="receipt_pdf"),
]
