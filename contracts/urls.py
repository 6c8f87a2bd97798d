"""Addresses of contracts."""

from django.urls import path

from contracts.views import lead, provider, register

app_name = "contracts"
urlpatterns = [
    path("register/", register.register, name="register"),
    path("register.csv", register.register_csv, name="register_csv"),
    path("register.json", register.register_json, name="register_json"),
    path("register.xlsx", register.register_xlsx, name="register_xlsx"),
    path("inkoop/contracten/", lead.lead_contracts, name="lead_contracts"),
    path("inkoop/contracten/maken/<int:pk>/", lead.contracts_make, name="contracts_make"),
    path("inkoop/contracten/<int:pk>/tekenen/", lead.contract_sign, name="contract_sign"),
    path("inkoop/contracten/brieven/<uuid:pk>/opnieuw/", lead.letter_retry, name="letter_retry"),
    path("mijn/contracten/<int:pk>/", provider.contract, name="contract"),
    path("mijn/contracten/<int:pk>/onderaannemers/nieuw/", provider.change_new, name="change_new"),
    path(
        "mijn/contracten/<int:pk>/onderaannemers/<int:subcontractor_id>/stoppen/",
        provider.change_stop,
        name="change_stop",
    ),
    path(
        "mijn/contracten/<int:pk>/wijzigingen/<uuid:change_id>/intrekken/",
        provider.change_withdraw,
        name="change_withdraw",
    ),
]
